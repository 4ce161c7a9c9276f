"""Where units stand against time: every paced indicator of every unit in one month."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max

from kpi.calendars import CalendarUnknown, counted_days
from kpi.models import Actual
from kpi.queries.cells import reporting_units
from kpi.queries.daily import pace_rule, paced_indicators
from kpi.queries.figures import NOTHING, Figure, figures
from kpi.rules import pace as rules
from orgchart.models import Unit
from targets.models import Breakdown, Direction, Indicator, Task, Term
from targets.months import last_day


@dataclass(frozen=True, slots=True)
class Standings:
    """A month's tasks and actuals, and the days of each indicator up to its last report.

    What belongs to no unit (the old outlets; `rest` has its names) is the district's own.
    """

    district: Unit
    rest: tuple[str, ...]
    month: date
    indicators: tuple[Indicator, ...]
    units: tuple[Unit, ...]
    figures: dict[tuple[int, str], Figure]  # by unit and indicator code
    days: dict[str, rules.Days]  # by indicator code

    def of(self, unit: Unit, indicator: Indicator) -> Figure:
        return self.figures.get((unit.pk, indicator.code), NOTHING)

    def pace(self, unit: Unit, indicator: Indicator) -> rules.Pace | None:
        """Return a unit's pace; None without a task."""
        found = self.of(unit, indicator)
        if found.task is None:
            return None
        return rules.pace(found.task, found.actual, self.days[indicator.code], indicator.decimals)

    def whole(self, units: Collection[Unit], indicator: Indicator) -> rules.Pace | None:
        """Return the pace of the units that reported together; None while none did."""
        known = [
            (found.task, found.actual)
            for found in (self.of(unit, indicator) for unit in units)
            if found.task is not None and found.actual is not None
        ]
        if not known:
            return None
        task = sum((task for task, _actual in known), Decimal(0))
        actual = sum((actual for _task, actual in known), Decimal(0))
        return rules.pace(task, actual, self.days[indicator.code], indicator.decimals)


def standings(district: Unit, month: date, today: date) -> Standings:
    """Return where every business unit stands; twelve queries, however many units.

    Time is counted by the district's calendar up to the last report of any unit, of natural days
    where the law's working days of the year are not known.
    """
    indicators = [
        row for row in paced_indicators(district.pk) if row.direction == Direction.UP
    ]  # less churn than time asks for is not behind
    units = reporting_units(district.pk, month, None)
    ids = [*(unit.pk for unit in units), district.pk]
    found = figures(
        district_id=district.pk, months=[month], codes=[row.code for row in indicators],
        unit_ids=ids,
    )  # fmt: skip
    sources: dict[int, set[int]] = defaultdict(set)
    for indicator_id, source_id in Term.objects.filter(indicator__in=indicators).values_list(
        "indicator_id", "source_id"
    ):
        sources[indicator_id].add(source_id)
    reported = dict(
        Actual.objects.filter(month=month, unit_id__in=ids, value__isnull=False)
        .values_list("indicator_id")
        .order_by()
        .annotate(day=Max("as_of"))
    )
    rule = pace_rule(district, month)
    until = min(max(today, month), last_day(month))

    def days(row: Indicator) -> rules.Days:
        day = max((reported[pk] for pk in sources[row.pk] if pk in reported), default=until)
        try:
            return rules.days_of(month, day, counted_days(rules.Calendar(rule.calendar)))
        except CalendarUnknown:
            return rules.days_of(month, day, rules.every_day)

    own = Task.objects.filter(month=month, unit=district).order_by("breakdown__position")
    rest = {
        task.breakdown.name: None
        for task in own.exclude(breakdown__code=Breakdown.WHOLE_CODE).select_related("breakdown")
    }
    return Standings(
        district=district,
        rest=tuple(rest),
        month=month,
        indicators=tuple(indicators),
        units=tuple(units),
        figures=found,
        days={row.code: days(row) for row in indicators},
    )
