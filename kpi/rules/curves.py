"""Scoring curves: points as a piecewise linear function of a ratio, in exact integers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import lcm

ZERO = Fraction(0)
Number = Decimal | Fraction | int


class FloorMeaning(StrEnum):
    """What a floor of 60% means: nothing below it, or never less than it (rules §4.2)."""

    THRESHOLD = "threshold"
    BASE_SCORE = "base_score"


class Why(StrEnum):
    """What a scorecard says about a line; the sentences are written elsewhere."""

    BY_COMPLETION = "by_completion"
    CAPPED = "capped"
    BELOW_FLOOR = "below_floor"
    RAISED_TO_FLOOR = "raised_to_floor"
    NEGATIVE_AS_ZERO = "negative_as_zero"
    BAND = "band"
    INVERSE = "inverse"
    INVERSE_LINEAR = "inverse_linear"
    DEDUCTED = "deducted"
    USED_UP = "used_up"
    MIN_MAX = "min_max"
    RELATIVE = "relative"
    BONUS = "bonus"
    NOT_ASSESSED = "not_assessed"
    ZERO_TARGET_FULL = "zero_target_full"
    ZERO_TARGET_ZERO = "zero_target_zero"
    CLOSED_AT_ZERO = "closed_at_zero"
    PENDING = "pending"


class BadRule(ValueError):
    """A rule's parameters make no curve; `field` names the one at fault."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Segment:
    """points(x) = (intercept_num + slope_num·x) ÷ denominator for x ≥ start (None: −∞).

    `why` is what a result that falls here is told.
    """

    start: Fraction | None
    intercept_num: int
    slope_num: int
    denominator: int
    why: Why

    def at(self, x: Fraction) -> Fraction:
        """Return the exact points at x."""
        return (self.intercept_num + self.slope_num * x) / self.denominator


@dataclass(frozen=True, slots=True)
class Curve:
    """Segments in order of their starts; never below zero, constant to the far left.

    `lowest` and `highest` are the fewest and the most points that any result can earn; `highest`
    is None for a curve without a cap.
    """

    segments: tuple[Segment, ...]
    lowest: Fraction = field(init=False, compare=False, repr=False)
    highest: Fraction | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        corners = self._corners()
        is_capped = not self.segments[-1].slope_num
        object.__setattr__(self, "lowest", min(corners))
        object.__setattr__(self, "highest", max(corners) if is_capped else None)
        first, *rest = self.segments
        starts = [segment.start for segment in rest]
        if first.start is not None or None in starts:
            raise ValueError("the first segment, and only it, starts at minus infinity")
        if any(a >= b for a, b in pairwise(s for s in starts if s is not None)):
            raise ValueError("starts must increase")
        if first.slope_num or self.segments[-1].slope_num < 0 or self.lowest < 0:
            raise ValueError("a curve is constant to the far left and nowhere below zero")

    def segment_at(self, numerator: int, denominator: int) -> Segment:
        """Return the segment of x = numerator ÷ denominator; a denominator of 0 is +∞."""
        found = self.segments[0]
        for segment in self.segments[1:]:
            start = segment.start or ZERO
            if denominator and numerator * start.denominator < start.numerator * denominator:
                break
            found = segment
        return found

    def cents(self, numerator: int, denominator: int) -> int:
        """Return hundredths of a point at x, rounded half up, in integer arithmetic only.

        At +∞ (denominator 0) the last segment must be flat.
        """
        segment = self.segment_at(numerator, denominator)
        if denominator == 0:
            if segment.slope_num:
                raise ValueError("a curve without a cap has no points at infinity")
            numerator, denominator = 0, 1
        a, b, c = segment.intercept_num, segment.slope_num, segment.denominator
        doubled = (a * denominator + b * numerator) * 200 + c * denominator
        return doubled // (2 * c * denominator)

    def points(self, numerator: int, denominator: int) -> Decimal:
        """Return the points at x with two decimals, rounded half up."""
        return Decimal(self.cents(numerator, denominator)).scaleb(-2)

    def _corners(self) -> list[Fraction]:
        """Return the points at both ends of each segment, as far as they are finite."""
        corners = [self.segments[0].at(ZERO)]
        for before, after in pairwise(self.segments):
            start = after.start or ZERO
            corners += [before.at(start), after.at(start)]
        return corners


def _segment(start: Number | None, intercept: Number, slope: Number, why: Why) -> Segment:
    a, b = Fraction(intercept), Fraction(slope)
    c = lcm(a.denominator, b.denominator)
    return Segment(None if start is None else Fraction(start), int(a * c), int(b * c), c, why)


def _checked_cap(cap: Number, above: Number = 0) -> None:
    if cap <= above:
        raise BadRule("cap", f"the cap must be above {above}")


