"""How many visits a month holds, and on which days they fall. Values in, values out."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import floor

# code, Chinese, English: an invented default for the six items the plan does not list (rules §11).
SIX_ITEMS = (
    ("sign", "一块门头", "Shop sign"),
    ("counter", "一节专柜", "Counter of our own"),
    ("poster", "一幅海报", "Poster"),
    ("leaflets", "一套单页或价签", "Leaflets or price tags"),
    ("promoter", "一名促销员", "Promoter"),
    ("ledger", "一本台账", "Ledger"),
)


def visits_in_month(frequency: Decimal, number: int) -> int:
    """Return the visits of the year's month `number`, so that the year's sum is exact.

    1.5 a month makes 1, 2, 1, 2 …: the whole part of what is due by the month's end, less what
    was due before.
    """
    return floor(frequency * number) - floor(frequency * (number - 1))


def working_days(first: date, last: date) -> list[date]:
    """Return Monday to Friday of the period (plan §8.4: Saturday is for summaries)."""
    span = (last - first).days + 1
    days = [first + timedelta(days=number) for number in range(span)]
    return [day for day in days if day.weekday() < 5]


def spread(days: Sequence[date], count: int, turn: int) -> list[date]:
    """Return `count` days evenly over the period; `turn` shifts them, so that outlets alternate."""
    if not days:
        return []
    return sorted(days[(turn + number * len(days) // count) % len(days)] for number in range(count))
