"""What a promotion cost for each user, and what it moved afterwards. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

DAYS = 7  # before and after the day itself


def per_user(cost: Decimal | None, users: int | None) -> Fraction | None:
    """Return yuan a user (单户成本), exact; None without a result, or when nobody was won."""
    if cost is None or not users:
        return None
    return Fraction(cost) / users


def days_before(day: date) -> list[date]:
    """Return the seven days before a day."""
    return [day - timedelta(days=n) for n in range(DAYS, 0, -1)]


def days_after(day: date) -> list[date]:
    """Return the seven days after a day: the day itself is neither."""
    return [day + timedelta(days=n) for n in range(1, DAYS + 1)]


@dataclass(frozen=True, slots=True)
class Lift:
    """Seven days after against seven before. Ratios are exact; None where a day is not known."""

    before: Decimal | None
    after: Decimal | None
    unknown_before: int
    unknown_after: int

    @property
    def daily_before(self) -> Fraction | None:
        return None if self.before is None else Fraction(self.before) / DAYS

    @property
    def extra(self) -> Decimal | None:
        """What the week after brought beyond seven times the daily mean before."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def rate(self) -> Fraction | None:
        """The same as a share of the week before; None also where that brought nothing."""
        if self.extra is None or not self.before or self.before < 0:
            return None
        return Fraction(self.extra) / Fraction(self.before)


def lift(before: Sequence[Decimal | None], after: Sequence[Decimal | None]) -> Lift:
    """Compare what each day brought; a day nobody reported is not a day without users."""
    return Lift(_sum(before), _sum(after), _unknown(before), _unknown(after))


def _sum(days: Sequence[Decimal | None]) -> Decimal | None:
    known = [day for day in days if day is not None]
    return sum(known, Decimal(0)) if len(known) == len(days) else None


def _unknown(days: Sequence[Decimal | None]) -> int:
    return sum(day is None for day in days)
