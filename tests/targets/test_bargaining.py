"""Release and bargaining: answers of units, orphaned amounts, borrowing, versions."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.models import Month, MonthState
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry
from targets.models import Acceptance, PlanState, Proposal, ProposalState, Task
from targets.queries.bargaining import bargain
from targets.queries.releases import changed_cells
from targets.queries.sheets import grid
from targets.rules.bargaining import NoRoom, added, scaled_year
from targets.services.bargaining import (
    Wish,
    accept_plan,
    ask_to_borrow,
    counter_propose,
    insist,
    withdraw_proposal,
)
from targets.services.plans import release_plan
from targets.services.rehoming import Home, agree
from targets.services.sheets import TaskEntry, break_down, save_tasks
from tests.district import NOW
from tests.targets.plan_2026 import enter_annual_targets, sheet_4_2, sheet_4_4

LESS = (Wish("t1", total=Decimal(7000)),)


@pytest.fixture
def sheet(district):
    """Table 4-2 of the worked examples, released as version 1."""
    enter_annual_targets(district)
    made = sheet_4_2(district)
    break_down(sheet=made, by=district.people["head"], at=NOW)
    release_plan(plan=district.plan, by=district.people["head"], at=NOW)
    return made


def accept(district, unit, version=1):
    return accept_plan(
        plan=district.plan, unit=district.units[unit], version=version,
        by=district.people[unit], at=NOW,
    )  # fmt: skip


def counter(district, sheet, unit="grid2", wishes=LESS, version=1):
    return counter_propose(
        sheet=sheet, unit=district.units[unit], version=version, wishes=wishes,
        reason="两个一级网点停业", by=district.people[unit], at=NOW,
    )  # fmt: skip


def rehome(district, proposal, *homes):
    return agree(
        proposal=proposal, homes=[Home(*home) for home in homes], by=district.people["head"],
        at=NOW,
    )  # fmt: skip


def year(sheet, unit, breakdown="t1"):
    line = next(
        line for line in grid(sheet, None).lines
        if (line.unit_code, line.breakdown_code) == (unit, breakdown)
    )  # fmt: skip
    return line.total


def codes(district):
    district.plan.refresh_from_db()
    return {each.unit.code: each.code for each in bargain(district.plan, None).standings}


def test_the_plan_is_settled_once_every_unit_accepted(district, sheet) -> None:
    units = ["grid1", "grid2", "grid3", "grid4", "suburban", "group"]
    assert codes(district) == dict.fromkeys(units, "waiting")
    for unit in units:
        assert not bargain(district.plan, None).is_settled
        accept(district, unit)
    assert bargain(district.plan, None).is_settled
    assert accept(district, "grid1").pk == accept(district, "grid1").pk, "twice is once"
    assert AuditEntry.objects.filter(action="accept_plan", unit__code="grid1").count() == 1


def test_a_counter_proposal_orphans_an_amount_that_the_head_homes(district, sheet) -> None:
    accept(district, "grid3")
    accept(district, "grid2")
    accept(district, "grid1")
    was = {unit: year(sheet, unit) for unit in ("grid1", "grid2", "grid4")}
    assert was["grid2"] == 7378
    proposal = counter(district, sheet)
    [open_] = bargain(district.plan, None).open
    assert (open_.before - open_.after, open_.orphaned) == (378, 378)
    assert codes(district)["grid2"] == "countered", "a counter-proposal takes the yes back"
    with pytest.raises(Locked):
        accept(district, "grid2")

    release = rehome(
        district, proposal, ("grid1", "t1", None, Decimal(300)),
        ("grid4", "t1", date(2026, 11, 1), Decimal(78)),
    )  # fmt: skip
    assert release.version == 2
    assert grid(sheet, None).total == 70000
    assert {unit: year(sheet, unit) - before for unit, before in was.items()} == {
        "grid1": 300, "grid2": -378, "grid4": 78,
    }  # fmt: skip
    answers = codes(district)
    assert district.plan.state == PlanState.RELEASED
    assert answers["grid3"] == "accepted", "its tasks are the same, so its yes is carried"
    assert Acceptance.objects.get(version=2).carried_from == 1
    assert answers["grid1"] == answers["grid2"] == "waiting"
    with pytest.raises(VersionConflict):
        accept(district, "grid2", version=1)
    accept(district, "grid2", version=2)


def test_a_version_shows_which_cells_it_changed_who_when_and_why(district, sheet) -> None:
    proposal = counter(
        district, sheet, wishes=[Wish("t1", months=((date(2026, 11, 1), Decimal(500)),))]
    )
    now = Task.objects.get(unit__code="grid2", breakdown__code="t1", month=date(2026, 11, 1)).value
    left = now - 500
    second = rehome(district, proposal, ("grid1", "t2", date(2026, 12, 1), left))
    first = district.plan.releases.get(version=1)
    found = changed_cells(district.plan, second, first, None)
    assert [(c.unit, c.breakdown, c.month.month, c.change) for c in found] == [
        ("网格1", "二级", 12, left), ("网格2", "一级", 11, -left),
    ]  # fmt: skip
    assert {(c.by, c.at, "两个一级网点停业" in c.why) for c in found} == {("head甲", NOW, True)}
    own = frozenset({district.units["grid2"].pk})
    assert [c.unit for c in changed_cells(district.plan, second, first, own)] == ["网格2"]


@pytest.mark.parametrize(
    "homes",
    [
        [],
        [("grid1", "t1", None, Decimal(377))],
        [("grid1", "t1", None, Decimal(379))],
        [("nobody", "t1", None, Decimal(378))],
        [("grid1", "t1", None, Decimal("377.5")), ("grid1", "t2", None, Decimal("0.5"))],
        [("grid1", "t1", None, Decimal(20378)), ("grid3", "t1", None, Decimal(-20000))],
    ],
)
def test_homes_must_take_the_orphaned_amount_exactly(district, sheet, homes) -> None:
    proposal = counter(district, sheet)
    with pytest.raises(Invalid):
        rehome(district, proposal, *homes)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.OPEN
    assert grid(sheet, None).total == 70000
    district.plan.refresh_from_db()
    assert (district.plan.version, district.plan.state) == (1, PlanState.RELEASED)


def test_the_head_insists_with_a_reason_and_the_unit_may_withdraw(district, sheet) -> None:
    proposal = counter(district, sheet)
    with pytest.raises(Locked):
        counter(district, sheet)
    withdraw_proposal(proposal=proposal, by=district.people["grid2"], at=NOW)
    assert codes(district)["grid2"] == "waiting"
    proposal = counter(district, sheet)
    with pytest.raises(Invalid):
        insist(proposal=proposal, answer="  ", by=district.people["head"], at=NOW)
    insist(proposal=proposal, answer="按产能核定", by=district.people["head"], at=NOW)
    for late in (
        lambda: withdraw_proposal(proposal=proposal, by=district.people["grid2"], at=NOW),
        lambda: rehome(district, proposal, ("grid1", "t1", None, Decimal(378))),
    ):
        with pytest.raises(Locked):
            late()
    accept(district, "grid2")
    assert codes(district)["grid2"] == "accepted"
    assert year(sheet, "grid2") == 7378


def test_borrowing_between_months_keeps_the_year_and_the_units_yes(district, sheet) -> None:
    accept(district, "grid2")
    asked = ask_to_borrow(
        sheet=sheet, unit=district.units["grid2"], version=1, breakdown="t1",
        lower=date(2026, 11, 1), raise_=date(2026, 12, 1), amount=Decimal(60),
        reason="11月线路割接", by=district.people["grid2"], at=NOW,
    )  # fmt: skip
    before = {n: grid(sheet, None).columns[n] for n in (10, 11)}
    release = agree(proposal=asked, homes=[], by=district.people["head"], at=NOW)
    after = grid(sheet, None).columns
    assert (after[10] - before[10], after[11] - before[11]) == (-60, 60)
    assert year(sheet, "grid2") == 7378
    assert release.version == 2
    assert codes(district)["grid2"] == "accepted"


@pytest.mark.parametrize(
    ("lower", "raise_", "amount"),
    [(11, 11, "60"), (11, 12, "0"), (11, 12, "60.5"), (11, 12, "60000"), (3, 12, "10")],
)
def test_what_cannot_be_borrowed_is_refused(district, sheet, lower, raise_, amount) -> None:
    Month.objects.filter(pk=district.month.pk).update(state=MonthState.CLOSED)
    with pytest.raises(Invalid):
        ask_to_borrow(
            sheet=sheet, unit=district.units["grid2"], version=1, breakdown="t1",
            lower=date(2026, lower, 1), raise_=date(2026, raise_, 1), amount=Decimal(amount),
            reason="x", by=district.people["grid2"], at=NOW,
        )  # fmt: skip
    assert not Proposal.objects.exists()


def test_closed_and_locked_months_stand_when_a_year_is_proposed(district, sheet) -> None:
    Month.objects.filter(pk=district.month.pk).update(state=MonthState.CLOSED)
    proposal = counter(district, sheet)
    months = {cell["month"] for cell in proposal.cells}
    assert "2026-03" not in months
    assert len(months) == 11
    with pytest.raises(Invalid, match="2026-03"):
        counter(district, sheet, "grid1", [Wish("t1", months=((date(2026, 3, 1), Decimal(1)),))])
    with pytest.raises(Invalid):
        counter(district, sheet, "grid1", [Wish("t1", total=Decimal(10))])


def test_nobody_answers_while_the_next_version_is_prepared(district, sheet) -> None:
    proposal = counter(district, sheet)
    task = Task.objects.get(unit__code="grid2", breakdown__code="t1", month=date(2026, 11, 1))
    save_tasks(
        district=district.root, by=district.people["head"], at=NOW,
        cells=[TaskEntry(task.unit_id, task.indicator_id, task.breakdown_id, task.month,
                         task.value - 1, task.version)],
    )  # fmt: skip
    with pytest.raises(Locked):
        accept(district, "grid1")
    with pytest.raises(Locked):
        rehome(district, proposal, ("grid1", "t1", None, Decimal(378)))
    release_plan(plan=district.plan, by=district.people["head"], at=NOW, reason="调整")
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.OVERTAKEN, "it speaks of figures that are gone"


def test_a_row_with_its_own_year_follows(district) -> None:
    enter_annual_targets(district)
    sheet = sheet_4_4(district)
    break_down(sheet=sheet, by=district.people["head"], at=NOW)
    release_plan(plan=district.plan, by=district.people["head"], at=NOW)
    proposal = counter(district, sheet, "group", [Wish("fixed_line", total=Decimal(450))])
    rehome(district, proposal, ("grid1", "fixed_line", None, Decimal(50)))
    table = grid(sheet, None)
    assert table.difference in (None, 0)
    assert [line.required == line.total for line in table.lines] == [True] * len(table.lines)
    assert table.total == 800


years = st.lists(st.integers(0, 5000), min_size=1, max_size=12)


@settings(max_examples=2000, deadline=None)
@given(years, st.sets(st.integers(0, 11)), st.integers(-70000, 70000))
def test_an_amount_is_added_exactly_and_fixed_months_stand(values, fixed, amount) -> None:
    try:
        result = added(values, fixed, amount)
    except NoRoom:
        open_ = [value for n, value in enumerate(values) if n not in fixed]
        assert not open_ or sum(open_) + amount < 0
        return
    assert sum(result) == sum(values) + amount
    assert all(result[n] == values[n] for n in fixed if n < len(values))
    assert all(value >= 0 for value in result)


@settings(max_examples=2000, deadline=None)
@given(years, st.sets(st.integers(0, 11)), st.integers(0, 60000))
def test_a_year_is_scaled_within_a_unit_of_its_proportion(values, fixed, total) -> None:
    try:
        result = scaled_year(values, fixed, total)
    except NoRoom:
        return
    assert sum(result) == total
    places = [n for n in range(len(values)) if n not in fixed]
    whole = sum(values[n] for n in places)
    step = total - sum(values)
    if whole:
        assert all(abs((result[n] - values[n]) * whole - step * values[n]) < whole for n in places)
