"""Task sheets: the grid with its proof, weights and season, reconciliation, Excel."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from orgchart.errors import DomainError
from orgchart.permissions import require
from targets.models import SheetKind, TaskSheet
from targets.permissions import demand_tasks, may_write_tasks
from targets.queries.plans import annual_table
from targets.queries.reconciliation import against_targets, gross_adds_floor, segment_matches
from targets.queries.sheets import Grid, grid, sheets_of
from targets.services.sheets import break_down, roll_forward, weigh_sheet
from targets.views.plan_bar import plan_bar, plan_of_request
from targets.views.sheet_figures import shown_lines, shown_totals
from targets.views.weighing import Typed, weighing
from targets.workbooks import plan_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@require("tasks.read")
def task_sheets(request: HttpRequest) -> HttpResponse:
    """Lead to the first sheet of the plan in force."""
    plan = plan_of_request(request, None)
    sheets = sheets_of(plan) if plan else []
    if plan is None or not sheets:
        return render(request, "targets/sheet_none.html", {"plan": plan})
    return redirect("task_sheet", year=plan.year, code=sheets[0].code)


@require_GET
@require("tasks.read")
def task_sheet(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Show a sheet, to units their own rows only."""
    return _page(request, _sheet(request, year, code))


@require_POST
@require("tasks.write")
def break_down_sheet(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Set weights, season and total as typed, then break the sheet down; refused, show why."""
    sheet = _sheet(request, year, code)
    typed = Typed(request.POST)
    try:
        demand_tasks(request.actor, sheet.plan)
        table = grid(sheet, None)
        weights, season, total = typed.read(table)
        with transaction.atomic():
            weigh_sheet(
                sheet=sheet, version=typed.version, total=total, season=season, weights=weights,
                method=typed.method, by=request.actor.person, at=request.now,
            )  # fmt: skip
            changed = break_down(sheet=sheet, by=request.actor.person, at=request.now)
    except DomainError as error:
        return _page(request, _sheet(request, year, code), refusal=error, typed=typed)
    messages.success(request, _("Broken down, %(count)s cells changed") % {"count": len(changed)})
    return redirect("task_sheet", year=year, code=code)


@require_POST
@require("tasks.write")
def propose_weights(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Fill weights or season from their sources, beside what was typed; nothing is stored."""
    sheet = _sheet(request, year, code)
    typed = Typed(request.POST.copy())
    refusal: DomainError | None = None
    try:
        demand_tasks(request.actor, sheet.plan)
        if request.POST.get("propose") == "season":
            typed.fill_season(sheet)
        else:
            typed.fill_weights(grid(sheet, None), sheet, request.actor.on)
    except DomainError as error:
        refusal = error
    else:
        messages.success(request, _("Filled in; look at it, then break down again."))
    return _page(request, sheet, refusal=refusal, typed=typed)


@require_POST
@require("tasks.write")
def roll_sheet_forward(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Spread what the published months fell short over the open ones."""
    sheet = _sheet(request, year, code)
    try:
        demand_tasks(request.actor, sheet.plan)
        changed = roll_forward(
            sheet=sheet, reason=request.POST.get("reason", ""),
            by=request.actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = _("Rolled forward, %(count)s cells changed") % {"count": len(changed)}
        messages.success(request, text)
    return redirect("task_sheet", year=year, code=code)


@require_GET
@require("tasks.read")
def export_sheet(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Return the sheet as an Excel file, to units with their own rows."""
    sheet = _sheet(request, year, code)
    response = HttpResponse(
        plan_workbook(
            sheet.plan, [grid(sheet, request.actor.unit_ids("tasks.read"))], at=request.now
        ),
        content_type=XLSX,
    )
    response["Content-Disposition"] = f'attachment; filename="{year}-{code}.xlsx"'
    return response


def _sheet(request: HttpRequest, year: int, code: str) -> TaskSheet:
    sheet = get_object_or_404(
        TaskSheet.objects.select_related("plan__district", "indicator"),
        plan__district=request.actor.district, plan__year=year, code=code,
    )  # fmt: skip
    is_scoped = request.actor.unit_ids("tasks.read") is not None
    if sheet.kind == SheetKind.SEGMENT and is_scoped:
        raise Http404
    return sheet


def _page(
    request: HttpRequest,
    sheet: TaskSheet,
    *,
    refusal: DomainError | None = None,
    typed: "Typed | None" = None,
) -> HttpResponse:
    actor = request.actor
    unit_ids = actor.unit_ids("tasks.read")
    table = grid(sheet, unit_ids)
    can_write = may_write_tasks(actor, sheet.plan)
    tabs = [tab for tab in sheets_of(sheet.plan)
            if unit_ids is None or tab.kind == SheetKind.UNITS]  # fmt: skip
    context: dict[str, Any] = {
        "sheet": sheet,
        "plan": sheet.plan,
        "tabs": tabs,
        "grid": table,
        "lines": shown_lines(table),
        "totals": shown_totals(table),
        "bar": plan_bar(sheet.plan, "annual_targets_of_year"),
        "measure": sheet.indicator.measure if sheet.indicator else "",
        "decimals": table.lines[0].decimals if table.lines else 0,
        "can_write": can_write and bool(table.lines),
        "can_change_total": can_write and unit_ids is None and _has_total(table),
        "can_weigh": can_write and _is_weighed(table),
        "refusal": refusal,
        "weighing": weighing(table, typed, actor.on) if can_write and _is_weighed(table) else None,
        "can_roll": can_write and _is_weighed(table),
    }
    if unit_ids is None:
        targets = annual_table(sheet.plan)
        indicator = sheet.indicator
        context |= {
            "against": against_targets(sheet, targets, _planned(table)),
            "matches": segment_matches(sheet.plan, indicator.pk) if indicator else [],
            "floor": gross_adds_floor(targets)
            if indicator and indicator.code == "mobile_gross_adds" else None,
        }  # fmt: skip
    return render(request, "targets/sheet.html", context, status=refusal.status if refusal else 200)


def _planned(table: Grid) -> Decimal | None:
    """Return the year as planned, without what shortfalls added later."""
    return None if table.total is None else table.total - table.rolled


def _has_total(table: Grid) -> bool:
    """Whether the cells have to make a total that may be changed with them."""
    return table.sheet.total is not None or any(line.required is not None for line in table.lines)


def _is_weighed(table: Grid) -> bool:
    """Whether rows follow from weights or totals that can be set beside the grid."""
    return table.sheet.kind == SheetKind.UNITS and table.required is not None
