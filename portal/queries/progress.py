"""Tasks and actuals of a year by month and unit, for the figures that Today opens with."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Max, Q, Sum

from kpi.models import Actual
from kpi.queries.cells import reporting_units
from orgchart.models import Unit
from targets.amounts import AmountField
from targets.models import Indicator, Task
from targets.months import last_day, months_of

FOCUS = "mobile_gross_adds"
REVENUE = "mobile_revenue"
NET = "mobile_net_adds"
CODES = (FOCUS, REVENUE, NET)
Cell = tuple[int, str, date]  # unit, indicator, month


@dataclass(frozen=True, slots=True)
class Year:
    """The stored figures of a plan year; a figure nobody reported has no actual.

    `units` are the business units covered; `extra_ids` adds the district's own rows (the old
    outlets), which belong to no unit.
    """

    indicators: dict[str, Indicator]
    units: list[Unit]
    extra_ids: frozenset[int]
    tasks: dict[Cell, Decimal]
    actuals: dict[Cell, Decimal]
    as_of: dict[tuple[str, date], date]

    @property
    def unit_ids(self) -> list[int]:
        return [unit.pk for unit in self.units] + sorted(self.extra_ids)

    def task(self, code: str, months: Iterable[date], units: Collection[int] | None = None):
        """Return the sum of the tasks, of all units or of those given."""
        return _sum(self.tasks, code, months, self.unit_ids if units is None else units)

    def actual(self, code: str, months: Iterable[date], units: Collection[int] | None = None):
        """Return the sum of what is reported; None where nothing is."""
        return _sum(self.actuals, code, months, self.unit_ids if units is None else units)

    def reported(self, code: str, month: date) -> int:
        """Return how many business units have reported the indicator."""
        return sum((unit.pk, code, month) in self.actuals for unit in self.units)

    def last_reported(self, code: str, months: Iterable[date]) -> list[date]:
        """Return the months that every unit has reported, up to the first that lacks one."""
        complete = []
        for month in months:
            if self.reported(code, month) < len(self.units):
                break
            complete.append(month)
        return complete

    def stands_on(self, month: date, on: date) -> date:
        """Return the day a month's figures stand at: the last reported, else `on` within it."""
        day = self.as_of.get((FOCUS, month)) or on
        return min(max(day, month), last_day(month))


def _sum(
    found: dict[Cell, Decimal], code: str, months: Iterable[date], units: Collection[int]
) -> Decimal | None:
    values = [
        found[unit, code, month]
        for month in months
        for unit in units
        if (unit, code, month) in found
    ]
    return sum(values, Decimal(0)) if values else None


def year_of(district: Unit, month: date, unit_ids: Collection[int] | None) -> Year:
    """Return the year of a month for the units in scope (None: the district); four queries."""
    units = reporting_units(district.pk, month, unit_ids)
    extra = frozenset([district.pk]) if unit_ids is None else frozenset()
    indicators = {
        indicator.code: indicator
        for indicator in Indicator.objects.filter(district=district, code__in=CODES)
    }
    narrowed = Q(
        month__in=months_of(month.year),
        unit_id__in=[*(unit.pk for unit in units), *extra],
        indicator_id__in=[indicator.pk for indicator in indicators.values()],
    )
    code_of = {indicator.pk: code for code, indicator in indicators.items()}
    tasks = {
        (unit_id, code_of[indicator_id], at): total
        for unit_id, indicator_id, at, total in Task.objects.filter(narrowed)
        .values_list("unit_id", "indicator_id", "month")
        .order_by()
        .annotate(total=Sum("value"))
    }
    actuals: dict[Cell, Decimal] = {}
    as_of: dict[tuple[str, date], date] = defaultdict(lambda: date.min)
    for unit_id, indicator_id, at, total, day in (
        Actual.objects.filter(narrowed, value__isnull=False)
        .values_list("unit_id", "indicator_id", "month")
        .order_by()
        .annotate(
            total=Sum(F("value") + F("adjustment"), output_field=AmountField()), day=Max("as_of")
        )
    ):
        code = code_of[indicator_id]
        actuals[unit_id, code, at] = total
        as_of[code, at] = max(as_of[code, at], day)
    return Year(indicators, units, extra, tasks, actuals, dict(as_of))
