"""Simulators for programs: examples 4 and 8 from what is sent, nothing stored."""

from ast import literal_eval
from decimal import Decimal
from typing import Any

import pytest

from tests.district import District
from tests.kpi import march
from tests.kpi.scheme import EXAMPLE
from tests.kpi.test_api import TOTALS, post
from tests.worked_examples import EVENTS, UNITS, example

RULES_OF = {
    "prop": "proportional",
    "inverse": "inverse",
    "band": "bands",
    "deduct": "deduction",
}


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
