"""The leaderboard's page shows ranks and the award; its part answers 304 while nothing changed."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from competitions.models import Round, RoundState
from kpi.models import Month
from portal.services import settle_published_month
from tests.competitions.contest import build_contest, publish, write_month
from tests.district import MARCH

PART = "/leaderboard/2026-03/board/"


@pytest.fixture
def district(db: None) -> Any:
    return build_contest()


def settle(district: Any, number: int) -> None:
    publish(district, number)
    settle_published_month(district_id=district.root.pk, month=date(2026, number, 1))


def test_the_winner_stands_above_the_ranks(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    page = signed_in("test-staff").get("/leaderboard/?month=2026-03").content.decode()
    assert "城乡结合办事处 获 3月劳动竞赛奖 500 元" in page
    assert "54.27 ≥ 43.41" in page
    assert page.index("118.10") < page.index("102.77") < page.index("26.62")


def test_a_month_without_winner_says_why_nobody(district: Any, signed_in: Any) -> None:
    settle(district, 7)
    page = signed_in("test-grid1").get("/leaderboard/?month=2026-07").content.decode()
    assert "无单元同时满足量收双完成与KPI第一。" in page
    assert "收入差 0.01 万元" in page


@pytest.mark.parametrize("number", [3, 4, 5, 6, 7])
def test_the_competitions_page_gives_every_month_of_the_example(
    number: int, district: Any, signed_in: Any
) -> None:
    settle(district, number)
    page = signed_in("test-grid2").get(f"/competition/?month=2026-0{number}").content.decode()
    said = {
        3: "城乡结合办事处 获 3月劳动竞赛奖 500 元",
        4: "4月没有获奖单元",
        5: "集团中心 获 5月劳动竞赛奖 500 元",
        6: "集团中心、城乡结合办事处、网格1 平分 6月劳动竞赛奖 500 元",
        7: "7月没有获奖单元",
    }
    assert said[number] in page
    if number == 6:
        assert "166.67" in page and "166.66" in page


def test_an_open_month_shows_the_race_as_it_stands(district: Any, signed_in: Any) -> None:
    write_month(district, 4)
    page = signed_in("test-staff").get("/competition/?month=2026-04").content.decode()
    assert "4月尚未决定" in page and "按目前数据" in page
    assert "发展差 1 户" in page


def test_the_part_is_not_sent_again_until_something_changes(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    client = signed_in("test-head")
    page = client.get("/leaderboard/?month=2026-03").content.decode()
    first = client.get(PART)
    etag = first["ETag"]
    assert etag.strip('"') in page

    def again() -> int:
        return client.get(PART, headers={"If-None-Match": etag}).status_code

    assert (first.status_code, again()) == (200, 304)
    Month.objects.filter(month=MARCH).update(revision=F("revision") + 1)
    assert again() == 200
    Month.objects.filter(month=MARCH).update(revision=F("revision") - 1)
    Round.objects.update(state=RoundState.APPROVED)
    assert again() == 200


def test_what_one_reader_was_shown_is_kept_until_the_month_changes(
    district: Any, signed_in: Any
) -> None:
    settle(district, 3)
    client = signed_in("test-head")
    first = client.get(PART)
    with CaptureQueriesContext(connection) as asked:
        again = client.get(PART)
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    assert not any("kpi_scoreline" in query["sql"] for query in asked)
    Month.objects.filter(month=MARCH).update(revision=F("revision") + 1)
    with CaptureQueriesContext(connection) as asked:
        client.get(PART)
    assert any("kpi_scoreline" in query["sql"] for query in asked)


def test_the_part_differs_by_reader_and_language(district: Any, signed_in: Any) -> None:
    write_month(district, 3)
    head, staff = signed_in("test-head"), signed_in("test-staff")
    tags = {
        head.get(PART)["ETag"],
        staff.get(PART)["ETag"],
        head.get(PART, headers={"Accept-Language": "en"})["ETag"],
    }
    assert len(tags) == 3


def test_the_administrator_has_no_leaderboard(district: Any, signed_in: Any) -> None:
    client = signed_in("test-admin")
    assert client.get("/leaderboard/").status_code == 403
    assert client.get(PART).status_code == 403


def test_a_month_never_opened_has_no_part(district: Any, signed_in: Any) -> None:
    assert signed_in("test-head").get("/leaderboard/2031-03/board/").status_code == 404
