"""Table 3-0: example 1 through the service and the API, versions, release, pressure."""

from decimal import Decimal

import pytest

from orgchart.errors import Doubtful, Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry
from targets.models import AnnualTarget, Driver, PlanRelease, PlanState
from targets.queries.plans import annual_table, versions
from targets.services.plans import Layer, TargetEntry, release_plan, save_annual_targets
from targets.templatetags.amounts import amount, percent, signed
from tests.district import NOW, build_district
from tests.targets.plan_2026 import ROWS, enter_annual_targets, example_entries
from tests.worked_examples import example

URL = "/api/v1/plans/2026/targets/"
CELLS = "/api/v1/plans/2026/targets/cells/"
NAMES = {name: code for code, name in ROWS.items()} | {"total_revenue": "总收入(主营)"}
GIVEN = {row["指标"]: row for row in example("1_annual_targets")["rows"]}


def save(district, *entries: TargetEntry, by: str = "head"):
    return save_annual_targets(plan=district.plan, entries=entries, by=district.people[by], at=NOW)


def target(figure: str) -> Layer:
    return Layer(Driver.TARGET, Decimal(figure))


def growth(ratio: str) -> Layer:
    return Layer(Driver.GROWTH, Decimal(ratio))


def row(district, code="mobile_revenue"):
    return annual_table(district.plan).row(code)


def plain_figure(text: str, decimals: int) -> str:
    return amount(Decimal(text), decimals)


def test_every_figure_of_example_1_follows(district) -> None:
    enter_annual_targets(district)

    table = annual_table(district.plan)
    assert {found.code for found in table.rows} == set(NAMES)
    for found in table.rows:
        given = GIVEN[NAMES[found.code]]
        assert amount(found.base, found.decimals) == plain_figure(given["上年完成"], found.decimals)
        assert percent(found.city.growth) + "%" == given["计划增长(市分)"]
        assert found.city.target == Decimal(given["任务(市分)"])
        assert percent(found.department.growth) + "%" == given["计划增长目标(部门)"]
        assert found.department.target == Decimal(given["任务目标(部门)"])
        assert found.pressure == Decimal(given["部门加压(部门-市分)"])
        if "增量(部门)" in given:
            assert found.city.increment == Decimal(given["增量(市分)"])
            assert found.department.increment == Decimal(given["增量(部门)"])
            assert percent(found.ratio) + "%" == given["部门/市分"]


def test_example_1_goes_in_and_out_of_the_api(district, signed_in) -> None:
    enter_annual_targets(district)
    AnnualTarget.objects.all().delete()
    rows = [
        {
            "indicator": entry.indicator,
            "version": None,
            "base": str(entry.base),
            "city": {entry.city.driver: str(entry.city.figure)},
            "department": {entry.department.driver: str(entry.department.figure)},
        }
        for entry in example_entries()
    ]

    client = signed_in("test-head")
    response = client.put(URL, {"rows": rows}, content_type="application/json")

    assert response.status_code == 200, response.content
    for found in client.get(URL).json()["rows"]:
        given = GIVEN[NAMES[found["indicator"]]]
        assert found["city"]["target"] == given["任务(市分)"]
        assert found["department"]["target"] == given["任务目标(部门)"]
        assert percent(Decimal(found["department"]["growth"])) + "%" == given["计划增长目标(部门)"]
        assert found["is_derived"] is (found["indicator"] == "total_revenue")


def test_a_typed_target_survives_its_rounded_growth(district) -> None:
    trap = example("1_annual_targets")["round_trip_trap"]
    enter_annual_targets(district)
    assert percent(row(district).department.growth) + "%" == trap["growth shown"]

    save(district, TargetEntry("mobile_revenue", 1, reason="同一数，只改说明"))
    assert row(district).department.target == Decimal(trap["target entered"])

    save(district, TargetEntry("mobile_revenue", 2, department=growth("0.1385")))
    assert row(district).department.target == Decimal(trap["target recomputed from shown growth"])


@pytest.mark.parametrize(
    "case", example("1_annual_targets")["growth_edge_cases"], ids=lambda case: case["case"]
)
def test_growth_over_an_odd_base_is_a_dash_with_its_reason(district, case) -> None:
    base = None if case["上年完成"] is None else Decimal(case["上年完成"])
    save(district, TargetEntry("mobile_net_adds", None, base=base, city=target(case["任务"])))

    layer = row(district, "mobile_net_adds").city
    if case["增长"].startswith("—"):
        assert layer.growth is None and layer.why
    else:
        assert percent(layer.growth).replace("−", "-") + "%" == case["增长"]
    expected = None if case["增量"] is None else Decimal(case["增量"])
    assert layer.increment == expected


