"""kpi for programs: worked example 4 through the API, versions, doubts, refusals, simulators."""

from ast import literal_eval
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
from tests.worked_examples import EVENTS, UNITS, example

API = "/api/v1"
TOTALS = {UNITS[name]: total for name, total in EXAMPLE["总分"].items()}
RULES_OF = {
    "prop": "proportional",
    "inverse": "inverse",
    "band": "bands",
    "deduct": "deduction",
}


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


def card_request(**more: Any) -> dict[str, Any]:
    """Example 4 as the simulator takes it."""
    items = []
    for row in march.entries()[:-1]:
        items.append({"code": row.code, "weight": str(row.weight), "rule": row.rule} | row.params)
    units = []
    for name, case in EXAMPLE["base_case"].items():
        results: dict[str, Any] = {}
        for code, line in case["items"].items():
            raw = line["数据"]
            events = {EVENTS[kind]: int(count) for kind, count in raw.items() if kind in EVENTS}
            result: dict[str, Any] = {"events": events} if events else {}
            if "T" in raw:
                result["target"] = raw["T"]
            if "A" in raw:
                top, _, below = raw["A"].partition("/")
                result["actual"] = (
                    f"{round(Decimal(top) / Decimal(below), 8):f}" if below else raw["A"]
                )
            results[code] = result
        units.append(
            {
                "unit": UNITS[name],
                "results": results,
                "bonus_count": int(Decimal(case["加分"]) * 2),
                "veto": False,
            }
        )
    return {
        "zero_target": "spread",
        "bonus": {"per": "0.5", "cap": "3"},
        "items": items,
        "units": units,
    } | more


def test_the_simulator_scores_example_4(district: District, signed_in) -> None:
    answer = post(signed_in("test-admin"), "simulate/scorecard/", card_request())
    assert answer.status_code == 200, answer.content
    told = {row["unit"]: row for row in answer.json()["units"]}
    assert {unit: row["total"] for unit, row in told.items()} == TOTALS
    assert {unit: row["rank"] for unit, row in told.items()} == {
        UNITS[name]: rank for name, rank in EXAMPLE["名次(1,2,2,4)"].items()
    }
    assert told["grid1"]["lines"][0] == {
        "code": "K1",
        "points": "31.52",
        "completion": "1.050683",
        "reason": "by_completion",
    }


def one_item(kind: str, weight: Any, params: dict[str, Any], raw: dict[str, str]) -> Any:
    """Return a single item of the example as the simulator takes it: item and result."""
    item: dict[str, Any] = {"code": "K", "weight": str(weight), "rule": RULES_OF[kind]}
    if "bands" in params:
        rows = literal_eval(params["bands"])
        item["bands"] = [[limit, str(points)] for limit, points in rows]
    elif kind == "deduct":
        item["per"] = {EVENTS[name]: price for name, price in params.items()}
    else:
        item |= params
    events = {EVENTS[name]: int(count) for name, count in raw.items() if name in EVENTS}
    if events:
        return item, {"events": events}
    top, _, below = raw["A"].partition("/")
    actual = str(Decimal(top) / Decimal(below)) if below else raw["A"]
    return item, {"actual": actual} | ({"target": raw["T"]} if "T" in raw else {})


def test_the_simulator_scores_every_single_item_of_the_example(district, signed_in) -> None:
    client = signed_in("test-head")
    for case in EXAMPLE["unit_tests"]:
        item, result = one_item(case["kind"], case["权重"], case["参数"], case["数据"])
        body = {"items": [item], "units": [{"unit": "one", "results": {"K": result}}]}
        answer = post(client, "simulate/scorecard/", body)
        assert answer.status_code == 200, (case["case"], answer.content)
        assert answer.json()["units"][0]["lines"][0]["points"] == case["得分"], case["case"]
    points = {"low": "0.8", "low_points": "12", "high": "1.2", "high_points": "24"}
    rows = EXAMPLE["min_max_percent_scheme"]["rows"]
    body = {
        "items": [{"code": "K", "weight": "20", "rule": "min_max"} | points],
        "units": [
            {"unit": str(n), "results": {"K": {"target": "100", "actual": row["完成率"]}}}
            for n, row in enumerate(rows)
        ],
    }
    told = post(client, "simulate/scorecard/", body).json()["units"]
    assert [unit["lines"][0]["points"] for unit in told] == [row["得分"] for row in rows]


