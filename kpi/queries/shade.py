"""A month scored in the shade: the pure rules on the stored facts, other figures or another card.

Nothing is written. On the facts as they are it gives what the scoring statements wrote
(tests/kpi/test_shade.py), which is why what-if, counterfactual and replay may be believed.
"""

from collections import ChainMap, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpi.models import Event, EventKind, ItemRole, Month, Scorecard, ScorecardItem
from kpi.queries.board import GATES, Gate
from kpi.queries.figures import Facts, gathered
from kpi.queries.scorecards import cards_in_force, parameters, rule_item
from kpi.rules import curves, ranking
from kpi.rules import scoring as rules
from orgchart.models import Unit
from targets.amounts import LIMIT
from targets.models import Indicator, Term
from targets.months import last_day


@dataclass(frozen=True, slots=True)
class Ready:
    """A scorecard ready to score: its items as rules, its bonuses as curves with prices."""

    card: Scorecard
    items: tuple[tuple[ScorecardItem, rules.Item], ...]
    bonuses: tuple[tuple[ScorecardItem, rules.Parameters, curves.Curve], ...]

    @property
    def is_relative(self) -> bool:
        """Whether one unit's figures move another's points."""
        return any(rule.rule is rules.Rule.RELATIVE for _, rule in self.items)

    @property
    def event_kinds(self) -> list[str]:
        """The kinds of event that the card counts, in its order."""
        given = [parameters(item.params).per for item, _ in self.items]
        given += [bonus.per for _, bonus, _ in self.bonuses]
        return list(dict.fromkeys(kind for per in given for kind in per))


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a month is scored from; `cards` by unit id, in the order of the units."""

    month: date
    units: tuple[Unit, ...]
    cards: Mapping[int, Ready]
    facts: Facts
    terms: Mapping[int, Sequence[Term]]
    indicators: Mapping[int, Indicator]  # those scored, their sources, and the gates'
    events: Mapping[tuple[int, str], int]
    is_closed_at_zero: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Figures instead of those reported: by indicator (a source) and by kind of event."""

    actuals: Mapping[int, Decimal]
    events: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shade:
    """A unit's month in the shade. `card` is None and `total` too while a target is missing."""

    unit_id: int
    lines: Mapping[str, rules.Line]
    card: rules.Card | None
    total: Decimal | None
    is_vetoed: bool
    is_award_vetoed: bool
    rank: int | None = None
    is_tied: bool = False
    gap_to_next: Decimal | None = None

    @property
    def place(self) -> tuple[int, bool] | None:
        """Rank, then whether it is shared: less is better; None without a rank."""
        return None if self.rank is None else (self.rank, self.is_tied)


def ready(card: Scorecard) -> Ready:
    """Return the card's items as rules. Raises BadRule for a draft that cannot be scored."""
    rows = sorted(card.items.all(), key=lambda item: (item.position, item.pk))
    bonuses = []
    for item in (row for row in rows if row.role == ItemRole.BONUS):
        given = parameters(item.params)
        bonuses.append((item, given, curves.bonus(given.cap or Decimal(0))))
    items = [(row, rule_item(row, card.zero_target)) for row in rows if row.role == ItemRole.ITEM]
    return Ready(card, tuple(items), tuple(bonuses))


