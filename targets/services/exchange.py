"""Files of task sheets: received, applied, rolled back while nothing depends on them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart import audit, jobs
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person
from targets.amounts import plain
from targets.models import Batch, BatchState, Plan, SegmentTask, SheetKind, SheetRow, Task
from targets.months import month_text, parse_month
from targets.queries.exchange import Sent, Step, kept, sent_cells, three_way
from targets.queries.releases import row_key, rows_of
from targets.services.plans import hold_plan, reopen_draft
from targets.services.sheets.cells import TaskEntry, check_open, save_tasks
from targets.services.sheets.segments import SegmentEntry, save_segment_tasks
from targets.workbooks import annotated, read_sheets

KEPT_FOR = timedelta(hours=24)
SOURCE = "workbook"


@transaction.atomic
def receive_file(*, plan: Plan, file: IO[bytes], name: str, by: Person, at: datetime) -> Batch:
    """Keep an uploaded file's cells for a day; nothing is written to the plan.

    A faulty one is kept coloured and commented, to be fetched. Raises NotAWorkbook, and Invalid
    for another district's or year's file.
    """
    found = read_sheets(file)
    if (found.district, found.year) != (plan.district.code, plan.year):
        raise Invalid(
            _("This file is of %(district)s %(year)s, not of this plan.")
            % {"district": found.district[:40], "year": found.year}
        )
    if not found.cells and not found.faults:
        raise Invalid(_("The file has no tasks in it."))
    sent = [Sent(c.sheet, c.key, c.month, c.value, c.base, c.place) for c in found.cells]
    faults = [*found.faults, *three_way(plan, sent).faults]
    Batch.objects.filter(
        by=by, state__in=[BatchState.PENDING, BatchState.FAULTY], at__lt=at - KEPT_FOR
    ).delete()
    return Batch.objects.create(
        plan=plan, state=BatchState.FAULTY if faults else BatchState.PENDING,
        name=name[-120:], base_version=found.version, at=at, by=by, cells=kept(sent),
        faults=[list(fault) for fault in faults],
        file=annotated(found.content, faults) if faults else None,
    )  # fmt: skip


def choice_key(step: Step) -> str:
    """Return the name of a conflict's choice; it holds the version that was seen."""
    return f"{step.sent.sheet}|{step.sent.key}|{month_text(step.sent.month)}|{step.cell.version}"


@transaction.atomic
def apply_batch(*, batch: Batch, choices: Mapping[str, str], by: Person, at: datetime) -> Batch:
    """Write what the file changed; at a conflict the choice decides ("file" or "now").

    Raises Locked when it is applied or too old, VersionConflict while a conflict lacks its
    choice (or got a new value meanwhile), Invalid when a cell cannot be changed any more.
    Nothing is written unless everything is.
    """
    plan = hold_plan(batch.plan)
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.PENDING:
        raise Locked(_("This file is %(state)s.") % {"state": batch.get_state_display()})
    if at - batch.at > KEPT_FOR:
        raise Locked(_("The file was uploaded more than a day ago. Upload it anew."))
    found = three_way(plan, sent_cells(batch))
    if found.faults:
        raise Invalid(found.faults[0][1], [Fault(*fault) for fault in found.faults])
    open_ = [step for step in found.conflicts if choice_key(step) not in choices]
    if open_:
        raise VersionConflict(
            _("Choose a value for each conflict."),
            [Fault(step.sent.place, _("Changed meanwhile.")) for step in open_],
        )
    chosen = [step for step in found.conflicts if choices[choice_key(step)] == "file"]
    steps = [*found.applies, *chosen]
    batch.written = _write(plan, steps, by, at)
    batch.state, batch.applied_at = BatchState.APPLIED, at
    batch.save(update_fields=["written", "state", "applied_at"])
    return batch


def _write(plan: Plan, steps: list[Step], by: Person, at: datetime) -> list[dict[str, Any]]:
    """Save the cells by the services of the sheets; return what was written."""
    rows = {(row.sheet.code, row_key(row)): row for row in rows_of(plan)}
    tasks: list[TaskEntry] = []
    segments: dict[int, list[SegmentEntry]] = {}
    for step in steps:
        row = rows[step.sent.sheet, step.sent.key]
        common: dict[str, Any] = {
            "month": step.sent.month, "value": step.stored, "version": step.cell.version,
            "pointer": step.sent.place,
        }  # fmt: skip
        if row.sheet.kind == SheetKind.SEGMENT:
            segments.setdefault(row.sheet_id, []).append(SegmentEntry(row_id=row.pk, **common))
        else:
            tasks.append(TaskEntry(row.unit_id, row.indicator_id, row.breakdown_id, **common))
    _save(plan, rows, tasks, segments, by, at)
    return [
        {"sheet": step.sent.sheet, "key": step.sent.key, "month": month_text(step.sent.month),
         "before": plain(step.cell.value, 4), "after": plain(step.stored, 4),
         "version": (step.cell.version or 0) + 1}
        for step in steps
    ]  # fmt: skip


