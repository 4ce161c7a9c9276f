"""Pace of a month and a year, on worked example 8."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kpi.calendars import CalendarUnknown, counted_days
from kpi.rules.pace import (
    Calendar,
    Days,
    Lamp,
    cover,
    daily_split,
    days_of,
    lamp,
    pace,
    promotions_needed,
    remaining_days,
    weekly_split,
    year_to_date,
)
from kpi.rules.ranking import competition_ranks
from targets.rules.breakdown import largest_remainder
from targets.rules.growth import NoGrowth, growth, rounded
from tests.worked_examples import example

EXAMPLE = example("8_pace")
AS_OF = date.fromisoformat(EXAMPLE["as_of"])
TARGET = EXAMPLE["month target (sum of the March cells of 3A)"]
ACTUAL = EXAMPLE["cumulative incl. as-of day"]
CALENDARS = {
    "自然日": Calendar.NATURAL,
    "周一至周六": Calendar.MON_SAT,
    "周一至周五": Calendar.MON_FRI,
}
LAMPS = {Lamp.GREEN: "绿", Lamp.YELLOW: "黄", Lamp.RED: "红"}
NATURAL = days_of(AS_OF, AS_OF, counted_days(Calendar.NATURAL))


def two(value: Fraction | Decimal | None) -> str:
    assert value is not None
    return str(rounded(value, 2))


def percent(value: Fraction | None) -> str:
    assert value is not None
    return f"{rounded(100 * value, 2)}%"


def points(value: Fraction | None) -> str:
    return percent(value).replace("%", "pp")


@pytest.mark.parametrize("name", CALENDARS)
def test_each_calendar_gives_its_pace(name: str) -> None:
    expected = EXAMPLE["calendars"][name]
    days = days_of(AS_OF.replace(day=1), AS_OF, counted_days(CALENDARS[name]))
    result = pace(Decimal(TARGET), Decimal(ACTUAL), days)
    assert (days.total, days.elapsed, days.remaining) == (
        expected["总天数"],
        expected["已过"],
        expected["剩余"],
    )
    assert percent(result.completion) == EXAMPLE["完成率"]
    assert result.gap == EXAMPLE["缺口"]
    assert percent(result.time_progress) == expected["时间进度"]
    assert points(result.difference) == expected["进度差(完成率-时间进度)"]
    assert f"-{two(result.behind_pp)}pp" == expected["进度差(完成率-时间进度)"]
    assert two(result.expected) == expected["应完成"]
    assert two(result.behind) == expected["落后"]
    assert two(result.daily_mean) == expected["已日均"]
    assert two(result.needed_mean) == expected["日均需完成"]
    assert result.per_day == expected["日均需完成(取整)"]
    assert percent(result.speed_up) == expected["需提速"]
    assert result.forecast == expected["按现速预测"]
    assert two(result.exact_forecast) == expected["预测未取整"]
    assert result.forecast_gap == expected["预测缺口"]
    assert percent(result.forecast_completion) == expected["预测完成率"]


def test_what_is_left_splits_over_weeks_days_and_tiers() -> None:
    plan = EXAMPLE["短期计划"]
    days = remaining_days(AS_OF, AS_OF, counted_days(Calendar.MON_SAT))
    weeks = {
        f"{week.year}-W{week.number}": {"工作日": week.days, "任务": week.task}
        for week in weekly_split(plan["剩余"], days)
    }
    assert weeks == plan["每周"]
    assert [task for _, task in daily_split(plan["剩余"], days)] == plan["每天(周一至周六)"]
    tiers = largest_remainder(plan["剩余"], [Fraction(58), Fraction(42)])
    assert tiers == plan["其中一级/二级(58:42)"]


def test_promotions_close_the_forecast_gap() -> None:
    plan = EXAMPLE["短期计划"]["促销补缺"]
    needed = promotions_needed(plan["预测缺口(自然日)"], plan["每场预计"])
    assert needed == plan["需场次"] == plan["节假日店面"] + plan["户外"]
    assert needed * plan["每场预计"] == plan["预计补缺"]
    assert promotions_needed(0, 45) == 0
    with pytest.raises(ValueError, match="expected to bring"):
        promotions_needed(1, 0)


@pytest.mark.parametrize(
    ("gap", "expected", "left", "share", "more"),
    [
        (713, 0, 713, Fraction(0), 16),
        (713, 675, 38, Fraction(675, 713), 1),
        (720, 675, 45, Fraction(15, 16), 1),
        (721, 675, 46, Fraction(675, 721), 2),
        (713, 713, 0, Fraction(1), 0),
        (713, 720, 0, Fraction(720, 713), 0),
        (0, 45, 0, None, 0),
    ],
)
def test_planned_promotions_cover_a_part_of_the_gap(
    gap: int, expected: int, left: int, share: Fraction | None, more: int
) -> None:
    found = cover(Decimal(gap), expected, 45)
    assert (found.left, found.share, found.more) == (left, share, more)


def test_nothing_splits_over_no_days() -> None:
    assert weekly_split(50, []) == []
    assert daily_split(50, []) == []


def test_the_year_is_judged_by_its_season() -> None:
    expected = EXAMPLE["year_to_date"]
    season = [Fraction(w) for w in example("3_decomposition")["weights"]["季节%发展"]]
    actual = expected["1-2月完成"] + ACTUAL
    assert actual == expected["累计"]
    result = year_to_date(Decimal(expected["年任务"]), Decimal(actual), season, AS_OF)
    assert percent(result.completion) == expected["年完成率"]
    assert percent(result.time_progress) == expected["时间进度(自然日76/365)"]
    assert percent(result.seasonal_progress) == expected["季节进度"]
    assert percent(result.seasonal_completion) == expected["时序完成率(季节)"]


def test_a_leap_year_has_366_days() -> None:
    result = year_to_date(Decimal(1), Decimal(1), [Fraction(1)] * 12, date(2028, 12, 31))
    assert (result.time_progress, result.seasonal_progress) == (1, 1)


BULLETIN = EXAMPLE["unit_bulletin_3月17日"]


@pytest.mark.parametrize("row", BULLETIN, ids=lambda row: row["单元"])
def test_each_unit_of_the_bulletin(row: dict[str, Any]) -> None:
    result = pace(Decimal(row["任务"]), Decimal(row["累计"]), NATURAL)
    assert percent(result.completion) == row["完成率"]
    assert percent(result.time_progress) == row["时间进度"]
    assert points(result.difference) == row["进度差"]
    assert result.gap == row["缺口"]
    assert result.per_day == row["日均需(自然日14天)"]
    assert result.forecast == row["预测"]
    assert result.lamp is not None
    assert LAMPS[result.lamp] == row["灯"]


def test_the_bulletin_ranks_by_completion() -> None:
    completions = [Fraction(row["累计"], row["任务"]) for row in BULLETIN]
    assert competition_ranks(completions) == [row["名次"] for row in BULLETIN]


def test_the_district_row_of_the_bulletin() -> None:
    row = EXAMPLE["bulletin_row"]
    result = pace(Decimal(row["任务"]), Decimal(row["累计"]), NATURAL)
    assert percent(result.completion) == row["完成率"]
    assert points(result.difference) == row["进度差"]
    assert (result.gap, result.per_day) == (row["缺口"], row["日均需"])
    for base, key in ((2890, "环比(上月同期2890)"), (2455, "同比(去年同期2455)")):
        change = growth(Decimal(base), Decimal(row["累计"]))
        assert isinstance(change, Fraction)
        assert percent(change) == row[key]
    assert growth(Decimal(0), Decimal(row["累计"])) is NoGrowth.ZERO_BASE


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        ("0", Lamp.GREEN),
        ("0.0001", Lamp.GREEN),
        ("-0.0001", Lamp.YELLOW),
        ("-0.05", Lamp.YELLOW),
        ("-0.050001", Lamp.RED),
    ],
)
def test_the_lamp_turns_at_zero_and_five_points(ahead: str, expected: Lamp) -> None:
    assert lamp(Fraction(ahead)) is expected
    assert lamp(None) is None


MONTH_END = Days(31, 31, 0)


def test_a_gap_on_the_last_day_has_no_daily_need() -> None:
    edge = EXAMPLE["edges"][0]
    result = pace(Decimal(1000), Decimal(950), MONTH_END)
    assert result.per_day is edge["日均需完成"] is None
    assert (result.gap, result.is_overdue, result.is_done) == (50, True, False)


@pytest.mark.parametrize("actual", ["1000", "1200"])
@pytest.mark.parametrize("days", [NATURAL, MONTH_END])
def test_a_target_reached_needs_nothing_more(actual: str, days: Days) -> None:
    edge = EXAMPLE["edges"][1]
    result = pace(Decimal(1000), Decimal(actual), days)
    assert (result.gap, result.per_day) == (edge["缺口"], edge["日均需完成"])
    assert result.is_done
    assert not result.is_overdue


def test_a_target_of_zero_has_no_completion() -> None:
    result = pace(Decimal(0), Decimal(5), NATURAL)
    assert result.completion is EXAMPLE["edges"][2]["完成率"] is None
    assert (result.difference, result.behind_pp, result.lamp) == (None, None, None)


def test_before_the_first_figure_there_is_no_mean_and_no_forecast() -> None:
    edge = EXAMPLE["edges"][3]
    first = days_of(date(2026, 3, 1), date(2026, 3, 1), counted_days(Calendar.NATURAL))
    for result in (
        pace(Decimal(1000), None, first),
        pace(Decimal(1000), Decimal(0), Days(31, 0, 31)),
    ):
        assert result.daily_mean is edge["已日均"] is None
        assert result.forecast is edge["预测"] is None
    unreported = pace(Decimal(1000), None, first)
    assert (unreported.completion, unreported.gap, unreported.per_day) == (None, None, None)
    assert unreported.time_progress == Fraction(1, 31)


def test_days_outside_the_month_are_all_remaining_or_all_elapsed() -> None:
    every = counted_days(Calendar.NATURAL)
    assert days_of(date(2026, 3, 1), date(2026, 2, 28), every) == Days(31, 0, 31)
    assert days_of(date(2026, 3, 1), date(2026, 4, 2), every) == MONTH_END
    assert remaining_days(date(2026, 3, 1), date(2026, 3, 31), every) == []


def test_a_month_without_counted_days_has_no_time_progress() -> None:
    days = days_of(date(2026, 3, 1), AS_OF, lambda day: False)
    result = pace(Decimal(10), Decimal(5), days)
    assert (result.time_progress, result.difference, result.expected) == (None, None, None)


def test_money_is_needed_and_forecast_to_its_own_decimals() -> None:
    result = pace(Decimal("250.00"), Decimal("100.00"), NATURAL, decimals=2)
    assert result.per_day == Decimal("10.72")  # 150 ÷ 14 = 10.714…, up
    assert result.forecast == Decimal("182.35")  # 100 ÷ 17 × 31 = 182.352…, down


def test_statutory_days_follow_the_state_calendar() -> None:
    is_counted = counted_days(Calendar.CN_WORKDAYS)
    assert not is_counted(date(2026, 2, 17))  # spring festival, a Tuesday
    assert is_counted(date(2026, 2, 14))  # a Saturday worked in exchange
    assert not is_counted(date(2026, 3, 7))  # a plain Saturday
    with pytest.raises(CalendarUnknown, match="2003"):
        is_counted(date(2003, 1, 6))
