"""Cells of the segment tables (plan §5): a second cut of the tasks, never added to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.errors import Fault, Invalid
from orgchart.models import Person
from targets.amounts import plain
from targets.models import SegmentTask, SheetRow, TaskSheet
from targets.months import month_text
from targets.queries.history import last_change
from targets.services.plans import reopen_draft
from targets.services.sheets.cells import conflict, hold_sheets, subject_of, value_fault


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A cell of a segment sheet to save."""

    row_id: int
    month: date
    value: Decimal | None
    version: int | None
    pointer: str = ""


@transaction.atomic
def save_segment_tasks(
    *, sheet: TaskSheet, cells: Sequence[SegmentEntry], by: Person, at: datetime,
    source: str = "web",
) -> list[SegmentTask]:  # fmt: skip
    """Save cells of a segment sheet (plan §5). Raises as save_tasks does."""
    [sheet] = hold_sheets({sheet.pk})
    rows = {row.pk: row for row in sheet.rows.select_related("indicator", "breakdown")}
    faults = []
    for cell in cells:
        if cell.row_id not in rows or cell.month.year != sheet.plan.year:
            faults.append(Fault(cell.pointer, _("There is no such cell.")))
        elif sentence := value_fault(cell.value, rows[cell.row_id].indicator):
            faults.append(Fault(cell.pointer, sentence))
    if faults:
        raise Invalid(faults[0].detail, faults)
    stored = {
        (cell.row_id, cell.month): cell
        for cell in SegmentTask.objects.select_for_update().filter(row__in=rows)
    }
    conflicts, changed, changes = [], [], []
    for cell in cells:
        row, mine = rows[cell.row_id], stored.get((cell.row_id, cell.month))
        key = segment_key(row, cell.month)
        decimals = row.indicator.stored_decimals
        before = plain(mine.value, decimals) if mine else None
        after = plain(cell.value, decimals)
        if (mine.version if mine else None) != cell.version:
            conflicts.append(
                {**key, "row": row.pk, "yours": after, "theirs": before,
                 "version": mine.version if mine else None,
                 **last_change(subject_of(sheet), sheet.plan.district_id, key)}
            )  # fmt: skip
        elif before != after:
            changed.append(
                SegmentTask(
                    pk=mine.pk if mine else None, row=row, month=cell.month, value=cell.value,
                    version=(mine.version if mine else 0) + 1,
                )
            )  # fmt: skip
            changes.append({"key": key, "before": before, "after": after})
    if conflicts:
        raise conflict(conflicts)

    SegmentTask.objects.bulk_create([cell for cell in changed if cell.pk is None])
    SegmentTask.objects.bulk_update([cell for cell in changed if cell.pk], ["value", "version"])
    if changed:
        reopen_draft(sheet.plan)
        audit.record(
            by=by, at=at, action="save_tasks", subject=subject_of(sheet),
            district=sheet.plan.district, changes=changes, source=source,
        )  # fmt: skip
    return changed


def segment_key(row: SheetRow, month: date) -> dict[str, Any]:
    """Return the trail's key of a segment cell."""
    return {"segment": row.breakdown.code, "indicator": row.indicator.code,
            "month": month_text(month)}  # fmt: skip