def _save(
    plan: Plan, rows: Mapping[Any, SheetRow], tasks: list[TaskEntry],
    segments: dict[int, list[SegmentEntry]], by: Person, at: datetime,
) -> None:  # fmt: skip
    if tasks:
        save_tasks(district=plan.district, cells=tasks, by=by, at=at, source=SOURCE)
    sheets = {row.sheet_id: row.sheet for row in rows.values()}
    for sheet_id, cells in segments.items():
        save_segment_tasks(sheet=sheets[sheet_id], cells=cells, by=by, at=at, source=SOURCE)


@transaction.atomic
def roll_back(*, batch: Batch, by: Person, at: datetime) -> Batch:
    """Put back what an applied file changed. Raises Locked, naming the cells changed since."""
    plan = hold_plan(batch.plan)
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.APPLIED:
        raise Locked(_("This file is %(state)s.") % {"state": batch.get_state_display()})
    rows = {(row.sheet.code, row_key(row)): row for row in rows_of(plan)}
    versions = _versions(plan)
    newer: list[str] = []
    tasks: list[TaskEntry] = []
    segments: dict[int, list[SegmentEntry]] = {}
    added: list[tuple[SheetRow, date, dict[str, Any]]] = []
    for cell in batch.written:
        row, month = rows.get((cell["sheet"], cell["key"])), parse_month(cell["month"])
        if row is None or versions.get((*_address(row), month)) != cell["version"]:
            newer.append(f"{cell['sheet']} {cell['key'].replace('|', ' ')} {cell['month']}")
            continue
        value = None if cell["before"] is None else Decimal(cell["before"])
        is_segment = row.sheet.kind == SheetKind.SEGMENT
        if value is None:
            added.append((row, month, cell))
        elif is_segment:
            segments.setdefault(row.sheet_id, []).append(
                SegmentEntry(row.pk, month, value, cell["version"])
            )
        else:
            tasks.append(
                TaskEntry(row.unit_id, row.indicator_id, row.breakdown_id, month, value,
                          cell["version"])
            )  # fmt: skip
    if newer:
        raise Locked(
            _("%(count)s of these cells changed since: %(cells)s. They depend on this file.")
            % {"count": len(newer), "cells": "、".join(newer[:3])},
        )
    _save(plan, rows, tasks, segments, by, at)
    _remove(plan, added, by, at)
    batch.state, batch.rolled_back_at, batch.rolled_back_by = BatchState.ROLLED_BACK, at, by
    batch.save(update_fields=["state", "rolled_back_at", "rolled_back_by"])
    return batch


def _address(row: SheetRow) -> tuple[Any, ...]:
    """Return where the row's cells are stored."""
    if row.sheet.kind == SheetKind.SEGMENT:
        return ("segment", row.pk)
    return ("task", row.unit_id, row.indicator_id, row.breakdown_id)


def _versions(plan: Plan) -> dict[tuple[Any, ...], int]:
    """Return the version of each cell of the plan's year."""
    tasks = Task.objects.filter(month__year=plan.year, unit__district=plan.district_id)
    segments = SegmentTask.objects.filter(row__sheet__plan=plan)
    return {
        ("task", task.unit_id, task.indicator_id, task.breakdown_id, task.month): task.version
        for task in tasks
    } | {("segment", cell.row_id, cell.month): cell.version for cell in segments}


def _remove(
    plan: Plan, added: list[tuple[SheetRow, Any, dict[str, Any]]], by: Person, at: datetime
) -> None:
    """Take away cells that were empty before the file, months still open."""
    if not added:
        return
    places = [TaskEntry(row.unit_id or 0, row.indicator_id, row.breakdown_id, month, None, None)
              for row, month, _cell in added]  # fmt: skip
    check_open(places, {}, plan.district)
    for row, month, _cell in added:
        if row.sheet.kind == SheetKind.SEGMENT:
            SegmentTask.objects.filter(row=row, month=month).delete()
        else:
            Task.objects.filter(
                month=month,
                unit_id=row.unit_id,
                indicator_id=row.indicator_id,
                breakdown_id=row.breakdown_id,
            ).delete()
    audit.record(
        by=by, at=at, action="roll_back_tasks", subject=f"tasks/{plan.year}/excel",
        district=plan.district, source=SOURCE,
        changes=[
            {"key": {"unit": row.unit.code if row.unit else "", "indicator": row.indicator.code,
                     "breakdown": row.breakdown.code, "month": month_text(month)},
             "before": cell["after"], "after": None}
            for row, month, cell in added
        ],
    )  # fmt: skip
    reopen_draft(plan)
    for month in sorted({month for row, month, _cell in added if row.unit_id}):
        jobs.request("rescore", district_id=plan.district_id, month=month)
