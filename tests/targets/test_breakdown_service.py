"""A sheet broken down in the database is the table of the worked examples, cell by cell."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest

from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry, Job
from targets.models import PlanState, Task
from targets.queries.sheets import grid
from targets.services.plans import release_plan
from targets.services.sheets import (
    RowWeight,
    TaskEntry,
    break_down,
    lock_cells,
    save_tasks,
    unlock_cells,
    weigh_sheet,
)
from tests.district import NOW
from tests.targets.plan_2026 import (
    enter_annual_targets,
    sheet_4_1,
    sheet_4_2,
    sheet_4_2n,
    sheet_4_4,
)
from tests.worked_examples import BREAKDOWNS, UNITS, example


def cells(sheet) -> dict[tuple[str, str], list[Decimal]]:
    return {
        (line.unit_code, line.breakdown_code): [cell.value for cell in line.cells]
        for line in grid(sheet, None).lines
    }


def expected(name: str, legacy_unit: str = "test") -> dict[tuple[str, str], list[Decimal]]:
    return {
        (UNITS.get(row["单元"], legacy_unit), BREAKDOWNS[row["层级"]]): [
            Decimal(str(value)) for value in row["月"]
        ]
        for row in example("3_decomposition")[name]["rows"]
    }


def broken_down(district, make):
    sheet = make(district)
    break_down(sheet=sheet, by=district.people["clerk"], at=NOW)
    return sheet


def entry(district, unit, breakdown, month, value=None, version=1, code="mobile_gross_adds"):
    return TaskEntry(
        district.units[unit].pk, district.indicators[code].pk, district.breakdowns[breakdown].pk,
        date(2026, month, 1), None if value is None else Decimal(value), version, "/0",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (sheet_4_2, "3A_发展用户_70000户_row_first"),
        (sheet_4_1, "3B_移动业务收入_3109.92万元_row_first"),
        (sheet_4_2n, "3H_移动净增_11200户"),
    ],
)
def test_every_cell_of_the_example_is_stored(district, make, name) -> None:
    sheet = broken_down(district, make)

    assert cells(sheet) == expected(name)
    assert grid(sheet, None).difference == 0
    assert [str(value) for value in grid(sheet, None).columns] == [
        str(Decimal(str(value)).normalize().quantize(value_like))
        for value, value_like in zip(
            example("3_decomposition")[name].get("月合计(推出)")
            or example("3_decomposition")[name]["月合计"],
            grid(sheet, None).columns,
            strict=True,
        )
    ]


def test_the_digest_of_table_3a_is_the_published_one(district) -> None:
    sheet = broken_down(district, sheet_4_2)

    names = {code: name for name, code in (UNITS | BREAKDOWNS).items() if name != "集团"}
    rows = [
        f"{names[line.unit_code]}|{line.breakdown}|"
        + ",".join(str(int(cell.value)) for cell in line.cells)
        for line in grid(sheet, None).lines
    ]
    found = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    assert found == example("3_decomposition")["3A_发展用户_70000户_row_first"]["sha256"]


def test_rows_with_totals_of_their_own_are_spread_flat(district) -> None:
    sheet = broken_down(district, sheet_4_4)

    given = example("3_decomposition")["3G_固话净增_seed_numbers"]["by month (flat season)"]
    assert cells(sheet) == {
        (UNITS[name], "fixed_line"): [Decimal(value) for value in months]
        for name, months in given.items()
    }
    assert grid(sheet, None).total == 800


def test_breaking_down_again_writes_nothing(district) -> None:
    sheet = broken_down(district, sheet_4_2)
    entries, jobs = AuditEntry.objects.count(), list(Job.objects.values("month", "requested"))

    assert break_down(sheet=sheet, by=district.people["clerk"], at=NOW) == []
    assert AuditEntry.objects.count() == entries
    assert list(Job.objects.values("month", "requested")) == jobs


def test_a_breakdown_is_one_trail_entry_and_owes_scores_for_each_month(district) -> None:
    broken_down(district, sheet_4_2)

    trail = AuditEntry.objects.get(action="break_down")
    assert len(trail.changes) == 132
    assert trail.changes[0]["key"] == {
        "unit": "grid1", "indicator": "mobile_gross_adds", "breakdown": "t1", "month": "2026-01",
    }  # fmt: skip
    assert Job.objects.filter(kind="rescore").count() == 12


def test_locked_cells_stand_and_the_rest_of_their_rows_moves(district) -> None:
    sheet = broken_down(district, sheet_4_2)
    given = example("3_decomposition")["3C_locked_cells"]
    for lock in given["locks"]:
        lock_cells(
            sheet=sheet, reason="开学季签约", by=district.people["head"], at=NOW,
            cells=[entry(district, UNITS[lock["单元"]], BREAKDOWNS[lock["层级"]], lock["月"],
                         lock["value"])],
        )  # fmt: skip

    found = cells(sheet)
    for row, change in given["changed rows"].items():
        unit, tier = row.split("/")
        assert found[UNITS[unit], BREAKDOWNS[tier]] == change["after"]
    assert list(grid(sheet, None).columns) == given["月合计"]
    assert {(line.unit_code, cell.lock_reason) for line, cell in grid(sheet, None).locked} == {
        ("grid1", "开学季签约"), ("suburban", "开学季签约"), ("group", "开学季签约"),
    }  # fmt: skip


def test_locks_above_the_row_total_are_refused_with_both_figures(district) -> None:
    sheet = broken_down(district, sheet_4_2)

    with pytest.raises(Invalid) as refusal:
        lock_cells(
            sheet=sheet, reason="x", by=district.people["head"], at=NOW,
            cells=[entry(district, "grid4", "t2", 1, 4800)],
        )  # fmt: skip

    assert "4,800" in str(refusal.value) and "4,116" in str(refusal.value)
    assert not Task.objects.filter(is_locked=True).exists()


def test_a_lock_needs_a_reason_and_unlocking_frees_the_cell(district) -> None:
    sheet = broken_down(district, sheet_4_2)
    cell = entry(district, "grid1", "t1", 1, 900)
    with pytest.raises(Invalid):
        lock_cells(sheet=sheet, reason=" ", cells=[cell], by=district.people["head"], at=NOW)

    lock_cells(sheet=sheet, reason="元旦", cells=[cell], by=district.people["head"], at=NOW)
    unlock_cells(
        sheet=sheet, cells=[entry(district, "grid1", "t1", 1, version=2)],
        by=district.people["head"], at=NOW,
    )  # fmt: skip

    assert cells(sheet) == expected("3A_发展用户_70000户_row_first")
    assert not Task.objects.filter(is_locked=True).exists()


def test_a_closed_month_keeps_its_tasks_and_the_others_take_the_difference(district) -> None:
    sheet = broken_down(district, sheet_4_2)
    district.month.state = "closed"
    district.month.save()

    assert break_down(sheet=sheet, by=district.people["head"], at=NOW) == []
    weigh_sheet(
        sheet=sheet, version=1, total=Decimal(80000), season=list(map(Decimal, sheet.season)),
        weights=[], by=district.people["head"], at=NOW,
    )  # fmt: skip
    break_down(sheet=sheet, by=district.people["head"], at=NOW)

    sheet.refresh_from_db()
    after = grid(sheet, None)
    assert (after.total, after.columns[2], after.difference) == (80000, 6159, 0)


@pytest.mark.parametrize("change", [save_tasks, lock_cells])
def test_a_cell_of_a_closed_month_is_refused(district, change) -> None:
    sheet = broken_down(district, sheet_4_2)
    district.month.state = "closed"
    district.month.save()
    given = {"district": district.root} if change is save_tasks else {"sheet": sheet, "reason": "x"}

    with pytest.raises(Locked) as refusal:
        change(
            cells=[entry(district, "grid1", "t1", 3, 1)],
            by=district.people["head"],
            at=NOW,
            **given,
        )
    assert "2026-03" in str(refusal.value)


def test_the_database_refuses_what_slips_past(district, settings) -> None:
    sheet = broken_down(district, sheet_4_2)
    district.month.state = "closed"
    district.month.save()
    settings.CLOSED_MONTHS = "tests.targets.test_breakdown_service.nothing_is_closed"

    with pytest.raises(Locked):
        save_tasks(
            district=district.root, cells=[entry(district, "grid1", "t1", 3, 1)],
            by=district.people["head"], at=NOW,
        )  # fmt: skip
    assert cells(sheet) == expected("3A_发展用户_70000户_row_first")


def nothing_is_closed(**_asked) -> set[date]:
    return set()


@pytest.mark.parametrize("weight", ["17.99", "18.01"])
def test_unit_weights_must_make_a_hundred(district, weight) -> None:
    sheet = sheet_4_2(district)
    lines = grid(sheet, None).lines[:2]
    weigh_sheet(
        sheet=sheet, version=1, total=Decimal(70000), season=list(map(Decimal, sheet.season)),
        weights=[RowWeight(line.row_id, Decimal(weight), line.part) for line in lines],
        by=district.people["head"], at=NOW,
    )  # fmt: skip

    with pytest.raises(Invalid) as refusal:
        break_down(sheet=sheet, by=district.people["head"], at=NOW)
    assert refusal.value.faults[0].pointer == "/weights"
    assert not Task.objects.exists()


def test_a_season_must_make_a_hundred(district) -> None:
    sheet = sheet_4_2(district)
    season = [Decimal(value) for value in sheet.season]
    weigh_sheet(
        sheet=sheet, version=1, total=Decimal(70000), season=[season[0] + 1, *season[1:]],
        weights=[], by=district.people["head"], at=NOW,
    )  # fmt: skip

    with pytest.raises(Invalid) as refusal:
        break_down(sheet=sheet, by=district.people["head"], at=NOW)
    assert refusal.value.faults[0].pointer == "/season"


def test_weights_changed_meanwhile_are_a_conflict(district) -> None:
    sheet = broken_down(district, sheet_4_2)
    for total in (80000, 90000):
        weigh_sheet(
            sheet=sheet, version=None, total=Decimal(total),
            season=list(map(Decimal, sheet.season)), weights=[], by=district.people["head"], at=NOW,
        )  # fmt: skip

    with pytest.raises(VersionConflict):
        break_down(sheet=sheet, by=district.people["head"], at=NOW, version=1)


def test_new_tasks_make_a_released_plan_a_draft_again(district) -> None:
    enter_annual_targets(district)
    release_plan(plan=district.plan, by=district.people["head"], at=NOW)
    broken_down(district, sheet_4_2)

    district.plan.refresh_from_db()
    assert (district.plan.version, district.plan.state) == (1, PlanState.DRAFT)
