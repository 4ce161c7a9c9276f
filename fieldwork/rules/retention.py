"""When a first call is due, and to whom users are given. Values in, values out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction

FIRST_CALL_DAYS = 3


def due_day(
    listed_on: date, is_worked: Callable[[date], bool], days: int = FIRST_CALL_DAYS
) -> date:
    """Return the last of `days` worked days after the day of the list."""
    day = listed_on
    while days:
        day += timedelta(days=1)
        days -= is_worked(day)
    return day


def least_busy(loads: Mapping[int, int], among: Iterable[int]) -> int | None:
    """Return who of `among` has the fewest users; the first of equals; None of nobody."""
    return min(among, key=lambda person: loads.get(person, 0), default=None)


def rate(part: int, whole: int) -> Fraction | None:
    """Return part ÷ whole; None where there is nothing to divide by."""
    return Fraction(part, whole) if whole else None
