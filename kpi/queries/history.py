"""A unit's last twelve months: score, rank, and the rates of both gates."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpi.models import Score
from kpi.queries.board import GATES
from kpi.queries.figures import gathered, resolved
from kpi.rules.scoring import completion
from orgchart.models import Unit
from targets.models import Indicator, Term
from targets.months import month_after

MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthOfUnit:
    """What a month came to; None where it is not known yet, or was not scored."""

    month: date
    total: Decimal | None
    rank: int | None
    rates: dict[str, Fraction | None]  # by gate


def unit_history(unit: Unit, month: date) -> list[MonthOfUnit]:
    """Return the twelve months that end with this one, the earliest first; five queries."""
    months = [month_after(month, step) for step in range(1 - MONTHS, 1)]
    scores = {row.month: row for row in Score.objects.filter(unit=unit, month__in=months)}
    indicators = {
        row.code: row
        for row in Indicator.objects.filter(district_id=unit.district_id, code__in=GATES.values())
    }
    terms = defaultdict(list)
    for term in Term.objects.filter(indicator__in=indicators.values()):
        terms[term.indicator_id].append(term)
    sources = {term.source_id for group in terms.values() for term in group}
    facts = gathered(months, [unit.pk], sources)

    def rate(code: str, at: date) -> Fraction | None:
        indicator = indicators.get(code)
        if indicator is None:
            return None
        found = resolved(indicator, terms[indicator.pk], unit.pk, [at], facts)
        if found.task is None or found.actual is None:
            return None
        return completion(found.task, found.actual)

    return [
        MonthOfUnit(
            at,
            scores[at].total if at in scores else None,
            scores[at].rank if at in scores else None,
            {gate: rate(code, at) for gate, code in GATES.items()},
        )
        for at in months
    ]
