"""What a business unit may claim for a month: fixed plus floating subsidy (plan §7.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from subsidies.rules.money import to_cents


class State(StrEnum):
    """Whether an entitlement is final."""

    SETTLED = "settled"
    MANUAL = "manual"  # no usable task: somebody has to decide the floating part
    PENDING = "pending"  # revenue or task not known yet: only the fixed part may be claimed


@dataclass(frozen=True, slots=True)
class Policy:
    """Monthly amounts of one unit in yuan; cap and floor are ratios (1 is 100 %).

    Cap None pays without limit; the floating part is paid at the floor at least (保底).
    """

    fixed: Decimal
    floating_base: Decimal
    cap: Decimal | None = Decimal(1)
    floor: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The subsidy of one unit and month; floating and total are None while pending."""

    fixed: Decimal
    floating: Decimal | None
    completion: Fraction | None
    total: Decimal | None
    state: State
    capped: bool = False


def entitlement(policy: Policy, task: Decimal | None, actual: Decimal | None) -> Entitlement:
    """Return fixed + floating base × completion of total revenue (plan §7.1, rules §8).

    Task and actual share one unit of measure. The ratio stays exact and the floating part is
    rounded once, half up, to the cent. Negative revenue earns the floor, 0 unless told. A task of
    zero or less has no ratio: floating is 0 and the state MANUAL. A missing actual is not zero:
    PENDING.
    """
    fixed = to_cents(policy.fixed)
    if task is None or actual is None:
        return Entitlement(fixed, None, None, None, State.PENDING)
    if task <= 0:
        return Entitlement(fixed, to_cents(0), None, fixed, State.MANUAL)

    completion = Fraction(actual) / Fraction(task)
    is_capped = policy.cap is not None and completion > Fraction(policy.cap)
    paid_ratio = Fraction(policy.cap) if policy.cap is not None and is_capped else completion
    floating = to_cents(Fraction(policy.floating_base) * max(paid_ratio, Fraction(policy.floor)))
    return Entitlement(fixed, floating, completion, fixed + floating, State.SETTLED, is_capped)


def gain(policy: Policy, task: Decimal, actual: Decimal, share: Decimal) -> Decimal:
    """Return what revenue higher by `share` of the present (0.02 is 2 %) adds, in yuan.

    0 at the cap, below the floor, and where the task gives no ratio.
    """
    now = entitlement(policy, task, actual)
    then = entitlement(policy, task, actual + abs(actual) * share)
    return (then.floating or Decimal(0)) - (now.floating or Decimal(0))


def district_total(entitlements: Iterable[Entitlement]) -> Decimal | None:
    """Return the sum of the units' totals in yuan; None while any of them is pending."""
    total = to_cents(0)
    for each in entitlements:
        if each.total is None:
            return None
        total += each.total
    return total
