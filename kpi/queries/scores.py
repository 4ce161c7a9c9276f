"""Stored scores with what explains them: items as rules, lines with their reasons."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import inf
from typing import NamedTuple

from kpi.models import Event, EventKind, ItemRole, Score, ScorecardItem, ScoreLine
from kpi.models.scores import LineState
from kpi.queries.scorecards import parameters, rule_item
from kpi.rules import curves
from kpi.rules import scoring as rules
from kpi.rules.curves import Curve, Why
from targets.amounts import from_scaled

EVENT_KINDS = tuple(EventKind.values)


@dataclass(frozen=True, slots=True)
class Line:
    """A scored item of a unit. `x` is where its curve was read; infinite for an actual of zero.

    `value` is the actual, also of a ratio; `completion` is x where the item is scored by one.
    """

    item: ScorecardItem
    state: str
    target: Decimal | None
    value: Decimal | Fraction | None
    x: Fraction | float | None
    completion: Fraction | float | None
    points: Decimal | None
    reason: rules.Reason
    curve: Curve
    counts: Mapping[str, int]

    @property
    def is_bonus(self) -> bool:
        return bool(self.item.role == ItemRole.BONUS)

    @property
    def share(self) -> Fraction | None:
        """Points per weight: 1 is the full mark."""
        if self.points is None or not self.item.weight:
            return None
        return Fraction(self.points) / Fraction(self.item.weight)

    @property
    def lost(self) -> Decimal:
        """Points missing to the full mark; 0 where nothing was assessed."""
        return Decimal(0) if self.points is None else self.item.weight - self.points


@dataclass(frozen=True, slots=True)
class UnitScore:
    """A unit's stored score and its lines in the order of the card, bonus lines apart."""

    score: Score
    lines: tuple[Line, ...]
    bonuses: tuple[Line, ...]

    @property
    def range(self) -> tuple[Decimal, Decimal | None] | None:
        """What the total can still become while something is not reported (rules §4.9)."""
        score = self.score
        if score.total is not None or score.unspread is None or not score.applicable_weight:
            return None
        if any(line.state == LineState.NO_TARGET for line in self.lines):
            return None
        if score.is_vetoed:
            return Decimal(0), Decimal(0)
        waiting = [line for line in self.lines if line.state == LineState.PENDING]
        whole = sum((line.item.weight for line in self.lines), Decimal(0))

        def total(more: Iterable[Fraction]) -> Decimal:
            points = Fraction(score.unspread) + sum(_cents(one) for one in more)
            spread = points * Fraction(whole) / Fraction(score.applicable_weight)
            return Decimal(int(spread * 100 + Fraction(1, 2))) / 100 + (score.bonus or 0)

        highs = [line.curve.highest for line in waiting]
        high = None if None in highs else total(one for one in highs if one is not None)
        return total(line.curve.lowest for line in waiting), high


def _cents(points: Fraction) -> Fraction:
    return Fraction(int(points * 100 + Fraction(1, 2)), 100)


def curve_of(item: ScorecardItem, zero_target: str) -> Curve:
    """Return an item's curve, of a bonus too."""
    if item.role == ItemRole.BONUS:
        return curves.bonus(parameters(item.params).cap or Decimal(0))
    return rule_item(item, zero_target).curve


