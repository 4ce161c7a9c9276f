"""What looks wrong about a figure as entered: slips of the unit, the point, the sign."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

TENFOLD = 10
# 元 written for 万元 is about 10 000 times the month before; a third to three times that.
SLIP = 10_000
SLIP_FROM, SLIP_TO = Decimal(SLIP) / 3, Decimal(SLIP) * 3
# A point or a digit too many is about ten times: suggested up to here, beyond it is anything.
DIGIT_TO = 30
LARGE = 20  # of last month's figure: a zero after less is nothing odd
JUMP = 5  # times the task


class Doubt(StrEnum):
    """Why a figure is doubted."""

    UNIT_SLIP = "unit_slip"
    UNIT_SLIP_DOWN = "unit_slip_down"
    TENFOLD = "tenfold"
    TENTH = "tenth"
    ZERO = "zero"
    NEGATIVE = "negative"
    OVER_WHOLE = "over_whole"
    OVER_TASK = "over_task"


@dataclass(frozen=True, slots=True)
class Doubted:
    """A doubt, the figure it is compared with, and the figure that was probably meant."""

    code: Doubt
    compared: Decimal | None = None
    suggestion: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Nature:
    """What kind of figure is entered; `decimals` are those that are entered."""

    decimals: int
    in_ten_thousands: bool = False
    is_ratio: bool = False
    may_be_negative: bool = False


def doubt(
    value: Decimal,
    nature: Nature,
    *,
    last: Decimal | None,
    task: Decimal | None = None,
    progress: Fraction = Fraction(1),
) -> Doubted | None:
    """Return what is odd about a value, None when nothing is.

    `last` is last month's value of the same cell, `task` this month's task of it. `progress` is
    the share of the month that the figure covers: what is low is judged by the part of last month
    that should be there by then, what is high by the whole. Figures that may be negative swing
    around zero, so they are never too low.
    """
    if value < 0 and not nature.may_be_negative:
        return Doubted(Doubt.NEGATIVE, suggestion=-value)
    if nature.is_ratio and value > 1:
        return Doubted(Doubt.OVER_WHOLE, suggestion=_at(value / 100, nature))
    if last:
        found = _beside_last_month(value, nature, last, progress)
        if found:
            return found
    if task and is_above(value, last) and not nature.is_ratio and value >= JUMP * task > 0:
        times = value / task
        slipped = nature.in_ten_thousands and SLIP_FROM <= times <= SLIP_TO
        meant = _at(value / SLIP, nature) if slipped else _digit(value, times, nature)
        return Doubted(Doubt.UNIT_SLIP if slipped else Doubt.OVER_TASK, task, meant)
    return None


def is_above(value: Decimal, last: Decimal | None) -> bool:
    """Whether a value has left last month's behind: only then the task is asked, too."""
    return not last or value >= JUMP * abs(last)


def _beside_last_month(
    value: Decimal, nature: Nature, last: Decimal, progress: Fraction
) -> Doubted | None:
    times = abs(value / last)
    if nature.in_ten_thousands and SLIP_FROM <= times <= SLIP_TO:
        return Doubted(Doubt.UNIT_SLIP, last, _at(value / SLIP, nature))
    if times >= TENFOLD:
        return Doubted(Doubt.TENFOLD, last, _digit(value, times, nature))
    if nature.may_be_negative:
        return None
    # The value beside the part of last month that is due, both times the days of the month.
    reached, due = value * progress.denominator, last * progress.numerator
    if value == 0:
        return Doubted(Doubt.ZERO, last) if due >= LARGE * progress.denominator else None
    if nature.in_ten_thousands and reached * SLIP_FROM <= due <= reached * SLIP_TO:
        return Doubted(Doubt.UNIT_SLIP_DOWN, last, value * SLIP)
    if reached * TENFOLD <= due:
        meant = value * TENFOLD if reached * DIGIT_TO >= due else None
        return Doubted(Doubt.TENTH, last, meant)
    return None


def _digit(value: Decimal, times: Decimal, nature: Nature) -> Decimal | None:
    """Return the figure with a digit less, where that is what may have been meant."""
    tenth = value / TENFOLD
    if times > DIGIT_TO or has_too_many_decimals(tenth, nature.decimals):
        return None
    return tenth


def _at(value: Decimal, nature: Nature) -> Decimal:
    return round(value, nature.decimals)


def has_too_many_decimals(value: Decimal, decimals: int) -> bool:
    """Whether a value has more places than its indicator keeps (2.0 persons have none)."""
    scaled = value.scaleb(decimals)
    return scaled != scaled.to_integral_value()
