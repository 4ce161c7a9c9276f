"""Objections to statements and adjustments of sealed lines."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orgchart.errors import DomainError
from orgchart.permissions import Actor, require
from subsidies.access import lines_of
from subsidies.forms import AdjustmentForm, AnswerForm, ObjectionForm
from subsidies.models import CommissionAdjustment, CommissionLine, ObjectionState
from subsidies.queries.adjustments import adjusted, adjustments_of, objections_of
from subsidies.services import corrections as services
from subsidies.wording import formula_text, is_deduction, line_name, month_name

PER_PAGE = 30
CHIPS = {"open": "warn", "rejected": "", "accepted": "good", "withdrawn": ""}


def _line(actor: Actor, pk: int) -> CommissionLine:
    """Return a line of a statement that the actor may see, or 404."""
    return get_object_or_404(
        lines_of(actor).select_related(
            "statement__sheet", "statement__dealer", "statement__person", "statement__unit"
        ),
        pk=pk,
    )


def _of_line(line: CommissionLine) -> dict[str, Any]:
    return {
        "line": line,
        "line_name": line_name(line.code),
        "formula": formula_text(line.formula),
        "is_deduction": is_deduction(line.code),
        "month_name": month_name(line.statement.sheet.month),
        "statement": line.statement,
    }


@require("commissions.object")
def line_object(request: HttpRequest, pk: int) -> HttpResponse:
    """A line is doubted: by the unit's manager, or by whom it pays."""
    line = _line(request.actor, pk)
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.raise_objection(
                line=line,
                text=form.cleaned_data["text"],
                by=request.actor.person,
                at=request.now,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Objection raised"))
            return redirect("commission_objections")
    context = _of_line(line) | {"form": form, "does": "object"}
    return render(request, "subsidies/correct.html", context, status=422 if form.errors else 200)


@require("commissions.make")
def line_adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """The clerk corrects a sealed line; the payee's next sheet settles it."""
    line = _line(request.actor, pk)
    form = AdjustmentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.enter_adjustment(
                line=line, by=request.actor.person, at=request.now, **form.cleaned_data
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Adjustment entered; the next sheet settles it"))
            return redirect("commission_adjustments")
    context = _of_line(line) | {"form": form, "does": "adjust", "adjusted": adjusted(line)}
    return render(request, "subsidies/correct.html", context, status=422 if form.errors else 200)


@require("commissions.read")
def adjustments(request: HttpRequest) -> HttpResponse:
    """Every adjustment the person may see, waiting ones first to be read."""
    actor = request.actor
    found = adjustments_of(actor.district)
    scope = actor.unit_ids("commissions.read")
    if scope is not None:
        found = found.filter(line__statement__unit_id__in=scope)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "row": row,
            "line_name": line_name(row.line.code),
            "month_name": month_name(row.line.statement.sheet.month),
            "settled": month_name(row.sheet.month) if row.sheet else "",
            "can_withdraw": row.sheet_id is None
            and row.withdrawn_at is None
            and actor.can("commissions.make"),
        }
        for row in page
    ]
    return render(request, "subsidies/adjustments.html", {"page": page, "rows": rows})


@require_POST
@require("commissions.make")
def adjustment_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(
        CommissionAdjustment, pk=pk, line__statement__sheet__district=request.actor.district
    )
    return _done(
        request,
        "commission_adjustments",
        _("Adjustment withdrawn"),
        lambda: services.withdraw_adjustment(
            adjustment=row, by=request.actor.person, at=request.now
        ),
    )


@require("commissions.open")
def objections(request: HttpRequest) -> HttpResponse:
    """Objections with their answers, open ones first."""
    actor = request.actor
    found = objections_of(actor.district, lines_of(actor))
    state = request.GET.get("state", "")
    if state in ObjectionState.values:
        found = found.filter(state=state)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "row": row,
            "line_name": line_name(row.line.code),
            "month_name": month_name(row.line.statement.sheet.month),
            "state": {"kind": CHIPS[row.state], "label": row.get_state_display()},
            "can_answer": row.state == ObjectionState.OPEN
            and actor.can("commissions.answer")
            and row.raised_by_id != actor.person.pk,
            "can_withdraw": row.state == ObjectionState.OPEN
            and row.raised_by_id == actor.person.pk,
        }
        for row in page
    ]
    states = [{"code": code, "label": label} for code, label in ObjectionState.choices]
    context = {"page": page, "rows": rows, "states": states, "chosen": state}
    return render(request, "subsidies/objections.html", context)


@require("commissions.answer")
def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Clerk or auditor answers; an amount accepts the objection and adjusts the line."""
    row = get_object_or_404(objections_of(request.actor.district), pk=pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.answer_objection(
                objection=row, by=request.actor.person, at=request.now, **form.cleaned_data
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Answered"))
            return redirect("commission_objections")
    context = _of_line(row.line) | {"form": form, "does": "answer", "objection": row}
    return render(request, "subsidies/correct.html", context, status=422 if form.errors else 200)


@require_POST
@require("commissions.object")
def objection_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = objections_of(request.actor.district, lines_of(request.actor))
    row = get_object_or_404(found, pk=pk)
    return _done(
        request,
        "commission_objections",
        _("Objection withdrawn"),
        lambda: services.withdraw_objection(objection=row, by=request.actor.person, at=request.now),
    )


def _done(request: HttpRequest, route: str, sentence: str, act: Any) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    return redirect(route)
