"""The year of single units: their tasks summed per indicator."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from orgchart.models import Unit
from targets.models import Indicator, Plan, Rollup, Task
from targets.months import months_of


@dataclass(frozen=True, slots=True)
class UnitYear:
    """What a unit should bring in the plan's year."""

    unit_code: str
    unit: str
    code: str
    name: str
    measure: str
    decimals: int
    target: Decimal


def unit_years(plan: Plan, unit_ids: Iterable[int]) -> list[UnitYear]:
    """Return the units' annual tasks of indicators that are added up; three queries."""
    sums = (
        Task.objects.filter(
            month__in=months_of(plan.year), unit_id__in=list(unit_ids),
            indicator__rollup=Rollup.SUM, indicator__district=plan.district_id,
        )
        .order_by()
        .values("unit_id", "indicator_id")
        .annotate(year=Sum("value"))
    )  # fmt: skip
    found = {(row["unit_id"], row["indicator_id"]): row["year"] for row in sums}
    units = Unit.objects.in_bulk({unit_id for unit_id, _pk in found})
    indicators = Indicator.objects.in_bulk({pk for _unit_id, pk in found})
    rows = sorted(
        found, key=lambda key: (units[key[0]].position, key[0], indicators[key[1]].position, key[1])
    )
    return [
        UnitYear(
            units[unit_id].code, units[unit_id].name, indicators[pk].code, indicators[pk].name,
            indicators[pk].measure, indicators[pk].decimals, found[unit_id, pk],
        )
        for unit_id, pk in rows
    ]  # fmt: skip
