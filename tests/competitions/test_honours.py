"""The winners' wall: who won which month and why, runs over New Year, who never won, Excel."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from competitions.honour_words import never
from competitions.models import Award, CompetitionPolicy, Round
from competitions.queries import rounds
from competitions.queries.honours import honours, latest_awards, rounds_won, years_won
from competitions.services import campaigns as services
from tests.competitions.campaigns import AFTER, announced, enter
from tests.competitions.contest import PUBLISHED_AT, build_contest
from tests.competitions.test_services import settled

PAGE, EXPORT = "/competition/honours/", "/competition/honours/export.xlsx"
API = "/api/v1/competitions/monthly/honours/"


def decided(district: Any, month: date, *winners: str, state: str = "paid") -> Round:
    """Return a round as if it had been decided, with a reason of its winners."""
    policy = CompetitionPolicy.objects.get()
    code = "first_and_qualified" if winners else "first_not_qualified"
    row = Round.objects.create(
        competition=policy.competition, policy=policy, month=month, state=state,
        decided_at=PUBLISHED_AT, reason={"code": code, "params": {"units": list(winners)}},
        standings=[
            {"unit": unit, "score": "101.50", "rank": 1, "veto": False, "award": "500.00",
             "gates": [], "why_not": []}
            for unit in winners
        ],
    )  # fmt: skip
    for unit in winners:
        Award.objects.create(round=row, unit=district.units[unit], amount=Decimal(500))
    return row


@pytest.fixture
def years(db: None) -> Any:
    """Grid 1 wins from November to January; February nobody, March grid 1 and grid 2."""
    district = build_contest()
    for month in (date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)):
        decided(district, month, "grid1")
    decided(district, date(2026, 2, 1), state="no_winner")
    decided(district, date(2026, 3, 1), "grid3", state="void")
    decided(district, date(2026, 3, 1), "grid1", "grid2", state="decided")
    return district


def test_runs_go_on_over_new_year_and_end_with_a_month_without_the_unit(years: Any) -> None:
    held = rounds(years.root.pk)
    assert years_won(years.root, held) == [2026, 2025]
    won = rounds_won(years.root, held, 2026)
    assert [(each.contest.month.month, each.runs) for each in won] == [
        (3, {"grid1": 1, "grid2": 1}), (2, {}), (1, {"grid1": 3}),
    ]  # fmt: skip
    assert [each.runs for each in rounds_won(years.root, held, 2025)] == [
        {"grid1": 2}, {"grid1": 1},
    ]  # fmt: skip
    best = honours(years.root, held)
    assert [(each.unit.code, each.times, each.longest, each.running) for each in best[:2]] == [
        ("grid1", 4, 3, 1), ("grid2", 1, 1, 1),
    ]  # fmt: skip
    assert never(best) == "、".join(
        years.units[code].short for code in ("group", "suburban", "grid3", "grid4")
    )
    assert [award.unit.code for award in latest_awards(years.root)] == ["grid1", "grid2"]


def test_the_page_shows_the_year_that_was_asked_for(years: Any, signed_in: Any) -> None:
    reader = signed_in("test-staff")
    page = reader.get(PAGE).content.decode()
    assert page.count("<article") == 3
    assert "连续 3 个月" in page and "未发奖" in page and "尚未获奖：" in page
    assert "2026年 3 个月中 2 个月发奖，2 个单元获奖；连同专项活动共 1,500 元。" in page
    before = reader.get(PAGE, {"year": "2025"}).content.decode()
    assert "2025年 2 个月中 2 个月发奖，1 个单元获奖" in before
    for odd in ("1999", "abcd", "²²²²", ""):
        assert "2026年 3 个月中" in reader.get(PAGE, {"year": odd}).content.decode()

    with CaptureQueriesContext(connection) as few:
        reader.get(PAGE)
    for number in range(4, 13):
        decided(years, date(2026, number, 1), "grid2")
    with CaptureQueriesContext(connection) as many:
        reader.get(PAGE)
    assert len(few) == len(many)


def test_excel_and_programs_tell_the_same(years: Any, signed_in: Any) -> None:
    campaign = announced(years)
    enter(years, campaign, {"grid1": "60", "grid2": "20"})
    services.decide(campaign=campaign, by=years.people["clerk"], at=AFTER)
    reader = signed_in("test-staff")
    told = reader.get(API, {"year": "2026"}).json()
    assert [(each["month"], each["in_a_row"]) for each in told["rounds"]] == [
        ("2026-03", {"grid1": 1, "grid2": 1}), ("2026-02", {}), ("2026-01", {"grid1": 3}),
    ]  # fmt: skip
    assert [(each["total"], len(each["winners"])) for each in told["campaigns"]] == [("420.00", 2)]
    assert told["units"][0] == {
        "unit": "grid1", "times": 4, "amount": "2000.00", "longest": 3, "running": 1,
        "last": "2026-03",
    }  # fmt: skip
    for bad in ("1999", "x", "²²²²"):
        refused = reader.get(API, {"year": bad})
        assert refused.status_code == 400 and refused.json()["errors"][0]["pointer"] == "/year"

    book = load_workbook(BytesIO(b"".join(reader.get(EXPORT).streaming_content)))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=3)]
    assert [(row[0], row[5]) for row in rows[:-1]] == [
        ("2026-03", 500), ("2026-03", 500), ("2026-02", None), ("2026-01", 500),
        ("2026-03-16 – 2026-03-31", 320), ("2026-03-16 – 2026-03-31", 100),
    ]  # fmt: skip
    assert rows[-1][5] == "=SUM(F3:F8)"
    assert rows[2][7] == "无单元同时满足量收双完成与KPI第一。"
    units = [row[0].value for row in book.worksheets[1].iter_rows(min_row=3)]
    assert len(units) == 6

    page = reader.get(PAGE).content.decode()
    assert "增值业务发展竞赛" in page and "420" in page


def test_a_third_gate_is_named_wherever_the_conditions_are(db: None, signed_in: Any) -> None:
    district = build_contest()
    policy = CompetitionPolicy.objects.get()
    settled(district, 3)
    reader = signed_in("test-staff")
    address = "/competition/?month=2026-03"
    assert "当月量收双完成且 KPI 排名第一的单元，奖 500 元" in reader.get(address).content.decode()
    policy.fixed_net = district.indicators["fixed_net_adds"]
    policy.save()
    page = reader.get(address).content.decode()
    assert "量收双完成" not in page
    assert "当月收入、发展、固宽净增任务全部完成且 KPI 排名第一的单元，奖 500 元" in page


def test_nobody_won_yet(db: None, signed_in: Any) -> None:
    build_contest()
    reader = signed_in("test-staff")
    assert "还没有月份决定。" in reader.get(PAGE).content.decode()
    assert reader.get(EXPORT).status_code == 200
    assert reader.get(API).json()["rounds"] == []
