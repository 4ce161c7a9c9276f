"""Entitlements give example 5, stay as they are, and wait for people where no task computes."""

from decimal import Decimal
from typing import Any

import pytest

from kpi.models import Month, MonthState
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry
from subsidies.models import Entitlement, EntitlementState, SubsidyPolicy
from subsidies.queries.entitlements import subsidy_table
from subsidies.services.entitlements import compute_entitlements, decide_floating
from tests.district import MARCH, NOW, District, build_district
from tests.subsidies.district import (
    build_example_5,
    publish,
    report_revenue,
    set_policies,
)
from tests.worked_examples import UNITS, example

CAPS = {"cap100": "1", "cap120": "1.2", "uncapped": None}


def stored_in(district: District) -> Any:
    return Entitlement.objects.filter(unit__district=district.root)


def compute(district: District) -> dict[str, Entitlement]:
    rows = compute_entitlements(district_id=district.root.pk, month=MARCH, at=NOW)
    return {row.unit.code: row for row in rows}


@pytest.mark.parametrize("cap", CAPS)
def test_every_unit_gets_what_example_5_says(district: District, cap: str) -> None:
    build_example_5(district, CAPS[cap])

    computed = compute(district)

    for row in example("5_subsidy")["rows"]:
        stored = computed[UNITS[row["业务单元"]]]
        assert stored.state == EntitlementState.SETTLED
        assert stored.floating == Decimal(row[cap]["浮动"])
        assert stored.total == Decimal(row[cap]["合计"])
    table = subsidy_table(district.root, MARCH)
    assert table.total == Decimal(example("5_subsidy")["district total"][cap])


def test_the_page_and_the_api_show_example_5(district: District, signed_in: Any) -> None:
    build_example_5(district)
    compute(district)
    client = signed_in("test-head")

    body = client.get("/api/v1/subsidies/?month=2026-03").json()

    assert body["month"] == "2026-03"
    assert body["total"] == "9240.43"
    rows = {row["unit"]: row for row in body["rows"]}
    for row in example("5_subsidy")["rows"]:
        shown = rows[UNITS[row["业务单元"]]]
        assert shown["fixed"] == row["固定(元)"]
        assert shown["floating_base"] == row["浮动基数(元)"]
        assert shown["floating"] == row["cap100"]["浮动"]
        assert shown["total"] == row["cap100"]["合计"]
        assert f"{Decimal(shown['completion']) * 100:.2f}%" == row["完成比例"]
    page = client.get("/subsidies/?month=2026-03").content.decode()
    for figure in ("9,240.43", "760.43", "95.05", "31.71 / 33.36"):
        assert figure in page
    workings = client.get("/subsidies/2026-03/grid2/floating/").content.decode()
    assert "800.00 × min(100%, 95.05%)" in workings
    assert "31.71 ÷ 33.36" in workings


def test_computing_again_changes_nothing(district: District) -> None:
    build_example_5(district)
    compute(district)
    before = list(stored_in(district).values())
    entries = AuditEntry.objects.filter(district=district.root).count()

    compute(district)

    assert list(stored_in(district).values()) == before
    assert AuditEntry.objects.filter(district=district.root).count() == entries == 1


def test_nothing_is_computed_before_the_month_is_published(district: District) -> None:
    build_example_5(district)
    Month.objects.filter(district=district.root).update(state=MonthState.CLOSED)
    assert compute(district) == {}
    assert not stored_in(district).exists()


def test_the_policy_of_the_last_day_counts(district: District) -> None:
    build_example_5(district)
    old = SubsidyPolicy.objects.get(unit=district.units["grid1"])
    old.valid_to = MARCH.replace(day=15)
    old.save()
    SubsidyPolicy.objects.create(
        unit=district.units["grid1"], valid_from=MARCH.replace(day=16), fixed=Decimal(700),
        floating_base=Decimal(900), cap=Decimal(1),
    )  # fmt: skip
    assert compute(district)["grid1"].total == Decimal(1600)


