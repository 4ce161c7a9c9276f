"""Days that stand out: what a day brought beside last month's daily mean (rules §5)."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

JUMP = 2  # times the daily mean, and more than FEW
FEW = 5
DROP = Fraction(1, 3)  # of the daily mean, and at least one: nothing at all is QUIET's
QUIET_DAYS = 7


class Alarm(StrEnum):
    """Why a day stands out: it brought much more or much less, or a week brought nothing."""

    JUMP = "jump"
    DROP = "drop"
    QUIET = "quiet"


def alarm(days: Sequence[Decimal | None], mean: Fraction | None) -> Alarm | None:
    """Judge the last of some days by what each brought; None where a day is not known.

    `mean` is last month's daily mean; without one only a quiet week can be told. A quiet week
    needs seven known days: a day nobody reported is not a day without sales.
    """
    if not days or days[-1] is None:
        return None
    week = days[-QUIET_DAYS:]
    if len(week) == QUIET_DAYS and all(day == 0 for day in week):
        return Alarm.QUIET
    last = Fraction(days[-1])
    if mean is None:
        return None
    if last >= JUMP * mean and last > FEW:
        return Alarm.JUMP
    if 1 <= last <= DROP * mean:
        return Alarm.DROP
    return None
