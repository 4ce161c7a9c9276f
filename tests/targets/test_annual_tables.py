"""Tables 3-1 to 3-3: example 1, what follows from what, undo, last year from what was published."""

import re
from decimal import Decimal

import pytest

from kpi.models import Actual, Month, MonthState
from orgchart.errors import Invalid, Locked
from orgchart.models import AuditEntry
from targets.models import AnnualTarget, Driver, Plan
from targets.months import months_of
from targets.queries.annual import detail_tables, last_save
from targets.queries.plans import annual_table
from targets.services.annual import fill_last_year, undo_annual_targets
from targets.services.plans import Layer, TargetEntry, open_plan, save_annual_targets
from tests.district import NOW
from tests.targets.annual_2026 import GIVEN, add_detail_indicators, enter_tables, target
from tests.targets.plan_2026 import enter_annual_targets

CELLS = "/api/v1/plans/2026/targets/cells/"
PAGE = "/targets/annual/2026/"


def tables(plan: Plan):
    return {one.code: one for one in detail_tables(plan, annual_table(plan))}


def cells(plan: Plan, table: str, code: str) -> dict[str, str | None]:
    row = next(row for row in tables(plan)[table].rows if row.code == code)
    return {
        name.removeprefix("parts_"): None if cell.value is None
        else f"{cell.value:.{cell.decimals}f}"
        for name, cell in row.cells.items()
    }  # fmt: skip


def save(district, *entries: TargetEntry):
    return save_annual_targets(
        plan=district.plan, entries=entries, by=district.people["head"], at=NOW
    )


def undo(district, entry: int | None = None):
    found = last_save(district.plan)
    return undo_annual_targets(
        plan=district.plan, entry=entry or found.pk, by=district.people["head"], at=NOW
    )


def test_table_3_1_is_that_of_example_1(district) -> None:
    enter_tables(district)

    for code, name in {
        "mobile_service_revenue": "移动通信开账收入",
        "mobile_vas_revenue": "移动增值业务开账收入",
        "mobile_revenue": "移动业务总开账收入",
    }.items():
        found, given = cells(district.plan, "3-1", code), GIVEN[name]
        assert found["base"] == given["完成数"]
        assert found["department_target"] == given["增长目标"]
        assert found["base_share"] + "%" == given["占比"]
        assert found["target_share"] + "%" == given["占比(目标)"]
        assert found["department_growth"] + "%" == given["增长率"]

    users, given = cells(district.plan, "3-1", "billed_users"), GIVEN["出账用户数(年末)"]
    assert users["increment"] == given["净增"]
    assert users["department_growth"] + "%" == given["增长率"]
    average, given = (
        cells(district.plan, "3-1", "average_billed_users"),
        GIVEN["移动业务年平均ARPU值(元/户·月)"],
    )
    assert average["department_target"] == "62000"
    arpu = cells(district.plan, "3-1", "arpu")
    assert (arpu["base"], arpu["department_target"]) == (given["完成数"], given["增长目标"])


def test_the_api_gives_the_tables_too(district, signed_in) -> None:
    enter_tables(district)
    found = signed_in("test-head").get("/api/v1/plans/2026/targets/").json()["tables"]
    assert list(found) == ["3-1", "3-2", "3-3"]
    row = next(row for row in found["3-1"] if row["indicator"] == "mobile_revenue")
    assert (row["department_target"], row["department_growth"]) == ("3109.92", "13.85")


def test_sums_are_reconciled_with_table_3_0_and_a_difference_does_not_block(district) -> None:
    enter_tables(district)
    assert [check.difference for table in tables(district.plan).values()
            for check in table.checks if check.difference is not None] == [0] * 6  # fmt: skip

    save(district, TargetEntry("mobile_vas_revenue", 1, department=target("373.20")))
    [difference] = [
        check.difference for check in tables(district.plan)["3-1"].checks if check.difference
    ]
    assert difference == Decimal("0.01")


def test_rates_are_typed_in_percent_and_refused_beyond_it(district, signed_in) -> None:
    enter_tables(district)
    rate = cells(district.plan, "3-2", "effective_rate")
    assert rate == {
        "base": "15.00", "department_target": "16.00", "change": "1.00", "implied": "16.00"
    }  # fmt: skip

    client = signed_in("test-head")
    cell = {"indicator": "effective_rate", "field": "department_target", "version": 1}
    client.put(CELLS, {"cells": [cell | {"value": "15.5"}]}, content_type="application/json")
    assert cells(district.plan, "3-2", "effective_rate")["department_target"] == "15.50"

    stale = client.put(CELLS, {"cells": [cell | {"value": "14"}]}, content_type="application/json")
    [conflict] = stale.json()["conflicts"]
    assert (conflict["yours"], conflict["theirs"]) == ("14.00", "15.50")
    for value in ("0", "100.01", "-3"):
        bad = {"cells": [cell | {"value": value, "version": 2}]}
        answer = client.put(CELLS, bad, content_type="application/json")
        assert answer.json()["errors"][0]["pointer"] == "/cells/0/value"


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("average_billed_users", {"department": target("1")}),
        ("effective_rate", {"base": Decimal("0.1")}),
        ("arpu", {"department": target("1")}),
    ],
)
def test_what_follows_from_other_rows_is_not_entered(district, code, fields) -> None:
    add_detail_indicators(district)
    with pytest.raises(Invalid):
        save(district, TargetEntry(code, None, **fields))
    assert not AnnualTarget.objects.exists()


