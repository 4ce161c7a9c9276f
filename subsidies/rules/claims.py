"""Expense claims: until when, from what, and how much of one is paid (plan §7.1, rules §8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from subsidies.rules.money import to_cents

ZONE = ZoneInfo("Asia/Shanghai")
LAST_DAY = 25
REMINDER_DAYS = (20, 24)


class Draws(StrEnum):
    """Which month's floating part the claims of a month draw on (rules §8, §15)."""

    SPLIT = "split"  # fixed of this month, floating of last month
    LAST_MONTH = "last_month"  # both of last month


def opening(month: date) -> datetime:
    """Return the first instant at which a claim of the month may be submitted."""
    return datetime.combine(month, time(), tzinfo=ZONE)


def closing(month: date) -> datetime:
    """Return the first instant that is too late: the 26th, 0:00 in Shanghai.

    The 25th itself counts to its last second; a weekend or holiday does not extend it.
    """
    return datetime.combine(month.replace(day=LAST_DAY) + timedelta(days=1), time(), tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Demand:
    """A live claim of a unit-month. `granted` None: receipts not checked yet.

    Without a receipt it waits (待补票据) and holds nothing back from the others.
    """

    key: int
    submitted_at: datetime
    amount: Decimal
    granted: Decimal | None = None
    has_receipts: bool = True


@dataclass(frozen=True, slots=True)
class Budget:
    """What a unit may claim for a month, in yuan; `floating` None while it is pending."""

    fixed: Decimal
    floating: Decimal | None

    @property
    def total(self) -> Decimal:
        """Return what may be claimed now: a pending floating part is not there yet."""
        return self.fixed + (self.floating or Decimal(0))


@dataclass(frozen=True, slots=True)
class Headroom:
    """A budget with what was granted from it and what waits, in yuan."""

    budget: Budget
    granted: Decimal
    waiting: Decimal

    @property
    def left(self) -> Decimal:
        """Return the balance that is not granted yet, not below 0."""
        return max(self.budget.total - self.granted, Decimal("0.00"))

    @property
    def free(self) -> Decimal:
        """Return what a new claim could get if everything that waits were granted first."""
        return max(self.left - self.waiting, Decimal("0.00"))


def headroom(budget: Budget, demands: Iterable[Demand]) -> Headroom:
    """Return the budget with its use. Claims that wait count in full, receipts or not."""
    granted = waiting = Decimal("0.00")
    for demand in demands:
        if demand.granted is None:
            waiting += demand.amount
        else:
            granted += demand.granted
    return Headroom(budget, granted, waiting)


def grant(budget: Budget, demands: Iterable[Demand], key: int) -> Decimal:
    """Return how much of the claim `key` is paid, to the cent: all, or the balance that is left.

    First come, first served: claims submitted earlier whose receipts are there keep theirs, in
    whatever order the receipts are checked; equal instants go by key. What others were granted
    already is gone. Never negative. Raises KeyError for an unknown claim.
    """
    every = {demand.key: demand for demand in demands}
    mine = every.pop(key)
    left = budget.total
    for other in every.values():
        if other.granted is not None:
            left -= other.granted
        elif other.has_receipts and (other.submitted_at, other.key) < (mine.submitted_at, key):
            left -= other.amount
    return to_cents(min(mine.amount, max(left, Decimal(0))))
