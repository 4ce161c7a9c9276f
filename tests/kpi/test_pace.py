"""Worked example 8 through the API: every calendar, the units' bulletin, weeks, the year."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpi.models import Month, PaceRule
from kpi.services.actuals import save_actuals
from tests.district import NOW, District, build_district
from tests.kpi import bulletin, march
from tests.kpi.bulletin import AS_OF, CALENDARS, EXAMPLE, ROWS

PACE = "/api/v1/pace/?month=2026-03"
LAMPS = {"绿": "green", "黄": "yellow", "红": "red"}


@pytest.fixture
def reported(district: District) -> District:
    bulletin.build(district)
    return district


@pytest.fixture
def head(reported: District, signed_in) -> Any:
    return signed_in("test-head")


def percent(ratio: str | None) -> str:
    assert ratio is not None
    return f"{Decimal(ratio) * 100:.2f}%"


@pytest.mark.parametrize("name", CALENDARS)
def test_the_api_gives_each_calendar_of_the_example(head, name: str) -> None:
    expected = EXAMPLE["calendars"][name]
    board = head.get(f"{PACE}&calendar={CALENDARS[name]}").json()
    total = board["total"]
    assert board["as_of"] == EXAMPLE["as_of"]
    assert total["days"] == {
        "total": expected["总天数"], "elapsed": expected["已过"], "remaining": expected["剩余"],
    }  # fmt: skip
    assert (total["target"], total["actual"], total["gap"]) == ("6159", "2987", "3172")
    assert percent(total["completion"]) == EXAMPLE["完成率"]
    assert percent(total["time_progress"]) == expected["时间进度"]
    assert f"{total['difference_pp']}pp" == expected["进度差(完成率-时间进度)"]
    assert total["expected"] == expected["应完成"]
    assert total["behind"] == expected["落后"]
    assert total["daily_mean"] == expected["已日均"]
    assert total["needed_mean"] == expected["日均需完成"]
    assert int(total["per_day"]) == expected["日均需完成(取整)"]
    assert percent(total["speed_up"]) == expected["需提速"]
    assert int(total["forecast"]) == expected["按现速预测"]
    assert int(total["forecast_gap"]) == expected["预测缺口"]
    assert percent(total["forecast_completion"]) == expected["预测完成率"]


def test_the_api_gives_the_units_bulletin(head) -> None:
    rows = {row["unit"]: row for row in head.get(PACE).json()["rows"]}
    assert set(rows) == set(ROWS)
    for unit, expected in ROWS.items():
        row = rows[unit]
        assert row["rank"] == expected["名次"]
        assert percent(row["completion"]) == expected["完成率"]
        assert f"{row['difference_pp']}pp" == expected["进度差"]
        assert (int(row["gap"]), int(row["per_day"])) == (
            expected["缺口"],
            expected["日均需(自然日14天)"],
        )
        assert int(row["forecast"]) == expected["预测"]
        assert row["lamp"] == LAMPS[expected["灯"]]


def test_the_api_splits_what_is_left_and_counts_promotions(head) -> None:
    plan = EXAMPLE["短期计划"]
    board = head.get(f"{PACE}&calendar=mon_sat").json()
    weeks = {
        week["week"]: {"工作日": week["days"], "任务": int(week["task"])} for week in board["weeks"]
    }
    assert weeks == plan["每周"]
    assert [int(day["task"]) for day in board["days"]] == plan["每天(周一至周六)"]
    natural = head.get(PACE).json()
    assert natural["promotions"] == {
        "yield": plan["促销补缺"]["每场预计"], "needed": plan["促销补缺"]["需场次"],
        "planned": 0, "expected": 0, "waiting": 0,
    }  # fmt: skip


def test_the_api_judges_the_year_by_its_season(head) -> None:
    expected, year = EXAMPLE["year_to_date"], head.get(PACE).json()["year"]
    assert (int(year["target"]), int(year["actual"])) == (expected["年任务"], expected["累计"])
    assert percent(year["completion"]) == expected["年完成率"]
    assert percent(year["time_progress"]) == expected["时间进度(自然日76/365)"]
    assert percent(year["seasonal_progress"]) == expected["季节进度"]
    assert percent(year["seasonal_completion"]) == expected["时序完成率(季节)"]


def test_the_api_compares_with_the_same_day(head, reported: District) -> None:
    row, total = EXAMPLE["bulletin_row"], head.get(PACE).json()["total"]
    assert int(total["today"]) == row["当日"]
    assert total["last_month"]["base"] == "2890"
    assert percent(total["last_month"]["growth"]) == row["环比(上月同期2890)"]
    assert total["last_year"]["base"] == "2455"
    assert percent(total["last_year"]["growth"]) == row["同比(去年同期2455)"]
    before = head.get(f"{PACE}&as_of=2026-03-01").json()
    assert before["total"] is None and before["rows"][0]["forecast"] is None


def test_a_base_of_zero_gives_no_growth(head, reported: District) -> None:
    february = AS_OF.replace(month=2)
    for unit in bulletin.shared(2890):
        bulletin.save(reported, bulletin.entry(reported, unit, february, 0, 1, "作废"))
    since = head.get(PACE).json()["total"]["last_month"]
    assert since == {"base": "0", "growth": None, "reason": "zero_base"}


def test_the_districts_rule_chooses_calendar_and_yield(head, reported: District) -> None:
    PaceRule.objects.create(
        district=reported.root, valid_from=march.MARCH, calendar="mon_sat", promotion_yield=50
    )
    board = head.get(PACE).json()
    assert (board["calendar"], board["promotions"]) == (
        "mon_sat",
        {"yield": 50, "needed": 13, "planned": 0, "expected": 0, "waiting": 0},
    )


def test_working_days_by_law_know_the_spring_festival_and_its_make_up_days(head) -> None:
    february = head.get("/api/v1/pace/?month=2026-02&calendar=cn_workdays&as_of=2026-02-17").json()
    # 20 weekdays, less 5 of 15–23 February, and two Saturdays made up (14th and 28th)
    assert february["total"]["days"] == {"total": 16, "elapsed": 11, "remaining": 5}


def test_a_year_without_published_working_days_is_refused_by_name(head, reported) -> None:
    answer = head.get("/api/v1/pace/?month=2031-03&calendar=cn_workdays")
    assert answer.status_code == 400
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/calendar" and "2031" in fault["detail"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("as_of=2026-04-01", "/as_of"), ("as_of=17", "/as_of"), ("calendar=lunar", "/calendar"),
     ("indicator=effective_rate", "/indicator")],
)  # fmt: skip
def test_a_bad_question_is_400_with_a_pointer(head, query: str, pointer: str) -> None:
    answer = head.get(f"{PACE}&{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_while_a_unit_has_not_reported_the_total_is_that_of_the_others(head, reported) -> None:
    for day in (16, 17):
        bulletin.save(reported, bulletin.entry(reported, "grid4", AS_OF.replace(day=day), None, 1))
    board = head.get(PACE).json()
    assert (board["reported"], board["of"]) == (5, 6)
    assert (board["total"]["target"], board["total"]["actual"]) == ("5297", "2756")
    assert board["year"]["actual"] == "11480"  # the months that everybody has reported
    row = next(row for row in board["rows"] if row["unit"] == "grid4")
    assert (row["rank"], row["actual"], row["lamp"]) == (None, None, None)


def test_a_manager_sees_the_own_pace_only(reported: District, signed_in) -> None:
    client = signed_in("test-grid1")
    board = client.get(PACE).json()
    assert [row["unit"] for row in board["rows"]] == ["grid1"]
    assert board["total"]["actual"] == str(ROWS["grid1"]["累计"])
    assert client.get(f"{PACE}&unit=grid2").status_code == 403


def _queries(client: Any, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def _wide(code: str, count: int) -> District:
    units = tuple(f"{code}-{n}" for n in range(count))
    district = build_district(code, unit_codes=units)
    for number, unit in enumerate(units):
        march.set_task(district, unit, bulletin.GROSS, 100 + number)
        for day in (1, 2, 3):
            bulletin.save(district, bulletin.entry(district, unit, AS_OF.replace(day=day), 3 * day))
    return district


def test_pace_takes_as_many_queries_for_2_units_as_for_20(db, signed_in) -> None:
    _wide("two", 2)
    _wide("many", 20)
    assert _queries(signed_in("two-head"), PACE) == _queries(signed_in("many-head"), PACE)


def test_ratios_are_written_as_exact_as_the_rules_have_them(head) -> None:
    total = head.get(PACE).json()["total"]
    assert abs(Fraction(total["completion"]) - Fraction(2987, 6159)) < Fraction(1, 10**6)


def test_the_districts_own_outlets_count_with_their_task_in_a_sum(district, signed_in) -> None:
    """They have mobile revenue only: their task belongs to the total as their actual does."""
    february = date(2026, 2, 1)
    Month.objects.create(district=district.root, month=february)
    for unit, indicator, task, actual in (
        ("grid1", "mobile_revenue", "50", "40"), ("grid1", "fixed_revenue", "10", "8"),
        ("test", "mobile_revenue", "40", "41"),
    ):  # fmt: skip
        for month, day in ((february, date(2026, 2, 28)), (march.MARCH, date(2026, 3, 31))):
            march.set_task(district, unit, indicator, Decimal(task), month=month)
            save_actuals(
                district=district.root, by=district.people["clerk"], at=NOW,
                cells=[
                    march.cell(district, unit, indicator, actual, month=month, as_of=day,
                               reason="核对")
                ],
            )  # fmt: skip
    head = signed_in("test-head")
    board = head.get(f"{PACE}&indicator=total_revenue&as_of=2026-03-31").json()
    assert (board["total"]["target"], board["total"]["actual"]) == ("100.00", "89.00")
    assert (board["year"]["target"], board["year"]["actual"]) == ("200.00", "178.00")
    shown = head.get("/api/v1/charts/?month=2026-03&indicator=total_revenue").json()["charts"]
    drawn = {chart["code"]: chart for chart in shown}
    by_indicator = drawn["completion-indicators"]
    rates = dict(zip(by_indicator["labels"], by_indicator["series"][0]["values"], strict=True))
    assert rates["总收入"] == "0.890000", "the district's whole is the same on both pages"
    assert drawn["contribution"]["series"][0]["values"] == ["100.00", "-12.00", "1.00", "89.00"]
