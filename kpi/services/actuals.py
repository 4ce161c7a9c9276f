"""Reporting figures: read, compare, one upsert, one entry in the trail, however many cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.models import Actual, DailyFigure
from kpi.queries.cells import Key
from kpi.queries.doubts import doubt_of, doubt_text, doubt_title, tasks_of_cells
from kpi.rules import entry as rules
from kpi.services.months import hold_open
from orgchart import audit, jobs
from orgchart.errors import Doubtful, Fault, Invalid, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import LIMIT, to_scaled
from targets.models import Breakdown, Dimension, Indicator
from targets.months import last_day, month_after, month_text

ROWS = 1000  # cells per statement

# A row that somebody changed since it was read is left alone, and missing from the count. What the
# auditor has verified of it is verified no longer.
UPSERT = """
INSERT INTO kpi_actual (month, unit_id, indicator_id, breakdown_id, value, as_of, version,
                        reported_at, reported_by_id, doubt_reason)
VALUES {rows}
ON CONFLICT (month, unit_id, indicator_id, breakdown_id) DO UPDATE SET
  value = excluded.value, as_of = excluded.as_of, version = excluded.version,
  reported_at = excluded.reported_at, reported_by_id = excluded.reported_by_id,
  doubt_reason = excluded.doubt_reason, check_state = 0
WHERE kpi_actual.version = excluded.version - 1
"""


@dataclass(frozen=True, slots=True)
class CellEntry:
    """A figure as entered. `value` None takes it back; `version` None says: nothing there yet.

    Rates are ratios (0.0772). `reason` is why a doubtful figure is right.
    """

    unit_id: int
    indicator_id: int
    breakdown_id: int
    month: date
    value: Decimal | None
    as_of: date
    version: int | None
    reason: str = ""

    @property
    def key(self) -> Key:
        return self.unit_id, self.indicator_id, self.breakdown_id


class Figure(NamedTuple):
    """A cell as it stands after a save; version 0: nobody has reported."""

    unit: Unit
    indicator: Indicator
    breakdown: Breakdown
    month: date
    value: Decimal | None
    as_of: date
    version: int


class _Row(NamedTuple):
    """A stored figure; no model, since a save reads hundreds of them."""

    value: Decimal | None
    as_of: date
    version: int


@dataclass(frozen=True, slots=True)
class _Book:
    """What the entries are checked against."""

    units: dict[int, Unit]
    indicators: dict[int, Indicator]
    breakdowns: dict[int, Breakdown]
    rows: dict[tuple[date, Key], _Row]

    def key(self, cell: CellEntry) -> dict[str, str]:
        """Name a cell by codes, as the API and the sheets do."""
        return {
            "unit": self.units[cell.unit_id].code,
            "indicator": self.indicators[cell.indicator_id].code,
            "breakdown": self.breakdowns[cell.breakdown_id].code,
            "month": month_text(cell.month),
        }


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
    `is_doubted` is False. Raises Locked for a month that is not
    open, Invalid with a pointer per cell ("/3/value"), VersionConflict with both values,
    Doubtful with what each odd figure looks like.
    """
    with transaction.atomic():
        for month in sorted({cell.month for cell in cells}):
            hold_open(district_id=district.pk, month=month)
        book = _read(district, cells)
        changed = [cell for cell in cells if _differs(cell, book)]
        _check(cells, book)
        conflicts = [cell for cell in cells if not _is_current(cell, book)]
        if conflicts:
            raise _conflict(conflicts, book)
        if is_doubted:
            _question(cells, book)

        _write(changed, district, by=by, at=at)
        if changed:
            _record(changed, book, district, by=by, at=at, source=source)
        for month in sorted({cell.month for cell in changed}):
            jobs.request("rescore", district_id=district.pk, month=month)
        written = set(changed)
        return [_after(cell, book, is_written=cell in written) for cell in cells]


def _read(district: Unit, cells: Sequence[CellEntry]) -> _Book:
    """Read units, indicators, breakdowns, and the rows of these and the months before."""
    units = Unit.objects.filter(district=district, pk__in={cell.unit_id for cell in cells})
    indicators = Indicator.objects.filter(
        district=district, pk__in={cell.indicator_id for cell in cells}
    )
    months = {cell.month for cell in cells}
    rows = Actual.objects.filter(
        month__in=months | {month_after(month, -1) for month in months},
        unit_id__in={cell.unit_id for cell in cells},
        indicator_id__in={cell.indicator_id for cell in cells},
    ).values_list(
        "month", "unit_id", "indicator_id", "breakdown_id",
        "value", "as_of", "version",
    )  # fmt: skip
    return _Book(
        {unit.pk: unit for unit in units},
        {indicator.pk: indicator for indicator in indicators},
        {one.pk: one for one in Breakdown.objects.filter(district=district)},
        {(month, (unit, indicator, part)): _Row(*rest)
         for month, unit, indicator, part, *rest in rows},
    )  # fmt: skip


