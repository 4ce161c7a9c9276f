"""Reporting figures: read, check, one upsert, one entry in the trail, however many cells."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction

from kpi.models import Actual
from kpi.queries.cells import Key
from kpi.services.checking import check, conflict, question, refuse_stale, text
from kpi.services.entered import Book, CellEntry, Entered, read, reports
from kpi.services.months import hold_open
from orgchart import audit, jobs
from orgchart.models import Person, Unit
from targets.amounts import to_scaled
from targets.models import Breakdown, Indicator
from targets.months import month_text

# The cells come as one JSON text of [month, unit, indicator, breakdown, value, as of, version,
# reason]: ten values for each of them take twice as long to write down and to read.
# A row that somebody changed since it was read is left alone, and missing from the count. What the
# auditor has verified of it is verified no longer.
UPSERT = """
INSERT INTO kpi_actual (month, unit_id, indicator_id, breakdown_id, value, as_of, version,
                        doubt_reason, reported_at, reported_by_id)
{cells}
ON CONFLICT (month, unit_id, indicator_id, breakdown_id) DO UPDATE SET
  value = excluded.value, as_of = excluded.as_of, version = excluded.version,
  reported_at = excluded.reported_at, reported_by_id = excluded.reported_by_id,
  doubt_reason = excluded.doubt_reason, check_state = 0
WHERE kpi_actual.version = excluded.version - 1
"""
CELLS = {
    "postgresql": """
SELECT CAST(c ->> 0 AS DATE), CAST(c ->> 1 AS BIGINT), CAST(c ->> 2 AS BIGINT),
  CAST(c ->> 3 AS BIGINT), CAST(c ->> 4 AS BIGINT), CAST(c ->> 5 AS DATE),
  CAST(c ->> 6 AS INTEGER), c ->> 7, %(at)s, CAST(%(by)s AS BIGINT)
FROM JSONB_ARRAY_ELEMENTS(%(cells)s) AS c""",
    "sqlite": """
SELECT JSON_EXTRACT(value, '$[0]'), JSON_EXTRACT(value, '$[1]'), JSON_EXTRACT(value, '$[2]'),
  JSON_EXTRACT(value, '$[3]'), JSON_EXTRACT(value, '$[4]'), JSON_EXTRACT(value, '$[5]'),
  JSON_EXTRACT(value, '$[6]'), JSON_EXTRACT(value, '$[7]'), %(at)s, %(by)s
FROM JSON_EACH(%(cells)s) WHERE TRUE""",
}


class Figure(NamedTuple):
    """A cell as it stands after a save; version 0: nobody has reported."""

    unit: Unit
    indicator: Indicator
    breakdown: Breakdown
    month: date
    value: Decimal | None
    as_of: date
    version: int


def save_actuals(
    *,
    district: Unit,
    cells: Sequence[CellEntry],
    by: Person | None,
    at: datetime,
    source: str = "web",
    is_doubted: bool = True,
) -> list[Figure]:
    """Save figures of open months, all or none; return the rows as they stand now.

    The caller has checked that `by` may write these units, and doubted the figures itself where
    `is_doubted` is False. Raises Locked for a month that is not open, Invalid with a pointer per
    cell ("/3/value"), VersionConflict with both values, Doubtful with what each odd figure looks
    like.
    """
    if not cells:
        return []
    with transaction.atomic():
        for month in sorted({cell.month for cell in cells}):
            hold_open(district_id=district.pk, month=month)
        book = read(district, cells)
        check(book)
        refuse_stale(book)
        if is_doubted:
            question(book)

        changed = [one for one in book.entries if one.differs]
        if changed:
            _write([one.cell for one in changed], book, by=by, at=at)
            _record(changed, book, district, by=by, at=at, source=source)
        for month in sorted({one.cell.month for one in changed}):
            jobs.request("rescore", district_id=district.pk, month=month)
        return [_after(one, book) for one in book.entries]


def _write(cells: Sequence[CellEntry], book: Book, *, by: Person | None, at: datetime) -> None:
    """Write the cells in key order, so that two writers cannot wait for each other."""
    rows = [
        [
            cell.month.isoformat(),
            *cell.key,
            None if cell.value is None else to_scaled(cell.value),
            cell.as_of.isoformat(),
            (cell.version or 0) + 1,
            cell.reason.strip()[:200],
        ]
        for cell in cells
    ]
    rows.sort(key=lambda row: row[:4])
    given = {
        "cells": json.dumps(rows),
        "at": connection.ops.adapt_datetimefield_value(at),
        "by": by.pk if by else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(UPSERT.format(cells=CELLS[connection.vendor]), given)
        if cursor.rowcount != len(rows):
            now = reports(cells)
            raise conflict([cell for cell in cells if not _is_written(cell, now, by, at)], book)


def _is_written(
    cell: CellEntry, stored: dict[tuple[date, Key], Actual], by: Person | None, at: datetime
) -> bool:
    """Whether the row is the one just written, not somebody else's that came between."""
    row = stored.get((cell.month, cell.key))
    return row is not None and (row.version, row.value, row.reported_by_id, row.reported_at) == (
        (cell.version or 0) + 1,
        cell.value,
        by.pk if by else None,
        at,
    )


def _record(
    changed: Sequence[Entered],
    book: Book,
    district: Unit,
    *,
    by: Person | None,
    at: datetime,
    source: str,
) -> None:
    """Append one entry with every cell: before, after, and the reason of doubtful ones."""
    changes: list[dict[str, Any]] = []
    for one in changed:
        change: dict[str, Any] = {
            "key": book.name(one.cell),
            "before": text(one.stored.value) if one.stored else None,
            "after": text(one.cell.value),
        }
        if reason := one.cell.reason.strip():
            change["reason"] = reason
        changes.append(change)
    units = {one.cell.unit_id for one in changed}
    months = {month_text(one.cell.month) for one in changed}
    unit = book.units[units.pop()] if len(units) == 1 else None
    audit.record(
        by=by,
        at=at,
        action="actuals.save",
        subject=f"actuals/{unit.code if unit else '*'}/{months.pop() if len(months) == 1 else '*'}",
        district=district,
        unit=unit,
        changes=changes,
        source=source,
    )


def _after(one: Entered, book: Book) -> Figure:
    """Return the cell as it stands after the save, without reading it again."""
    cell, stored = one.cell, one.stored
    places = (
        book.units[cell.unit_id],
        book.indicators[cell.indicator_id],
        book.breakdowns[cell.breakdown_id],
        cell.month,
    )
    if one.differs:
        return Figure(*places, cell.value, cell.as_of, (cell.version or 0) + 1)
    if stored is None:
        return Figure(*places, None, cell.as_of, 0)
    return Figure(*places, *stored)
