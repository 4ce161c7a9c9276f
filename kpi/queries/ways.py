"""What a unit can still move: its levers, and the cheapest of them to a better place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from kpi.models import ScorecardItem
from kpi.queries.scorecards import parameters
from kpi.queries.shade import Change, Grounds, Ready, Shade, rescored, summed
from kpi.rules import scoring as rules
from kpi.rules.curves import Why
from kpi.rules.steps import needed
from kpi.rules.ways import least, steps_to
from targets.models import Direction, Indicator, Term

FURTHEST = 3  # times the task, where no curve ends earlier


@dataclass(frozen=True, slots=True)
class Lever:
    """An indicator that the unit reports, or a kind of event that its card counts.

    `items` are the codes of what it moves. `low` to `high` is as far as a slider goes; `marks`
    are where an item's curve bends, in signed steps from `now`.
    """

    indicator: Indicator | None
    kind: str
    items: tuple[str, ...]
    now: Decimal
    task: Decimal | None
    low: Decimal
    high: Decimal
    top: Decimal | None  # where its first item is at the cap
    step: Decimal
    marks: tuple[int, ...]
    is_bonus: bool = False

    @property
    def code(self) -> str:
        return self.indicator.code if self.indicator else self.kind

    @property
    def sign(self) -> int:
        """The direction in which it is moved: 1 for more."""
        if self.indicator is None:
            return 1 if self.is_bonus else -1
        return -1 if self.indicator.direction == Direction.DOWN else 1

    def changed(self, value: Decimal) -> Change:
        if self.indicator is None:
            return Change({}, {self.kind: int(value)})
        return Change({self.indicator.pk: value}, {})

    def effort(self, more: Decimal) -> Fraction:
        """What a move costs beside other levers: its share of the task, or of all its events."""
        whole = self.task if self.indicator else self.high
        return abs(Fraction(more)) / abs(Fraction(whole or self.now or 1))


@dataclass(frozen=True, slots=True)
class Way:
    """The least move of a lever that gains a better place, and what it brings."""

    lever: Lever
    more: Decimal  # signed
    gain: Decimal
    rank: int
    is_tied: bool


def levers(given: Grounds, unit_id: int) -> list[Lever]:
    """Return what a unit's card reacts to, in the order of its items, bonuses last."""
    card = given.cards[unit_id]
    weighed: dict[int, list[ScorecardItem]] = {}
    for item, _ in card.items:
        for term in given.terms.get(item.indicator_id, ()):
            weighed.setdefault(term.source_id, []).append(item)
    curves_of = {item.pk: rule for item, rule in card.items}
    found = [
        lever
        for source_id, items in weighed.items()
        if (lever := _lever(given, unit_id, source_id, [(i, curves_of[i.pk]) for i in items]))
    ]
    return found + [_events(given, unit_id, card, kind) for kind in card.event_kinds]


def _lever(
    given: Grounds, unit_id: int, source_id: int, items: list[tuple[ScorecardItem, rules.Item]]
) -> Lever | None:
    """Return an indicator's lever; None while the unit has not reported it."""
    indicator = given.indicators[source_id]
    now = given.facts.actuals.get((unit_id, source_id, given.month))
    if now is None:
        return None
    task = given.facts.tasks.get((unit_id, source_id, given.month))
    step = Decimal(1).scaleb(-indicator.stored_decimals)
    size = abs(task or Decimal(0))
    marks: list[int] = []
    first: int | None = None
    for item, rule in items:
        ahead = _marks(given, unit_id, source_id, item, rule, Fraction(step))
        if first is None and ahead and rule.curve.highest is not None:
            first = min(ahead) if indicator.direction == Direction.DOWN else max(ahead)
        marks += filter(None, ahead)
    ends = [now + mark * step for mark in marks]
    ends += [now, Decimal(0) if now >= 0 else 2 * now]
    if not marks:
        ends.append(2 * (size or abs(now)))
    limit = FURTHEST * max(size, abs(now), step)
    low, high = max(-limit, min(ends)), min(limit, max(ends))
    top = None if first is None else now + first * step
    high += (high - low) / 20 // step * step  # a little beyond, worse or better
    return Lever(
        indicator=indicator, kind="", items=tuple(item.code for item, _ in items), now=now,
        task=task, low=min(low, now), high=max(high, now),
        top=top if top is not None and low <= top <= high else None, step=step,
        marks=tuple(marks),
    )  # fmt: skip


def _marks(
    given: Grounds,
    unit_id: int,
    source_id: int,
    item: ScorecardItem,
    rule: rules.Item,
    step: Fraction,
) -> list[int]:
    """Return where the item's curve bends, in steps of the source from where it is; 0: there."""
    assert item.indicator_id is not None
    target, above, below = summed(given, item.indicator_id, unit_id)
    terms = [t for t in given.terms[item.indicator_id] if t.source_id == source_id]
    pulls = {side: sum(t.sign * t.factor for t in terms if t.side == side) for side in Term.Side}
    basis = rule.rule.basis
    if above is None or (basis.needs_target and not target) or (below is not None and not below):
        return []  # not reported, or nothing to measure: no task, a ratio over zero
    goals: Iterable[Fraction] = [s.start for s in rule.curve.segments if s.start is not None]
    if any(s.why in {Why.BY_COMPLETION, Why.INVERSE, Why.INVERSE_LINEAR} for s in
           rule.curve.segments):  # fmt: skip
        goals = [*goals, Fraction(1)]
    found = []
    for goal in goals:
        aim = _best(given, item) if basis is rules.Basis.RELATIVE else needed(basis, target, goal)
        if aim is None:
            continue
        steps = steps_to(
            aim,
            numerator=above,
            divisor=below,
            above=pulls[Term.Side.NUMERATOR],
            below=pulls[Term.Side.DENOMINATOR],
            step=step,
        )
        if steps is not None:
            found.append(steps)
    return found


