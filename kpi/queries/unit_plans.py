"""The templates of plan §8.3 filled from tasks and pace: short plans and long targets of units."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from django.db.models import Sum

from kpi.calendars import CalendarUnknown, counted_days
from kpi.history import published_by_unit
from kpi.models import LongTarget, ShortPlan
from kpi.queries.daily import FOCUS, pace_rule
from kpi.queries.pace import PaceBoard, PaceRow, pace_board
from kpi.rules import pace as rules
from orgchart.models import Unit
from targets.models import Breakdown, Indicator, Task
from targets.months import months_of
from targets.rules.growth import NoGrowth, growth

REVENUE, FIXED = "mobile_revenue", "fixed_net_adds"


@dataclass(frozen=True, slots=True)
class Week:
    """The counted days of a week inside the month, and their part of its task."""

    first: date
    last: date
    days: int
    task: int


@dataclass(frozen=True, slots=True)
class ShortSheet:
    """短期计划 of a unit's month. `gap` is what the present speed leaves open; None: unknown."""

    unit: Unit
    month: date
    task: Decimal | None
    tiers: tuple[tuple[str, Decimal], ...]
    weeks: tuple[Week, ...]
    days: int
    per_day: int | None
    pace: rules.Pace | None
    as_of: date
    plan: ShortPlan

    @property
    def gap(self) -> Decimal | None:
        return self.pace.forecast_gap if self.pace else None

    @property
    def covered(self) -> int:
        return covered(self.plan)

    @property
    def uncovered(self) -> Decimal | None:
        """What of the gap no promotion fills; 0 when they bring more."""
        return None if self.gap is None else max(Decimal(0), self.gap - self.covered)


@dataclass(frozen=True, slots=True)
class LongSheet:
    """长期目标 of a unit's year. No published year before, no growth: `why` says so."""

    unit: Unit
    year: int
    revenue: Decimal | None
    base: Decimal | None
    growth: Fraction | None
    why: NoGrowth | None
    gross: Decimal | None
    tiers: tuple[tuple[str, Decimal], ...]
    fixed: tuple[tuple[str, Decimal], ...]
    plan: LongTarget

    @property
    def activations(self) -> Decimal | None:
        """The rest of the gross additions beside contracts."""
        if self.gross is None or self.plan.contracts is None:
            return None
        return self.gross - self.plan.contracts


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit in the list of a month's short plans."""

    unit: Unit
    pace: rules.Pace
    plan: ShortPlan | None

    @property
    def covered(self) -> int:
        return covered(self.plan) if self.plan else 0

    @property
    def uncovered(self) -> Decimal | None:
        gap = self.pace.forecast_gap
        return None if gap is None else max(Decimal(0), gap - self.covered)


def covered(plan: ShortPlan) -> int:
    """Return the users that the plan's promotions are to bring."""
    return (plan.shop_promotion or 0) + (plan.outdoor_promotion or 0)


def board_of(
    indicator: Indicator, month: date, today: date, unit_ids: Collection[int] | None
) -> PaceBoard:
    """Return the month's pace; by natural days where the law's calendar is not known."""
    try:
        return pace_board(indicator, month, today=today, unit_ids=unit_ids)
    except CalendarUnknown:
        return pace_board(
            indicator, month, today=today, unit_ids=unit_ids, calendar=rules.Calendar.NATURAL
        )


def unit_lines(
    district: Unit, month: date, today: date, unit_ids: Collection[int] | None
) -> list[UnitLine]:
    """Return the month's units that have a task, in their order; a fixed number of queries."""
    indicator = Indicator.objects.filter(district=district, code=FOCUS).first()
    if indicator is None:
        return []
    rows = [row for row in board_of(indicator, month, today, unit_ids).rows if row.unit]
    plans = {
        plan.unit_id: plan
        for plan in ShortPlan.objects.filter(month=month, unit__district=district)
    }
    rows.sort(key=_order)
    return [
        UnitLine(row.unit, row.pace, plans.get(row.unit.pk)) for row in rows if row.unit is not None
    ]


