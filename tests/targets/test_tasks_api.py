"""Tasks over the API: listed by unit, saved with versions, broken down, locked."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orgchart.models import AuditEntry, Job
from targets.models import Plan, PlanState, SegmentTask, SheetKind, Task
from targets.queries.reconciliation import segment_matches
from targets.queries.sheets import grid
from targets.services.sheets import RowEntry, break_down, create_sheet
from tests.district import NOW, build_district
from tests.targets.plan_2026 import make_sheet, sheet_4_1, sheet_4_2, sheet_4_2n, sheet_4_4
from tests.worked_examples import BREAKDOWNS, UNITS, example

TASKS = "/api/v1/tasks/"
BREAKDOWN = "/api/v1/plans/2026/breakdown/"


def put(client, url, body, **headers):
    return client.put(url, json.dumps(body), content_type="application/json", headers=headers)


def cell(value="700", version=1, **changes):
    return {
        "unit": "grid1", "indicator": "mobile_gross_adds", "breakdown": "t1",
        "month": "2026-11", "value": value, "version": version,
    } | changes  # fmt: skip


@pytest.fixture
def sheet(district):
    made = sheet_4_2(district)
    break_down(sheet=made, by=district.people["head"], at=NOW)
    return made


@pytest.mark.parametrize(
    ("make", "code", "name"),
    [
        (sheet_4_2, "4-2", "3A_发展用户_70000户_row_first"),
        (sheet_4_1, "4-1", "3B_移动业务收入_3109.92万元_row_first"),
        (sheet_4_2n, "4-2N", "3H_移动净增_11200户"),
    ],
)
def test_the_api_breaks_down_to_the_cells_of_the_example(
    district, signed_in, make, code, name
) -> None:
    make(district)
    response = signed_in("test-clerk").post(
        BREAKDOWN, {"sheet": code}, content_type="application/json"
    )

    assert response.status_code == 200, response.content
    given = example("3_decomposition")[name]["rows"]
    assert [
        (row["unit"], row["breakdown"], row["months"], row["total"])
        for row in response.json()["rows"]
    ] == [
        (UNITS.get(row["单元"], "test"), BREAKDOWNS[row["层级"]], [str(v) for v in row["月"]],
         str(row["合计"]))
        for row in given
    ]  # fmt: skip


def test_the_plans_fixed_lines_come_out_of_the_api_flat(district, signed_in) -> None:
    sheet_4_4(district)
    response = signed_in("test-head").post(
        BREAKDOWN, {"sheet": "4-4"}, content_type="application/json"
    )

    given = example("3_decomposition")["3G_固话净增_seed_numbers"]["by month (flat season)"]
    assert {row["unit"]: row["months"] for row in response.json()["rows"]} == {
        UNITS[name]: [str(value) for value in months] for name, months in given.items()
    }
    assert response.json()["total"] == "800"


def test_tasks_are_listed_with_version_and_lock_in_pages(district, signed_in, sheet) -> None:
    body = signed_in("test-head").get(TASKS + "?year=2026&indicator=mobile_gross_adds").json()

    assert body["count"] == 132 and body["next"] is None
    assert body["results"][0] == {
        "unit": "grid1", "indicator": "mobile_gross_adds", "breakdown": "t1",
        "month": "2026-01", "value": "786", "version": 1, "locked": False,
    }  # fmt: skip


def test_a_unit_sees_its_own_tasks_only(district, signed_in, sheet) -> None:
    build_district("other", unit_codes=("far1",))

    assert {t["unit"] for t in signed_in("test-grid1").get(TASKS).json()["results"]} == {"grid1"}
    assert {t["unit"] for t in signed_in("test-supervisor").get(TASKS).json()["results"]} == {
        "grid2"
    }
    assert signed_in("test-grid1").get(TASKS + "?unit=grid2").json()["count"] == 0
    assert signed_in("other-head").get(TASKS).json()["count"] == 0
    assert signed_in("test-admin").get(TASKS).status_code == 403


def test_a_saved_cell_has_its_next_version_one_trail_entry_and_owes_scores(
    district, signed_in, sheet
) -> None:
    Job.objects.all().delete()
    response = put(signed_in("test-head"), TASKS, [cell()])

    assert response.status_code == 200, response.content
    assert response.json()["cells"][0] == cell(version=2) | {"locked": False}
    trail = AuditEntry.objects.filter(action="save_tasks").get()
    assert trail.changes == [
        {"key": {k: cell()[k] for k in ("unit", "indicator", "breakdown", "month")},
         "before": "639", "after": "700"}
    ]  # fmt: skip
    assert [f"{job.month:%Y-%m}" for job in Job.objects.all()] == ["2026-11"]


def test_the_same_key_saves_once_and_another_body_under_it_is_refused(
    district, signed_in, sheet
) -> None:
    client = signed_in("test-head")
    for _ in range(2):
        assert put(client, TASKS, [cell()], **{"Idempotency-Key": "k"}).status_code == 200
    assert Task.objects.get(value=Decimal(700)).version == 2
    assert put(client, TASKS, [cell("701", 2)], **{"Idempotency-Key": "k"}).status_code == 422


def test_a_stale_cell_is_refused_with_both_values_and_nothing_is_saved(
    district, signed_in, sheet
) -> None:
    client = signed_in("test-head")
    put(client, TASKS, [cell()])
    response = put(client, TASKS, [cell("800"), cell("1", 1, month="2026-12")])

    assert response.status_code == 409
    [conflict] = response.json()["conflicts"]
    assert (conflict["yours"], conflict["theirs"], conflict["version"]) == ("800", "700", 2)
    assert conflict["by"] == "head甲"
    assert not Task.objects.filter(value=Decimal(1)).exists()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"value": "1.5"}, "/0/value"),
        ({"value": "-1"}, "/0/value"),
        ({"value": "1e9"}, "/0/value"),
        ({"value": "NaN"}, "/0/value"),
        ({"value": "７００"}, "/0/value"),
        ({"value": "1_000"}, "/0/value"),
        ({"value": "9" * 25}, "/0/value"),
        ({"value": None}, "/0/value"),
        ({"unit": "nobody"}, "/0/unit"),
        ({"unit": "a\x00"}, "/0/unit"),
        ({"indicator": ["x"]}, "/0/indicator"),
        ({"breakdown": "all"}, "/0"),
        ({"month": "2026-13"}, "/0/month"),
        ({"version": "1"}, "/0/version"),
    ],
)
def test_bad_cells_are_refused_with_a_pointer(district, signed_in, sheet, changes, pointer) -> None:
    response = put(signed_in("test-head"), TASKS, [cell(**changes)])

    assert response.status_code == 400, response.content
    assert response.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("body", ["x", {"cells": "x"}, [[]], ["x"], 5])
def test_bodies_of_another_shape_are_refused(district, signed_in, body) -> None:
    assert put(signed_in("test-head"), TASKS, body).status_code == 400


def test_a_locked_cell_is_refused_with_its_reason(district, signed_in, sheet) -> None:
    client = signed_in("test-head")
    locks = "/api/v1/plans/2026/sheets/4-2/locks/"
    answer = put(client, locks, {"cells": [cell("900")], "locked": True, "reason": "元旦"})
    assert answer.status_code == 200, answer.content
    moved = [found for found in answer.json()["cells"] if found["moved"]]
    assert len(moved) == 11

    response = put(client, TASKS, [cell("800", 2)])
    assert response.status_code == 400
    assert "元旦" in response.json()["errors"][0]["detail"]
    assert put(client, locks, {"cells": [cell("900", 2)], "locked": False}).status_code == 200


def test_a_clerk_changes_drafts_and_the_head_released_plans(district, signed_in, sheet) -> None:
    assert put(signed_in("test-clerk"), TASKS, [cell()]).status_code == 200
    Plan.objects.update(state=PlanState.RELEASED, version=1)

    assert put(signed_in("test-clerk"), TASKS, [cell("1", 2)]).status_code == 409
    assert put(signed_in("test-head"), TASKS, [cell("1", 2)]).status_code == 200
    assert Plan.objects.get().state == PlanState.DRAFT
    assert put(signed_in("test-grid1"), TASKS, [cell("1", 3)]).status_code == 403


def test_rates_are_ratios_for_programs_and_percent_on_the_sheet(district, signed_in) -> None:
    made = make_sheet(
        district, "6-1", "churn_rate", dimension="whole",
        rows=[RowEntry(district.breakdowns["all"], district.units["grid1"])],
    )  # fmt: skip
    client = signed_in("test-head")
    given = cell("0.0790", None, indicator="churn_rate", breakdown=None)
    assert put(client, TASKS, [given]).status_code == 200
    answer = put(
        client, "/api/v1/plans/2026/sheets/6-1/cells/",
        {"cells": [given | {"value": "8.10", "version": 1}]},
    )  # fmt: skip

    assert answer.json()["cells"][0]["value"] == "8.10"
    assert Task.objects.get().value == Decimal("0.081")
    assert put(client, TASKS, [given | {"value": "1.01", "version": 2}]).status_code == 400
    assert grid(made, None).lines[0].total is None


def test_segments_are_saved_and_set_against_their_units(district, signed_in, sheet) -> None:
    mass = district.breakdowns["all"]
    made = create_sheet(
        plan=district.plan, code="5-1", name_zh="大众", name_en="Mass", kind=SheetKind.SEGMENT,
        indicator=None, dimension="segment", by=district.people["head"], at=NOW,
        rows=[RowEntry(mass, indicator=district.indicators["mobile_gross_adds"], unit_kind="grid")],
    )  # fmt: skip
    row = made.rows.get()
    url = "/api/v1/plans/2026/sheets/5-1/cells/"
    body = {"cells": [{"row": row.pk, "month": "2026-01", "value": "44800", "version": None}]}
    client = signed_in("test-clerk")

    assert put(client, url, body).json()["cells"][0]["version"] == 1
    assert put(client, url, body).status_code == 409
    assert SegmentTask.objects.get().value == 44800
    [match] = segment_matches(district.plan, district.indicators["mobile_gross_adds"].pk)
    assert (match.units, match.tasks, match.difference) == (4, 44800, 0)
    assert signed_in("test-grid1").get("/targets/sheets/2026/5-1/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_rows(district, signed_in) -> None:
    def count(rows: int, code: str, indicator: str) -> int:
        made = make_sheet(
            district, code, indicator, total=Decimal(1000),
            season=example("3_decomposition")["weights"]["季节%发展"],
            rows=[
                RowEntry(
                    district.breakdowns[part], district.units[unit],
                    weight=Decimal(100) / units, part=Decimal(100) / parts,
                )
                for units, parts in [(2, 1) if rows == 2 else (5, 4)]
                for unit in list(UNITS.values())[:units]
                for part in ["t1", "t2", "group", "legacy"][:parts]
            ],
        )  # fmt: skip
        break_down(sheet=made, by=district.people["head"], at=NOW)
        client = signed_in("test-head")
        with CaptureQueriesContext(connection) as page:
            assert client.get(f"/targets/sheets/2026/{code}/").status_code == 200
        return len(page)

    assert count(2, "4-2", "mobile_gross_adds") == count(20, "4-1", "mobile_revenue")
