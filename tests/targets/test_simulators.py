"""The simulators give the worked examples to anybody, store nothing, and survive nonsense."""

import json

import pytest

from targets.models import Task
from tests.worked_examples import BREAKDOWNS, UNITS, example

URL = "/api/v1/simulate/breakdown/"
FLOOR = "/api/v1/simulate/floor/"
GIVEN = example("3_decomposition")
TABLES = {
    "3A": ("发展用户", "季节%发展", "70000", 0, "3A_发展用户_70000户_row_first"),
    "3B": ("移动收入", "季节%收入", "3109.92", 2, "3B_移动业务收入_3109.92万元_row_first"),
}


def body(table: str = "3A", **changes):
    group, season, total, decimals, _name = TABLES[table]
    return {
        "total": total, "decimals": decimals, "method": "row_first",
        "season": GIVEN["weights"][season],
        "rows": [
            {"unit": UNITS.get(name, "legacy"), "weight": weights["单元权重%"],
             "parts": [{"breakdown": BREAKDOWNS[tier], "weight": share}
                       for tier, share in weights["层级%"].items()]}
            for name, weights in GIVEN["weights"][group].items()
        ],
    } | changes  # fmt: skip


def post(client, url, data):
    text = data if isinstance(data, str) else json.dumps(data)
    return client.post(url, text, content_type="application/json")


def months(name: str) -> list[list[str]]:
    return [[str(value) for value in row["月"]] for row in GIVEN[name]["rows"]]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("account", ["staff", "admin"])
def test_anybody_gets_the_tables_of_example_3(district, signed_in, table, account) -> None:
    answer = post(signed_in(f"test-{account}"), URL, body(table)).json()

    assert [row["months"] for row in answer["rows"]] == months(TABLES[table][4])
    assert answer["total"] == TABLES[table][2]
    assert not Task.objects.exists()


def test_month_first_and_locks_are_those_of_the_example(district, signed_in) -> None:
    client = signed_in("test-staff")
    answer = post(client, URL, body(method="month_first")).json()
    assert [row["months"] for row in answer["rows"]] == months("3A2_发展用户_month_first")

    locks = [
        {"unit": UNITS[lock["单元"]], "breakdown": BREAKDOWNS[lock["层级"]], "month": lock["月"],
         "value": str(lock["value"])}
        for lock in GIVEN["3C_locked_cells"]["locks"]
    ]  # fmt: skip
    answer = post(client, URL, body(locks=locks)).json()
    assert answer["months"] == [str(value) for value in GIVEN["3C_locked_cells"]["月合计"]]


@pytest.mark.parametrize("value", ["4800", "9999"])
def test_impossible_locks_say_so_in_the_words_of_the_example(district, signed_in, value) -> None:
    locks = [{"unit": "grid4", "breakdown": "t2", "month": 1, "value": value}]
    response = post(signed_in("test-staff"), URL, body(locks=locks))

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["pointer"] == "/locks"
    assert f"locked {value} exceeds row total 4116" in error["detail"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"total": "NaN"}, "/total"),
        ({"total": "1e9"}, "/total"),
        ({"total": "７０"}, "/total"),
        ({"total": "1_000"}, "/total"),
        ({"total": "1" * 25}, "/total"),
        ({"total": "1.5"}, "/total"),
        ({"total": None}, "/total"),
        ({"total": True}, "/total"),
        ({"decimals": 9}, "/decimals"),
        ({"method": "other"}, "/method"),
        ({"season": ["1"] * 11}, "/season"),
        ({"season": ["0"] * 12}, "/season"),
        ({"season": ["-1"] * 12}, "/season/0"),
        ({"season": "x"}, "/season"),
        ({"rows": []}, "/rows"),
        ({"rows": [5]}, "/rows/0"),
        ({"rows": [{"unit": "a", "weight": "1", "parts": []}]}, "/rows/0/parts"),
        ({"rows": [{"unit": "a", "weight": "1", "parts": [{"breakdown": "b", "weight": "0"}]}]},
         "/rows"),
        ({"rows": [{"unit": "a\x00", "weight": "1", "parts": []}]}, "/rows/0/unit"),
        ({"locks": [{"unit": "no", "breakdown": "t1", "month": 1, "value": "1"}]}, "/locks/0"),
        ({"locks": [{"unit": "grid1", "breakdown": "t1", "month": 13, "value": "1"}]},
         "/locks/0/month"),
        ({"locks": 5}, "/locks"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_a_pointer(district, signed_in, changes, pointer) -> None:
    response = post(signed_in("test-staff"), URL, body(**changes))

    assert response.status_code == 400, response.content
    assert response.json()["errors"][0]["pointer"] == pointer


def test_more_than_500_rows_are_refused(district, signed_in) -> None:
    def rows(count: int):
        part = [{"breakdown": "b", "weight": "1"}]
        return [{"unit": f"u{n}", "weight": "1", "parts": part} for n in range(count)]

    client = signed_in("test-staff")
    assert post(client, URL, body(rows=rows(500))).status_code == 200
    assert post(client, URL, body(rows=rows(501))).status_code == 400


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, "NaN", '{"total": NaN}', "{", "null", "5", "[]"]
)
def test_bodies_that_are_no_request_are_refused(district, signed_in, text) -> None:
    for url in (URL, FLOOR):
        assert post(signed_in("test-staff"), url, text).status_code == 400


@pytest.mark.parametrize("row", [*example("2_floor")["table"], example("2_floor")["non_integer"]])
def test_the_floor_is_the_one_of_example_2(district, signed_in, row) -> None:
    rate = str(float(row["有效发展率"].rstrip("%")) / 100)
    data = {"net_target": row["净增目标"], "effective_rate": rate}

    expected = row.get("保底发展用户(向上取整)") or row["保底发展用户"]
    assert post(signed_in("test-staff"), FLOOR, data).json() == {"gross_adds": str(expected)}


@pytest.mark.parametrize("rate", ["0", "-0.1", "1.0001", "16", "x", None, "0.00001"])
def test_an_effective_rate_out_of_range_is_refused(district, signed_in, rate) -> None:
    response = post(signed_in("test-staff"), FLOOR, {"net_target": "11200", "effective_rate": rate})
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/effective_rate"


def test_simulators_want_somebody_signed_in(client, db) -> None:
    assert post(client, URL, body()).status_code in {401, 403}