@pytest.mark.parametrize(
    ("task", "actual", "state", "total"),
    [
        ("0", "3.50", EntitlementState.MANUAL, Decimal(600)),
        ("10", None, EntitlementState.PENDING, None),
        (None, "3.50", EntitlementState.PENDING, None),
        ("10", "0", EntitlementState.SETTLED, Decimal(600)),
        ("10", "-1", EntitlementState.SETTLED, Decimal(600)),
    ],
)
def test_a_unit_without_a_ratio_is_not_given_one(
    district: District, task: str | None, actual: str | None, state: str, total: Decimal | None
) -> None:
    set_policies(district)
    report_revenue(district, "grid1", task, actual)
    publish(district)
    row = compute(district)["grid1"]
    assert (row.state, row.total) == (state, total)


def manual(district: District) -> Entitlement:
    set_policies(district)
    report_revenue(district, "grid1", "0", "3.50")
    publish(district)
    return compute(district)["grid1"]


def test_a_floating_part_without_a_task_is_decided_by_a_person(district: District) -> None:
    row = manual(district)
    decided = decide_floating(
        entitlement=row, floating=Decimal("500.50"), reason="线路改造", version=row.version,
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip
    assert (decided.state, decided.total) == (EntitlementState.SETTLED, Decimal("1100.50"))
    entry = AuditEntry.objects.latest("pk")
    assert (entry.by, entry.reason) == (district.people["clerk"], "线路改造")
    assert entry.changes[0]["after"]["floating"] == "500.5000"


def test_computing_again_keeps_what_a_person_decided(district: District) -> None:
    row = manual(district)
    decide_floating(
        entitlement=row, floating=Decimal(500), reason="改造", version=row.version,
        by=district.people["head"], at=NOW,
    )  # fmt: skip
    again = compute(district)["grid1"]
    assert (again.floating, again.decided_by) == (Decimal(500), district.people["head"])


@pytest.mark.parametrize(
    ("floating", "reason", "pointer"),
    [("-0.01", "a", "/floating"), ("800.01", "a", "/floating"), ("5.001", "a", "/floating"),
     ("5", " ", "/reason")],
)  # fmt: skip
def test_a_decision_outside_its_limits_is_refused_at_its_place(
    district: District, floating: str, reason: str, pointer: str
) -> None:
    row = manual(district)
    with pytest.raises(Invalid) as refused:
        decide_floating(
            entitlement=row, floating=Decimal(floating), reason=reason, version=row.version,
            by=district.people["clerk"], at=NOW,
        )  # fmt: skip
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_a_computed_entitlement_cannot_be_decided(district: District) -> None:
    build_example_5(district)
    row = compute(district)["grid1"]
    with pytest.raises(Locked):
        decide_floating(
            entitlement=row, floating=Decimal(1), reason="a", version=row.version,
            by=district.people["clerk"], at=NOW,
        )  # fmt: skip


def test_the_second_of_two_decisions_on_one_version_is_refused(district: District) -> None:
    row = manual(district)
    decision: dict[str, Any] = {
        "entitlement": row, "reason": "a", "version": row.version,
        "by": district.people["clerk"], "at": NOW,
    }  # fmt: skip
    decide_floating(floating=Decimal(1), **decision)
    with pytest.raises(VersionConflict):
        decide_floating(floating=Decimal(2), **decision)
    assert Entitlement.objects.get(pk=row.pk).floating == Decimal(1)


def test_the_form_decides_and_shows_refusals_at_the_field(
    district: District, signed_in: Any
) -> None:
    row = manual(district)
    client = signed_in("test-clerk")
    url = "/subsidies/2026-03/grid1/decide/"
    refused = client.post(url, {"floating": "900", "reason": "x", "version": row.version})
    assert refused.status_code == 400
    assert "800.00" in refused.content.decode()
    accepted = client.post(url, {"floating": "400", "reason": "x", "version": row.version})
    assert accepted.status_code == 302
    assert Entitlement.objects.get(pk=row.pk).floating == Decimal(400)


def test_a_manager_sees_only_the_own_unit(district: District, signed_in: Any) -> None:
    build_example_5(district)
    compute(district)
    client = signed_in("test-grid2")
    body = client.get("/api/v1/subsidies/?month=2026-03").json()
    assert [row["unit"] for row in body["rows"]] == ["grid2"]
    assert body["total"] == "1360.43"
    page = client.get("/subsidies/?month=2026-03").content.decode()
    assert "760.43" in page
    assert "9,240.43" not in page
    assert client.get("/subsidies/2026-03/grid1/total/").status_code == 404
    assert client.get("/subsidies/2026-03/grid2/decide/").status_code == 403


def test_a_supervisor_sees_the_supervised_unit_and_staff_nothing(
    district: District, signed_in: Any
) -> None:
    build_example_5(district)
    compute(district)
    body = signed_in("test-supervisor").get("/api/v1/subsidies/?month=2026-03").json()
    assert [row["unit"] for row in body["rows"]] == ["grid2"]
    assert signed_in("test-staff").get("/api/v1/subsidies/?month=2026-03").status_code == 403
    assert signed_in("test-staff").get("/subsidies/").status_code == 403


def test_another_district_does_not_exist(district: District, signed_in: Any) -> None:
    other = build_district("other", unit_codes=("grid8",))
    SubsidyPolicy.objects.create(
        unit=other.units["grid8"], valid_from=MARCH, fixed=Decimal(1), floating_base=Decimal(1)
    )
    publish(other)
    body = signed_in("test-head").get("/api/v1/subsidies/?month=2026-03").json()
    assert body["rows"] == []
    assert signed_in("test-head").get("/subsidies/2026-03/grid8/total/").status_code == 404


def test_a_table_costs_as_many_queries_for_two_units_as_for_six(
    district: District, django_assert_num_queries: Any
) -> None:
    set_policies(district)
    policies = SubsidyPolicy.objects.filter(unit__district=district.root)
    two = policies.exclude(unit__code__in=("grid1", "grid2"))
    spared = list(two)
    two.delete()
    with django_assert_num_queries(3):
        assert len(subsidy_table(district.root, MARCH).rows) == 2
    SubsidyPolicy.objects.bulk_create(spared)
    with django_assert_num_queries(3):
        assert len(subsidy_table(district.root, MARCH).rows) == 6


EDGES = {
    "0 revenue": ("10", "0"),
    "half-up to 分: 800×66.666..%": ("30", "20"),
    "negative revenue (调账)": ("42", "-2.6"),
    "exactly 120%": ("50", "60"),
    "150%": ("20", "30"),
}


@pytest.mark.parametrize("edge", example("5_subsidy")["edges"], ids=lambda edge: edge["case"])
@pytest.mark.parametrize("cap", CAPS)
def test_the_simulator_gives_the_edges_of_example_5(
    district: District, signed_in: Any, edge: dict[str, Any], cap: str
) -> None:
    task, actual = EDGES[edge["case"]]
    base = "1000" if Decimal(actual) > 50 or Decimal(actual) == 30 else "800"
    answer = signed_in("test-staff").post(
        "/api/v1/simulate/subsidy/",
        {"fixed": "600", "floating": base, "task": task, "actual": actual, "cap": CAPS[cap]},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert answer.json()["floating"] == edge[cap]


@pytest.mark.parametrize(
    ("field", "value"),
    [("fixed", "NaN"), ("fixed", "1e9"), ("task", "1_000"), ("actual", "１２"), ("cap", "x"),
     ("floating", "-1"), ("fixed", None), ("fixed", "9" * 25), ("fixed", [])],
)  # fmt: skip
def test_the_simulator_refuses_what_is_no_number_at_its_place(
    district: District, signed_in: Any, field: str, value: Any
) -> None:
    body = {"fixed": "600", "floating": "800", "task": "1", "actual": "1", "cap": "1"}
    answer = signed_in("test-staff").post(
        "/api/v1/simulate/subsidy/", body | {field: value}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]


def test_the_simulator_says_pending_and_manual_as_they_are(
    district: District, signed_in: Any
) -> None:
    def simulate(task: Any, actual: Any) -> Any:
        body = {"fixed": "600", "floating": "800", "task": task, "actual": actual, "cap": None}
        return (
            signed_in("test-staff")
            .post("/api/v1/simulate/subsidy/", body, content_type="application/json")
            .json()
        )

    assert simulate("1", None) == {
        "completion": None, "floating": None, "total": None, "state": "pending",
    }  # fmt: skip
    assert simulate("0", "5") == {
        "completion": None, "floating": "0.00", "total": "600.00", "state": "manual",
    }  # fmt: skip
