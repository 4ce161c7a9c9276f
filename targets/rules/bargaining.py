"""Arithmetic of bargaining: a year scaled around its fixed months, a sum homed elsewhere."""

from collections.abc import Collection, Sequence
from fractions import Fraction

from targets.rules.breakdown import largest_remainder


class NoRoom(ValueError):
    """No month is open, or the open ones would fall below what is allowed."""


def scaled_year(values: Sequence[int], fixed: Collection[int], total: int) -> tuple[int, ...]:
    """Return the months that sum to `total`: fixed positions stand, the others in proportion.

    Months of 0 stay 0 unless all open ones are, which then share alike. Raises NoRoom when no
    month is open, or when the fixed ones alone exceed the total.
    """
    return added(values, fixed, total - sum(values))


def added(values: Sequence[int], fixed: Collection[int], amount: int) -> tuple[int, ...]:
    """Return the months with `amount` (of either sign) spread over the open ones.

    In proportion to what stands there, by largest remainder, so that the sum grows by exactly
    `amount`. Raises NoRoom when no month is open, or a taking exceeds what the open months hold.
    """
    places = [n for n in range(len(values)) if n not in fixed]
    if not amount:
        return tuple(values)
    held = sum(values[n] for n in places)
    if not places or (amount < 0 <= held and held + amount < 0):
        raise NoRoom
    weights = [Fraction(abs(values[n])) for n in places]
    if not any(weights):
        weights = [Fraction(1)] * len(places)
    result = list(values)
    for n, part in zip(places, largest_remainder(amount, weights), strict=True):
        result[n] += part
    return tuple(result)
