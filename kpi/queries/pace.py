"""How a month keeps pace with time: every unit, everybody together, the year (rules §10)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi.calendars import counted_days
from kpi.models import PaceRule
from kpi.queries.daily import MonthCourse, UnitCourse, month_course, pace_rule, paced_units
from kpi.queries.figures import gathered, resolved
from kpi.rules import pace as rules
from kpi.rules.ranking import competition_ranks
from orgchart.models import Unit
from targets.models import Indicator, SheetKind, Task, TaskSheet, Term
from targets.months import last_day, month_after, months_of
from targets.rules.growth import NoGrowth, growth


@dataclass(frozen=True, slots=True)
class Since:
    """What stood on the same day of another month, and the growth on it or why there is none."""

    base: Decimal | None
    rate: Fraction | NoGrowth


@dataclass(frozen=True, slots=True)
class PaceRow:
    """A unit on a day, or everybody who reported by then (`unit` None)."""

    unit: Unit | None
    pace: rules.Pace
    rank: int | None
    reported_on: date | None
    today: Decimal | None  # what the day itself brought; None without a figure of the day before
    last_month: Since
    last_year: Since


@dataclass(frozen=True, slots=True)
class PaceBoard:
    """An indicator's pace on a day. Weeks and days split what is left to the task."""

    indicator: Indicator
    month: date
    as_of: date
    calendar: rules.Calendar
    rule: PaceRule
    rows: tuple[PaceRow, ...]
    total: PaceRow | None
    of: int  # how many units have a task
    weeks: tuple[rules.Week, ...]
    days: tuple[tuple[date, int], ...]
    promotions: int | None
    year: rules.YearToDate | None
    year_target: Decimal | None
    year_actual: Decimal | None
    course: UnitCourse | None

    @property
    def reported(self) -> int:
        return sum(row.pace.actual is not None for row in self.rows)

    @property
    def known_ids(self) -> frozenset[int]:
        """The units that the total is of: those that reported by the day."""
        found = (row.unit.pk for row in self.rows if row.unit and row.pace.actual is not None)
        return frozenset(found)

    @property
    def is_partial(self) -> bool:
        return self.reported < self.of

    @property
    def step(self) -> int:
        """How many of the smallest parts make one: weeks and days are split in those."""
        return int(10**self.indicator.decimals)


def pace_board(
    indicator: Indicator,
    month: date,
    *,
    today: date,
    as_of: date | None = None,
    calendar: rules.Calendar | None = None,
    unit_ids: Collection[int] | None = None,
) -> PaceBoard:
    """Return the pace on a day: the one asked for, else the last one reported, else today.

    Raises CalendarUnknown for working days of a year that the law's calendar does not hold.
    A fixed number of queries, however many units.
    """
    rule = pace_rule(indicator.district, month)
    calendar = calendar or rules.Calendar(rule.calendar)
    counts = counted_days(calendar)
    units = paced_units(indicator.district_id, month, unit_ids)
    current = month_course(indicator, month, units)
    before = month_course(indicator, month_after(month, -1), units)
    year_ago = month_course(indicator, month_after(month, -12), units)
    day = as_of or current.last_day or min(max(today, month), last_day(month))
    days = rules.days_of(month, day, counts)

    rows = _rows(current, before, year_ago, day, days)
    known = [one for one in current.units if one.course.on(day) is not None]
    total = _total(known, before, year_ago, day, days, indicator.decimals)
    gap, left = total.pace.gap if total else None, rules.remaining_days(month, day, counts)
    parts = None if gap is None else int(gap * 10**indicator.decimals)
    forecast_gap = total.pace.forecast_gap if total else None
    year, target, actual = _year(indicator, month, day, current, unit_ids)
    return PaceBoard(
        indicator=indicator,
        month=month,
        as_of=day,
        calendar=calendar,
        rule=rule,
        rows=tuple(rows),
        total=total,
        of=len(rows),
        weeks=tuple(rules.weekly_split(parts, left)) if parts is not None else (),
        days=tuple(rules.daily_split(parts, left)) if parts is not None else (),
        promotions=None
        if forecast_gap is None
        else rules.promotions_needed(forecast_gap, rule.promotion_yield),
        year=year,
        year_target=target,
        year_actual=actual,
        course=current.whole(day),
    )