@pytest.mark.parametrize("base", [None, "0", "-310"])
def test_growth_cannot_be_typed_over_a_base_that_allows_none(district, base) -> None:
    with pytest.raises(Invalid):
        save(
            district,
            TargetEntry(
                "mobile_net_adds", None, base=None if base is None else Decimal(base),
                city=growth("0.1"),
            ),
        )  # fmt: skip
    assert not AnnualTarget.objects.exists()


@pytest.mark.parametrize(
    ("department", "is_doubtful"), [("99.99", True), ("100", False), ("100.01", False)]
)
def test_asking_less_than_the_city_needs_a_reason(district, department, is_doubtful) -> None:
    entry = {"base": Decimal(90), "city": target("100"), "department": target(department)}
    if not is_doubtful:
        save(district, TargetEntry("mobile_revenue", None, **entry))
        return
    with pytest.raises(Doubtful) as doubt:
        save(district, TargetEntry("mobile_revenue", None, **entry))
    assert doubt.value.extra["doubts"][0]["code"] == "below_city"
    assert not AnnualTarget.objects.exists()

    save(district, TargetEntry("mobile_revenue", None, reason="两大卖场停业", **entry))
    assert AuditEntry.objects.get().reason == "两大卖场停业"


def test_a_stale_version_is_refused_with_both_figures(district) -> None:
    enter_annual_targets(district)
    save(district, TargetEntry("mobile_revenue", 1, department=target("3200")))

    with pytest.raises(VersionConflict) as conflict:
        save(district, TargetEntry("mobile_revenue", 1, department=target("3300")))
    [found] = conflict.value.extra["conflicts"]
    assert (found["yours"], found["theirs"], found["version"]) == ("3300.00", "3200.00", 2)
    assert found["by"] == district.people["head"].name
    assert row(district).department.target == 3200


def test_too_many_decimals_sums_and_unknown_rows_are_refused(district) -> None:
    for entry in (
        TargetEntry("mobile_gross_adds", None, city=target("1.5")),
        TargetEntry("total_revenue", None, city=target("1")),
        TargetEntry("nothing", None, city=target("1")),
    ):
        with pytest.raises(Invalid):
            save(district, entry)
    assert not AnnualTarget.objects.exists()


def test_saving_what_is_there_changes_nothing(district) -> None:
    enter_annual_targets(district)
    entries = AuditEntry.objects.count()

    assert save(district, TargetEntry("mobile_revenue", 1, department=target("3109.92"))) == []
    assert AuditEntry.objects.count() == entries


def test_a_release_is_a_version_and_a_change_after_it_the_next_draft(district) -> None:
    enter_annual_targets(district)
    release_plan(plan=district.plan, by=district.people["head"], at=NOW)
    district.plan.refresh_from_db()
    assert (district.plan.version, district.plan.state) == (1, PlanState.RELEASED)
    with pytest.raises(Locked):
        release_plan(plan=district.plan, by=district.people["head"], at=NOW)

    save(district, TargetEntry("mobile_revenue", 1, department=target("3200")))
    district.plan.refresh_from_db()
    assert (district.plan.version, district.plan.state) == (1, PlanState.DRAFT)
    draft, first = versions(district.plan, annual_table(district.plan))
    assert (draft.version, draft.at, first.version) == (2, None, 1)
    found = [(line.name, line.layer, signed(line.change, 2)) for line in draft.differences]
    assert found == [
        ("移动业务开账收入", "department", "+90.08"), ("总收入", "department", "+90.08"),
    ]  # fmt: skip

    release_plan(plan=district.plan, by=district.people["head"], at=NOW, reason="追加")
    released = PlanRelease.objects.get(version=2)
    assert released.targets["total_revenue"] == {"city": "3550.57", "department": "3700.28"}
    assert PlanRelease.objects.get(version=1).targets["mobile_revenue"]["department"] == "3109.92"


