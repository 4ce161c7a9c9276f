"""Monthly tasks saved cell by cell: checked, upserted, audited, scored anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from orgchart import audit, jobs
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import LIMIT, plain
from targets.models import Indicator, SheetKind, SheetRow, Task, TaskSheet
from targets.months import month_text
from targets.queries.closed import closed_months
from targets.queries.history import last_change
from targets.services.plans import reopen_draft

TASK_KEY = ["month", "unit", "indicator", "breakdown"]


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """A cell to save; `version` None: a first entry. `pointer` locates it for the faults."""

    unit_id: int
    indicator_id: int
    breakdown_id: int
    month: date
    value: Decimal | None
    version: int | None
    pointer: str = ""

    @property
    def place(self) -> tuple[date, int, int, int]:
        return (self.month, self.unit_id, self.indicator_id, self.breakdown_id)


@transaction.atomic
def save_tasks(
    *, district: Unit, cells: Sequence[TaskEntry], by: Person, at: datetime, source: str = "web"
) -> list[Task]:
    """Save monthly tasks of one plan year and return those written; unchanged ones are not.

    Raises Invalid (not a cell of a sheet, locked, too fine, missing), VersionConflict with both
    values, and Locked when a month is closed. Nothing is saved unless everything is.
    """
    rows = _rows_of(district, {cell.month.year for cell in cells})
    check_cells(cells, rows)
    sheets = hold_sheets({rows[row_place(cell)].sheet_id for cell in cells})
    stored = tasks_at(cells)
    check_open(cells, stored, district)
    check_versions(cells, rows, stored, district)
    _check_locks(cells, rows, stored)

    changed = [
        (cell, cell.value)
        for cell in cells
        if cell.value is not None
        and (cell.place not in stored or stored[cell.place].value != cell.value)
    ]
    return write_tasks(
        sheets=sheets, values={cell.place: value for cell, value in changed}, stored=stored,
        rows={place: rows[place[0].year, *place[1:]] for place in (c.place for c, _v in changed)},
        by=by, at=at, action="save_tasks", source=source,
    )  # fmt: skip


def subject_of(sheet: TaskSheet) -> str:
    """Return the trail's name of a sheet."""
    return f"tasks/{sheet.plan.year}/{sheet.code}"


def task_key(row: SheetRow, month: date) -> dict[str, Any]:
    """Return the key of a task as programs write it."""
    return {
        "unit": row.unit.code if row.unit else "", "indicator": row.indicator.code,
        "breakdown": row.breakdown.code, "month": month_text(month),
    }  # fmt: skip


def write_tasks(
    *,
    sheets: Sequence[TaskSheet],
    values: dict[tuple[date, int, int, int], Decimal],
    stored: dict[tuple[date, int, int, int], Task],
    rows: dict[tuple[date, int, int, int], SheetRow],
    by: Person,
    at: datetime,
    action: str,
    reason: str = "",
    source: str = "web",
    locks: dict[tuple[date, int, int, int], bool] | None = None,
) -> list[Task]:
    """Upsert the cells in one statement, audit them in one entry, ask for scores anew.

    The caller holds the sheets and has checked the values. Raises Locked when the database
    refuses a cell of a closed month.
    """
    if not values:
        return []
    tasks, changes = [], []
    for place, value in values.items():
        before = stored.get(place)
        task = Task(
            month=place[0], unit_id=place[1], indicator_id=place[2], breakdown_id=place[3],
            value=value, version=(before.version if before else 0) + 1,
            is_locked=before.is_locked if before else False,
            lock_reason=before.lock_reason if before else "",
            locked_by_id=before.locked_by_id if before else None,
        )  # fmt: skip
        if locks is not None:
            task.is_locked = locks[place]
            task.lock_reason = reason if task.is_locked else ""
            task.locked_by = by if task.is_locked else None
        tasks.append(task)
        decimals = rows[place].indicator.stored_decimals
        change = {
            "key": task_key(rows[place], place[0]),
            "before": plain(before.value, decimals) if before else None,
            "after": plain(value, decimals),
        }
        changes.append(change if locks is None else {**change, "locked": task.is_locked})
    try:
        with transaction.atomic():
            Task.objects.bulk_create(
                tasks, update_conflicts=True, unique_fields=TASK_KEY,
                update_fields=["value", "version", "is_locked", "lock_reason", "locked_by"],
            )  # fmt: skip
    except IntegrityError as error:
        if "the month is closed" in str(error):
            raise Locked(
                _("A month among these cells is closed; its tasks stand. Change open months only.")
            ) from error
        raise

    district = sheets[0].plan.district
    for plan in {sheet.plan_id: sheet.plan for sheet in sheets}.values():
        reopen_draft(plan)
    codes = "+".join(sorted(sheet.code for sheet in sheets))
    audit.record(
        by=by, at=at, action=action, subject=f"tasks/{sheets[0].plan.year}/{codes}"[:160],
        district=district, changes=changes, reason=reason, source=source,
    )  # fmt: skip
    for month in sorted({place[0] for place in values}):
        jobs.request("rescore", district_id=district.pk, month=month)
    return tasks


def tasks_at(cells: Iterable[TaskEntry]) -> dict[tuple[date, int, int, int], Task]:
    """Return the stored tasks of these cells, locked for change."""
    found = list(cells)
    tasks = Task.objects.select_for_update().filter(
        month__in={cell.month for cell in found},
        unit_id__in={cell.unit_id for cell in found},
        indicator_id__in={cell.indicator_id for cell in found},
    )
    return {(task.month, task.unit_id, task.indicator_id, task.breakdown_id): task
            for task in tasks}  # fmt: skip


