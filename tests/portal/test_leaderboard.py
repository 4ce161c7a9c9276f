"""The leaderboard's page shows ranks and the award; its part answers 304 while nothing changed."""

import re
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from competitions.models import Round, RoundState
from kpi.models import Month, MonthState, Score, Scorecard
from kpi.queries.year_board import year_board
from orgchart.models import Person, Tenure, Unit
from orgchart.services.units import rename_unit
from portal.services import settle_published_month
from tests.competitions.contest import build_contest, publish, write_month
from tests.district import MARCH, NOW

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


def test_the_part_is_sent_again_when_a_name_on_it_changes(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    client = signed_in("test-head")
    etag = client.get(PART)["ETag"]
    unit = Unit.objects.get(code="grid1")
    clerk = Person.objects.get(code="clerk")
    rename_unit(unit=unit, version=unit.version, by=clerk, at=NOW, name_zh="北网格")
    again = client.get(PART, headers={"If-None-Match": etag})
    assert again.status_code == 200 and "北网格" in again.content.decode()


def test_rights_bind_a_refresh_that_would_find_nothing_new(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    client = signed_in("test-staff")
    headers = {"If-None-Match": client.get(PART)["ETag"]}
    assert client.get(PART, headers=headers).status_code == 304
    Tenure.objects.filter(person__code="staff").update(valid_to=date(2026, 1, 1))
    assert client.get(PART, headers=headers).status_code == 403
    client.logout()
    assert client.get(PART, headers=headers).status_code == 302


def test_a_refresh_without_news_asks_three_times(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    client = signed_in("test-head")
    headers = {"If-None-Match": client.get(PART)["ETag"]}
    with CaptureQueriesContext(connection) as asked:
        client.get(PART, headers=headers)
    assert len(asked) == 3  # session, account, rights with the state of the board


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


def test_the_page_draws_nothing_that_a_refresh_has_drawn(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    client = signed_in("test-head")
    part = client.get(PART).content.decode()
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/leaderboard/?month=2026-03").content.decode()
    assert part in page and "500 元" in page
    assert not any("kpi_scoreline" in query["sql"] for query in asked)


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


def table(page: str) -> str:
    """Return the rows of the ranking as the page has them."""
    return page[page.index("<tbody>") : page.index("</tbody>")]


def order(client: Any, query: str) -> list[str]:
    """Return the units of the ranking in the order of the page."""
    page = client.get(f"/leaderboard/?month=2026-03{query}").content.decode()
    return [name for name in re.findall(r'<th scope="row">(?:<a[^>]*>)?([^<]+)', table(page))]


def test_the_ranking_is_ordered_and_filtered_by_its_address(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    head = signed_in("test-head")
    ranked = order(head, "")
    assert ranked[0] == "城乡结合办事处" and len(ranked) == 6
    low = order(head, "&sort=score")
    assert (low[0], low[1:3], low[3:]) == (ranked[-1], ranked[3:5], ranked[2::-1])  # a tie stays
    assert order(head, "&sort=gap")[-1] == ranked[0]  # who has no gap stands last
    assert order(head, "&sort=-volume")[0] == "城乡结合办事处"
    assert order(head, "&sort=unit&q=GRID") == ["网格1", "网格2", "网格3", "网格4"]
    assert order(head, "&sort=password") == ranked
    page = head.get("/leaderboard/?month=2026-03&q=网格&sort=-revenue").content.decode()
    assert "6 个单元中的 4 个" in page and "118.10" not in table(page)
    assert page.count('aria-sort="descending"') == 1
    # The head of the sorted column turns the order; peers, text and month stay.
    assert "month=2026-03&amp;q=%E7%BD%91%E6%A0%BC&amp;sort=revenue" in page
    nobody = head.get("/leaderboard/?month=2026-03&q=<b>").content.decode()
    assert "没有名称含这些字的单元" in nobody and "<b>" not in table(nobody + "<tbody></tbody>")
    part = head.get(f"{PART}?q=网格&sort=-revenue")
    assert part["ETag"].strip('"') in page
    assert part["ETag"] != head.get(PART)["ETag"]


def test_the_year_adds_up_its_months_and_says_what_is_not_published(
    district: Any, signed_in: Any
) -> None:
    settle(district, 3)
    settle(district, 4)
    client = signed_in("test-staff")
    rows = year_board(Month.objects.get(month=date(2026, 4, 1))).rows
    for row in rows:
        known = [total for total in row.months if total is not None]
        assert row.points == sum(known) and len(known) == 2
    assert [row.points for row in rows] == sorted((row.points for row in rows), reverse=True)
    assert rows[1].gap_to_next == rows[0].points - rows[1].points
    page = client.get("/leaderboard/?month=2026-04&span=year").content.decode()
    assert f"{rows[0].points:.2f}" in page and "暂定" not in page
    Month.objects.filter(month=date(2026, 4, 1)).update(state=MonthState.OPEN)
    page = client.get("/leaderboard/?month=2026-04&span=year").content.decode()
    assert "暂定：2026-04 尚未发布" in page


@pytest.mark.parametrize(("span", "statements"), [("", 26), ("year", 12)])
def test_forty_units_take_as_many_statements_as_six(
    span: str, statements: int, district: Any, signed_in: Any
) -> None:
    month = write_month(district, 3)
    client, counts = signed_in("test-head"), []
    for more in (0, 34):
        card = Scorecard.objects.get()
        for number in range(more):
            unit = Unit.objects.create(
                code=f"more{number}", kind="grid", name_zh=f"网格{number + 10}",
                parent=district.root, district=district.root, opened_on=date(2026, 1, 1),
            )  # fmt: skip
            Score.objects.create(
                month=month.month, unit=unit, scorecard=card, applicable_weight=100,
                base=number, bonus=0, total=number, rank=7 + number,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            page = client.get(f"/leaderboard/?month=2026-03&span={span}").content.decode()
        counts.append(len(asked))
        assert table(page).count("<tr") == 6 + more
    assert counts == [statements, statements]
    assert "ui-table--dense" in page  # one line a unit


def sheets(answer: Any) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_excel_file_has_what_the_page_shows_and_no_formulas(
    district: Any, signed_in: Any
) -> None:
    settle(district, 3)
    evil = '=HYPERLINK("http://x")'
    Unit.objects.filter(code="grid1").update(name_zh=evil)
    url = "/leaderboard/export.xlsx?month=2026-03&sort=score&q=grid"
    answer = signed_in("test-head").get(url)
    found = sheets(answer)
    rows = found["名次"][3:]
    assert [row[2] for row in rows] == ["网格4", "网格2", "网格3", evil]
    assert (rows[0][5], rows[0][10], rows[3][10]) == (26.62, 10.98, "")  # what is short
    with ZipFile(BytesIO(answer.content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    year = sheets(signed_in("test-head").get(f"{url}&span=year"))
    assert year["本年累计"][3][:4] == [6.0, "", "网格4", 26.62]
    assert signed_in("test-admin").get(url).status_code == 403


def test_points_by_item_leave_the_house_only_with_the_right_to_read_them(demo: None) -> None:
    def exported(username: str) -> dict[str, list[list[Any]]]:
        client = Client()
        client.force_login(User.objects.get(username=username))
        return sheets(client.get("/leaderboard/export.xlsx?month=2026-03"))

    assert len(exported("head")["得分构成"]) == 3 + 6
    mine = exported("grid1")
    assert len(mine["名次"]) == 3 + 6
    assert [row[0] for row in mine["得分构成"][3:]] == ["网格1"]
