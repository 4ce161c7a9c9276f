"""Figures in sentences."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from kpi.present import pace, words
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


def test_between_what_a_total_lies() -> None:
    with override("zh-hans"):
        assert words.between(Decimal("95.5"), Decimal("105.1")) == "在 95.50 至 105.10 之间"
        assert words.between(Decimal(11), None) == "至少 11.00", "without a cap there is no end"


def test_the_mark_of_an_early_day_stays_inside_its_column() -> None:
    early, later = (pace.head(USERS, Fraction(day, 31)) for day in (1, 17))
    drawn = [
        render_to_string("components/pace_axis.html", {
            "today": axis["today"], "now": axis["now"], "early": axis["is_early"],
            "near": axis["is_near"],
        })
        for axis in (early, later)
    ]  # fmt: skip
    assert 'text-anchor="start"' in drawn[0] and ">0</text>" not in drawn[0]
    assert 'text-anchor="start"' not in drawn[1] and ">0</text>" in drawn[1]
