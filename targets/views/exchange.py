"""The plan as an Excel file: exported, uploaded, compared three ways, applied, rolled back."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orgchart.errors import DomainError, Invalid
from orgchart.permissions import require
from targets.models import Batch, BatchState, Plan, SheetKind
from targets.months import month_text
from targets.permissions import demand_tasks, may_write_tasks
from targets.queries.exchange import Step, sent_cells, three_way
from targets.queries.sheets import grid, sheets_of
from targets.services.exchange import apply_batch, choice_key, receive_file, roll_back
from targets.templatetags.amounts import amount, signed
from targets.views.plan_bar import plan_bar
from targets.workbooks import plan_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_STEPS = 300
SHOWN_FAULTS = 300
OWN = [BatchState.PENDING, BatchState.FAULTY]  # seen by the uploader only


@require_GET
@require("tasks.read")
def export(request: HttpRequest, year: int) -> HttpResponse:
    """Return the whole plan, to units their own rows of the unit tables."""
    plan = _plan(request, year)
    unit_ids = request.actor.unit_ids("tasks.read")
    tables = [
        grid(sheet, unit_ids) for sheet in sheets_of(plan)
        if unit_ids is None or sheet.kind == SheetKind.UNITS
    ]  # fmt: skip
    found = [table for table in tables if table.lines]
    if not found:
        raise Http404
    response = HttpResponse(plan_workbook(plan, found, at=request.now), content_type=XLSX)
    name = _("%(district)s %(year)s plan.xlsx") % {"district": plan.district.name, "year": year}
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require("tasks.write")
@require_http_methods(["GET", "POST"])
def batches(request: HttpRequest, year: int) -> HttpResponse:
    """Show the files uploaded so far; a POST takes a new one and shows its difference."""
    plan = _plan(request, year)
    error = None
    if request.method == "POST":
        try:
            demand_tasks(request.actor, plan)
            file = request.FILES.get("file")
            if file is None:
                raise Invalid(_("Choose a file."))
            made = receive_file(
                plan=plan, file=file, name=file.name or "", by=request.actor.person, at=request.now
            )
            return redirect("plan_batch", pk=made.pk)
        except DomainError as refusal:
            error = refusal
    rows = (
        Batch.objects.filter(plan=plan)
        .filter(Q(by=request.actor.person) | ~Q(state__in=OWN))
        .select_related("by", "rolled_back_by")
        .defer("file", "cells")
    )
    context = {
        "plan": plan, "bar": plan_bar(plan, "plan_excel"), "refusal": error,
        "may_write": may_write_tasks(request.actor, plan),
        "rows": [
            {"batch": row, "state": row.get_state_display(), "count": len(row.written),
             "may_undo": row.state == BatchState.APPLIED and bool(row.written)
             and may_write_tasks(request.actor, plan)}
            for row in rows[:100]
        ],
    }  # fmt: skip
    return render(request, "targets/excel.html", context, status=error.status if error else 200)


@require("tasks.write")
@require_http_methods(["GET", "POST"])
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a file's three-way difference; a POST applies it with the choices made."""
    found = _batch(request, pk)
    error = None
    if request.method == "POST":
        try:
            demand_tasks(request.actor, found.plan)
            choices = {
                key: value for key, value in request.POST.items() if value in ("file", "now")
            }
            done = apply_batch(
                batch=found, choices=choices, by=request.actor.person, at=request.now
            )
            messages.success(request, _("Applied, %(count)s cells changed") % {
                "count": len(done.written)})  # fmt: skip
            return redirect("plan_excel", year=found.plan.year)
        except DomainError as refusal:
            error = refusal
    context: dict[str, Any] = {
        "batch": found, "plan": found.plan, "bar": plan_bar(found.plan, "plan_excel"),
        "refusal": error, "is_pending": found.state == BatchState.PENDING,
        "is_faulty": found.state == BatchState.FAULTY,
        "faults": found.faults[:SHOWN_FAULTS], "state": found.get_state_display(),
        "fault_count": len(found.faults),
    }  # fmt: skip
    if found.state == BatchState.PENDING:
        compared = three_way(found.plan, sent_cells(found))
        context |= {
            "applies": [_shown(step) for step in compared.applies[:SHOWN_STEPS]],
            "apply_count": len(compared.applies),
            "more": max(0, len(compared.applies) - SHOWN_STEPS),
            "conflicts": [_shown(step, request.POST.get(choice_key(step), ""))
                          for step in compared.conflicts],
            "same": compared.same, "faults": compared.faults,
            "can_apply": not compared.faults and bool(compared.applies or compared.conflicts),
        }  # fmt: skip
    return render(request, "targets/batch.html", context, status=error.status if error else 200)


@require_GET
@require("tasks.write")
def faulty_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the faulty file with its cells coloured and commented."""
    found = _batch(request, pk)
    if not found.file:
        raise Http404
    response = HttpResponse(bytes(found.file), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, found.name)
    return response


@require_POST
@require("tasks.write")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Roll an applied file back."""
    found = _batch(request, pk)
    try:
        demand_tasks(request.actor, found.plan)
        roll_back(batch=found, by=request.actor.person, at=request.now)
        messages.success(request, _("Rolled back"))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("plan_excel", year=found.plan.year)


def _plan(request: HttpRequest, year: int) -> Plan:
    plans = Plan.objects.select_related("district")
    return get_object_or_404(plans, district=request.actor.district, year=year)


def _batch(request: HttpRequest, pk: int) -> Batch:
    """Return a file of the district; one not applied yet only to its uploader."""
    found = get_object_or_404(
        Batch.objects.select_related("plan__district", "by"), pk=pk,
        plan__district=request.actor.district,
    )  # fmt: skip
    if found.state in OWN and found.by_id != request.actor.person.pk:
        raise Http404
    return found


def _shown(step: Step, choice: str = "") -> dict[str, Any]:
    decimals = step.line.decimals
    return {
        "name": choice_key(step), "choice": choice, "place": step.sent.place,
        "sheet": step.sent.sheet, "unit": step.line.unit, "part": step.line.breakdown,
        "month": month_text(step.sent.month), "file": amount(step.sent.value, decimals),
        "base": amount(step.sent.base, decimals), "now": amount(step.now, decimals),
        "change": signed(None if step.now is None else step.sent.value - step.now, decimals),
    }  # fmt: skip