def test_a_plan_with_gaps_or_seen_at_another_version_is_not_released(district) -> None:
    with pytest.raises(Invalid):
        release_plan(plan=district.plan, by=district.people["head"], at=NOW)
    save(district, TargetEntry("mobile_revenue", None, base=Decimal(1), city=target("2")))
    with pytest.raises(Invalid):
        release_plan(plan=district.plan, by=district.people["head"], at=NOW)
    save(district, TargetEntry("mobile_revenue", 1, department=target("3")))
    with pytest.raises(VersionConflict):
        release_plan(plan=district.plan, by=district.people["head"], at=NOW, version=1)
    assert not PlanRelease.objects.exists()


def test_cells_of_the_page_take_percent_and_return_what_follows(district, signed_in) -> None:
    enter_annual_targets(district)

    response = signed_in("test-head").put(
        CELLS,
        {"cells": [{"indicator": "mobile_revenue", "field": "department_growth",
                    "value": "14.00", "version": 1}]},
        content_type="application/json",
    )  # fmt: skip

    found = {(cell["indicator"], cell["field"]): cell["value"] for cell in response.json()["cells"]}
    assert found["mobile_revenue", "department_target"] == "3114.02"
    assert found["total_revenue", "department_target"] == "3614.30"


def test_the_api_asks_for_a_reason_at_the_cell(district, signed_in) -> None:
    enter_annual_targets(district)
    cell = {"indicator": "mobile_revenue", "field": "department_target", "value": "3000",
            "version": 1}  # fmt: skip
    client = signed_in("test-head")

    refused = client.put(CELLS, {"cells": [cell]}, content_type="application/json")
    assert refused.status_code == 422
    assert refused.json()["doubts"][0]["pointer"] == "/cells/0/value"

    cell["reason"] = "两大卖场停业"
    assert client.put(CELLS, {"cells": [cell]}, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ({"indicator": "mobile_revenue", "version": None, "base": "1e3"}, "/rows/0/base"),
        ({"indicator": "mobile_revenue", "version": None, "base": "１２"}, "/rows/0/base"),
        ({"indicator": "mobile_revenue", "version": "x"}, "/rows/0/version"),
        ({"indicator": 5, "version": None}, "/rows/0/indicator"),
        ({"indicator": "mobile_revenue", "version": None, "city": {"growth": "1", "target": "2"}},
         "/rows/0/city"),
        ({"indicator": "mobile_gross_adds", "version": None, "city": {"target": "1.5"}},
         "/rows/0/city/target"),
        ({"indicator": "nothing", "version": None}, "/rows/0/indicator"),
    ],
)  # fmt: skip
def test_bad_rows_are_refused_with_a_pointer(district, signed_in, row, pointer) -> None:
    response = signed_in("test-head").put(URL, {"rows": [row]}, content_type="application/json")

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("account", ["clerk", "auditor", "grid1", "staff", "admin"])
def test_only_the_head_writes_annual_targets(district, signed_in, account) -> None:
    enter_annual_targets(district)
    response = signed_in(f"test-{account}").put(URL, {"rows": []}, content_type="application/json")
    assert response.status_code == 403


def test_a_unit_reads_its_own_year_and_not_the_district_table(district, signed_in) -> None:
    enter_annual_targets(district)
    body = signed_in("test-grid1").get(URL).json()
    assert body["rows"] == [] and body["units"] == []
    assert b"3109.92" not in signed_in("test-grid1").get("/targets/annual/").content


def test_another_district_has_a_plan_of_its_own(district, signed_in) -> None:
    enter_annual_targets(district)
    build_district("other", unit_codes=("far1",))
    assert signed_in("other-head").get(URL).json()["rows"] == []


@pytest.mark.parametrize("account", ["head", "clerk", "auditor", "supervisor", "grid1", "staff"])
def test_the_page_shows_for_everybody_who_may_read(district, signed_in, account) -> None:
    enter_annual_targets(district)
    response = signed_in(f"test-{account}").get("/targets/annual/")
    assert response.status_code == 200
    is_head = account == "head"
    assert (b"data-save-url" in response.content) is is_head
    assert (b"/release/" in response.content) is is_head


def test_the_head_releases_from_the_page(district, signed_in) -> None:
    enter_annual_targets(district)
    client = signed_in("test-head")
    client.post("/targets/annual/2026/release/", {"version": "0", "reason": "首版"})
    assert PlanRelease.objects.get().reason == "首版"
    assert "v1" in client.get("/targets/annual/").content.decode()
