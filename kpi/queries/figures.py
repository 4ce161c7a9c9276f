"""Tasks and actuals by unit and indicator, sums and ratios resolved through their terms."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kpi.models import Actual
from orgchart.models import Unit
from targets.models import Indicator, Rollup, Task, Term

Cell = tuple[int, int, date]  # unit, indicator, month


@dataclass(frozen=True, slots=True)
class Figure:
    """What should have happened and what did; None where there is no task or no full report.

    Of a ratio `task` is always None and `actual` is rounded to 28 digits, for showing only;
    `is_void` marks one over zero, which is reported and does not exist.
    """

    task: Decimal | None
    actual: Decimal | None
    is_void: bool = False


NOTHING = Figure(None, None)


@dataclass(frozen=True, slots=True)
class Facts:
    """Tasks and actuals of source indicators per unit and month; what is absent is not known."""

    tasks: dict[Cell, Decimal]
    actuals: dict[Cell, Decimal]


def figures(
    *,
    district_id: int,
    months: Sequence[date],
    codes: Sequence[str],
    unit_ids: Collection[int] | None = None,
) -> dict[tuple[int, str], Figure]:
    """Return (unit id, indicator code) → Figure over the months, for every unit and code.

    Months are added up; an indicator whose last value stands takes the last month's. An actual is
    None when any cell it needs is unreported in any of the months. Without `unit_ids`: the
    business units. Five queries at most.
    """
    if unit_ids is None:
        unit_ids = list(
            Unit.objects.filter(district_id=district_id).business().values_list("pk", flat=True)
        )
    indicators = Indicator.objects.filter(district_id=district_id, code__in=codes).order_by()
    return figures_of(list(indicators), months=months, unit_ids=unit_ids)


def figures_of(
    indicators: Collection[Indicator], *, months: Sequence[date], unit_ids: Collection[int]
) -> dict[tuple[int, str], Figure]:
    """Return what `figures` does of indicators that are at hand; three queries."""
    terms = defaultdict(list)
    for term in Term.objects.filter(indicator__in=indicators).order_by():
        terms[term.indicator_id].append(term)
    sources = {term.source_id for group in terms.values() for term in group}
    facts = gathered(months, unit_ids, sources)
    return {
        (unit_id, indicator.code): resolved(
            indicator, terms[indicator.pk], unit_id, sorted(months), facts
        )
        for unit_id in unit_ids
        for indicator in indicators
    }


def gathered(
    months: Iterable[date], unit_ids: Collection[int], source_ids: Collection[int]
) -> Facts:
    """Read the facts of source indicators; an actual is there when all its cells are."""
    chosen = {
        "month__in": list(months),
        "unit_id__in": list(unit_ids),
        "indicator_id__in": list(source_ids),
    }
    tasks: dict[Cell, Decimal] = defaultdict(Decimal)
    due: dict[Cell, set[int]] = defaultdict(set)
    assigned = Task.objects.filter(**chosen).order_by()
    for unit_id, indicator_id, month, value, breakdown_id, dimension, entry in assigned.values_list(
        "unit_id", "indicator_id", "month", "value", "breakdown_id", "breakdown__dimension",
        "indicator__entry",
    ):  # fmt: skip
        cell = unit_id, indicator_id, month
        tasks[cell] += value
        if dimension == entry:
            due[cell].add(breakdown_id)
    actuals: dict[Cell, Decimal] = defaultdict(Decimal)
    given: dict[Cell, set[int]] = defaultdict(set)
    open_cells: set[Cell] = set()
    reported = Actual.objects.filter(**chosen).order_by()
    for unit_id, indicator_id, month, breakdown_id, value, adjustment in reported.values_list(
        "unit_id", "indicator_id", "month", "breakdown_id", "value", "adjustment"
    ):
        cell = unit_id, indicator_id, month
        if value is None:
            open_cells.add(cell)
            continue
        actuals[cell] += value + adjustment
        given[cell].add(breakdown_id)
    whole = {
        cell: value
        for cell, value in actuals.items()
        if cell not in open_cells and due[cell] <= given[cell]
    }
    return Facts(dict(tasks), whole)


def resolved(
    indicator: Indicator,
    terms: Sequence[Term],
    unit_id: int,
    months: Sequence[date],
    facts: Facts,
) -> Figure:
    """Return an indicator's figure from the facts of its terms.

    The district's own (its old outlets) has tasks of some summands only, and figures of the same.
    """
    counted = {Rollup.LAST: months[-1:], Rollup.FIRST: months[:1]}.get(indicator.rollup, months)
    above = [term for term in terms if term.side == Term.Side.NUMERATOR]
    below = [term for term in terms if term.side == Term.Side.DENOMINATOR]
    if unit_id == indicator.district_id and not below:
        known = facts.tasks.keys() | facts.actuals.keys()
        above = [
            term for term in above if any((unit_id, term.source_id, at) in known for at in counted)
        ]
    numerator = _summed(above, unit_id, counted, facts.actuals)
    if not below:
        whole = indicator.divisor * (len(counted) if indicator.rollup == Rollup.MEAN else 1)
        task = _summed(above, unit_id, counted, facts.tasks)
        if whole == 1:
            return Figure(task, numerator)
        return Figure(task and task / whole, numerator and numerator / whole)
    denominator = _summed(below, unit_id, counted, facts.actuals)
    if numerator is None or not denominator:
        return Figure(None, None, is_void=numerator is not None and denominator == 0)
    return Figure(None, numerator / denominator)


def _summed(
    terms: Sequence[Term], unit_id: int, months: Sequence[date], facts: dict[Cell, Decimal]
) -> Decimal | None:
    total = Decimal(0)
    for term in terms:
        for month in months:
            value = facts.get((unit_id, term.source_id, month))
            if value is None:
                return None
            total += term.sign * term.factor * value
    return total if terms else None