def _order(row: PaceRow) -> tuple[int, int]:
    assert row.unit is not None
    return row.unit.position, row.unit.pk


def short_sheet(unit: Unit, month: date, today: date) -> ShortSheet:
    """Return a unit's short plan: month → weeks → day by the counted days, tiers, gap."""
    assert unit.district is not None
    indicator = Indicator.objects.filter(district=unit.district, code=FOCUS).first()
    plan = ShortPlan.objects.filter(unit=unit, month=month).first()
    plan = plan or ShortPlan(unit=unit, month=month)
    calendar = rules.Calendar(pace_rule(unit.district, month).calendar)
    eve = month - timedelta(days=1)
    try:
        days = rules.remaining_days(month, eve, counted_days(calendar))
    except CalendarUnknown:
        days = rules.remaining_days(month, eve, rules.every_day)
    row, as_of = None, today
    if indicator is not None:
        board = board_of(indicator, month, today, {unit.pk})
        row, as_of = next(iter(board.rows), None), board.as_of
    task = row.pace.target if row else None
    return ShortSheet(
        unit=unit, month=month, task=task,
        tiers=tuple(_parts(unit, [month], FOCUS)),
        weeks=tuple(_weeks(int(task or 0), days)), days=len(days),
        per_day=ceil(Fraction(task) / len(days)) if task is not None and days else None,
        pace=row.pace if row else None, as_of=as_of, plan=plan,
    )  # fmt: skip


def _weeks(task: int, days: list[date]) -> list[Week]:
    by_week: dict[tuple[int, int], list[date]] = {}
    for day in days:
        year, number, _weekday = day.isocalendar()
        by_week.setdefault((year, number), []).append(day)
    return [
        Week(members[0], members[-1], len(members), part.task)
        for members, part in zip(by_week.values(), rules.weekly_split(task, days), strict=True)
    ]


def _parts(unit: Unit, months: list[date], code: str) -> list[tuple[str, Decimal]]:
    """Return the unit's tasks of an indicator by breakdown."""
    sums = dict(
        Task.objects.filter(unit=unit, month__in=months, indicator__code=code)
        .order_by()
        .values("breakdown_id")
        .annotate(total=Sum("value"))
        .values_list("breakdown_id", "total")
    )
    return [(one.name, sums[one.pk]) for one in Breakdown.objects.filter(pk__in=sums)]


def long_sheet(unit: Unit, year: int) -> LongSheet:
    """Return a unit's long target: the year's tasks, growth on the year before, what it builds."""
    months = months_of(year)
    plan = LongTarget.objects.filter(unit=unit, year=year).first()
    revenue = _parts(unit, months, REVENUE)
    tiers = _parts(unit, months, FOCUS)
    target = sum((value for _name, value in revenue), Decimal(0)) if revenue else None
    base = _last_year(unit, year)
    rate = growth(base, target) if target is not None else NoGrowth.MISSING_BASE
    return LongSheet(
        unit=unit, year=year, revenue=target, base=base,
        growth=None if isinstance(rate, NoGrowth) else rate,
        why=rate if isinstance(rate, NoGrowth) else None,
        gross=sum((value for _name, value in tiers), Decimal(0)) if tiers else None,
        tiers=tuple(tiers), fixed=tuple(_parts(unit, months, FIXED)),
        plan=plan or LongTarget(unit=unit, year=year),
    )  # fmt: skip


def _last_year(unit: Unit, year: int) -> Decimal | None:
    """Return the unit's revenue of the year before when all its months are published."""
    assert unit.district_id is not None
    indicator = Indicator.objects.filter(district_id=unit.district_id, code=REVENUE).first()
    if indicator is None:
        return None
    found = published_by_unit(
        district_id=unit.district_id, indicator_id=indicator.pk, before=date(year, 1, 1)
    )
    values = [found.get((unit.pk, month)) for month in months_of(year - 1)]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == 12 else None
