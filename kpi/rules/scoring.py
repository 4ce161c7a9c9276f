"""How reported results become a score. Values in, values out (rules §4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import inf

from kpi.rules import curves
from kpi.rules.curves import BadRule, Curve, FloorMeaning, Number, Segment, Why
from targets.rules.growth import rounded

FULL_WEIGHT = Decimal(100)
UNBOUNDED = inf  # an inverse completion whose actual is zero; compares exactly with fractions

Completion = Fraction | float


class Rule(StrEnum):
    """How an item is scored."""

    PROPORTIONAL = "proportional"
    BANDS = "bands"
    INVERSE = "inverse"
    INVERSE_LINEAR = "inverse_linear"
    DEDUCTION = "deduction"
    MIN_MAX = "min_max"
    RELATIVE = "relative"

    @property
    def basis(self) -> "Basis":
        """What the rule's curve is a function of."""
        return _BASES[self]


class Basis(StrEnum):
    """The x of a curve."""

    COMPLETION = "completion"  # 1 + (actual − target) ÷ |target|
    INVERSE = "inverse"  # target ÷ actual
    INVERSE_LINEAR = "inverse_linear"  # 1 − (actual − target) ÷ |target|
    ACTUAL = "actual"  # the reported ratio itself
    EVENTS = "events"  # Σ count × per
    RELATIVE = "relative"  # own ÷ best

    @property
    def needs_target(self) -> bool:
        """Whether an item on this basis cannot be scored without a target."""
        return self in {Basis.COMPLETION, Basis.INVERSE, Basis.INVERSE_LINEAR}


_BASES = {
    Rule.PROPORTIONAL: Basis.COMPLETION,
    Rule.MIN_MAX: Basis.COMPLETION,
    Rule.INVERSE: Basis.INVERSE,
    Rule.INVERSE_LINEAR: Basis.INVERSE_LINEAR,
    Rule.BANDS: Basis.ACTUAL,
    Rule.DEDUCTION: Basis.EVENTS,
    Rule.RELATIVE: Basis.RELATIVE,
}


class ZeroTarget(StrEnum):
    """What a target of zero does to its item (rules §4.8)."""

    SPREAD = "spread"
    FULL = "full"
    ZERO = "zero"


class Veto(StrEnum):
    """What a veto takes: the whole score, or only the award (rules §4.6)."""

    ZERO = "zero"
    AWARD_ONLY = "award_only"


