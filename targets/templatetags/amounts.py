"""How figures are written: thousands commas, a real minus sign, "—" where there is none."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django import template

from targets.rules.growth import rounded

register = template.Library()
MISSING = "—"
MINUS = "−"
EXACT_BELOW = 18  # powers of ten that quantize() rounds well within its 28 digits


def _written(value: Decimal | Fraction | int | None, decimals: int, *, signed: bool) -> str:
    if value is None:
        return MISSING
    if isinstance(value, Decimal) and value.adjusted() < EXACT_BELOW:
        number = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    else:
        number = rounded(Fraction(value), decimals)
    sign = MINUS if number < 0 else "+" if signed and number > 0 else ""
    return f"{sign}{abs(number):,.{decimals}f}"


@register.filter
def amount(value: Decimal | Fraction | int | None, decimals: int = 0) -> str:
    """Return the value with `decimals` places, rounded half up; "—" for None."""
    return _written(value, int(decimals), signed=False)


@register.filter
def percent(value: Decimal | Fraction | int | None, decimals: int = 2) -> str:
    """Return a ratio as a percentage without the sign: 0.1385 → 13.85."""
    return _written(None if value is None else Fraction(value) * 100, int(decimals), signed=False)


@register.filter
def signed(value: Decimal | Fraction | int | None, decimals: int = 0) -> str:
    """Return the value with "+" or "−" before it; zero has no sign."""
    return _written(value, int(decimals), signed=True)
