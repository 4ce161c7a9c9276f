"""The floor of gross additions that a net target needs (rules §1, plan table 3-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil


class RateOutOfRange(ValueError):
    """An effective rate must be above 0 and at most 1."""

    def __init__(self, rate: Fraction) -> None:
        super().__init__(f"the effective rate must be above 0 and at most 100%, not {rate}")
        self.rate = rate


@dataclass(frozen=True, slots=True)
class Floor:
    """Gross additions needed; `exact` before rounding up to whole users."""

    gross_adds: int
    exact: Fraction


@dataclass(frozen=True, slots=True)
class RevenueChain:
    """From a revenue target to users: every step of plan table 3-1."""

    average_users: Fraction
    closing_users: Fraction
    net_adds: Fraction
    floor: Floor
    implied_losses: Fraction
    monthly_churn: Fraction


def _checked_rate(rate: Decimal | Fraction) -> Fraction:
    exact = Fraction(rate)
    if not 0 < exact <= 1:
        raise RateOutOfRange(exact)
    return exact


def gross_adds_floor(
    net_target: Decimal | Fraction | int, effective_rate: Decimal | Fraction
) -> Floor:
    """Return ⌈net ÷ rate⌉: one user fewer would miss the net target.

    The rate is measure A, net ÷ gross, as a ratio (0.16). A net target of 0 or less needs no
    gross additions. Raises RateOutOfRange.
    """
    exact = max(Fraction(0), Fraction(net_target) / _checked_rate(effective_rate))
    return Floor(ceil(exact), exact)


def net_adds(gross_adds: int, effective_rate: Decimal | Fraction) -> Fraction:
    """Return the net additions that a rate leaves of the gross ones. Raises RateOutOfRange."""
    return gross_adds * _checked_rate(effective_rate)


def extra_gross_adds(
    net_target: Decimal | Fraction | int, gross_adds: int, effective_rate: Decimal | Fraction
) -> int:
    """Return the further gross additions that close the gap at the rate actually reached."""
    short = Fraction(net_target) - net_adds(gross_adds, effective_rate)
    return gross_adds_floor(short, effective_rate).gross_adds


def effective_rate(net: Decimal | Fraction | int, gross: Decimal | int) -> Fraction | None:
    """Return measure A, net ÷ gross; None without gross additions. May be negative or above 1."""
    return None if gross == 0 else Fraction(net) / Fraction(gross)


def mixed_rate(tiers: Iterable[tuple[int, Decimal | Fraction]]) -> Fraction | None:
    """Return the effective rate of (gross, rate) tiers weighted by volume, never their mean."""
    rows = list(tiers)
    net = sum((net_adds(gross, rate) for gross, rate in rows), Fraction(0))
    return effective_rate(net, sum(gross for gross, _ in rows))


def cohort_rate(gross: int, ineffective: int) -> Fraction | None:
    """Return measure B, (gross − ineffective) ÷ gross (rules §1).

    `ineffective` counts users, so one who is hit by two criteria counts once.
    """
    return effective_rate(gross - ineffective, gross)


def arpu(
    revenue: Decimal | Fraction, average_users: Decimal | Fraction | int, months: int = 12
) -> Fraction | None:
    """Return yuan per user and month of a revenue in yuan; None without users (rules §1)."""
    if average_users == 0:
        return None
    return Fraction(revenue) / months / Fraction(average_users)


def chain_from_revenue(
    revenue: Decimal | Fraction,
    yearly_arpu: Decimal | Fraction,
    opening_users: int,
    effective_rate: Decimal | Fraction,
) -> RevenueChain:
    """Return how many users a year's revenue (in yuan) needs at a monthly ARPU in yuan.

    Average users are the mean of opening and closing ones. Raises RateOutOfRange, and
    ValueError for an ARPU that is not positive.
    """
    if yearly_arpu <= 0:
        raise ValueError("the ARPU must be above 0")
    average = Fraction(revenue) / 12 / Fraction(yearly_arpu)
    closing = 2 * average - opening_users
    net = closing - opening_users
    floor = gross_adds_floor(net, effective_rate)
    losses = floor.gross_adds - net
    churn = losses / 12 / average if average else Fraction(0)
    return RevenueChain(average, closing, net, floor, losses, churn)


POINT = Fraction(1, 100)
NEIGHBOURS = (-2, -1, 0, 1, 2)


@dataclass(frozen=True, slots=True)
class RateCost:
    """The floor at a neighbouring rate, and what it asks more or less than at the chosen one."""

    rate: Fraction
    gross_adds: int
    difference: int


@dataclass(frozen=True, slots=True)
class Reached:
    """What a number of gross additions brings at the rate really reached."""

    net_adds: Fraction
    short: Fraction
    extra_gross_adds: int


@dataclass(frozen=True, slots=True)
class Mix:
    """Tiers together: the rate is weighted by volume."""

    gross_adds: int
    net_adds: Fraction
    rate: Fraction | None
    short: Fraction  # of the net target


def rate_costs(net_target: Decimal | Fraction | int, rate: Decimal | Fraction) -> list[RateCost]:
    """Return the floors at the rate and up to two points below and above. Raises RateOutOfRange."""
    chosen = gross_adds_floor(net_target, rate).gross_adds
    found = []
    for step in NEIGHBOURS:
        other = Fraction(rate) + step * POINT
        if 0 < other <= 1:
            gross = gross_adds_floor(net_target, other).gross_adds
            found.append(RateCost(other, gross, gross - chosen))
    return found


def reached(
    net_target: Decimal | Fraction | int, gross_adds: int, rate: Decimal | Fraction
) -> Reached:
    """Return what is short of the net target at the rate reached. Raises RateOutOfRange."""
    net = net_adds(gross_adds, rate)
    short = max(Fraction(0), Fraction(net_target) - net)
    return Reached(net, short, extra_gross_adds(net_target, gross_adds, rate) if short else 0)


def mix(
    net_target: Decimal | Fraction | int, tiers: Iterable[tuple[int, Decimal | Fraction]]
) -> Mix:
    """Return (gross, rate) tiers together. Raises RateOutOfRange."""
    rows = list(tiers)
    net = sum((net_adds(gross, rate) for gross, rate in rows), Fraction(0))
    gross = sum(gross for gross, _ in rows)
    return Mix(gross, net, mixed_rate(rows), max(Fraction(0), Fraction(net_target) - net))
