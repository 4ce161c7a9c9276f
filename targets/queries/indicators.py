"""Definition cards: indicators, and derived ones as a formula in words."""

from dataclasses import dataclass

from orgchart.models import Unit
from targets.models import Indicator, Term


@dataclass(frozen=True, slots=True)
class Card:
    """An indicator with its formula in words; "" when it is entered as it is."""

    indicator: Indicator
    formula: str
    sources: tuple[Indicator, ...]


def cards(district: Unit) -> list[Card]:
    """Return the district's definition cards in order; two queries."""
    indicators = list(Indicator.objects.filter(district=district))
    terms: dict[int, list[Term]] = {}
    for term in Term.objects.filter(indicator__district=district).select_related("source"):
        terms.setdefault(term.indicator_id, []).append(term)
    return [
        Card(
            indicator,
            _formula(terms.get(indicator.pk, [])) if indicator.is_derived else "",
            tuple(term.source for term in terms.get(indicator.pk, []))
            if indicator.is_derived else (),
        )
        for indicator in indicators
    ]  # fmt: skip


def _formula(terms: list[Term]) -> str:
    top = _side([term for term in terms if term.side == Term.Side.NUMERATOR])
    below = [term for term in terms if term.side == Term.Side.DENOMINATOR]
    if not below:
        return top
    bottom = _side(below)
    return f"{top} ÷ {f'({bottom})' if len(below) > 1 else bottom}"


def _side(terms: list[Term]) -> str:
    text = ""
    for term in terms:
        factor = f" × {term.factor:,}" if term.factor != 1 else ""
        sign = "−" if term.sign < 0 else "+"
        text += (f" {sign} " if text else "− " if term.sign < 0 else "") + term.source.name + factor
    return text