def test_a_part_by_growth_keeps_its_driver(district) -> None:
    enter_tables(district)
    save(district, TargetEntry("mobile_vas_revenue", 1,
                               department=Layer(Driver.GROWTH, Decimal("0.242"))))  # fmt: skip
    assert cells(district.plan, "3-1", "mobile_vas_revenue")["department_target"] == "373.20"


def test_undo_brings_figures_and_drivers_back_and_can_be_undone(district) -> None:
    enter_annual_targets(district)
    save(
        district, TargetEntry("mobile_revenue", 1, department=Layer(Driver.GROWTH, Decimal("0.2")))
    )
    undo(district)

    row = AnnualTarget.objects.get(indicator__code="mobile_revenue")
    assert (row.department_driver, row.department_target) == (Driver.TARGET, Decimal("3109.92"))
    assert row.version == 3
    undo(district)
    row.refresh_from_db()
    assert (row.department_driver, row.department_growth) == (Driver.GROWTH, Decimal("0.2"))
    assert [entry.action for entry in AuditEntry.objects.order_by("-pk")[:2]] == [
        "undo_annual_targets"
    ] * 2


def test_an_undo_seen_before_another_save_is_refused(district) -> None:
    enter_annual_targets(district)
    seen = last_save(district.plan).pk
    save(district, TargetEntry("mobile_revenue", 1, department=target("3200")))
    with pytest.raises(Locked):
        undo(district, seen)
    assert annual_table(district.plan).row("mobile_revenue").department.target == 3200


def publish(district, year: int, months: int) -> None:
    """Publish months with 100.50 revenue in two units and 1000 + 10 × n users in one."""
    for number, month in enumerate(months_of(year)[:months]):
        Month.objects.create(district=district.root, month=month, state=MonthState.OPEN)
        figures = [
            ("grid1", "mobile_revenue", "100.50"), ("grid2", "mobile_revenue", "100.50"),
            ("grid1", "billed_users", str(1000 + 10 * number)),
        ]  # fmt: skip
        for unit, code, value in figures:
            Actual.objects.create(
                month=month, unit=district.units[unit], indicator=district.indicators[code],
                breakdown=district.breakdowns["all"], value=Decimal(value), as_of=month,
                reported_at=NOW,
            )  # fmt: skip
    Month.objects.filter(month__year=year).update(state=MonthState.PUBLISHED)


def test_a_new_plan_takes_last_year_from_what_was_published(district) -> None:
    add_detail_indicators(district)
    publish(district, 2027, 12)
    plan = open_plan(district=district.root, year=2028, by=district.people["head"], at=NOW)
    table = annual_table(plan)
    assert table.row("mobile_revenue").base == Decimal("2412.00")
    assert table.row("fixed_revenue").base is None

    assert fill_last_year(plan=plan, by=district.people["head"], at=NOW) == 2
    assert cells(plan, "3-1", "billed_users")["base"] == "1110"
    assert cells(plan, "3-1", "average_billed_users")["base"] == "1055"
    assert AuditEntry.objects.filter(source="published").count() == 1
    assert fill_last_year(plan=plan, by=district.people["head"], at=NOW) == 0


def test_eleven_published_months_are_not_a_year(district) -> None:
    add_detail_indicators(district)
    publish(district, 2027, 11)
    plan = open_plan(district=district.root, year=2028, by=district.people["head"], at=NOW)
    assert annual_table(plan).row("mobile_revenue").base is None
    with pytest.raises(Locked, match="11"):
        fill_last_year(plan=plan, by=district.people["head"], at=NOW)


@pytest.mark.parametrize("code", ["3-1", "3-2", "3-3"])
def test_each_table_has_its_page(district, signed_in, code) -> None:
    enter_tables(district)
    text = signed_in("test-head").get(f"{PAGE}?table={code}").content.decode()
    assert f'hx-get="{PAGE}?table={code}"' in text
    assert len(re.findall("data-cell", text)) >= 8


def test_the_merged_cell_says_the_floor_of_the_planned_rate(district, signed_in) -> None:
    enter_tables(district)
    page = signed_in("test-head").get(f"{PAGE}?table=3-1").content.decode()
    assert "按有效发展率 16.00% 测算，2026年发展用户要达到 <b>70,000 户</b>" in page.replace(
        " 年", "年"
    )


def test_the_page_undoes_and_fills(district, signed_in) -> None:
    enter_annual_targets(district)
    save(district, TargetEntry("mobile_revenue", 1, department=target("3200")))
    client = signed_in("test-head")
    client.post(f"{PAGE}undo/", {"entry": last_save(district.plan).pk, "table": "3-1"})
    assert annual_table(district.plan).row("mobile_revenue").department.target != 3200
    answer = client.post(f"{PAGE}last-year/", follow=True)
    assert "满十二个月" in answer.content.decode()
