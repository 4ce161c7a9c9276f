"""What units have to report, and what they have reported."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kpi.models import Actual
from orgchart.models import Unit
from targets.models import Breakdown, Dimension, Indicator, Task
from targets.months import last_day

Key = tuple[int, int, int]  # unit, indicator, breakdown


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure to report. `actual` is None, and `value` too, until somebody reports it."""

    unit: Unit
    indicator: Indicator
    breakdown: Breakdown
    month: date
    task: Decimal | None
    actual: Actual | None

    @property
    def value(self) -> Decimal | None:
        return self.actual.value if self.actual else None

    @property
    def version(self) -> int | None:
        return (self.actual.version or None) if self.actual else None

    @property
    def adjustment(self) -> Decimal:
        """What late corrections of published months add to the figure."""
        return self.actual.adjustment if self.actual else Decimal(0)

    @property
    def key(self) -> Key:
        return self.unit.pk, self.indicator.pk, self.breakdown.pk


def reporting_units(district_id: int, month: date, unit_ids: Iterable[int] | None) -> list[Unit]:
    """Return the business units open on the month's last day, narrowed to `unit_ids`."""
    units = Unit.objects.filter(district_id=district_id).business().open_on(last_day(month))
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    return list(units)


def expected_cells(
    district_id: int, month: date, unit_ids: Iterable[int] | None = None
) -> list[Cell]:
    """Return the cells of a month, reported or not, by unit, indicator and breakdown.

    An undivided indicator is one cell of each unit; one entered by a dimension has a cell for
    every member with a task or a figure. Six queries, however many units.
    """
    units = reporting_units(district_id, month, unit_ids)
    # The district itself reports what belongs to no unit (the old outlets), where it has a task.
    whole = list(Unit.objects.filter(pk=district_id)) if unit_ids is None else []
    indicators = list(
        Indicator.objects.filter(district_id=district_id, is_derived=False).exclude(entry="")
    )
    breakdowns = list(Breakdown.objects.filter(district_id=district_id))
    ids = [unit.pk for unit in [*units, *whole]]
    tasks: dict[Key, Decimal] = {
        (unit_id, indicator_id, breakdown_id): value
        for unit_id, indicator_id, breakdown_id, value in Task.objects.filter(
            month=month, unit_id__in=ids
        ).values_list("unit_id", "indicator_id", "breakdown_id", "value")
    }
    actuals: dict[Key, Actual] = {
        (row.unit_id, row.indicator_id, row.breakdown_id): row
        for row in Actual.objects.filter(month=month, unit_id__in=ids).select_related("reported_by")
    }

    cells = []
    for unit in [*units, *whole]:
        for indicator in indicators:
            members = [one for one in breakdowns if one.dimension == indicator.entry]
            for breakdown in members:
                key = unit.pk, indicator.pk, breakdown.pk
                task, is_whole = tasks.get(key), indicator.entry == Dimension.WHOLE
                if task is None and is_whole:
                    task = _undivided(tasks, unit.pk, indicator.pk)
                is_due = task is not None or (is_whole and unit.is_business)
                if is_due or key in actuals:
                    cells.append(Cell(unit, indicator, breakdown, month, task, actuals.get(key)))
    return cells


def _undivided(tasks: dict[Key, Decimal], unit_id: int, indicator_id: int) -> Decimal | None:
    """Return the task of an indicator whose tasks are divided though its figure is not."""
    parts = [value for key, value in tasks.items() if key[:2] == (unit_id, indicator_id)]
    return sum(parts, Decimal(0)) if parts else None


def unreported(district_id: int, month: date) -> list[Cell]:
    """Return the cells nobody has reported yet."""
    return [cell for cell in expected_cells(district_id, month) if cell.value is None]
