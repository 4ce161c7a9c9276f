"""An indicator month by month and year to date, of a unit or of the district, with its growth."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpi.queries.cells import reporting_units
from kpi.queries.figures import NOTHING, Facts, Figure, gathered, resolved
from orgchart.models import Unit
from targets.models import Indicator, Rollup, Term
from targets.months import month_after, months_of
from targets.rules.growth import NoGrowth, growth

WHOLE = 0  # stands for the district in facts


@dataclass(frozen=True, slots=True)
class Growth:
    """A figure beside an earlier one: the rate, or why the base gives none; and what was added.

    Without the figure itself there is nothing to compare: no rate and no reason.
    """

    base: Decimal | None
    rate: Fraction | NoGrowth | None
    increment: Decimal | None


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """A month and the year up to it; `actual` is None while anything of it is unreported."""

    month: date
    figure: Figure
    last_month: Growth
    last_year: Growth
    to_date: Figure
    to_date_last_year: Growth


@dataclass(frozen=True, slots=True)
class IndicatorYear:
    indicator: Indicator
    months: tuple[MonthFigure, ...]


def grown(base: Decimal | None, value: Decimal | None) -> Growth:
    """Compare two figures: base zero, negative or missing leaves the increment (rules §1)."""
    if value is None:
        return Growth(base, None, None)
    return Growth(base, growth(base, value), None if base is None else value - base)


def indicator_years(
    district: Unit, year: int, *, unit: Unit | None = None, codes: Sequence[str] | None = None
) -> list[IndicatorYear]:
    """Return the twelve months of every indicator, or of those asked for; six queries.

    Units add up; a ratio of the district is that of the sums, weighted by volume. A figure of the
    district is there when every business unit has reported its part.
    """
    indicators = Indicator.objects.filter(district=district)
    if codes is not None:
        indicators = indicators.filter(code__in=codes)
    rows = list(indicators)
    terms: dict[int, list[Term]] = defaultdict(list)
    for term in Term.objects.filter(indicator__in=rows).select_related("source"):
        terms[term.indicator_id].append(term)
    sources = {term.source_id for group in terms.values() for term in group}
    months = [*months_of(year - 1), *months_of(year)]
    pk = unit.pk if unit else WHOLE
    if unit is not None:
        facts = gathered(months, [unit.pk], sources)
    else:
        units = [one.pk for one in reporting_units(district.pk, months[-1], None)]
        facts = _together(gathered(months, [*units, district.pk], sources), units, district.pk)
    return [_year(row, terms[row.pk], pk, year, facts) for row in rows]


def _together(facts: Facts, units: Sequence[int], district_id: int) -> Facts:
    """Add the units up; the district's own rows (the old outlets) count where they exist."""
    tasks: dict[tuple[int, int, date], Decimal] = defaultdict(Decimal)
    actuals: dict[tuple[int, int, date], Decimal] = defaultdict(Decimal)
    for (_, source, month), value in facts.tasks.items():
        tasks[WHOLE, source, month] += value
    for source, month in {key[1:] for key in facts.actuals}:
        owing = [*units]
        if (district_id, source, month) in {**facts.tasks, **facts.actuals}:
            owing.append(district_id)
        values = [facts.actuals.get((pk, source, month)) for pk in owing]
        if None not in values:
            actuals[WHOLE, source, month] = sum(
                (value for value in values if value is not None), Decimal(0)
            )
    return Facts(dict(tasks), dict(actuals))


def _year(
    indicator: Indicator, terms: Sequence[Term], pk: int, year: int, facts: Facts
) -> IndicatorYear:
    # Rates that units enter do not add up to one of the district.
    is_void = pk == WHOLE and indicator.is_percent and indicator.rollup != Rollup.RATIO

    def at(months: Sequence[date]) -> Figure:
        if is_void:
            return NOTHING
        return resolved(indicator, terms, pk, months, facts) if terms else NOTHING

    found = []
    for number, month in enumerate(months_of(year), start=1):
        now = at([month])
        to_date = at(months_of(year)[:number])
        found.append(
            MonthFigure(
                month,
                now,
                grown(at([month_after(month, -1)]).actual, now.actual),
                grown(at([month_after(month, -12)]).actual, now.actual),
                to_date,
                grown(at(months_of(year - 1)[:number]).actual, to_date.actual),
            )
        )
    return IndicatorYear(indicator, tuple(found))
