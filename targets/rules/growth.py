"""Annual targets: growth or target entered, the other one derived, the driver kept (rules §2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction


class Driver(StrEnum):
    """Which of the two figures a person entered; the other one is only ever derived from it."""

    GROWTH = "growth"
    TARGET = "target"


class NoGrowth(StrEnum):
    """Why there is no growth to show; the increment is shown instead."""

    MISSING_BASE = "missing_base"
    ZERO_BASE = "zero_base"
    NEGATIVE_BASE = "negative_base"


class GrowthUndefined(ValueError):
    """A target cannot be derived from growth over a base that is missing, zero or negative."""

    def __init__(self, reason: NoGrowth) -> None:
        super().__init__(f"no target can be derived by growth: {reason.value.replace('_', ' ')}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AnnualFigure:
    """One layer (city or department) of one row of table 3-0."""

    base: Decimal | None
    driver: Driver
    target: Decimal
    growth: Fraction | NoGrowth
    unrounded: Fraction

    @property
    def increment(self) -> Decimal | None:
        """The target minus last year; None while last year is not known."""
        return increment(self.base, self.target)


def rounded(value: Fraction | Decimal, decimals: int) -> Decimal:
    """Round half up (away from zero) to `decimals` places, exactly."""
    scaled = Fraction(value) * 10**decimals
    units = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(units if scaled >= 0 else -units).scaleb(-decimals)


def _obstacle(base: Decimal | None) -> NoGrowth | None:
    if base is None:
        return NoGrowth.MISSING_BASE
    if base == 0:
        return NoGrowth.ZERO_BASE
    if base < 0:
        return NoGrowth.NEGATIVE_BASE
    return None


def growth(base: Decimal | None, target: Decimal) -> Fraction | NoGrowth:
    """Return (target − base) ÷ base exactly, or the reason why the base allows none."""
    obstacle = _obstacle(base)
    if obstacle is not None or base is None:
        return obstacle or NoGrowth.MISSING_BASE
    return Fraction(target) / Fraction(base) - 1


def increment(base: Decimal | None, target: Decimal) -> Decimal | None:
    """Return target − base; None while the base is not known."""
    return None if base is None else target - base


def from_target(base: Decimal | None, target: Decimal, decimals: int) -> AnnualFigure:
    """Return the figure whose target was entered. Raises ValueError beyond `decimals` places."""
    if target != target.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):
        raise ValueError(f"{target} has more than {decimals} decimals")
    return AnnualFigure(base, Driver.TARGET, target, growth(base, target), Fraction(target))


def from_growth(base: Decimal | None, rate: Decimal | Fraction, decimals: int) -> AnnualFigure:
    """Return the figure whose growth was entered: target = base × (1 + rate), rounded half up.

    The growth of the result is the entered one, not the growth of the rounded target.
    Raises GrowthUndefined unless the base is positive.
    """
    obstacle = _obstacle(base)
    if obstacle is not None or base is None:
        raise GrowthUndefined(obstacle or NoGrowth.MISSING_BASE)
    unrounded = Fraction(base) * (1 + Fraction(rate))
    return AnnualFigure(
        base, Driver.GROWTH, rounded(unrounded, decimals), Fraction(rate), unrounded
    )


def total(figures: Iterable[AnnualFigure]) -> AnnualFigure:
    """Return the sum row: rounded targets are added, growth comes from the sums (rules §2).

    The base of the sum is missing as soon as one base is.
    """
    rows = list(figures)
    bases = [row.base for row in rows]
    base = (
        None
        if any(value is None for value in bases)
        else sum((value for value in bases if value is not None), Decimal(0))
    )
    target = sum((row.target for row in rows), Decimal(0))
    return AnnualFigure(base, Driver.TARGET, target, growth(base, target), Fraction(target))


def pressure(city: Decimal, department: Decimal) -> Decimal:
    """Return what the department asks above the city's task; negative needs a reason (rules §2)."""
    return department - city


def share(part: Decimal, whole: Decimal) -> Fraction | None:
    """Return part ÷ whole exactly; None for a whole of zero."""
    return None if whole == 0 else Fraction(part) / Fraction(whole)
