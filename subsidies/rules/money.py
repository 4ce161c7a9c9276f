"""Rounding exact amounts of money to the cent."""

from decimal import Decimal
from fractions import Fraction


def to_cents(amount: Fraction | Decimal | int) -> Decimal:
    """Return the amount in yuan with two decimals, half a cent away from zero."""
    exact = Fraction(amount)
    cents = int(abs(exact) * 100 + Fraction(1, 2))
    return Decimal(cents if exact >= 0 else -cents).scaleb(-2)