def test_the_simulator_follows_veto_tie_break_and_zero_target(district, signed_in) -> None:
    client = signed_in("test-head")
    for policy, name in (("spread", "exclude"), ("full", "full"), ("zero", "zero")):
        body = card_request(zero_target=policy)
        told = post(client, "simulate/scorecard/", body).json()["units"]
        grid3 = next(row for row in told if row["unit"] == "grid3")
        assert grid3["total"] == EXAMPLE["zero_target_网格3_K4"][name]["总分"], policy
    case = EXAMPLE["veto_case"]
    for veto, total, rank in (
        ("zero", case["after"], case["名次"][case["unit"]]),
        ("award_only", case["before"], 1),
    ):
        body = card_request()
        vetoed = next(row for row in body["units"] if row["unit"] == UNITS[case["unit"]])
        vetoed["veto"] = veto
        told = post(client, "simulate/scorecard/", body).json()["units"]
        row = next(row for row in told if row["unit"] == UNITS[case["unit"]])
        assert (row["total"], row["rank"]) == (total, rank)


def test_the_simulator_gives_the_range_while_an_actual_is_missing(district, signed_in) -> None:
    body = card_request()
    suburban = next(unit for unit in body["units"] if unit["unit"] == "suburban")
    del suburban["results"]["K6"]["actual"]
    told = post(signed_in("test-head"), "simulate/scorecard/", body).json()["units"]
    row = next(row for row in told if row["unit"] == "suburban")
    expected = EXAMPLE["missing_actual_城乡结合办_K6"]["before close"]
    assert (row["total"], row["range"]) == (None, expected["可能区间"])


def test_the_simulator_refuses_a_missing_target_and_bad_numbers(district, signed_in) -> None:
    client = signed_in("test-head")
    body = card_request()
    del body["units"][0]["results"]["K2"]["target"]
    answer = post(client, "simulate/scorecard/", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (
        400,
        "/units/0/results/K2/target",
    )
    for value in ("1e9", "NaN", "１", "1_000", "9" * 25, [], True, "1\x00"):
        body = card_request()
        body["units"][0]["results"]["K1"]["actual"] = value
        answer = post(client, "simulate/scorecard/", body)
        assert answer.status_code == 400, value
        assert answer.json()["errors"][0]["pointer"] == "/units/0/results/K1/actual"


@pytest.mark.parametrize("calendar,name", [
    ("natural", "自然日"), ("mon_sat", "周一至周六"), ("mon_fri", "周一至周五"),
])  # fmt: skip
def test_the_simulator_paces_example_8(district, signed_in, calendar: str, name: str) -> None:
    given = example("8_pace")
    body = {
        "month": "2026-03",
        "as_of": "2026-03-17",
        "target": "6159",
        "actual": "2987",
        "calendar": calendar,
    }
    found = post(signed_in("test-staff"), "simulate/pace/", body).json()
    expected = given["calendars"][name]
    assert found["days"] == {
        "total": expected["总天数"],
        "elapsed": expected["已过"],
        "remaining": expected["剩余"],
    }
    assert f"{round(Decimal(found['time_progress']) * 100, 2)}%" == expected["时间进度"]
    assert f"-{found['behind_pp']}pp" == expected["进度差(完成率-时间进度)"]
    assert (found["gap"], found["per_day"], found["forecast"]) == (
        "3172",
        str(expected["日均需完成(取整)"]),
        str(expected["按现速预测"]),
    )


@pytest.mark.parametrize("change,pointer", [
    ({"month": "3/2026"}, "/month"), ({"as_of": "2026-04-01"}, "/as_of"),
    ({"target": None}, "/target"), ({"calendar": "lunar"}, "/calendar"),
    ({"actual": "1e9"}, "/actual"),
])  # fmt: skip
def test_a_bad_pace_is_400_with_a_pointer(district, signed_in, change, pointer) -> None:
    body = {"month": "2026-03", "as_of": "2026-03-17", "target": "1", "actual": "1"} | change
    answer = post(signed_in("test-head"), "simulate/pace/", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


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