def grounds(month: Month, drafts: Sequence[Scorecard] = ()) -> Grounds:
    """Return what a month is scored from; ten queries, however many units.

    `drafts` take the place of the cards in force for their kinds of unit, whatever their first
    day: that is a replay.
    """
    ids, own = cards_in_force(month.district_id, month.month)
    stored = Scorecard.objects.filter(pk__in=[*ids.values(), *own.values()]).prefetch_related(
        "items__indicator"
    )
    prepared = {card.pk: ready(card) for card in stored}
    of_kind = {kind: prepared[pk] for kind, pk in ids.items()}
    for draft in drafts:
        of_kind |= dict.fromkeys(draft.unit_kinds, ready(draft))
    units = [
        unit
        for unit in Unit.objects.filter(district_id=month.district_id)
        .open_on(last_day(month.month))
        .order_by("position", "pk")
        if unit.kind in of_kind
    ]
    replaced = {kind for draft in drafts for kind in draft.unit_kinds}
    cards = {
        unit.pk: prepared[own[unit.pk]]
        if unit.pk in own and unit.kind not in replaced
        else of_kind[unit.kind]
        for unit in units
    }
    terms: dict[int, list[Term]] = defaultdict(list)
    gates = Indicator.objects.filter(district_id=month.district_id, code__in=GATES.values())
    indicators = {one.pk: one for one in gates}
    for card in {id(one): one for one in cards.values()}.values():
        indicators |= {
            item.indicator_id: item.indicator for item, _ in card.items if item.indicator_id
        }
    for term in Term.objects.filter(indicator__in=list(indicators)).select_related("source"):
        terms[term.indicator_id].append(term)
        indicators.setdefault(term.source_id, term.source)
    sources = {term.source_id for group in terms.values() for term in group}
    events: dict[tuple[int, str], int] = defaultdict(int)
    for unit_id, kind, count in Event.objects.filter(
        month=month.month, unit__in=units, voided_at=None
    ).values_list("unit_id", "kind", "count"):
        events[unit_id, kind] += count
    return Grounds(
        month=month.month,
        units=tuple(units),
        cards=cards,
        facts=gathered([month.month], list(cards), sources),
        terms=terms,
        indicators=indicators,
        events=events,
        is_closed_at_zero=bool(month.missing_reason),
    )


def score(given: Grounds, changes: Mapping[int, Change] | None = None) -> dict[int, Shade]:
    """Return every unit's shade with its rank, by unit id, in the order of the units."""
    changes = changes or {}
    best = _best(given, changes)
    shades = [_shade(given, unit.pk, changes.get(unit.pk), best) for unit in given.units]
    return _ranked(given, shades)


def rescored(
    given: Grounds, before: Mapping[int, Shade], unit_id: int, change: Change
) -> dict[int, Shade]:
    """Return the shades after one unit's change; only what it moves is scored again."""
    if given.cards[unit_id].is_relative:
        return score(given, {unit_id: change})
    after = dict(before) | {unit_id: _shade(given, unit_id, change, {})}
    return _ranked(given, list(after.values()))


