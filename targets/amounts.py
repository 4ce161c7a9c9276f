"""Amounts: exact decimals stored as integers, so that every engine sums them alike."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

SCALE = 10_000  # four decimals: 0.01 of a percentage, a tenth of a fen
LIMIT = Decimal("99999999.9999")  # keeps every product of the scoring statement inside 64 bits


def to_scaled(value: Decimal) -> int:
    """Return `value` × 10⁴ as an integer. Raises ValidationError beyond four decimals."""
    scaled = value * SCALE
    if scaled != scaled.to_integral_value():
        raise ValidationError(_("At most four decimals are kept."), code="decimals")
    return int(scaled)


def from_scaled(value: int) -> Decimal:
    """Return the Decimal that the stored integer stands for, without trailing noise."""
    return Decimal(int(value)) / SCALE


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Round half up to `decimals` places: the portal's one rounding."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


class AmountField(models.BigIntegerField):
    """A Decimal of at most four places, stored as value × 10⁴ in a BIGINT."""

    description = _("Exact amount")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_scaled(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except InvalidOperation:
            raise ValidationError(_("Enter a number."), code="invalid") from None

    def get_prep_value(self, value: Any) -> int | None:
        amount = self.to_python(value)
        return None if amount is None else to_scaled(amount)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)


_PLAIN = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,4})?")


def parse_amount(value: Any) -> Decimal:
    """Return the amount that a program sent: an integer, a float or plain decimal text.

    Stricter than Decimal: no exponent, underscore, blank, full-width digit, NaN, fifth decimal
    or ninth integer digit. Floats are read as they were written. Raises ValueError.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("not a number")
    if isinstance(value, int) and abs(value) >= 10**8:
        raise ValueError("not a number")
    text = value if isinstance(value, str) else str(value)
    if not _PLAIN.fullmatch(text):
        raise ValueError("not a number")
    return Decimal(text)


def plain(value: Decimal | None, decimals: int) -> str | None:
    """Return the value as a program reads it: `decimals` places, no commas; None stays None."""
    return None if value is None else f"{value:.{decimals}f}"
