"""The tasks of a released version, and which cells a version changed: who, when, why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from orgchart.models import AuditEntry, Unit
from targets.amounts import plain
from targets.models import (
    Breakdown,
    Indicator,
    Plan,
    PlanRelease,
    SegmentTask,
    SheetKind,
    SheetRow,
    Task,
)
from targets.months import month_text, months_of

Snapshot = dict[str, dict[str, list[str | None]]]


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that a version changed. `by`, `at`, `why`: the last entry of the trail for it."""

    sheet: str
    unit: str
    breakdown: str
    month: date
    decimals: int
    before: Decimal | None
    after: Decimal | None
    by: str
    at: datetime | None
    why: str

    @property
    def change(self) -> Decimal | None:
        """After − before; None where one of them is missing."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


def row_key(row: SheetRow) -> str:
    """Return "unit|breakdown|indicator": the row's name in snapshots and files."""
    return f"{row.unit.code if row.unit else ''}|{row.breakdown.code}|{row.indicator.code}"


def rows_of(plan: Plan) -> list[SheetRow]:
    """Return the rows of all tables of the plan, in their order."""
    return list(
        SheetRow.objects.filter(sheet__plan=plan)
        .select_related("sheet", "unit", "breakdown", "indicator")
        .order_by("sheet__position", "sheet", "position", "pk")
    )


def task_snapshot(plan: Plan) -> Snapshot:
    """Return the plan's cells as they stand; rates as ratios."""
    months = months_of(plan.year)
    tasks = {
        (task.unit_id, task.indicator_id, task.breakdown_id, task.month): task.value
        for task in Task.objects.filter(month__in=months, unit__district=plan.district_id)
    }
    segments = {
        (cell.row_id, cell.month): cell.value
        for cell in SegmentTask.objects.filter(row__sheet__plan=plan)
    }
    found: Snapshot = {}
    for row in rows_of(plan):
        values = [
            segments.get((row.pk, month)) if row.sheet.kind == SheetKind.SEGMENT
            else tasks.get((row.unit_id, row.indicator_id, row.breakdown_id, month))
            for month in months
        ]  # fmt: skip
        decimals = row.indicator.stored_decimals
        found.setdefault(row.sheet.code, {})[row_key(row)] = [plain(v, decimals) for v in values]
    return found


def tasks_of_unit(tasks: Snapshot, unit_code: str) -> Snapshot:
    """Return the unit's part of a snapshot, tables without its rows left out."""
    mine = {
        sheet: {key: row for key, row in rows.items() if key.split("|")[0] == unit_code}
        for sheet, rows in tasks.items()
    }
    return {sheet: rows for sheet, rows in mine.items() if rows}


def changed_cells(
    plan: Plan, release: PlanRelease, before: PlanRelease | None, unit_ids: frozenset[int] | None
) -> list[CellChange]:
    """Return the cells that differ from the version before; `unit_ids` None: of every unit."""
    if before is None or not before.tasks:
        return []
    units = {unit.code: unit for unit in Unit.objects.filter(district=plan.district)}
    members = {row.code: row for row in Breakdown.objects.filter(district=plan.district)}
    indicators = {row.code: row for row in Indicator.objects.filter(district=plan.district)}
    trail = _trail(plan, before.at, release.at)
    found = []
    for sheet, key, month, old, new in _differences(plan.year, before.tasks, release.tasks):
        unit_code, member, indicator_code = key.split("|")
        unit = units.get(unit_code)
        if unit_ids is not None and (unit is None or unit.pk not in unit_ids):
            continue
        indicator = indicators[indicator_code]
        scale = 100 if indicator.is_percent else 1
        entry = trail.get((unit_code or member, indicator_code, member, month_text(month)))
        found.append(
            CellChange(
                sheet, unit.short if unit else members[member].name,
                members[member].name if unit else indicator.name, month, indicator.decimals,
                None if old is None else Decimal(old) * scale,
                None if new is None else Decimal(new) * scale,
                entry.by.name if entry and entry.by else "", entry.at if entry else None,
                entry.reason if entry else "",
            )
        )  # fmt: skip
    return found


def _differences(
    year: int, before: Snapshot, after: Snapshot
) -> Iterator[tuple[str, str, date, str | None, str | None]]:
    none = [None] * 12
    for sheet in dict.fromkeys([*after, *before]):
        old, new = before.get(sheet, {}), after.get(sheet, {})
        for key in dict.fromkeys([*new, *old]):
            for n, month in enumerate(months_of(year)):
                pair = old.get(key, none)[n], new.get(key, none)[n]
                if pair[0] != pair[1]:
                    yield sheet, key, month, *pair


def _trail(plan: Plan, since: datetime, until: datetime) -> dict[tuple[str, ...], AuditEntry]:
    """Return the last entry for each cell between two releases."""
    entries = (
        AuditEntry.objects.filter(
            district=plan.district, subject__startswith=f"tasks/{plan.year}/",
            at__gte=since, at__lte=until,
        )
        .select_related("by")
        .order_by("at", "pk")
    )  # fmt: skip
    found: dict[tuple[str, ...], AuditEntry] = {}
    for entry in entries:
        for change in entry.changes:
            key: dict[str, Any] = change["key"]
            if "month" in key:
                place = key.get("unit") or key.get("segment", "")
                member = key.get("breakdown") or key.get("segment", "")
                found[place, key["indicator"], member, key["month"]] = entry
    return found