class TargetMissing(ValueError):
    """Items without a target cannot be scored; `codes` names them (rules §4.8)."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(f"target missing: {', '.join(codes)}")
        self.codes = codes


class UnknownEvent(ValueError):
    """An event that the item has no price for, or a negative count of one."""

    def __init__(self, code: str, event: str) -> None:
        super().__init__(f"{code} cannot count {event!r}")
        self.code = code
        self.event = event


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule needs beside its weight; each rule reads its own fields."""

    cap: Decimal | None = None
    floor: Decimal = Decimal(0)
    floor_means: FloorMeaning = FloorMeaning.THRESHOLD
    bands: tuple[tuple[Decimal | None, Decimal], ...] = ()
    per: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    low: Decimal | None = None
    low_points: Decimal | None = None
    high: Decimal | None = None
    high_points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a scorecard's rules. `per` prices the events of a deduction."""

    code: str
    weight: Decimal
    rule: Rule
    curve: Curve
    zero_target: ZeroTarget = ZeroTarget.SPREAD
    per: Mapping[str, Decimal] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points per event, up to a cap, outside the 100."""

    per: Decimal
    cap: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    """What a unit reported for an item; None is "not reported", never zero.

    `best` is the best unit's actual (relative rule only). `is_void` marks a ratio over zero: it
    is reported and does not exist, so that nothing can be assessed, as without a task (rules §1).
    `closed_at_zero` says that the month was closed without this figure, for 0 points and with a
    written reason (rules §4.9).
    """

    target: Decimal | Fraction | None = None
    actual: Decimal | Fraction | None = None
    events: Mapping[str, int] = field(default_factory=dict, hash=False)
    best: Decimal | Fraction | None = None
    is_void: bool = False
    closed_at_zero: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line has its points: a code and the figures of its sentence."""

    code: Why
    params: Mapping[str, Number | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A scored item; points are None while pending and where the item is not assessed."""

    code: str
    weight: Decimal
    points: Decimal | None
    completion: Completion | None
    reason: Reason

    @property
    def is_pending(self) -> bool:
        """Whether the actual is still to be reported."""
        return self.reason.code is Why.PENDING

    @property
    def is_assessed(self) -> bool:
        """Whether the item counts towards the applicable weight."""
        return self.reason.code is not Why.NOT_ASSESSED


@dataclass(frozen=True, slots=True)
class Card:
    """A unit's month. `total` is None while a line is pending, and when nothing was assessed.

    `base` includes the spread of unassessed weight, `unspread_base` is Σ rounded points;
    `range` is what the total can still become (its upper end None without a cap).
    """

    lines: tuple[Line, ...]
    base: Decimal | None
    unspread_base: Decimal
    applicable_weight: Decimal
    bonus: Decimal
    bonus_reason: Reason | None
    total: Decimal | None
    veto: Veto | None
    range: tuple[Decimal, Decimal | None] | None

    @property
    def pending(self) -> tuple[str, ...]:
        """The codes of the lines that wait for an actual."""
        return tuple(line.code for line in self.lines if line.is_pending)


def item(
    code: str,
    weight: Decimal,
    rule: Rule,
    parameters: Parameters,
    zero_target: ZeroTarget = ZeroTarget.SPREAD,
) -> Item:
    """Return the item of a stored rule. Raises BadRule naming the parameter at fault."""
    if weight <= 0:
        raise BadRule("weight", "the weight must be above 0")
    return Item(code, weight, rule, _curve(weight, rule, parameters), zero_target, parameters.per)


def _curve(weight: Decimal, rule: Rule, given: Parameters) -> Curve:
    match rule:
        case Rule.PROPORTIONAL:
            return curves.proportional(weight, given.cap, given.floor, given.floor_means)
        case Rule.INVERSE:
            return curves.inverse(weight, _needed("cap", given.cap))
        case Rule.INVERSE_LINEAR:
            return curves.inverse_linear(weight, _needed("cap", given.cap))
        case Rule.BANDS:
            return curves.bands(given.bands)
        case Rule.DEDUCTION:
            if not given.per or any(price < 0 for price in given.per.values()):
                raise BadRule("per", "a deduction needs events with prices of at least 0")
            return curves.deduction(weight)
        case Rule.MIN_MAX:
            return curves.min_max(
                _needed("low", given.low),
                _needed("low_points", given.low_points),
                _needed("high", given.high),
                _needed("high_points", given.high_points),
            )
        case Rule.RELATIVE:
            return curves.relative(weight)


def _needed(name: str, value: Decimal | None) -> Decimal:
    if value is None:
        raise BadRule(name, f"the rule needs {name.replace('_', ' ')}")
    return value


def has_full_weight(items: Sequence[Item]) -> bool:
    """Whether the weights make 100, without which a scheme is not published (rules §4.7)."""
    return sum((item.weight for item in items), Decimal(0)) == FULL_WEIGHT


def completion(target: Decimal | Fraction, actual: Decimal | Fraction) -> Fraction | None:
    """Return 1 + (actual − target) ÷ |target|, exact; None for a target of zero.

    So a planned loss of 20 that came in at 15 is 125%, not 75% (rules §4.1).
    """
    if target == 0:
        return None
    return 1 + (Fraction(actual) - Fraction(target)) / abs(Fraction(target))


def inverse_completion(target: Decimal | Fraction, actual: Decimal | Fraction) -> Completion | None:
    """Return target ÷ actual, UNBOUNDED for an actual of zero or less; None for a target of zero.

    For a negative target it is actual ÷ target, so that lower stays better.
    """
    if target == 0:
        return None
    if target < 0:
        return Fraction(actual) / Fraction(target)
    return Fraction(target) / Fraction(actual) if actual > 0 else UNBOUNDED


def cost(item: Item, events: Mapping[str, int]) -> Fraction:
    """Return Σ count × price of the events. Raises UnknownEvent."""
    for event, count in events.items():
        if event not in item.per or count < 0:
            raise UnknownEvent(item.code, event)
    return sum((count * Fraction(item.per[event]) for event, count in events.items()), Fraction(0))


def _position(item: Item, result: Result) -> Completion | None:
    """Return the x of the item's curve; None while a figure is not reported."""
    basis = item.rule.basis
    if basis is Basis.EVENTS:
        return cost(item, result.events)
    if result.actual is None:
        return None
    if basis is Basis.ACTUAL:
        return Fraction(result.actual)
    if basis is Basis.RELATIVE:
        if result.best is None:
            return None
        return Fraction(result.actual) / Fraction(result.best) if result.best > 0 else Fraction(0)
    if result.target is None:
        return None
    if basis is Basis.INVERSE:
        return inverse_completion(result.target, result.actual)
    ratio = completion(result.target, result.actual)
    if basis is Basis.INVERSE_LINEAR and ratio is not None:
        return 2 - ratio
    return ratio


def line(item: Item, result: Result) -> Line:
    """Score one item. Raises TargetMissing and UnknownEvent."""
    if item.rule.basis.needs_target:
        if result.target is None:
            raise TargetMissing((item.code,))
        if result.target == 0:
            return _without_task(item)
    elif item.rule.basis is Basis.ACTUAL and result.is_void:
        return _without_task(item)

    x = _position(item, result)
    if x is None:
        if result.closed_at_zero:
            reason = Reason(Why.CLOSED_AT_ZERO)
            return Line(item.code, item.weight, Decimal("0.00"), None, reason)
        return Line(item.code, item.weight, None, None, Reason(Why.PENDING))

    numerator, denominator = (1, 0) if x == UNBOUNDED else Fraction(x).as_integer_ratio()
    points = item.curve.points(numerator, denominator)
    shown = None if item.rule.basis in {Basis.ACTUAL, Basis.EVENTS} else x
    reason = _reason(item, item.curve.segment_at(numerator, denominator), x)
    return Line(item.code, item.weight, points, shown, reason)


def _without_task(item: Item) -> Line:
    match item.zero_target:
        case ZeroTarget.SPREAD:
            return Line(item.code, item.weight, None, None, Reason(Why.NOT_ASSESSED))
        case ZeroTarget.FULL:
            full = rounded(item.weight, 2)
            return Line(item.code, item.weight, full, None, Reason(Why.ZERO_TARGET_FULL))
        case ZeroTarget.ZERO:
            nothing = Decimal("0.00")
            return Line(item.code, item.weight, nothing, None, Reason(Why.ZERO_TARGET_ZERO))


def reason_at(item: Item, x: Completion) -> Reason:
    """Return why the item's curve gives what it gives at x."""
    numerator, denominator = (1, 0) if isinstance(x, float) else (x.numerator, x.denominator)
    return _reason(item, item.curve.segment_at(numerator, denominator), x)


def _reason(item: Item, segment: Segment, x: Completion) -> Reason:
    """Return why the segment gives what it gives, with the figures of the sentence."""
    value = None if isinstance(x, float) else x
    last = item.curve.segments[-1].start
    match segment.why:
        case Why.CAPPED if value == segment.start:  # exactly at the cap nothing is cut off
            code = Why.MIN_MAX if item.rule is Rule.MIN_MAX else Why.BY_COMPLETION
            return Reason(code)
        case Why.CAPPED:
            return Reason(Why.CAPPED, {"cap": segment.start})
        case Why.BELOW_FLOOR | Why.RAISED_TO_FLOOR:
            return Reason(segment.why, {"floor": item.curve.segments[1].start})
        case Why.BAND:
            return Reason(Why.BAND, {"threshold": segment.start, "value": value})
        case Why.INVERSE | Why.INVERSE_LINEAR:
            return Reason(segment.why, {"cap": last})
        case Why.USED_UP if value == segment.start:  # exactly used up: plain subtraction says it
            return Reason(Why.DEDUCTED, {"weight": item.weight, "deducted": value})
        case Why.DEDUCTED | Why.USED_UP:
            return Reason(segment.why, {"weight": item.weight, "deducted": value})
        case _:
            return Reason(segment.why)


def bonus_points(bonus: Bonus, count: int) -> tuple[Decimal, Reason]:
    """Return count × per up to the cap, with its reason. Raises ValueError below a count of 0."""
    if count < 0:
        raise ValueError("a bonus cannot count less than 0 events")
    earned = count * Fraction(bonus.per)
    points = curves.bonus(bonus.cap).points(*earned.as_integer_ratio())
    return points, Reason(Why.BONUS, {"count": count, "per": bonus.per, "cap": bonus.cap})


def with_bonus(card: Card, points: Decimal, reason: Reason | None = None) -> Card:
    """Return the card with bonus points on its total and range; a veto that takes all takes them.

    A card on which nothing is assessed has no total to add to.
    """
    if card.range is None:
        return replace(card, bonus=points, bonus_reason=reason)
    added = Decimal(0) if card.veto is Veto.ZERO else points
    low, high = card.range
    return replace(
        card,
        bonus=points,
        bonus_reason=reason,
        total=None if card.total is None else card.total + added,
        range=(low + added, None if high is None else high + added),
    )


def score(
    items: Sequence[Item],
    results: Mapping[str, Result],
    *,
    bonus: Bonus | None = None,
    bonus_count: int = 0,
    veto: Veto | None = None,
) -> Card:
    """Score a unit's month: Σ rounded points, unassessed weight spread, then the bonus.

    A code without a result counts as nothing reported. Raises TargetMissing with all codes that
    lack a target, and UnknownEvent.
    """
    missing = tuple(
        item.code
        for item in items
        if item.rule.basis.needs_target and results.get(item.code, Result()).target is None
    )
    if missing:
        raise TargetMissing(missing)

    lines = tuple(line(item, results.get(item.code, Result())) for item in items)
    extra, extra_reason = bonus_points(bonus, bonus_count) if bonus else (Decimal("0.00"), None)
    whole = sum((item.weight for item in items), Decimal(0))
    applicable = sum((line.weight for line in lines if line.is_assessed), Decimal(0))
    unspread = sum((line.points for line in lines if line.points is not None), Decimal("0.00"))

    if not applicable:
        return Card(lines, None, unspread, applicable, extra, extra_reason, None, veto, None)

    def spread(points: Decimal) -> Decimal:
        return rounded(Fraction(points) * Fraction(whole) / Fraction(applicable), 2)

    waiting = [item.curve for item, line in zip(items, lines, strict=True) if line.is_pending]
    lowest = sum((rounded(curve.lowest, 2) for curve in waiting), unspread)
    tops = [curve.highest for curve in waiting]
    highest = sum((rounded(top, 2) for top in tops if top is not None), unspread)
    low = spread(lowest)
    high = None if None in tops else spread(highest)
    if veto is Veto.ZERO:
        low = high = Decimal("0.00")
    total = None if waiting else low
    base = spread(unspread)
    nothing = Decimal("0.00")
    card = Card(lines, base, unspread, applicable, nothing, None, total, veto, (low, high))
    return with_bonus(card, extra, extra_reason)