def hold_sheets(sheet_ids: set[int]) -> list[TaskSheet]:
    """Lock the sheets, so that writers of the same sheet come one after the other."""
    return list(
        TaskSheet.objects.select_for_update(of=("self",))
        .filter(pk__in=sheet_ids)
        .select_related("plan__district")
        .order_by("pk")
    )


def row_place(cell: TaskEntry) -> tuple[int, int, int, int]:
    """Return the key under which the cell's row is found."""
    return (cell.month.year, cell.unit_id, cell.indicator_id, cell.breakdown_id)


def _rows_of(district: Unit, years: set[int]) -> dict[tuple[int, int, int, int], SheetRow]:
    """Return the rows of the district's unit sheets by (year, unit, indicator, breakdown)."""
    rows = SheetRow.objects.filter(
        sheet__plan__district=district, sheet__plan__year__in=years, sheet__kind=SheetKind.UNITS
    ).select_related("sheet__plan", "unit", "indicator", "breakdown")
    return {
        (row.sheet.plan.year, row.unit_id, row.indicator_id, row.breakdown_id): row
        for row in rows
        if row.unit_id is not None
    }


def check_cells(
    cells: Sequence[TaskEntry], rows: dict[tuple[int, int, int, int], SheetRow]
) -> None:
    """Raise Invalid for cells that no row has, that come twice, or whose value is wrong."""
    faults, seen = [], set()
    for cell in cells:
        row = rows.get(row_place(cell))
        if row is None:
            faults.append(Fault(cell.pointer, _("No table of the plan has this cell.")))
        elif cell.place in seen:
            faults.append(Fault(cell.pointer, _("This cell is listed twice.")))
        elif sentence := value_fault(cell.value, row.indicator):
            faults.append(Fault(_value_pointer(cell), sentence))
        seen.add(cell.place)
    if len({cell.month.year for cell in cells}) > 1:
        faults.append(Fault(cells[0].pointer, _("Save one year at a time.")))
    if faults:
        raise Invalid(faults[0].detail, faults)


def check_versions(
    cells: Sequence[TaskEntry],
    rows: dict[tuple[int, int, int, int], SheetRow],
    stored: dict[tuple[date, int, int, int], Task],
    district: Unit,
) -> None:
    """Raise VersionConflict, with both values, for cells that somebody else changed."""
    conflicts = []
    for cell in cells:
        mine = stored.get(cell.place)
        if (mine.version if mine else None) == cell.version:
            continue
        row = rows[row_place(cell)]
        key = task_key(row, cell.month)
        decimals = row.indicator.stored_decimals
        conflicts.append(
            {**key, "yours": plain(cell.value, decimals),
             "theirs": plain(mine.value, decimals) if mine else None,
             "version": mine.version if mine else None,
             **last_change(subject_of(row.sheet), district.pk, key)}
        )  # fmt: skip
    if conflicts:
        raise conflict(conflicts)


def check_open(
    cells: Sequence[TaskEntry], stored: dict[tuple[date, int, int, int], Task], district: Unit
) -> None:
    """Raise Locked for cells of closed months; the others cannot be closed until commit."""
    closed = closed_months(district.pk, {cell.month for cell in cells}, hold=True)
    faults = [
        Fault(
            _value_pointer(cell),
            _("%(month)s is closed and its tasks stand. Change an open month.")
            % {"month": month_text(cell.month)},
        )
        for cell in cells
        if cell.month in closed
        and (cell.place not in stored or stored[cell.place].value != cell.value)
    ]
    if faults:
        raise Locked(faults[0].detail, faults)


def _check_locks(
    cells: Sequence[TaskEntry],
    rows: dict[tuple[int, int, int, int], SheetRow],
    stored: dict[tuple[date, int, int, int], Task],
) -> None:
    faults = []
    for cell in cells:
        task = stored.get(cell.place)
        if task is not None and task.is_locked and task.value != cell.value:
            faults.append(
                Fault(
                    _value_pointer(cell),
                    _("Locked at %(value)s: %(reason)s. Unlock it first.")
                    % {
                        "value": plain(task.value, rows[row_place(cell)].indicator.stored_decimals),
                        "reason": task.lock_reason,
                    },
                )
            )
    if faults:
        raise Invalid(faults[0].detail, faults)


def conflict(conflicts: list[dict[str, Any]]) -> VersionConflict:
    """Return the refusal of a save that would overwrite somebody else's."""
    return VersionConflict(
        _("Somebody else changed these cells meanwhile."), extra={"conflicts": conflicts}
    )


def _value_pointer(cell: TaskEntry) -> str:
    return f"{cell.pointer}/value" if cell.pointer.startswith("/") else cell.pointer


def value_fault(value: Decimal | None, indicator: Indicator) -> str:
    """Return what is wrong with a task's value, "" when nothing is (rules §3)."""
    if value is None:
        return _("A task is a figure; write 0 where nothing is asked.")
    if value != round(value, indicator.stored_decimals):
        return _("%(name)s is kept with %(count)s decimals.") % {
            "name": indicator.name, "count": indicator.decimals,
        }  # fmt: skip
    if abs(value) > LIMIT:
        return _("The figure is too large.")
    if indicator.is_percent and not 0 <= value <= 1:
        return _("A rate lies between 0 and 100 %.")
    if value < 0 and not indicator.may_be_negative:
        return _("A task of %(name)s is not below 0.") % {"name": indicator.name}
    return ""
