"""Task sheets: the grid with its proof, weights and season, reconciliation, Excel."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from orgchart.errors import DomainError, Fault, Invalid
from orgchart.permissions import require
from targets.amounts import parse_amount, plain
from targets.models import SheetKind, TaskSheet
from targets.permissions import demand_tasks, may_write_tasks
from targets.queries.plans import annual_table
from targets.queries.reconciliation import against_targets, gross_adds_floor, segment_matches
from targets.queries.sheets import Grid, Line, grid, sheets_of
from targets.services.sheets import RowWeight, break_down, weigh_sheet
from targets.views.plan_bar import plan_bar, plan_of_request
from targets.views.sheet_figures import shown_lines, shown_totals
from targets.workbooks import sheet_workbook

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
    typed = _Typed(request.POST)
    try:
        demand_tasks(request.actor, sheet.plan)
        table = grid(sheet, None)
        weights, season, total = typed.read(table)
        with transaction.atomic():
            weigh_sheet(
                sheet=sheet, version=typed.version, total=total, season=season, weights=weights,
                by=request.actor.person, at=request.now,
            )  # fmt: skip
            changed = break_down(sheet=sheet, by=request.actor.person, at=request.now)
    except DomainError as error:
        return _page(request, _sheet(request, year, code), refusal=error, typed=typed)
    messages.success(request, _("Broken down, %(count)s cells changed") % {"count": len(changed)})
    return redirect("task_sheet", year=year, code=code)


@require_GET
@require("tasks.read")
def export_sheet(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Return the sheet as an Excel file, to units with their own rows."""
    sheet = _sheet(request, year, code)
    response = HttpResponse(
        sheet_workbook(grid(sheet, request.actor.unit_ids("tasks.read")), at=request.now),
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
    typed: "_Typed | None" = None,
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
        "can_weigh": can_write and _is_weighed(table),
        "refusal": refusal,
        "weighing": _weighing(table, typed),
    }
    if unit_ids is None:
        targets = annual_table(sheet.plan)
        indicator = sheet.indicator
        context |= {
            "against": against_targets(sheet, targets, table.total),
            "matches": segment_matches(sheet.plan, indicator.pk) if indicator else [],
            "floor": gross_adds_floor(targets)
            if indicator and indicator.code == "mobile_gross_adds" else None,
        }  # fmt: skip
    return render(request, "targets/sheet.html", context, status=refusal.status if refusal else 200)


def _is_weighed(table: Grid) -> bool:
    """Whether rows follow from weights or totals that can be set beside the grid."""
    return table.sheet.kind == SheetKind.UNITS and table.required is not None


def _weighing(table: Grid, typed: "_Typed | None") -> dict[str, Any]:
    """Return the fields of the panel at the side: as stored, or as they were typed."""
    post = typed.post if typed else None

    def text(name: str, stored: Decimal | None) -> str:
        if post is not None:
            return str(post.get(name, ""))
        return "" if stored is None else _trimmed(stored)

    units: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    for line in table.lines:
        if line.required is not None:
            totals.append({"line": line, "name": f"total-{line.row_id}",
                           "value": text(f"total-{line.row_id}", line.required)})  # fmt: skip
            continue
        if line.span:
            units.append({"line": line, "name": f"weight-{line.row_id}", "parts": [],
                          "value": text(f"weight-{line.row_id}", line.weight)})  # fmt: skip
        units[-1]["parts"].append(
            {"line": line, "name": f"part-{line.row_id}",
             "value": text(f"part-{line.row_id}", line.part)}
        )  # fmt: skip
    season = [Decimal(value) for value in table.sheet.season]
    highest = max(season, default=Decimal(0))
    top = max((unit["line"].weight or Decimal(0) for unit in units), default=Decimal(0))
    for unit in units:
        weight = unit["line"].weight or Decimal(0)
        unit["bar"] = plain(weight / top * 40, 1) if top else "0"
    return {
        "units": units,
        "totals": totals,
        "weights_sum_text": _trimmed(
            sum((unit["line"].weight or Decimal(0) for unit in units), Decimal(0))
        ),
        "season_sum_text": _trimmed(sum(season, Decimal(0))),
        "season": [
            {"month": n + 1, "name": f"season-{n}", "value": text(f"season-{n}", value),
             "height": plain(value / highest * 50, 1) if highest else "0",
             "top": plain(52 - value / highest * 50, 1) if highest else "52", "x": n * 22}
            for n, value in enumerate(season)
        ],
        "total": text("total", table.sheet.total),
    }  # fmt: skip


def _trimmed(value: Decimal) -> str:
    """Return the number without trailing zeros and without an exponent."""
    return f"{value.normalize():f}"


@dataclass
class _Typed:
    """The panel at the side as somebody typed it."""

    post: Any

    @property
    def version(self) -> int | None:
        seen = str(self.post.get("version", ""))
        return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None

    def read(self, table: Grid) -> tuple[list[RowWeight], list[Decimal], Decimal | None]:
        """Return weights, season and total. Raises Invalid, naming what is no number."""
        faults: list[Fault] = []

        def number(name: str, label: str, places: int = 4) -> Decimal:
            text = str(self.post.get(name, "")).strip().replace(",", "")
            try:
                value = parse_amount(text)
            except ValueError:
                faults.append(Fault(name, _("%(field)s is no number: %(text)s")
                                    % {"field": label, "text": text or "—"}))  # fmt: skip
                return Decimal(0)
            if value < 0 or value != round(value, places):
                faults.append(Fault(name, _("%(field)s cannot be %(text)s")
                                    % {"field": label, "text": text}))  # fmt: skip
            return value

        weights = []
        head: Decimal | None = None
        for line in table.lines:
            name = f"{line.unit} {line.breakdown}"
            if line.required is not None:
                total = number(f"total-{line.row_id}", name, line.decimals)
                weights.append(RowWeight(line.row_id, total=total))
                continue
            if line.span:
                head = number(f"weight-{line.row_id}", line.unit)
            part = number(f"part-{line.row_id}", name)
            weights.append(RowWeight(line.row_id, head, part))
        season = [
            number(f"season-{n}", _("Season, month %(month)s") % {"month": n + 1})
            for n in range(len(table.sheet.season))
        ]
        total = (
            number("total", _("Annual total"), _decimals(table.lines))
            if table.sheet.total is not None
            else None
        )
        if faults:
            raise Invalid("; ".join(fault.detail for fault in faults), faults)
        return weights, season, total


def _decimals(lines: Sequence[Line]) -> int:
    return lines[0].decimals if lines else 0
