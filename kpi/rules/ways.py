"""The least that reaches a goal, where what counts changes direction only at known marks."""

from collections.abc import Callable, Iterable
from fractions import Fraction

from kpi.rules.curves import Number


def least(reaches: Callable[[int], bool], marks: Iterable[int]) -> int | None:
    """Return the fewest steps (1, 2, 3 …) that reach the goal; None when no mark does.

    Between two neighbouring marks, each with the step before it, reaching must be monotone:
    scores are, because a curve bends and jumps only where one of its segments begins.
    """
    tried = 0
    for mark in sorted({near for one in marks for near in (one - 1, one) if near > 0}):
        if reaches(mark):
            low, high = tried, mark
            while high - low > 1:
                middle = (low + high) // 2
                if reaches(middle):
                    high = middle
                else:
                    low = middle
            return high
        tried = mark
    return None


def steps_to(
    goal: Number,
    *,
    numerator: Number,
    divisor: Number | None,
    above: int,
    below: int,
    step: Fraction,
) -> int | None:
    """Return how many steps of a source bring numerator ÷ divisor to the goal, at least to it.

    `above` and `below` are what the source weighs in both sides; without a divisor the numerator
    itself has to reach the goal. Signed; None where the source cannot move it.
    """
    aim = Fraction(goal) * (1 if divisor is None else Fraction(divisor))
    pull = above - (0 if divisor is None else Fraction(goal) * below)
    if pull == 0:
        return None
    exact = (aim - Fraction(numerator)) / pull / step
    whole = -(-abs(exact).numerator // abs(exact).denominator)
    return whole if exact > 0 else -whole