def _reports(cells: Sequence[CellEntry]) -> dict[tuple[date, Key], Actual]:
    """Return what is stored now with who reported it: a conflict names them."""
    rows = Actual.objects.filter(
        month__in={cell.month for cell in cells},
        unit_id__in={cell.unit_id for cell in cells},
        indicator_id__in={cell.indicator_id for cell in cells},
    ).select_related("reported_by")
    return {(row.month, (row.unit_id, row.indicator_id, row.breakdown_id)): row for row in rows}


def _check(cells: Sequence[CellEntry], book: _Book) -> None:
    """Refuse what can be no figure of the cell, wherever it stands.

    A figure that stays as it is was checked when it was written.
    """
    faults: list[Fault] = []
    seen: set[tuple[date, Key]] = set()
    for index, cell in enumerate(cells):
        if (cell.month, cell.key) in seen or not _stays(cell, book):
            name, detail = _fault(cell, book, seen)
            if detail:
                faults.append(Fault(f"/{index}/{name}", detail))
        seen.add((cell.month, cell.key))
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)


def _fault(cell: CellEntry, book: _Book, seen: set[tuple[date, Key]]) -> tuple[str, str]:
    """Return the field at fault and its sentence, two blanks when there is none."""
    indicator = book.indicators.get(cell.indicator_id)
    breakdown = book.breakdowns.get(cell.breakdown_id)
    if cell.unit_id not in book.units:
        return "unit", _("There is no such unit.")
    if (cell.month, cell.key) in seen:
        return "unit", _("The same figure is given twice.")
    if not cell.month <= cell.as_of <= last_day(cell.month):
        return "as_of", outside(cell.month)
    return figure_fault(indicator, breakdown, cell.value)


def outside(month: date) -> str:
    """Return the sentence on an as-of date that is no day of the month."""
    return _("The as-of date lies outside the month: write a day of %(month)s.") % {
        "month": month_text(month)
    }


def figure_fault(
    indicator: Indicator | None, breakdown: Breakdown | None, value: Decimal | None
) -> tuple[str, str]:
    """Return why this can be no figure of the indicator: the field and a sentence, or blanks."""
    if indicator is None:
        return "indicator", _("There is no such indicator.")
    if not indicator.entry or indicator.is_derived:
        return "indicator", _("%(indicator)s is computed, not entered.") % {
            "indicator": indicator.name
        }
    if breakdown is None or breakdown.dimension != indicator.entry:
        if indicator.entry == Dimension.WHOLE:
            return "breakdown", _("%(indicator)s is not broken down: leave this empty.") % {
                "indicator": indicator.name
            }
        return "breakdown", _("%(indicator)s is entered by %(dimension)s.") % {
            "indicator": indicator.name,
            "dimension": indicator.get_entry_display(),
        }
    if fault := value_fault(indicator, value):
        return "value", fault
    return "", ""


def value_fault(indicator: Indicator, value: Decimal | None) -> str:
    """Return why no figure of the indicator is this number, or a blank."""
    if value is None:
        return ""
    if abs(value) > LIMIT:
        return _("The figure is too large.")
    if rules.has_too_many_decimals(value, indicator.stored_decimals):
        if indicator.decimals == 0 and not indicator.is_percent:
            return _("%(indicator)s is counted in whole %(measure)s.") % {
                "indicator": indicator.name,
                "measure": indicator.measure,
            }
        return _("%(indicator)s has at most %(count)s decimals.") % {
            "indicator": indicator.name,
            "count": indicator.decimals,
        }
    return ""


def _current(cell: CellEntry, book: _Book) -> _Row | None:
    return book.rows.get((cell.month, cell.key))


def _before(cell: CellEntry, book: _Book) -> Decimal | None:
    """Return last month's figure of the cell."""
    row = book.rows.get((month_after(cell.month, -1), cell.key))
    return row.value if row else None


def _is_current(cell: CellEntry, book: _Book) -> bool:
    row = _current(cell, book)
    # A row of version 0 carries an adjustment only: nobody has reported yet.
    return cell.version == (row.version or None if row else None)


def _stays(cell: CellEntry, book: _Book) -> bool:
    """Whether the cell is a stored figure, unchanged."""
    return _current(cell, book) is not None and not _differs(cell, book)


def _differs(cell: CellEntry, book: _Book) -> bool:
    row = _current(cell, book)
    if row is None:
        return cell.value is not None
    return (row.value, row.as_of) != (cell.value, cell.as_of)


def _conflict(cells: Sequence[CellEntry], book: _Book) -> VersionConflict:
    stored = _reports(cells)
    return conflict_of(
        [(book.key(cell), cell.value, stored.get((cell.month, cell.key))) for cell in cells]
    )


