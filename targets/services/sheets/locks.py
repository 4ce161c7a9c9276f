"""Locks with a reason: cells that a breakdown leaves as they are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart.errors import Fault, Invalid
from orgchart.models import Person
from targets.models import Task, TaskSheet
from targets.services.sheets.breakdown import break_down, is_broken_down
from targets.services.sheets.cells import (
    TaskEntry,
    check_cells,
    check_open,
    check_versions,
    hold_sheets,
    row_place,
    tasks_at,
    write_tasks,
)


@transaction.atomic
def lock_cells(
    *, sheet: TaskSheet, cells: Sequence[TaskEntry], reason: str, by: Person, at: datetime
) -> list[Task]:
    """Lock cells at the given values with a reason: breaking down leaves them as they are.

    A value of None locks what is there; locking a locked cell renews value and reason. Raises
    as save_tasks does; a sheet that is broken down spreads the rest of the rows anew.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(_("A lock needs a reason."), [Fault("reason", _("A lock needs a reason."))])
    return _set_locks(sheet, cells, True, reason[:200], by, at)


@transaction.atomic
def unlock_cells(
    *, sheet: TaskSheet, cells: Sequence[TaskEntry], by: Person, at: datetime
) -> list[Task]:
    """Unlock cells; a sheet that is broken down spreads their rows anew."""
    return _set_locks(sheet, cells, False, "", by, at)


def _set_locks(
    sheet: TaskSheet, cells: Sequence[TaskEntry], is_locked: bool, reason: str,
    by: Person, at: datetime,
) -> list[Task]:  # fmt: skip
    [sheet] = hold_sheets({sheet.pk})
    rows = {
        (sheet.plan.year, row.unit_id, row.indicator_id, row.breakdown_id): row
        for row in sheet.rows.select_related("unit", "indicator", "breakdown")
    }
    stored = tasks_at(cells)
    given = [
        cell if cell.value is not None or cell.place not in stored
        else replace(cell, value=stored[cell.place].value)
        for cell in cells
    ]  # fmt: skip
    check_cells(given, rows)
    check_open(given, {}, sheet.plan.district)
    check_versions(given, rows, stored, sheet.plan.district)
    written = write_tasks(
        sheets=[sheet], values={cell.place: cell.value for cell in given if cell.value is not None},
        stored=stored, rows={cell.place: rows[row_place(cell)] for cell in given},
        by=by, at=at, action="lock_tasks" if is_locked else "unlock_tasks", reason=reason,
        locks={cell.place: is_locked for cell in given},
    )  # fmt: skip
    if not is_broken_down(sheet):
        return written
    row_ids = {rows[row_place(cell)].pk for cell in given}
    return written + break_down(sheet=sheet, row_ids=row_ids, by=by, at=at)
