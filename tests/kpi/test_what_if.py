"""What-if on page and API: the same engine as the score, nothing stored, nothing private."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from kpi.models import Score, ScoreLine
from tests.district import District
from tests.kpi import march

PAGE = "/cards/{unit}/2026-03/"
API = "/api/v1/simulate/card/"


@pytest.fixture
def scored(district: District) -> District:
    march.publish_card(district)
    march.report_march(district)
    march.score(district)
    return district


def post(client: Client, **body: Any) -> Any:
    return client.post(API, data={"month": "2026-03"} | body, content_type="application/json")


def rows() -> tuple[list[Any], list[Any]]:
    return list(ScoreLine.objects.values()), list(Score.objects.values())


def test_three_more_and_no_late_report_as_in_the_mock_up(scored: District, signed_in) -> None:
    before = rows()
    client = signed_in("test-grid1")
    answer = post(
        client, unit="grid1", actuals={"fixed_net_adds": "25"}, events={"late_report": 0}
    ).json()
    assert (answer["now"]["total"], answer["now"]["rank"]) == ("102.77", 2)
    assert (answer["then"]["total"], answer["then"]["rank"]) == ("104.47", 2)
    assert (answer["then"]["gap_to_next"], answer["ways"]) == ("13.63", [])
    asked = {"fixed_net_adds": "25", "late_report": "0"}
    page = client.get(f"{PAGE.format(unit='grid1')}what-if/", asked).content.decode()
    for figure in ("102.77", "104.47", "15.33", "13.63", "+1.20", "+0.50", "0.78", "2.48"):
        assert figure in page, figure
    whole = client.get(PAGE.format(unit="grid1"), asked).content.decode()
    assert "104.47" in whole and "118.60" in whole
    assert rows() == before


def test_gross_adds_move_the_effective_rate_too(scored: District, signed_in) -> None:
    answer = post(signed_in("test-head"), unit="grid1", actuals={"mobile_gross_adds": "1330"})
    points = {line["code"]: line["points"] for line in answer.json()["then"]["lines"]}
    assert Decimal(points["K2"]) > Decimal("20.70")
    assert points["K5"] == "8.00"  # 188 ÷ 1,330 = 14.14%


def test_a_gate_follows_the_sliders(scored: District, signed_in) -> None:
    client = signed_in("test-head")
    met = post(client, unit="grid2").json()["gates"]
    assert met == {"revenue": False, "volume": False}
    more = post(client, unit="grid2", actuals={"mobile_gross_adds": "1047"}).json()
    assert more["gates"] == {"revenue": False, "volume": True}


def test_an_unreported_figure_leaves_a_range(district: District, signed_in) -> None:
    march.publish_card(district)
    march.report_march(district, without=(("suburban", "churn_rate"),))
    march.score(district)
    client = signed_in("test-head")
    told = post(client, unit="suburban").json()["now"]
    assert (told["total"], told["range"]) == (None, ["108.50", "118.10"])
    (fault,) = post(client, unit="suburban", actuals={"churn_rate": "0.05"}).json()["errors"]
    assert fault == {
        "pointer": "/actuals/churn_rate",
        "detail": "本单元的离网率还没填报，没有可以试算的数。",
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"actuals": {"effective_rate": "1"}}, "/actuals/effective_rate"),
        ({"actuals": {"fixed_net_adds": "1e9"}}, "/actuals/fixed_net_adds"),
        ({"actuals": {"fixed_net_adds": "1.5"}}, "/actuals/fixed_net_adds"),
        ({"events": {"veto": 1}}, "/events/veto"),
        ({"events": {"late_report": -1}}, "/events/late_report"),
    ],
)
def test_what_no_slider_says_is_refused(scored, signed_in, body: Any, pointer: str) -> None:
    answer = post(signed_in("test-head"), unit="grid1", **body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_other_units_are_refused(scored: District, signed_in) -> None:
    client = signed_in("test-grid1")
    assert post(client, unit="grid2").status_code == 403
    assert client.get(f"{PAGE.format(unit='grid2')}what-if/").status_code == 403


def test_the_entry_form_says_the_two_cheapest_ways(scored: District, signed_in) -> None:
    page = signed_in("test-grid2").get("/actuals/?month=2026-03&unit=grid2").content.decode()
    assert page.count("独占第 4") == 2


def test_total_rank_and_gates_open_to_their_workings(scored: District, signed_in) -> None:
    client = signed_in("test-grid1")
    page = client.get("/cards/grid1/2026-03/").content.decode()
    for address in ("total/", "gates/revenue/", "gates/volume/", "K1/", "B1/"):
        assert f'data-workings-url="/cards/grid1/2026-03/{address}"' in page, address
    total = client.get("/cards/grid1/2026-03/total/").content.decode()
    for told in ("101.27", "+ 1.50", "102.77", "118.10", "96.50", "v1", "该月未关账"):
        assert told in total, told
    grid3 = signed_in("test-head").get("/cards/grid3/2026-03/total/").content.decode()
    assert "86.85 × 100 ÷ 90 = 96.50" in grid3 and "并列第 4" in grid3
    gate = signed_in("test-head").get("/cards/grid2/2026-03/gates/revenue/").content.decode()
    for told in ("31.71 万元 &lt; 33.36 万元", "差 1.65 万元", scored.people["clerk"].name):
        assert told in gate, told
    board = client.get("/leaderboard/?month=2026-03").content.decode()
    assert "/cards/grid1/2026-03/total/" in board
    assert "/cards/grid2/2026-03/total/" not in board
    assert client.get("/cards/grid2/2026-03/total/").status_code == 403
    assert client.get("/cards/grid2/2026-03/gates/revenue/").status_code == 403
    assert client.get("/cards/grid1/2026-03/gates/other/").status_code == 404