def conflict_of(
    cells: Sequence[tuple[dict[str, Any], Decimal | None, Actual | DailyFigure | None]],
) -> VersionConflict:
    """Return the refusal to write figures changed meanwhile: what each is called, yours, theirs."""
    conflicts = [
        name
        | {
            "yours": _text(value),
            "theirs": _text(row.value) if row else None,
            "version": row.version or None if row else None,
            "by": row.reported_by.name if row and row.reported_by else None,
            "at": row.reported_at.isoformat() if row else None,
        }
        for name, value, row in cells
    ]
    return VersionConflict(
        ngettext(
            "%(count)s figure was changed meanwhile. Compare both, then write on that version.",
            "%(count)s figures were changed meanwhile. Compare both, then write on that version.",
            len(conflicts),
        )
        % {"count": len(conflicts)},
        extra={"conflicts": conflicts},
    )


def doubtful(doubts: Sequence[dict[str, Any]]) -> Doubtful:
    """Return the question about figures that look wrong, each with its place and what it is."""
    return Doubtful(
        ngettext(
            "%(count)s figure looks wrong. Correct it or write why it is right.",
            "%(count)s figures look wrong. Correct them or write why they are right.",
            len(doubts),
        )
        % {"count": len(doubts)},
        [
            Fault(
                f"/{one['index']}/value",
                _("%(what)s: %(why)s") % {"what": one["title"], "why": one["detail"]},
            )
            for one in doubts
        ],
        {"doubts": list(doubts)},
    )


def _question(cells: Sequence[CellEntry], book: _Book) -> None:
    """Doubt figures that look like a slip and come without a reason."""
    asked = [
        (index, cell, cell.value)
        for index, cell in enumerate(cells)
        if cell.value is not None and not cell.reason.strip() and _differs(cell, book)
    ]
    above = [cell for _, cell, value in asked if rules.is_above(value, _before(cell, book))]
    tasks = tasks_of_cells(above, book.indicators)
    doubts: list[dict[str, Any]] = []
    for index, cell, value in asked:
        indicator = book.indicators[cell.indicator_id]
        found = doubt_of(
            value,
            indicator,
            as_of=cell.as_of,
            last=_before(cell, book),
            task=tasks.get((cell.month, cell.key)),
        )
        if found:
            doubts.append(
                book.key(cell)
                | {
                    "index": index,
                    "code": str(found.code),
                    "title": doubt_title(found),
                    "detail": doubt_text(found, value, indicator),
                    "value": _text(value),
                    "suggestion": _text(found.suggestion),
                }
            )
    if doubts:
        raise doubtful(doubts)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _write(cells: Sequence[CellEntry], district: Unit, *, by: Person | None, at: datetime) -> None:
    """Write the cells in key order, so that two writers cannot wait for each other."""
    ordered = sorted(cells, key=lambda cell: (cell.month, cell.key))
    for start in range(0, len(ordered), ROWS):
        part = ordered[start : start + ROWS]
        values: list[Any] = []
        for cell in part:
            values += [
                cell.month.isoformat(),
                *cell.key,
                None if cell.value is None else to_scaled(cell.value),
                cell.as_of.isoformat(),
                (cell.version or 0) + 1,
                connection.ops.adapt_datetimefield_value(at),
                by.pk if by else None,
                cell.reason.strip()[:200],
            ]
        row = f"({', '.join(['%s'] * 10)})"
        with connection.cursor() as cursor:
            cursor.execute(UPSERT.format(rows=", ".join([row] * len(part))), values)
            if cursor.rowcount != len(part):
                now = _reports(part)
                left = [cell for cell in part if not _is_written(cell, now, by, at)]
                raise _conflict(left, _read(district, left))


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
    cells: Sequence[CellEntry],
    book: _Book,
    district: Unit,
    *,
    by: Person | None,
    at: datetime,
    source: str,
) -> None:
    """Append one entry with every cell: before, after, and the reason of doubtful ones."""
    changes: list[dict[str, Any]] = []
    for cell in cells:
        row = _current(cell, book)
        change: dict[str, Any] = {
            "key": book.key(cell),
            "before": _text(row.value) if row else None,
            "after": _text(cell.value),
        }
        if cell.reason.strip():
            change["reason"] = cell.reason.strip()
        changes.append(change)
    units = {cell.unit_id for cell in cells}
    months = {month_text(cell.month) for cell in cells}
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


def _after(cell: CellEntry, book: _Book, *, is_written: bool) -> Figure:
    """Return the cell as it stands after the save, without reading it again."""
    row = _current(cell, book)
    places = (
        book.units[cell.unit_id],
        book.indicators[cell.indicator_id],
        book.breakdowns[cell.breakdown_id],
        cell.month,
    )
    if is_written:
        return Figure(*places, cell.value, cell.as_of, (cell.version or 0) + 1)
    return Figure(
        *places,
        row.value if row else None,
        row.as_of if row else cell.as_of,
        row.version if row else 0,
    )