def unit_scores(
    district_id: int, month: date, unit_ids: Sequence[int] | None = None
) -> dict[int, UnitScore]:
    """Return the stored scores of a month by unit id, in rank order; four queries.

    Items, rules and curves are made once for all units.
    """
    scores = Score.objects.filter(month=month, unit__district_id=district_id)
    lines = ScoreLine.objects.filter(month=month, unit__district_id=district_id)
    events = Event.objects.filter(month=month, unit__district_id=district_id, voided_at=None)
    if unit_ids is not None:
        scores, lines, events = (
            rows.filter(unit_id__in=unit_ids) for rows in (scores, lines, events)
        )
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for unit_id, kind, count in events.order_by().values_list("unit_id", "kind", "count"):
        counts[unit_id][kind] += count
    of_unit: dict[int, list[_Stored]] = defaultdict(list)
    for row in lines.order_by("item__position", "item_id").values_list(*_Stored._fields):
        of_unit[row[0]].append(_Stored._make(row))
    item_ids = {line.item_id for group in of_unit.values() for line in group}
    items = ScorecardItem.objects.filter(pk__in=item_ids).select_related("indicator", "scorecard")
    scored = {item.pk: _scored(item) for item in items.order_by()}
    found = {}
    for score in scores.select_related("unit", "scorecard"):
        told = [
            _explained(line, scored[line.item_id], counts[score.unit_id])
            for line in of_unit[score.unit_id]
        ]
        found[score.unit_id] = UnitScore(
            score,
            tuple(line for line in told if not line.is_bonus),
            tuple(line for line in told if line.is_bonus),
        )
    return found


class _Stored(NamedTuple):
    """A ScoreLine as stored; a board has hundreds, and models would cost more than the query."""

    unit_id: int
    item_id: int
    state: str
    target: Decimal | None
    actual: Decimal | None
    basis_n: int | None
    basis_d: int | None
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class _Scored:
    """An item with what its lines are read by; a bonus has no rule."""

    item: ScorecardItem
    given: rules.Parameters
    rule: rules.Item | None
    curve: Curve


def _scored(item: ScorecardItem) -> _Scored:
    policy = item.scorecard.zero_target
    rule = None if item.role == ItemRole.BONUS else rule_item(item, policy)
    curve = rule.curve if rule else curve_of(item, policy)
    return _Scored(item, parameters(item.params), rule, curve)


def _explained(line: _Stored, scored: _Scored, happened: Mapping[str, int]) -> Line:
    item, per = scored.item, scored.given.per
    counts = {kind: happened[kind] for kind in EVENT_KINDS if kind in per and kind in happened}
    x: Fraction | float | None = None
    if line.basis_n is not None and line.basis_d is not None:
        x = Fraction(line.basis_n, line.basis_d) if line.basis_d else inf
    value: Decimal | Fraction | None = line.actual
    if value is None and item.basis == rules.Basis.ACTUAL and x is not None:
        value = Fraction(x)
    is_rate = item.basis not in (rules.Basis.ACTUAL, rules.Basis.EVENTS)
    return Line(
        item=item,
        state=line.state,
        target=line.target,
        value=value,
        x=x,
        completion=x if is_rate else None,
        points=line.points,
        reason=_reason(line, scored, counts, x),
        curve=scored.curve,
        counts=counts,
    )


def _reason(
    line: _Stored, scored: _Scored, counts: Mapping[str, int], x: Fraction | float | None
) -> rules.Reason:
    """Return the reason that the rules give for the stored figures."""
    item, given = scored.item, scored.given
    if line.state == LineState.PENDING:
        return rules.Reason(Why.PENDING)
    if line.state == LineState.ZEROED:
        return rules.Reason(Why.CLOSED_AT_ZERO)
    if line.state == LineState.NO_TARGET:
        return rules.Reason(Why.NOT_ASSESSED, {"no_target": 1})
    if scored.rule is None:
        prices = list(given.per.values())
        return rules.Reason(
            Why.BONUS,
            {
                "count": sum(counts.values()),
                "per": prices[0] if len(prices) == 1 else None,
                "cap": given.cap,
            },
        )
    if x is not None and item.basis != rules.Basis.EVENTS:
        return rules.reason_at(scored.rule, x)
    basis_d = line.basis_d
    actual: Decimal | Fraction | None = line.actual
    if actual is None and line.basis_n is not None and basis_d:
        actual = Fraction(line.basis_n, basis_d)
    best = None
    if item.basis == rules.Basis.RELATIVE and basis_d:
        best = from_scaled(basis_d) if basis_d > 1 else Decimal(0)
    result = rules.Result(
        target=line.target,
        actual=actual,
        events=counts,
        best=best,
        is_void=item.basis == rules.Basis.ACTUAL and actual is None,
    )
    return rules.line(scored.rule, result).reason