@lru_cache
def proportional(
    weight: Number,
    cap: Number | None,
    floor: Number = 0,
    floor_means: FloorMeaning = FloorMeaning.THRESHOLD,
) -> Curve:
    """Weight × completion up to the cap (1.2 = 120%; None: no cap), with a floor (rules §4.2).

    The floor itself scores by completion. Raises BadRule.
    """
    if floor < 0:
        raise BadRule("floor", "the floor must not be negative")
    if cap is not None:
        _checked_cap(cap, above=floor)
    if floor == 0:
        lowest = _segment(None, 0, 0, Why.NEGATIVE_AS_ZERO)
    elif floor_means is FloorMeaning.THRESHOLD:
        lowest = _segment(None, 0, 0, Why.BELOW_FLOOR)
    else:
        lowest = _segment(None, Fraction(weight) * Fraction(floor), 0, Why.RAISED_TO_FLOOR)
    segments = [lowest, _segment(floor, 0, weight, Why.BY_COMPLETION)]
    if cap is not None:
        segments.append(_segment(cap, Fraction(weight) * Fraction(cap), 0, Why.CAPPED))
    return Curve(tuple(segments))


def bands(steps: Iterable[tuple[Number | None, Number]]) -> Curve:
    """Points by the highest threshold reached, compared on raw values (rules §4.3).

    Thresholds are ratios (0.16); the one that is None is for everything below and is 0 points
    when absent. Raises BadRule for repeated thresholds or negative points.
    """
    given = list(steps)
    table = {None if limit is None else Fraction(limit): points for limit, points in given}
    if len(table) != len(given):
        raise BadRule("bands", "a band is listed twice")
    if any(points < 0 for points in table.values()):
        raise BadRule("bands", "the points of a band must not be negative")
    limits = sorted(limit for limit in table if limit is not None)
    if not limits:
        raise BadRule("bands", "bands need a threshold")
    rest = _segment(None, table.get(None, 0), 0, Why.BAND)
    return Curve((rest, *(_segment(limit, table[limit], 0, Why.BAND) for limit in limits)))


def inverse(weight: Number, cap: Number) -> Curve:
    """Weight × target ÷ actual up to the cap; an actual of zero is the best case (rules §4.4)."""
    return _inverse(weight, cap, Why.INVERSE)


def inverse_linear(weight: Number, cap: Number) -> Curve:
    """Weight × (2 − actual ÷ target), from 0 up to the cap: the other reading of rules §15."""
    return _inverse(weight, cap, Why.INVERSE_LINEAR)


def _inverse(weight: Number, cap: Number, why: Why) -> Curve:
    _checked_cap(cap)
    return Curve(
        (
            _segment(None, 0, 0, Why.NEGATIVE_AS_ZERO),
            _segment(0, 0, weight, why),
            _segment(cap, Fraction(weight) * Fraction(cap), 0, why),
        )
    )


def deduction(weight: Number) -> Curve:
    """The weight minus what the events cost, until it is used up (rules §4.5)."""
    if weight <= 0:
        raise BadRule("weight", "the weight must be above 0")
    return Curve(
        (
            _segment(None, weight, 0, Why.DEDUCTED),
            _segment(0, weight, -1, Why.DEDUCTED),
            _segment(weight, 0, 0, Why.USED_UP),
        )
    )


def bonus(cap: Number) -> Curve:
    """What the events earn, up to the cap, outside the 100 (rules §4.6)."""
    _checked_cap(cap)
    return Curve(
        (
            _segment(None, 0, 0, Why.BONUS),
            _segment(0, 0, 1, Why.BONUS),
            _segment(cap, cap, 0, Why.CAPPED),
        )
    )


def min_max(low: Number, low_points: Number, high: Number, high_points: Number) -> Curve:
    """0 below `low`, linear from its points to those of `high`, flat above (rules §4).

    `low` and `high` are completions as ratios (0.8, 1.2). Raises BadRule.
    """
    if high <= low:
        raise BadRule("high", "the maximum must be above the minimum")
    if low_points < 0:
        raise BadRule("low_points", "the points must not be negative")
    if high_points < low_points:
        raise BadRule("high_points", "the points of the maximum must not be below the minimum's")
    slope = (Fraction(high_points) - Fraction(low_points)) / (Fraction(high) - Fraction(low))
    return Curve(
        (
            _segment(None, 0, 0, Why.BELOW_FLOOR),
            _segment(low, Fraction(low_points) - slope * Fraction(low), slope, Why.MIN_MAX),
            _segment(high, high_points, 0, Why.CAPPED),
        )
    )


def relative(weight: Number) -> Curve:
    """Weight × own ÷ best (rules §4, relative style)."""
    return Curve(
        (
            _segment(None, 0, 0, Why.NEGATIVE_AS_ZERO),
            _segment(0, 0, weight, Why.RELATIVE),
            _segment(1, weight, 0, Why.RELATIVE),
        )
    )