def _best(given: Grounds, item: ScorecardItem) -> Decimal | None:
    actuals = [
        summed(given, item.indicator_id, unit_id)[1]
        for unit_id, card in given.cards.items()
        if item.indicator_id and any(one.pk == item.pk for one, _ in card.items)
    ]
    return max((value for value in actuals if value is not None), default=None)


def _events(given: Grounds, unit_id: int, card: Ready, kind: str) -> Lever:
    """Return the lever of a kind of event: up to where it uses its bonus or weight up."""
    count = given.events.get((unit_id, kind), 0)
    of_bonus = [(item, p) for item, p, _ in card.bonuses if kind in p.per]
    others = [(item, parameters(item.params)) for item, _ in card.items]
    priced = of_bonus or [(item, p) for item, p in others if kind in p.per]
    item, terms = priced[0]
    price = terms.per[kind]
    whole = terms.cap if of_bonus else item.weight
    most = ceil((whole or 0) / price) if price else count
    high = Decimal(max(most, count, 1))
    return Lever(
        indicator=None, kind=kind, items=(item.code,), now=Decimal(count), task=None,
        low=Decimal(0), high=high,
        top=Decimal(most) if of_bonus else None, step=Decimal(1),
        marks=(max(0, most - count),) if of_bonus else (), is_bonus=bool(of_bonus),
    )  # fmt: skip


def ways_up(
    given: Grounds,
    shades: Mapping[int, Shade],
    unit_id: int,
    found: list[Lever],
    *,
    by_rank: bool = False,
) -> list[Way]:
    """Return how each lever alone gains a better place, the cheapest first.

    A place is better when the rank is, or (unless `by_rank`) when it is no longer shared. What has
    happened cannot be undone: events that deduct are no way. None without a total, or with the
    first place alone.
    """
    now = shades[unit_id]
    if now.place is None or now.total is None or now.is_vetoed:
        return []
    aim = (now.place[0], False) if by_rank else now.place
    if aim == (1, False):
        return []
    ways = []
    for lever in found:
        if lever.indicator is None and not lever.is_bonus:
            continue
        sign = lever.sign

        def shade(steps: int, lever: Lever = lever, sign: int = sign) -> Shade:
            value = lever.now + sign * steps * lever.step
            return rescored(given, shades, unit_id, lever.changed(value))[unit_id]

        def reaches(steps: int) -> bool:
            place = shade(steps).place
            return place is not None and place < aim

        steps = least(reaches, [sign * mark for mark in lever.marks if sign * mark > 0])
        if steps is None:
            continue
        then = shade(steps)
        if then.total is not None and then.rank is not None:
            more = sign * steps * lever.step
            ways.append(Way(lever, more, then.total - now.total, then.rank, then.is_tied))
    return sorted(ways, key=lambda way: (way.lever.effort(way.more), way.lever.code))


def to_next_band(given: Grounds, unit_id: int, code: str) -> list[tuple[Indicator, Decimal]]:
    """Return how much more of each source, alone, takes a ratio into its next better band.

    Only sources of which more is better and more helps; none for what is no ratio or best already.
    """
    for item, rule in given.cards[unit_id].items:
        if item.code != code or item.indicator_id is None:
            continue
        _target, above, below = summed(given, item.indicator_id, unit_id)
        if above is None or not below:
            return []
        x = Fraction(above) / Fraction(below)
        have = rule.curve.points(*x.as_integer_ratio())
        better = [
            segment.start
            for segment in rule.curve.segments
            if segment.start is not None and segment.start > x and segment.at(x) > have
        ]
        if not better:
            return []
        found = []
        for term in given.terms[item.indicator_id]:
            step = Decimal(1).scaleb(-term.source.stored_decimals)
            pull = term.sign * term.factor
            is_above = term.side == Term.Side.NUMERATOR
            steps = steps_to(
                better[0],
                numerator=above,
                divisor=below,
                above=pull if is_above else 0,
                below=0 if is_above else pull,
                step=Fraction(step),
            )
            if steps is not None and steps > 0 and term.source.direction != Direction.DOWN:
                found.append((term.source, steps * step))
        return found
    return []


def top_total(shades: Mapping[int, Shade], given: Grounds, unit_id: int) -> Decimal | None:
    """Return the most that the unit's card gives with every item and bonus at its cap."""
    card = given.cards[unit_id]
    lines = shades[unit_id].lines
    assessed = [rule for _, rule in card.items if lines[rule.code].is_assessed]
    tops = [rule.curve.highest for rule in assessed]
    weight = sum((rule.weight for rule in assessed), Decimal(0))
    if None in tops or not weight:
        return None
    points = sum((rules.rounded(top, 2) for top in tops if top is not None), Decimal(0))
    whole = sum((rule.weight for _, rule in card.items), Decimal(0))
    bonus = sum(
        (rules.rounded(curve.highest or Decimal(0), 2) for _, _, curve in card.bonuses), Decimal(0)
    )
    return rules.rounded(Fraction(points) * Fraction(whole) / Fraction(weight), 2) + bonus
