"""When a signed group counts. Values in, values out."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction


def counted_month(signed_on: date, open_months: Iterable[date]) -> date | None:
    """Return the open month that counts a signing: its own, else the earliest open one after it.

    A closed month never counts one more; an open month before the signing does not either.
    None: no such month is open yet.
    """
    own = signed_on.replace(day=1)
    return min((month for month in open_months if month >= own), default=None)


def planned_coverage(at_start: Fraction, month: int) -> Fraction:
    """Return the share to be covered by the end of the year's month: evenly to all (plan §5.4)."""
    return at_start + (1 - at_start) * Fraction(month, 12)
