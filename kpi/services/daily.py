"""Reporting day by day: the figures since the 1st, and the month's actual that they feed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kpi.models import Actual, DailyFigure
from kpi.queries.cells import Key
from kpi.queries.doubts import doubt_of
from kpi.rules import daily as rules
from kpi.services.actuals import save_actuals
from kpi.services.checking import conflict_of, doubtful, figure_fault
from kpi.services.entered import CellEntry
from kpi.services.months import hold_open
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import to_scaled
from targets.models import Breakdown, Indicator, Rollup
from targets.months import month_after, month_text

ROWS = 1000  # figures per statement

# A row that somebody changed since it was read is left alone, and missing from the count.
UPSERT = """
INSERT INTO kpi_dailyfigure (month, unit_id, indicator_id, breakdown_id, day, value, version, note,
                             reported_at, reported_by_id)
VALUES {rows}
ON CONFLICT (month, unit_id, indicator_id, breakdown_id, day) DO UPDATE SET
  value = excluded.value, version = excluded.version, note = excluded.note,
  reported_at = excluded.reported_at, reported_by_id = excluded.reported_by_id
WHERE kpi_dailyfigure.version = excluded.version - 1
"""


@dataclass(frozen=True, slots=True)
class DailyEntry:
    """A figure since the month's 1st, as entered on a day. `value` None takes it back.

    `version` None says that there is none yet; `note` is why a figure falls or looks wrong.
    """

    unit_id: int
    indicator_id: int
    breakdown_id: int
    day: date
    value: Decimal | None
    version: int | None
    note: str = ""

    @property
    def month(self) -> date:
        return self.day.replace(day=1)

    @property
    def key(self) -> Key:
        return self.unit_id, self.indicator_id, self.breakdown_id


Cell = tuple[date, Key]  # month and key


@dataclass(frozen=True, slots=True)
class _Book:
    """What the entries are checked against."""

    units: dict[int, Unit]
    indicators: dict[int, Indicator]
    breakdowns: dict[int, Breakdown]
    rows: dict[tuple[Key, date], DailyFigure]
    actuals: dict[Cell, Actual]

    def name(self, one: DailyEntry) -> dict[str, str]:
        """Name a figure by codes, as the API and the sheets do."""
        return {
            "unit": self.units[one.unit_id].code,
            "indicator": self.indicators[one.indicator_id].code,
            "breakdown": self.breakdowns[one.breakdown_id].code,
            "day": one.day.isoformat(),
        }

    def row(self, one: DailyEntry) -> DailyFigure | None:
        return self.rows.get((one.key, one.day))

    def differs(self, one: DailyEntry) -> bool:
        row = self.row(one)
        return one.value is not None if row is None else row.value != one.value


def save_daily(
    *,
    district: Unit,
    entries: Sequence[DailyEntry],
    by: Person | None,
    at: datetime,
    source: str = "web",
) -> list[DailyFigure]:
    """Save daily figures of open months, all or none; the latest becomes the month's actual.

    A sum that cannot shrink may not fall from day to day without a note. The caller has checked
    that `by` may write these units. Raises Locked, Invalid with a pointer per entry
    ("/3/value"), VersionConflict with both values, Doubtful with what each odd figure looks like.
    """
    with transaction.atomic():
        for month in sorted({one.month for one in entries}):
            hold_open(district_id=district.pk, month=month)
        book = _read(district, entries)
        _check(entries, book, business_day(at))
        changed = [one for one in entries if book.differs(one)]
        stale = [one for one in entries if one.version != _version(book.row(one))]
        if stale:
            raise _conflict(stale, book)
        _question(entries, book)

        _write(changed, district, by=by, at=at)
        if changed:
            _record(changed, book, district, by=by, at=at, source=source)
            _feed(changed, district, by=by, at=at, source=source)
        now = _read(district, entries)
        return [
            now.row(one) or DailyFigure(
                month=one.month, day=one.day, unit=book.units[one.unit_id], version=0,
                indicator=book.indicators[one.indicator_id],
                breakdown=book.breakdowns[one.breakdown_id],
            )
            for one in entries
        ]  # fmt: skip


def _version(row: DailyFigure | None) -> int | None:
    return row.version if row else None


def _read(district: Unit, entries: Sequence[DailyEntry]) -> _Book:
    months = {one.month for one in entries}
    chosen = {
        "unit_id__in": {one.unit_id for one in entries},
        "indicator_id__in": {one.indicator_id for one in entries},
    }
    known = ("unit", "indicator", "breakdown", "reported_by")
    rows = DailyFigure.objects.filter(month__in=months, **chosen).select_related(*known)
    actuals = Actual.objects.filter(
        month__in=months | {month_after(month, -1) for month in months}, **chosen
    )
    units = Unit.objects.filter(district=district, pk__in=chosen["unit_id__in"])
    indicators = Indicator.objects.filter(district=district, pk__in=chosen["indicator_id__in"])
    return _Book(
        {unit.pk: unit for unit in units},
        {indicator.pk: indicator for indicator in indicators},
        {one.pk: one for one in Breakdown.objects.filter(district=district)},
        {((r.unit_id, r.indicator_id, r.breakdown_id), r.day): r for r in rows},
        {(r.month, (r.unit_id, r.indicator_id, r.breakdown_id)): r for r in actuals},
    )


def _check(entries: Sequence[DailyEntry], book: _Book, today: date) -> None:
    """Refuse what can be no figure of the day, wherever it stands."""
    faults: list[Fault] = []
    seen: set[tuple[Key, date]] = set()
    for index, one in enumerate(entries):
        name, detail = figure_fault(
            book.indicators.get(one.indicator_id), book.breakdowns.get(one.breakdown_id), one.value
        )
        if one.unit_id not in book.units:
            name, detail = "unit", _("There is no such unit.")
        elif one.day > today:
            name, detail = "day", _("This day is still to come.")
        elif (one.key, one.day) in seen:
            name, detail = "unit", _("The same figure is given twice.")
        if detail:
            faults.append(Fault(f"/{index}/{name}", detail))
        seen.add((one.key, one.day))
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)


def _question(entries: Sequence[DailyEntry], book: _Book) -> None:
    """Doubt figures that fall or look like a slip, and come without a note."""
    given: dict[tuple[date, Key], dict[date, Decimal | None]] = defaultdict(dict)
    cells = {(one.month, one.key) for one in entries}
    for (key, day), row in book.rows.items():
        if (row.month, key) in cells:
            given[row.month, key][day] = row.value
    for one in entries:
        given[one.month, one.key][one.day] = one.value
    doubts = []
    for index, one in enumerate(entries):
        if one.value is None or one.note.strip() or not book.differs(one):
            continue
        said = _fall(one, rules.course(given[one.month, one.key]), book) or _slip(one, book)
        if said:
            doubts.append(book.name(one) | {"index": index, "value": f"{one.value:f}"} | said)
    if doubts:
        raise doubtful(doubts)


def _fall(one: DailyEntry, course: rules.Course, book: _Book) -> dict[str, Any] | None:
    """Say between which days a sum falls that only grows; None where it does not."""
    indicator = book.indicators[one.indicator_id]
    if indicator.rollup != Rollup.SUM or indicator.may_be_negative:
        return None
    fall = course.fall_at(one.day)
    if fall is None:
        return None
    before, low, after, high = fall
    detail = _("%(after)s has %(high)s, less than %(low)s on %(before)s.") % {
        "after": _day(after), "high": _shown(high, indicator),
        "before": _day(before), "low": _shown(low, indicator),
    }  # fmt: skip
    return {"code": "falls", "title": _("The total since the 1st falls"), "detail": detail,
            "suggestion": None}  # fmt: skip


def _slip(one: DailyEntry, book: _Book) -> dict[str, Any] | None:
    """Say what a figure looks like beside the whole of last month."""
    indicator = book.indicators[one.indicator_id]
    before = book.actuals.get((month_after(one.month, -1), one.key))
    found = doubt_of(
        one.value or Decimal(0),
        indicator,
        as_of=one.day,
        last=before.value if before else None,
        task=None,
    )
    if found is None:
        return None
    detail = _("%(value)s since the 1st; the whole of last month: %(last)s.") % {
        "value": _shown(one.value, indicator), "last": _shown(found.compared, indicator),
    }  # fmt: skip
    suggestion = None if found.suggestion is None else f"{found.suggestion:f}"
    return {"code": str(found.code), "title": _("This figure looks wrong"), "detail": detail,
            "suggestion": suggestion}  # fmt: skip


def _day(day: date) -> str:
    return f"{day:%m-%d}"


def _shown(value: Decimal | None, indicator: Indicator) -> str:
    if value is None:
        return "—"
    shown = value * 100 if indicator.is_percent else value
    return f"{shown:,.{indicator.decimals}f}".replace("-", "−")


def _conflict(stale: Sequence[DailyEntry], book: _Book) -> VersionConflict:
    return conflict_of([(book.name(one), one.value, book.row(one)) for one in stale])


def _write(
    changed: Sequence[DailyEntry], district: Unit, *, by: Person | None, at: datetime
) -> None:
    """Write in key order, so that two writers cannot wait for each other."""
    ordered = sorted(changed, key=lambda one: (one.month, one.key, one.day))
    for start in range(0, len(ordered), ROWS):
        part = ordered[start : start + ROWS]
        values: list[Any] = []
        for one in part:
            values += [
                one.month.isoformat(), *one.key, one.day.isoformat(),
                None if one.value is None else to_scaled(one.value), (one.version or 0) + 1,
                one.note.strip()[:200], connection.ops.adapt_datetimefield_value(at),
                by.pk if by else None,
            ]  # fmt: skip
        row = f"({', '.join(['%s'] * 10)})"
        with connection.cursor() as cursor:
            cursor.execute(UPSERT.format(rows=", ".join([row] * len(part))), values)
            if cursor.rowcount != len(part):
                now = _read(district, part)
                raise _conflict([one for one in part if now.differs(one)] or part, now)


def _record(
    changed: Sequence[DailyEntry],
    book: _Book,
    district: Unit,
    *,
    by: Person | None,
    at: datetime,
    source: str,
) -> None:
    """Append one entry per month with every figure: before, after, and its note."""
    units = {one.unit_id for one in changed}
    unit = book.units[units.pop()] if len(units) == 1 else None
    for month in sorted({one.month for one in changed}):
        changes: list[dict[str, Any]] = []
        for one in (one for one in changed if one.month == month):
            row = book.row(one)
            change: dict[str, Any] = {
                "key": book.name(one),
                "before": None if row is None or row.value is None else f"{row.value:f}",
                "after": None if one.value is None else f"{one.value:f}",
            }
            if one.note.strip():
                change["reason"] = one.note.strip()
            changes.append(change)
        audit.record(
            by=by, at=at, action="daily.save", district=district, unit=unit, source=source,
            subject=f"daily/{unit.code if unit else '*'}/{month_text(month)}", changes=changes,
        )  # fmt: skip


def _feed(
    changed: Sequence[DailyEntry],
    district: Unit,
    *,
    by: Person | None,
    at: datetime,
    source: str,
) -> None:
    """Make the latest figure of each changed cell the month's actual.

    An actual that was reported as of a later day stays: it knows more.
    """
    now = _read(district, changed)
    cells = []
    for month, key in dict.fromkeys((one.month, one.key) for one in changed):
        points = {day: row.value for (k, day), row in now.rows.items() if k == key
                  and row.month == month}  # fmt: skip
        actual = now.actuals.get((month, key))
        last = rules.course(points).last
        if actual is not None and actual.as_of > max(points):
            continue
        day, value = last or (max(points), None)
        cells.append(
            CellEntry(
                *key, month, value, day, actual.version if actual else None, now.rows[key, day].note
            )
        )
    save_actuals(district=district, cells=cells, by=by, at=at, source=source, is_doubted=False)
