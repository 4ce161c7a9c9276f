"""What the planning pictures are drawn from: a year's months, units and layers of one indicator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from orgchart.models import Unit
from targets.models import Plan, Task
from targets.months import month_after, months_of
from targets.queries.plans import TargetRow, TargetTable
from targets.queries.published import PublishedYear


@dataclass(frozen=True, slots=True)
class Planned:
    """An indicator's tasks by month and by unit, and last year's published months."""

    row: TargetRow
    months: tuple[date, ...]
    tasks: tuple[Decimal | None, ...]
    last_year: tuple[Decimal | None, ...]
    units: tuple[tuple[str, Decimal], ...]

    @property
    def total(self) -> Decimal:
        return sum((value for _name, value in self.units), Decimal(0))


def pictured_rows(table: TargetTable) -> list[TargetRow]:
    """Return the rows of table 3-0 that have a target of the department."""
    return [row for row in table.rows if row.department is not None]


def planned(
    plan: Plan, row: TargetRow, sources: Sequence[str], published: PublishedYear
) -> Planned:
    """Return what is planned of an indicator; `sources` are the codes that it adds up.

    Two queries. A month without a task is a gap, not zero.
    """
    months = months_of(plan.year)
    by_month: dict[date, Decimal] = {}
    by_unit: dict[int, Decimal] = {}
    for month, unit_id, value in (
        Task.objects.filter(
            month__in=months, unit__district_id=plan.district_id, indicator__code__in=sources
        )
        .order_by()
        .values("month", "unit_id")
        .annotate(total=Sum("value"))
        .values_list("month", "unit_id", "total")
    ):
        by_month[month] = by_month.get(month, Decimal(0)) + value
        by_unit[unit_id] = by_unit.get(unit_id, Decimal(0)) + value
    units = Unit.objects.filter(pk__in=by_unit)
    return Planned(
        row=row, months=tuple(months),
        tasks=tuple(by_month.get(month) for month in months),
        last_year=tuple(
            _summed(published.months.get(month_after(month, -12), {}), sources)
            for month in months
        ),
        units=tuple((unit.short, by_unit[unit.pk]) for unit in units),
    )  # fmt: skip


def _summed(figures: dict[str, Decimal], sources: Sequence[str]) -> Decimal | None:
    known = [figures[code] for code in sources if code in figures]
    return sum(known, Decimal(0)) if len(known) == len(sources) else None