def _rows(
    current: MonthCourse, before: MonthCourse, year_ago: MonthCourse, day: date, days: rules.Days
) -> list[PaceRow]:
    decimals = current.indicator.decimals
    found = [
        (one, rules.pace(one.task, one.course.on(day), days, decimals))
        for one in current.units
        if one.task is not None and one.unit.is_business
    ]
    ranks = competition_ranks([pace.completion for _, pace in found])
    rows = [
        PaceRow(
            one.unit, pace, rank, _reported_on(one, day), _brought([one], day),
            _since([one], before, day), _since([one], year_ago, day),
        )
        for (one, pace), rank in zip(found, ranks, strict=True)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))


def _total(
    known: Sequence[UnitCourse],
    before: MonthCourse,
    year_ago: MonthCourse,
    day: date,
    days: rules.Days,
    decimals: int,
) -> PaceRow | None:
    """Return everybody who reported by the day; what nobody knows is not behind."""
    tasks = [one.task for one in known if one.task is not None]
    if not tasks:
        return None
    actual = sum((one.course.on(day) or Decimal(0) for one in known), Decimal(0))
    return PaceRow(
        None, rules.pace(sum(tasks, Decimal(0)), actual, days, decimals), None,
        max(_reported_on(one, day) or day for one in known), _brought(known, day),
        _since(known, before, day), _since(known, year_ago, day),
    )  # fmt: skip


def _reported_on(one: UnitCourse, day: date) -> date | None:
    return max((each for each, _ in one.course.points if each <= day), default=None)


def _brought(units: Sequence[UnitCourse], day: date) -> Decimal | None:
    """Return what the day itself brought; None unless each has figures of it and of the eve."""
    brought = [one.course.brought(day) for one in units]
    known = [value for value in brought if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(brought) else None


def _since(units: Sequence[UnitCourse], other: MonthCourse, day: date) -> Since:
    """Compare with what the same units had on the same day of another month (rules §1)."""
    same = other.month.replace(day=min(day.day, last_day(other.month).day))
    stood = {one.unit.pk: one.course.on(same) for one in other.units}
    bases = [stood.get(one.unit.pk) for one in units]
    base = None
    if None not in bases:
        base = sum((value for value in bases if value is not None), Decimal(0))
    now = sum((one.course.on(day) or Decimal(0) for one in units), Decimal(0))
    is_known = all(one.course.on(day) is not None for one in units)
    return Since(base, growth(base, now) if is_known else NoGrowth.MISSING_BASE)


def _year(
    indicator: Indicator,
    month: date,
    day: date,
    current: MonthCourse,
    unit_ids: Collection[int] | None,
) -> tuple[rules.YearToDate | None, Decimal | None, Decimal | None]:
    """Return the year against its season, with its task and its actual up to the day.

    While a unit has not reported the month it ends with the month before.
    """
    district_id = indicator.district_id
    ids = unit_ids
    if ids is None:
        units = Unit.objects.filter(district_id=district_id).business()
        ids = [*units.values_list("pk", flat=True), district_id]
    terms = list(Term.objects.filter(indicator=indicator))
    weights = {term.source_id: term.sign * term.factor for term in terms}
    season: dict[date, Decimal] = defaultdict(Decimal)
    owing: dict[date, set[int]] = defaultdict(set)
    for at, unit_id, source_id, value in Task.objects.filter(
        month__in=months_of(month.year), unit_id__in=ids, indicator_id__in=weights
    ).values_list("month", "unit_id", "indicator_id", "value"):
        season[at] += value * weights[source_id]
        owing[at].add(unit_id)
    target = sum(season.values(), Decimal(0))
    if not target:
        return None, None, None
    passed = [each for each in months_of(month.year) if each < month]
    facts = gathered(passed, ids, weights)
    values = [
        resolved(indicator, terms, unit_id, [each], facts).actual
        for each in passed
        for unit_id in owing[each]
    ]
    stood = {one.unit.pk: one.course.on(day) for one in current.units}
    if owing[month] <= {pk for pk, value in stood.items() if value is not None}:
        values += [value for value in stood.values() if value is not None]
    else:
        day = month - timedelta(days=1)
    if None in values or not values:
        return None, target, None
    actual = sum((value for value in values if value is not None), Decimal(0))
    weighed = _season(indicator, month.year) or [
        Fraction(season[each]) for each in months_of(month.year)
    ]
    return rules.year_to_date(target, actual, weighed, day), target, actual


def _season(indicator: Indicator, year: int) -> list[Fraction]:
    """Return the season of the indicator's task sheet; tasks are rounded, the season is not."""
    sheet = TaskSheet.objects.filter(
        plan__district_id=indicator.district_id, plan__year=year, kind=SheetKind.UNITS,
        indicator=indicator,
    ).first()  # fmt: skip
    return [Fraction(str(part)) for part in sheet.season] if sheet and sheet.season else []
