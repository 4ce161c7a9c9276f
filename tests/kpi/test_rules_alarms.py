"""Alarms of a day, under, on and over each boundary."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest

from kpi.rules.alarms import Alarm, alarm

TEN = Fraction(10)


def days(*values: int | None) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("value", "mean", "expected"),
    [
        (19, TEN, None),
        (20, TEN, Alarm.JUMP),
        (21, TEN, Alarm.JUMP),
        (5, Fraction(2), None),  # twice the mean, but not more than five
        (6, Fraction(2), Alarm.JUMP),
        (6, Fraction(0), Alarm.JUMP),  # a month that brought nothing
        (5, Fraction(0), None),
        (4, TEN, None),
        (3, TEN, Alarm.DROP),
        (1, Fraction(3), Alarm.DROP),
        (1, Fraction(299, 100), None),
        (0, TEN, None),  # nothing on one day is no drop yet
        (-1, TEN, None),
        (100, None, None),
        (1, None, None),
    ],
)
def test_a_day_stands_out_beside_last_months_daily_mean(
    value: int, mean: Fraction | None, expected: Alarm | None
) -> None:
    assert alarm(days(value), mean) is expected


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        (days(*[0] * 6), None),
        (days(*[0] * 7), Alarm.QUIET),
        (days(3, *[0] * 7), Alarm.QUIET),
        (days(1, *[0] * 6), None),
        (days(None, *[0] * 6), None),
        (days(*[0] * 7, None), None),
        (days(*[0] * 7, 4), None),
        ([], None),
    ],
)
def test_a_week_without_anything_is_seven_reported_days_of_zero(
    week: Sequence[Decimal | None], expected: Alarm | None
) -> None:
    assert alarm(week, TEN) is expected
    assert alarm(week, None) is expected
