"""Ranks of example 4: ties shared or parted, peers of a kind, provisional while one is missing."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpi.models import Month, Score
from kpi.queries.board import leaderboard
from kpi.services.events import note_event
from tests.district import MARCH, NOW, District
from tests.kpi import march


def scored(district: District, *tie_breaks: str) -> District:
    march.publish_card(district, tie_breaks=tie_breaks)
    march.report_march(district)
    march.score(district)
    return district


def ranks(district: District, kind: str = "") -> dict[str, int | None]:
    return {row.unit.code: row.rank for row in leaderboard(district.month, kind).rows}


def test_equal_totals_share_a_rank_unless_the_scorecard_parts_them(district: District) -> None:
    scored(district)
    found = ranks(district)
    assert (found["grid3"], found["grid2"], found["grid4"]) == (4, 4, 6)


@pytest.mark.parametrize(
    ("tie_breaks", "grid3", "grid2"),
    [
        (("K1",), 4, 5),  # 96.98 % of the revenue task against 96.03 %
        (("K2",), 4, 5),
        (("K4",), 5, 4),  # fixed net adds: 12 % against 83 %
        (("K8", "K1"), 5, 4),  # deductions by their points: an audit finding against none
    ],
)
def test_the_named_items_part_a_tie_in_their_order(
    district: District, tie_breaks: tuple[str, ...], grid3: int, grid2: int
) -> None:
    scored(district, *tie_breaks)
    stored = {row.unit.code: row.rank for row in Score.objects.select_related("unit")}
    assert (stored["grid3"], stored["grid2"], stored["grid4"]) == (grid3, grid2, 6)
    assert ranks(district) == stored


def test_a_kind_is_ranked_among_itself(district: District, signed_in) -> None:
    scored(district)
    assert ranks(district, "grid") == {"grid1": 1, "grid3": 2, "grid2": 2, "grid4": 4}
    client = signed_in("test-staff")
    board = client.get("/api/v1/leaderboard/?month=2026-03&kind=grid").json()
    assert [(row["unit"], row["rank"], row["tied"]) for row in board["rows"]] == [
        ("grid1", 1, False), ("grid3", 2, True), ("grid2", 2, True), ("grid4", 4, False),
    ]  # fmt: skip
    assert board["rows"][0]["gap_to_next"] is None
    assert (board["kind"], board["provisional"]) == ("grid", False)
    answer = client.get("/api/v1/leaderboard/?month=2026-03&kind=branch")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/kind")


def test_the_change_is_that_among_the_peers(district: District) -> None:
    scored(district)
    card = Score.objects.first().scorecard
    february = MARCH.replace(month=2)
    Month.objects.create(district=district.root, month=february)
    for rank, code in enumerate(("grid2", "suburban", "group", "grid1", "grid3", "grid4"), 1):
        Score.objects.create(
            month=february, unit=district.units[code], scorecard=card, rank=rank,
            applicable_weight=Decimal(100), total=Decimal(100 - rank),
        )  # fmt: skip
    found = {row.unit.code: row.change for row in leaderboard(district.month, "grid").rows}
    assert found == {"grid1": 1, "grid2": -1, "grid3": 1, "grid4": 0}


def test_ranks_are_provisional_while_anything_is_missing(district: District, signed_in) -> None:
    march.publish_card(district)
    march.report_march(district, without=(("grid4", "channel_visits"),))
    march.score(district)
    board = leaderboard(district.month)
    assert board.is_provisional
    assert [unit.code for unit in board.waiting] == ["grid4"]
    assert not leaderboard(district.month, "group_center").is_provisional
    answer = signed_in("test-staff").get("/api/v1/leaderboard/?month=2026-03").json()
    assert (answer["provisional"], answer["waiting"]) == (True, ["grid4"])
    page = signed_in("test-staff").get("/leaderboard/?month=2026-03").content.decode()
    assert "暂定" in page


def test_a_kind_takes_as_many_queries_as_all(district: District) -> None:
    scored(district)
    with CaptureQueriesContext(
        connection,
    ) as whole:
        leaderboard(district.month)
    with CaptureQueriesContext(connection) as narrowed:
        leaderboard(district.month, "grid")
    assert len(whole) == len(narrowed)


def test_board_card_and_workings_say_which_item_parted_a_tie(district: District, signed_in) -> None:
    scored(district, "K8", "K1")
    client = signed_in("test-head")
    told = client.get("/api/v1/scorecards/grid3/2026-03/total/").json()
    assert (told["rank"], told["parted_by"], told["parted_from"]) == (5, "K8", "grid2")
    sentence = next(text for text in told["ranking"] if "总分与" in text)
    assert "0.00" not in "".join(told["ranking"])
    assert sentence in client.get("/cards/grid3/2026-03/total/").content.decode()
    assert sentence in client.get("/cards/grid3/2026-03/").content.decode()
    assert client.get("/api/v1/scorecards/grid2/2026-03/total/").json()["parted_by"] is None
    page = client.get("/leaderboard/?month=2026-03").content.decode()
    assert "总分同分，按" in page and "第 5 名" in page and "同分并列" not in page


def test_the_workings_say_a_veto_of_the_award_alone(district: District, signed_in) -> None:
    note_event(
        unit=district.units["suburban"], month=MARCH, kind="award_veto", count=1, note="取消评优",
        by=district.people["auditor"], at=NOW,
    )  # fmt: skip
    scored(district)
    head = signed_in("test-head")
    told = head.get("/api/v1/scorecards/suburban/2026-03/total/").json()
    assert (told["veto"], told["award_veto"], told["rank"]) == (False, True, 1)
    assert "取消评优；" in head.get("/leaderboard/?month=2026-03").content.decode()
    assert "不参与评奖" in told["formula"][-1] and "取消评奖资格" in "".join(told["ranking"])
