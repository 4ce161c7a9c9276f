"""Definition cards: indicators, and derived ones as a formula in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orgchart.models import Unit
from targets.models import Definition, DefinitionState, Indicator, Term
from targets.rules.derivation import Part


@dataclass(frozen=True, slots=True)
class Card:
    """An indicator with its formula in words; "" when it is entered as it is."""

    indicator: Indicator
    formula: str
    sources: tuple[Indicator, ...]


def cards(district: Unit) -> list[Card]:
    """Return the district's definition cards in order; five queries."""
    indicators = list(Indicator.objects.filter(district=district))
    terms: dict[int, list[Term]] = {}
    for term in Term.objects.filter(indicator__district=district).select_related("source"):
        terms.setdefault(term.indicator_id, []).append(term)
    written = formulas(district.pk)
    names = {indicator.code: indicator.name for indicator in indicators}
    return [
        Card(
            indicator,
            in_words(written[indicator.code] or [], names, indicator.divisor),
            tuple(term.source for term in terms.get(indicator.pk, []))
            if indicator.is_derived else (),
        )
        for indicator in indicators
    ]  # fmt: skip


def formulas(district_id: int) -> dict[str, list[Part] | None]:
    """Return every indicator's formula as written, None where it is entered; three queries.

    A formula that nobody has rewritten stands as its terms.
    """
    found: dict[str, list[Part] | None] = {}
    for row in Indicator.objects.filter(district_id=district_id):
        found[row.code] = [] if row.is_derived else None
    for term in Term.objects.filter(
        indicator__district_id=district_id, indicator__is_derived=True
    ).select_related("indicator", "source"):
        parts = found[term.indicator.code]
        if parts is not None:
            parts.append(Part(term.source.code, term.side, term.sign * term.factor))
    for written in Definition.objects.filter(
        indicator__district_id=district_id, state=DefinitionState.CURRENT
    ).select_related("indicator"):
        if written.indicator.is_derived and written.parts:
            found[written.indicator.code] = [Part(**part) for part in written.parts]
    return found


def versions(indicator: Indicator) -> list[Definition]:
    """Return the written versions of a card, the latest first."""
    rows = indicator.definitions.select_related("saved_by", "published_by")
    return list(rows.order_by("-version"))


def in_words(parts: Sequence[Part], names: Mapping[str, str], divisor: int = 1) -> str:
    """Write a formula: 移动收入 × 20,000 ÷ (出账用户 × 2 − 净增)."""

    def side(code: str) -> tuple[str, int]:
        text, count = "", 0
        for part in (part for part in parts if part.side == code):
            size = abs(part.coefficient)
            factor = f" × {size:,}" if size != 1 else ""
            sign = "−" if part.coefficient < 0 else "+"
            text += f" {sign} " if text else "− " if part.coefficient < 0 else ""
            text += names.get(part.source, part.source) + factor
            count += 1
        return text, count

    (top, above), (bottom, below) = side("n"), side("d")
    if not below:
        return top if divisor == 1 else f"({top}) ÷ {divisor}"
    top = f"({top})" if above > 1 else top
    return f"{top} ÷ {f'({bottom})' if below > 1 else bottom}"
