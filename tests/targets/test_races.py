"""Races over a released plan: deciding twice, accepting while it changes, releasing while saving.

As in tests/kpi/test_races.py each is seen to go wrong once its lock is taken away; on SQLite the
locks are the transactions themselves.
"""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from orgchart.errors import DomainError, Locked, VersionConflict
from targets.models import Acceptance, Plan, Proposal, ProposalState, Task
from targets.queries.releases import task_snapshot
from targets.queries.sheets import grid
from targets.services import bargaining, plans
from targets.services.bargaining import Wish, accept_plan, counter_propose, insist
from targets.services.plans import release_plan
from targets.services.rehoming import Home, agree
from targets.services.sheets import TaskEntry, break_down, save_tasks
from tests.district import NOW, build_district
from tests.kpi.test_races import BLOCKED, PATIENCE, race
from tests.targets.plan_2026 import enter_annual_targets, sheet_4_2

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer, rows have no locks"
)


@pytest.fixture
def district(database):
    """Table 4-2, broken down."""
    found = build_district()
    enter_annual_targets(found)
    break_down(sheet=sheet_4_2(found), by=found.people["head"], at=NOW)
    return found


@pytest.fixture
def proposal(district):
    """Version 1 is out, and the second grid asks for 378 less."""
    release_plan(plan=district.plan, by=district.people["head"], at=NOW)
    return counter_propose(
        sheet=district.plan.sheets.get(), unit=district.units["grid2"], version=1,
        wishes=[Wish("t1", total=Decimal(7000))], reason="停业", by=district.people["grid2"],
        at=NOW,
    )  # fmt: skip


def one_after(first, second):
    """Do `second` while `first` has done its work and not committed it; return both results."""
    done, over = threading.Event(), threading.Event()

    def begin():
        try:
            with transaction.atomic():
                result = first()
                done.set()
                over.wait(BLOCKED)
                return result
        finally:
            done.set()

    def follow():
        done.wait(PATIENCE)
        try:
            return second()
        finally:
            over.set()

    return race(begin, follow)


def agreeing(district, proposal):
    home = Home("grid1", "t1", None, Decimal(378))
    return lambda: agree(proposal=proposal, homes=[home], by=district.people["head"], at=NOW)


def insisting(district, proposal):
    return lambda: insist(proposal=proposal, answer="不变", by=district.people["head"], at=NOW)


def accepting(district):
    return lambda: accept_plan(
        plan=district.plan, unit=district.units["grid3"], version=1,
        by=district.people["grid3"], at=NOW,
    )  # fmt: skip


def is_moved():
    [total] = [
        line.total for line in grid(Proposal.objects.get().sheet, None).lines
        if (line.unit_code, line.breakdown_code) == ("grid2", "t1")
    ]  # fmt: skip
    return total == 7000


def test_of_two_decisions_the_first_counts(district, proposal) -> None:
    first, second = one_after(agreeing(district, proposal), insisting(district, proposal))
    assert not isinstance(first, Exception), first
    assert isinstance(second, Locked)
    assert (is_moved(), Proposal.objects.get().state) == (True, ProposalState.MET)


@on_postgresql
def test_without_the_lock_a_decided_proposal_is_decided_again(
    district, proposal, monkeypatch
) -> None:
    monkeypatch.setattr(
        bargaining, "hold_open",
        lambda given: Proposal.objects.select_related("plan__district", "sheet", "unit").get(
            pk=given.pk),
    )  # fmt: skip
    one_after(agreeing(district, proposal), insisting(district, proposal))
    assert (is_moved(), Proposal.objects.get().state) == (True, ProposalState.INSISTED)


def test_a_yes_counts_for_what_was_accepted_or_is_refused(district, proposal) -> None:
    _release, accepted = one_after(agreeing(district, proposal), accepting(district))
    assert isinstance(accepted, VersionConflict)
    assert Plan.objects.get().version == 2
    assert not Acceptance.objects.exists()


def test_a_yes_before_the_change_is_carried(district, proposal) -> None:
    accepted, release = one_after(accepting(district), agreeing(district, proposal))
    assert not isinstance(accepted, DomainError)
    assert release.version == 2
    assert Acceptance.objects.get(version=2).unit == district.units["grid3"]


@on_postgresql
def test_without_the_lock_a_yes_is_lost(district, proposal, monkeypatch) -> None:
    monkeypatch.setattr(
        bargaining, "hold_plan",
        lambda plan: Plan.objects.select_related("district").get(pk=plan.pk),
    )  # fmt: skip
    _release, accepted = one_after(agreeing(district, proposal), accepting(district))
    assert isinstance(accepted, Acceptance), "told that it is accepted"
    assert Plan.objects.get().version == 2
    assert not Acceptance.objects.filter(version=2).exists(), "and it is not"


def saving(district):
    task = Task.objects.get(
        unit=district.units["grid1"], breakdown=district.breakdowns["t1"], month=date(2026, 11, 1)
    )
    entry = TaskEntry(task.unit_id, task.indicator_id, task.breakdown_id, task.month,
                      task.value + 1, task.version)  # fmt: skip
    return lambda: save_tasks(
        district=district.root, cells=[entry], by=district.people["clerk"], at=NOW
    )


def releasing(district):
    return lambda: release_plan(plan=district.plan, by=district.people["head"], at=NOW)


def test_a_release_has_the_cells_that_were_being_saved(district) -> None:
    saved, release = one_after(saving(district), releasing(district))
    assert not isinstance(saved, Exception), saved
    assert release.tasks == task_snapshot(Plan.objects.get())


@on_postgresql
def test_without_the_sheets_lock_cells_slip_behind_the_release(district, monkeypatch) -> None:
    monkeypatch.setattr(
        plans, "hold_plan",
        lambda plan: Plan.objects.select_for_update(of=("self",)).select_related("district").get(
            pk=plan.pk),
    )  # fmt: skip
    _saved, release = one_after(saving(district), releasing(district))
    assert release.tasks != task_snapshot(Plan.objects.get())
    assert Plan.objects.get().state == "released", "a version that is not what stands"
