"""Figures in sentences."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from kpi.present import words
from targets.models import Indicator

USERS = Indicator(measure_zh="户", measure_en="users", decimals=0)
MONEY = Indicator(measure_zh="万元", measure_en="CNY 10k", decimals=2)
RATE = Indicator(measure_zh="%", measure_en="%", decimals=2, is_percent=True)


@pytest.mark.parametrize(
    ("value", "indicator", "chinese", "english"),
    [
        ("0", USERS, "0 户", "0 users"),
        ("1", USERS, "1 户", "1 user"),
        ("-1", USERS, "−1 户", "−1 user"),
        ("11", USERS, "11 户", "11 users"),
        ("0.95", MONEY, "0.95 万元", "CNY 9,500"),
        ("1", MONEY, "1.00 万元", "CNY 10,000"),
        ("-0.01", MONEY, "−0.01 万元", "−CNY 100"),
        ("0", MONEY, "0.00 万元", "CNY 0"),
        ("0.01", RATE, "1.00%", "1.00%"),
        (None, USERS, "—", "—"),
    ],
)
def test_a_figure_with_its_measure(
    value: str | None, indicator: Indicator, chinese: str, english: str
) -> None:
    number = None if value is None else Decimal(value)
    with override("zh-hans"):
        assert words.measured(number, indicator) == chinese
    with override("en"):
        assert words.measured(number, indicator) == english
