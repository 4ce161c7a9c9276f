"""Figures with what they are counted in."""

from decimal import Decimal
from fractions import Fraction

from orgchart.models.bilingual import in_language
from targets.models import Indicator
from targets.rules.growth import rounded
from targets.templatetags.amounts import MINUS, amount, percent

TEN_THOUSAND = 10_000


def measured(value: Decimal | Fraction | int | None, indicator: Indicator) -> str:
    """Write a figure in a sentence: 25 户, 7.72%, 0.95 万元; in English 1 user, CNY 9,500."""
    text = as_in_table(value, indicator)
    if value is None or not indicator.in_ten_thousands:
        return text
    yuan = rounded(Fraction(value), indicator.decimals) * TEN_THOUSAND
    return in_language(text, f"{MINUS if yuan < 0 else ''}CNY {amount(abs(yuan))}")


def as_in_table(value: Decimal | Fraction | int | None, indicator: Indicator) -> str:
    """Write a figure as tables and formulas have it, then the measure of their heads."""
    if value is None or indicator.is_percent:
        text = percent(value, indicator.decimals)
        return text if value is None else f"{text}%"
    text, measure = amount(value, indicator.decimals), indicator.measure
    if text in ("1", f"{MINUS}1") and measure == indicator.measure_en:
        measure = measure.removesuffix("s")
    return f"{text} {measure}"
