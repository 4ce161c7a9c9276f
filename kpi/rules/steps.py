"""What is still missing to the next step of a curve: how much more, and what it would earn."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpi.rules.curves import Curve, Number, Why
from kpi.rules.scoring import Basis


@dataclass(frozen=True, slots=True)
class Step:
    """A result further along the curve. `more` is signed: an inverse item needs less.

    `is_full` marks the full mark, `is_top` the most the curve gives.
    """

    more: Decimal | Fraction
    points: Decimal
    gain: Decimal
    is_full: bool
    is_top: bool


def next_steps(
    curve: Curve,
    *,
    basis: Basis,
    weight: Decimal,
    target: Number | None,
    actual: Number | None,
    decimals: int,
) -> list[Step]:
    """Return the steps that lie ahead, the nearest first; none where the curve does not rise.

    `decimals` are those in which the actual can move.
    """
    if actual is None or basis in {Basis.EVENTS, Basis.RELATIVE}:
        return []
    if basis.needs_target and not target:
        return []
    now = _position(basis, target, actual)
    if now is None:
        return []
    have = curve.points(*now.as_integer_ratio())
    goals = {Fraction(segment.start) for segment in curve.segments if segment.start is not None}
    if any(s.why in {Why.BY_COMPLETION, Why.INVERSE, Why.INVERSE_LINEAR} for s in curve.segments):
        goals.add(Fraction(1))
    steps = []
    for goal in sorted(goal for goal in goals if goal > now):
        exact = needed(basis, target, goal)
        if exact is None:
            continue
        wanted = _stepped(exact, basis, decimals)
        reached = _position(basis, target, wanted)
        points = curve.points(*(reached or goal).as_integer_ratio())
        if points > have:
            more = Fraction(wanted) - Fraction(actual)
            steps.append(
                Step(
                    more=more,
                    points=points,
                    gain=points - have,
                    is_full=points == weight,
                    is_top=curve.highest is not None and points == curve.highest,
                )
            )
    return steps


def _position(basis: Basis, target: Number | None, actual: Number) -> Fraction | None:
    a = Fraction(actual)
    if basis is Basis.ACTUAL:
        return a
    t = Fraction(target or 0)
    if basis is Basis.INVERSE:
        return t / a if t > 0 and a > 0 else None
    ratio = 1 + (a - t) / abs(t)
    return 2 - ratio if basis is Basis.INVERSE_LINEAR else ratio


def needed(basis: Basis, target: Number | None, goal: Fraction) -> Fraction | None:
    """Return the exact actual at which an item on this basis is at `goal`; None where none is."""
    if basis is Basis.ACTUAL:
        return goal
    t = Fraction(target or 0)
    if basis is Basis.INVERSE:
        return t / goal if goal > 0 else None
    if basis is Basis.INVERSE_LINEAR:
        return t + (1 - goal) * abs(t)
    return t + (goal - 1) * abs(t)


def _stepped(value: Fraction, basis: Basis, decimals: int) -> Decimal | Fraction:
    """Round to the decimals on the safe side; a ratio itself is no entry and stays exact."""
    if basis is Basis.ACTUAL:
        return value
    scaled = value * 10**decimals
    whole = scaled.numerator // scaled.denominator
    if basis is Basis.COMPLETION and scaled.denominator != 1:
        whole += 1
    return Decimal(whole).scaleb(-decimals)
