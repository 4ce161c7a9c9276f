"""kpi for programs: worked example 4 through the API, versions, doubts, refusals."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpi.models import Actual, Event, Month
from orgchart import jobs
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import march
from tests.kpi.scheme import EXAMPLE
from tests.worked_examples import UNITS

API = "/api/v1"
TOTALS = {UNITS[name]: total for name, total in EXAMPLE["总分"].items()}


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"{API}/{path}", data=body, content_type="application/json", headers=headers)


@pytest.fixture
def clerk(district: District, signed_in) -> Client:
    march.publish_card(district)
    return signed_in("test-clerk")


@pytest.fixture
def scored(district: District) -> District:
    march.publish_card(district)
    march.report_march(district)
    jobs.drain()
    return district


def entry(unit: str, indicator: str, value: str | None, **more: Any) -> dict[str, Any]:
    return {
        "unit": unit,
        "indicator": indicator,
        "breakdown": None,
        "month": "2026-03",
        "value": value,
        "version": None,
    } | more


def test_example_4_entered_and_read_through_the_api(district: District, clerk: Client) -> None:
    march.report_march(district)
    Actual.objects.all().delete()
    body = [
        entry(unit, indicator, str(actual), breakdown=breakdown)
        for (unit, indicator, breakdown), (_, actual) in march.figures().items()
    ]
    answer = post(clerk, "actuals/", body)
    assert answer.status_code == 200, answer.content
    jobs.drain()

    board = clerk.get(f"{API}/leaderboard/?month=2026-03").json()
    assert board["state"] == "open"
    assert {row["unit"]: row["score"] for row in board["rows"]} == TOTALS
    assert [row["rank"] for row in board["rows"]] == [1, 2, 3, 4, 4, 6]
    # the tie is listed by the revenue rate, as the example says
    assert [row["unit"] for row in board["rows"]][3:5] == ["grid3", "grid2"]
    first = board["rows"][0]
    assert first["gates"]["revenue"] == {
        "task": "43.41",
        "actual": "54.27",
        "met": True,
        "shortfall": None,
    }
    assert board["rows"][4]["gates"]["volume"]["shortfall"] == "31"
    assert (first["gap_to_next"], board["rows"][1]["gap_to_next"]) == (None, "15.33")


@pytest.mark.parametrize("name", EXAMPLE["base_case"])
def test_a_card_has_every_line_with_its_sources(scored: District, signed_in, name: str) -> None:
    case = EXAMPLE["base_case"][name]
    unit = UNITS[name]
    card = signed_in("test-head").get(f"{API}/scorecards/{unit}/2026-03/").json()
    lines = {line["code"]: line for line in card["lines"]}
    for code, expected in case["items"].items():
        assert lines[code]["points"] == expected["score"], code
        if "rate" in expected:
            shown = Decimal(lines[code]["completion"]) * 100
            assert f"{round(shown, 2)}%" == expected["rate"], code
    assert card["total"] == case["总分"]
    assert card["base"] == case["基础得分"]
    kinds = {source["kind"] for source in lines["K1"]["sources"]}
    assert kinds == {"task", "actual"}
    assert {source["by"] for source in lines["K1"]["sources"] if source["kind"] == "actual"} == {
        scored.people["clerk"].name
    }


def test_the_board_is_not_sent_again_until_it_changes(scored: District, signed_in) -> None:
    client = signed_in("test-staff")
    url = f"{API}/leaderboard/?month=2026-03"
    tag = client.get(url)["ETag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    body = [entry("grid1", "fixed_revenue", "9.99", version=1)]
    assert post(signed_in("test-clerk"), "actuals/", body).status_code == 200
    jobs.drain()
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 200


def test_what_is_not_reported_is_listed_as_null(district: District, clerk: Client) -> None:
    post(clerk, "actuals/", [entry("grid1", "channel_visits", "40")])
    rows = clerk.get(f"{API}/actuals/?month=2026-03&unit=grid1").json()["results"]
    found = {(row["indicator"], row["breakdown"]): row for row in rows}
    assert found["channel_visits", None]["value"] == "40"
    assert found["channel_visits", None]["version"] == 1
    assert found["mobile_revenue", None] == {
        "unit": "grid1",
        "indicator": "mobile_revenue",
        "breakdown": None,
        "month": "2026-03",
        "value": None,
        "as_of": None,
        "version": None,
    }


@pytest.mark.parametrize("breakdown", [None, "", "all"])
def test_an_undivided_figure_may_be_named_in_three_ways(clerk: Client, breakdown) -> None:
    body = [entry("grid1", "channel_visits", "40", breakdown=breakdown)]
    assert post(clerk, "actuals/", body).json()["results"][0]["breakdown"] is None


def test_a_stale_version_is_409_with_both_values(clerk: Client) -> None:
    post(clerk, "actuals/", [entry("grid1", "channel_visits", "40")])
    answer = post(clerk, "actuals/", [entry("grid1", "channel_visits", "41")])
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("application/problem+json")
    (conflict,) = answer.json()["conflicts"]
    assert (conflict["yours"], conflict["theirs"], conflict["version"]) == ("41", "40", 1)


def test_the_same_key_has_one_effect(clerk: Client) -> None:
    body = [entry("grid1", "channel_visits", "40")]
    first = post(clerk, "actuals/", body, **{"Idempotency-Key": "a"})
    again = post(clerk, "actuals/", body, **{"Idempotency-Key": "a"})
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert Actual.objects.get().version == 1
    other = post(
        clerk,
        "actuals/",
        [entry("grid1", "channel_visits", "41", version=1)],
        **{"Idempotency-Key": "a"},
    )
    assert other.status_code == 422


@pytest.mark.parametrize(
    "change,pointer",
    [
        ({"unit": "nowhere"}, "/0/unit"),
        ({"indicator": "luck"}, "/0/indicator"),
        ({"month": "2026-13"}, "/0/month"),
        ({"month": "2026-07"}, "/0/month"),
        ({"month": 202603}, "/0/month"),
        ({"breakdown": "t9"}, "/0/breakdown"),
        ({"version": "1"}, "/0/version"),
        ({"as_of": "31.3.2026"}, "/0/as_of"),
        ({"as_of": "2026-04-01"}, "/0/as_of"),
        *[
            ({"value": value}, "/0/value")
            for value in (
                "1e9", "1_000", "１２", "NaN", "Infinity", "--1", "1,000", " 1", "1" * 25, 10**25,
                "1.00001", "12.5", True, [], {}, "4\x00",
            )
        ],
        ({"reason": "\x00"}, "/0/reason"),
    ],
)  # fmt: skip
def test_bad_input_is_400_with_a_pointer(clerk: Client, change: dict, pointer: str) -> None:
    answer = post(clerk, "actuals/", [entry("grid1", "channel_visits", "40") | change])
    assert answer.status_code == 400, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Actual.objects.exists()


@pytest.mark.parametrize("body", [{}, [], "x", None, [[]], [None], 3])
def test_what_is_no_list_of_cells_is_400(clerk: Client, body: Any) -> None:
    assert post(clerk, "actuals/", body).status_code == 400


def test_raw_nan_is_400(clerk: Client) -> None:
    answer = clerk.post(f"{API}/actuals/", data='[{"value": NaN}]', content_type="application/json")
    assert answer.status_code == 400


def test_a_manager_writes_the_own_unit_only(district: District, signed_in) -> None:
    client = signed_in("test-grid1")
    assert post(client, "actuals/", [entry("grid1", "channel_visits", "4")]).status_code == 200
    mixed = [entry("grid1", "mobile_gross_adds", "4"), entry("grid2", "channel_visits", "4")]
    assert post(client, "actuals/", mixed).status_code == 403
    assert Actual.objects.count() == 1
    units = {row["unit"] for row in client.get(f"{API}/actuals/?month=2026-03").json()["results"]}
    assert units == {"grid1"}
    assert client.get(f"{API}/actuals/?month=2026-03&unit=grid2").status_code == 403
    assert client.get(f"{API}/scorecards/grid2/2026-03/").status_code == 403


def test_another_district_does_not_exist(district: District, signed_in) -> None:
    build_district("other", unit_codes=("west",))
    client = signed_in("test-head")
    assert client.get(f"{API}/actuals/?month=2026-03&unit=west").status_code == 404
    assert client.get(f"{API}/scorecards/west/2026-03/").status_code == 404
    answer = post(signed_in("test-clerk"), "actuals/", [entry("west", "channel_visits", "1")])
    assert answer.json()["errors"][0]["pointer"] == "/0/unit"


def test_the_sheet_speaks_percent_and_gets_doubts_under_its_keys(
    district: District, clerk: Client
) -> None:
    body = {"as_of": "2026-03-31", "cells": [entry("grid1", "churn_rate", "7.72")]}
    answer = post(clerk, "actuals/sheet/", body).json()
    assert answer["cells"][0]["value"] == "7.72"
    assert Actual.objects.get().value == Decimal("0.0772")
    post(clerk, "actuals/", [entry("grid1", "mobile_revenue", "28.07")])
    Month.objects.create(district=district.root, month=MARCH.replace(month=4))
    slip = entry("grid1", "mobile_revenue", "288100", month="2026-04", breakdown="all")
    answer = post(clerk, "actuals/sheet/", {"cells": [slip]})
    assert answer.status_code == 422
    assert "：" in answer.json()["errors"][0]["detail"] and ": " not in answer.json()["detail"]
    told = clerk.post(
        f"{API}/actuals/",
        [slip],
        content_type="application/json",
        headers={"Accept-Language": "en"},
    )
    assert told.json()["detail"].startswith("1 figure looks wrong.")
    (doubt,) = answer.json()["doubts"]
    assert (doubt["code"], doubt["suggestion"], doubt["indicator"], doubt["breakdown"]) == (
        "unit_slip",
        "28.81",
        "mobile_revenue",
        "all",
    )
    bad = {"cells": [entry("grid1", "channel_visits", "1.5", breakdown="all")]}
    answer = post(clerk, "actuals/sheet/", bad)
    assert answer.json()["errors"][0]["pointer"] == "/cells/0/value"
    answer = post(clerk, "actuals/sheet/", {"cells": 5})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cells")


def test_a_month_is_closed_published_and_reopened(scored: District, signed_in) -> None:
    clerk, head = signed_in("test-clerk"), signed_in("test-head")
    assert post(clerk, "months/2026-03/publish/", {}).status_code == 409
    assert post(clerk, "months/2026-03/close/", {}).json()["state"] == "closed"
    late = post(clerk, "actuals/", [entry("grid1", "channel_visits", "41", version=1)])
    assert late.status_code == 409
    assert post(head, "months/2026-03/publish/", {}).json()["state"] == "published"
    assert post(clerk, "months/2026-03/reopen/", {"reason": "x"}).status_code == 403
    for step, sentence in (
        ("close", "2026-03 已发布。区部领导可写明原因重开。"),
        ("publish", "2026-03 已发布。区部领导可写明原因重开。"),
    ):
        again = post(clerk, f"months/2026-03/{step}/", {})
        assert (again.status_code, again.json()["detail"]) == (409, sentence)
    answer = post(head, "months/2026-03/reopen/", {})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert post(head, "months/2026-03/reopen/", {"reason": "补报"}).json()["state"] == "open"
    assert clerk.get(f"{API}/months/").json()["results"][0]["state"] == "open"


def test_closing_with_figures_missing_names_them(district: District, clerk: Client) -> None:
    march.report_march(district, without=(("suburban", "churn_rate"),))
    answer = post(clerk, "months/2026-03/close/", {})
    assert answer.status_code == 400
    assert answer.json()["missing"] == [
        {
            "unit": "suburban",
            "indicator": "churn_rate",
            "breakdown": "all",
            "month": "2026-03",
        }
    ]


def test_events_are_noted_and_voided(clerk: Client, district: District, signed_in) -> None:
    noted = post(
        clerk, "events/",
        {"unit": "grid1", "month": "2026-03", "kind": "late_report", "count": 2,
         "occurred_on": "2026-03-05"},
    )  # fmt: skip
    assert noted.status_code == 201 and noted.json()["count"] == 2
    path = f"events/{noted.json()['id']}/void/"
    assert post(clerk, path, {}).json()["errors"][0]["pointer"] == "/reason"
    assert post(clerk, path, {"reason": "noted twice"}).json()["voided"] is True
    assert post(clerk, path, {"reason": "again"}).status_code == 409
    told = clerk.get(f"{API}/events/?month=2026-03").json()
    assert [(row["unit"], row["voided"]) for row in told["results"]] == [("grid1", True)]
    others = signed_in("test-grid2").get(f"{API}/events/?month=2026-03").json()
    assert others["results"] == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"unit": "nowhere"}, "/unit"),
        ({"kind": "rain"}, "/kind"),
        ({"count": 0}, "/count"),
        ({"kind": "veto"}, "/note"),
        ({"occurred_on": "2026-04-01"}, "/occurred_on"),
        ({"month": "March"}, "/month"),
    ],
)
def test_an_event_that_is_none_is_400(clerk: Client, change: dict, pointer: str) -> None:
    body = {"unit": "grid1", "month": "2026-03", "kind": "complaint"} | change
    answer = post(clerk, "events/", body)
    assert answer.status_code == 400
    assert pointer in {fault["pointer"] for fault in answer.json()["errors"]}
    assert clerk.get(f"{API}/events/?month=2026-03").json()["count"] == 0


def test_score_rules_are_read_as_written_and_drafts_by_their_writers(
    district: District, clerk: Client, signed_in
) -> None:
    [card] = clerk.get(f"{API}/rules/").json()["results"]
    k1 = card["items"][0]
    assert (card["state"], card["zero_target"], k1["code"], k1["weight"]) == (
        "published", "spread", "K1", "30",
    )  # fmt: skip
    assert sum(Decimal(i["weight"]) for i in card["items"] if i["role"] == "item") == 100
    assert k1["rule"] == "proportional" and k1["params"]["cap"] == "1.2"
    head = signed_in("test-head")
    head.post("/rules/new/", {"source": card["id"]})
    assert head.get(f"{API}/rules/").json()["count"] == 2
    assert clerk.get(f"{API}/rules/").json()["count"] == 1


def test_twenty_events_take_as_many_queries_as_two(clerk: Client, district: District) -> None:
    counts = []
    for number in (2, 20):
        while Event.objects.count() < number:
            Event.objects.create(
                unit=district.units[["grid1", "grid2"][number % 2]], month=MARCH, count=1,
                kind="complaint", noted_at=NOW, noted_by=district.people["clerk"],
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert clerk.get(f"{API}/events/?month=2026-03").json()["count"] == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
