"""What looks wrong about a figure as entered: slips of the unit, the point, the sign."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

TENFOLD = 10
# 元 written for 万元 is about 10 000 times the month before; a third to three times that.
SLIP = 10_000
SLIP_FROM, SLIP_TO = Decimal(SLIP) / 3, Decimal(SLIP) * 3


class Doubt(StrEnum):
    """Why a figure is doubted."""

    UNIT_SLIP = "unit_slip"
    TENFOLD = "tenfold"
    NEGATIVE = "negative"
    OVER_WHOLE = "over_whole"


@dataclass(frozen=True, slots=True)
class Doubted:
    """A doubt, the figure it is compared with, and the figure that was probably meant."""

    code: Doubt
    compared: Decimal | None = None
    suggestion: Decimal | None = None


def doubt(
    value: Decimal,
    *,
    last: Decimal | None,
    decimals: int,
    in_ten_thousands: bool,
    is_ratio: bool,
    may_be_negative: bool,
) -> Doubted | None:
    """Return what is odd about a value, None when nothing is.

    `last` is last month's value of the same cell; `decimals` those that are entered. A percentage
    over 100 was probably typed without its point, money 10 000 times too large in 元.
    """
    if value < 0 and not may_be_negative:
        return Doubted(Doubt.NEGATIVE, suggestion=-value)
    if is_ratio and value > 1:
        return Doubted(Doubt.OVER_WHOLE, suggestion=_at(value / 100, decimals))
    if last is None or last == 0:
        return None
    times = abs(value / last)
    if in_ten_thousands and SLIP_FROM <= times <= SLIP_TO:
        return Doubted(Doubt.UNIT_SLIP, last, _at(value / SLIP, decimals))
    if times >= TENFOLD:
        return Doubted(Doubt.TENFOLD, last)
    return None


def _at(value: Decimal, decimals: int) -> Decimal:
    return round(value, decimals)


def has_too_many_decimals(value: Decimal, decimals: int) -> bool:
    """Whether a value has more places than its indicator keeps (2.0 persons have none)."""
    scaled = value.scaleb(decimals)
    return scaled != scaled.to_integral_value()