def summed(
    given: Grounds, indicator_id: int, unit_id: int, change: Change | None = None
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return target, numerator and divisor of an indicator; None where one of its cells is not
    known, and for the divisor of what is no ratio."""
    terms = given.terms[indicator_id]
    above = [term for term in terms if term.side == Term.Side.NUMERATOR]
    below = [term for term in terms if term.side == Term.Side.DENOMINATOR]
    actuals: Mapping[int, Decimal] = ChainMap(
        dict(change.actuals) if change else {}, _of_unit(given, unit_id)
    )
    tasks = {
        term.source_id: value
        for term in above
        if (value := given.facts.tasks.get((unit_id, term.source_id, given.month))) is not None
    }
    return (
        None if below else _sum(above, tasks),
        _sum(above, actuals),
        _sum(below, actuals) if below else None,
    )


def gates(given: Grounds, unit_id: int, change: Change | None = None) -> dict[str, Gate]:
    """Return both gates of a unit (kpi.queries.board) after a change."""
    by_code = {one.code: one for one in given.indicators.values()}
    found = {}
    for gate, code in GATES.items():
        indicator = by_code.get(code)
        target, actual = None, None
        if indicator is not None:
            target, actual, _ = summed(given, indicator.pk, unit_id, change)
        found[gate] = Gate(indicator, target, actual)
    return found


def _of_unit(given: Grounds, unit_id: int) -> dict[int, Decimal]:
    return {
        source_id: value
        for source_id in given.indicators
        if (value := given.facts.actuals.get((unit_id, source_id, given.month))) is not None
    }


def _sum(terms: Sequence[Term], values: Mapping[int, Decimal]) -> Decimal | None:
    total = Decimal(0)
    for term in terms:
        value = values.get(term.source_id)
        if value is None:
            return None
        total += term.sign * term.factor * value
    return total


def _within(value: Decimal | None, limit: Decimal = LIMIT) -> Decimal | None:
    """A sum beyond all amounts is not scored."""
    return None if value is None or abs(value) > limit else value


def _best(given: Grounds, changes: Mapping[int, Change]) -> dict[int, Decimal]:
    """Return the best actual per relative item (its id)."""
    best: dict[int, Decimal] = {}
    for unit_id, card in given.cards.items():
        for item, rule in card.items:
            if rule.rule is not rules.Rule.RELATIVE or item.indicator_id is None:
                continue
            actual = _within(summed(given, item.indicator_id, unit_id, changes.get(unit_id))[1])
            if actual is not None:
                best[item.pk] = max(best.get(item.pk, actual), actual)
    return best


def _result(
    given: Grounds,
    unit_id: int,
    item: ScorecardItem,
    change: Change | None,
    happened: Mapping[str, int],
    best: Mapping[int, Decimal],
) -> rules.Result:
    zero = given.is_closed_at_zero
    if item.indicator_id is None:
        priced = parameters(item.params).per
        return rules.Result(events={k: n for k, n in happened.items() if k in priced})
    target, above, below = summed(given, item.indicator_id, unit_id, change)
    if any(t.side == Term.Side.DENOMINATOR for t in given.terms[item.indicator_id]):
        above, below = _within(above, 100 * LIMIT), _within(below)
        if above is None or below is None:
            return rules.Result(closed_at_zero=zero)
        if below == 0:
            return rules.Result(is_void=True)
        return rules.Result(actual=Fraction(above) / Fraction(below))
    return rules.Result(
        target=_within(target),
        actual=_within(above),
        best=best.get(item.pk),
        closed_at_zero=zero,
    )


def _shade(
    given: Grounds, unit_id: int, change: Change | None, best: Mapping[int, Decimal]
) -> Shade:
    card = given.cards[unit_id]
    noted = {kind: given.events.get((unit_id, kind), 0) for kind in EventKind.values}
    happened = {kind: n for kind, n in (noted | dict(change.events if change else {})).items() if n}
    items = [rule for _, rule in card.items]
    results = {
        item.code: _result(given, unit_id, item, change, happened, best) for item, _ in card.items
    }
    lines: dict[str, rules.Line] = {}
    for rule in items:
        try:
            lines[rule.code] = rules.line(rule, results[rule.code])
        except rules.TargetMissing:
            reason = rules.Reason(curves.Why.NOT_ASSESSED, {"no_target": 1})
            lines[rule.code] = rules.Line(rule.code, rule.weight, None, None, reason)
    is_vetoed = EventKind.VETO in happened
    veto = rules.Veto.ZERO if is_vetoed else None
    earned = Decimal("0.00")
    for item, bonus, curve in card.bonuses:
        cost = sum(
            (n * Fraction(bonus.per[k]) for k, n in happened.items() if k in bonus.per), Fraction(0)
        )
        points = curve.points(*cost.as_integer_ratio())
        reason = rules.Reason(curves.Why.BONUS)
        lines[item.code] = rules.Line(item.code, Decimal(0), points, None, reason)
        earned += points
    try:
        scored = rules.with_bonus(rules.score(items, results, veto=veto), earned)
    except rules.TargetMissing:
        scored = None
    return Shade(
        unit_id=unit_id,
        lines=lines,
        card=scored,
        total=scored.total if scored else None,
        is_vetoed=is_vetoed,
        is_award_vetoed=is_vetoed or EventKind.AWARD_VETO in happened,
    )


def _parting(card: Ready, shade: Shade) -> tuple[ranking.Rate | None, ...]:
    """Return what parts equal totals: rates, or the points of items not scored by one."""
    parting: list[ranking.Rate | None] = [None] * ranking.TIE_BREAKS
    for item, rule in card.items:
        if item.tie_break:
            line = shade.lines[item.code]
            is_rate = rule.rule.basis not in {rules.Basis.ACTUAL, rules.Basis.EVENTS}
            points = None if line.points is None else Fraction(line.points)
            parting[item.tie_break - 1] = line.completion if is_rate else points
    return tuple(parting)


def _ranked(given: Grounds, shades: Sequence[Shade]) -> dict[int, Shade]:
    standings = [
        ranking.Standing(
            str(shade.unit_id),
            shade.total,
            tuple(line.completion for line in list(shade.lines.values())[: ranking.TIE_BREAKS]),
            shade.is_vetoed,
            _parting(given.cards[shade.unit_id], shade),
        )
        for shade in shades
    ]
    places = {place.unit: place for place in ranking.rank(standings)}
    ranks = [place.rank for place in places.values()]
    return {
        shade.unit_id: replace(
            shade,
            rank=(place := places[str(shade.unit_id)]).rank,
            is_tied=place.rank is not None and ranks.count(place.rank) > 1,
            gap_to_next=place.gap_to_next,
        )
        for shade in shades
    }
