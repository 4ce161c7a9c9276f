"""Races of the auditor and the approvers: real threads, each seen to go wrong without its lock."""

import threading
from typing import Any

import pytest
from django.db import connection  # noqa: F401 (the condition of on_postgresql)
from django.db.models import Q, QuerySet

from kpi.models import Actual, Adjustment, CheckState, Month, Verification
from kpi.queries.verification import returns
from kpi.services import adjustments, verification
from kpi.services.actuals import save_actuals
from kpi.services.months import close_month, open_month, publish_month, reopen_month
from orgchart.errors import Locked, VersionConflict
from targets.months import month_after
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import march
from tests.kpi.test_races import Meeting, on_postgresql, race

APRIL = month_after(MARCH)


@pytest.fixture
def district(database: None) -> District:
    found = build_district()
    march.publish_card(found)
    march.report_march(found)
    march.score(found)
    return found


def verify_while_entered(district: District, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The auditor has read the figures when the unit changes one of them and commits."""
    (shown,) = returns(district.root.pk, MARCH, [district.units["grid2"].pk])
    seen = {one.cell.key: one.cell.version or 0 for one in shown.figures}
    read, entered = threading.Event(), threading.Event()
    reported = verification._reported

    def slowly(*given: Any) -> Any:
        cells = reported(*given)
        read.set()
        entered.wait(1)
        return cells

    monkeypatch.setattr(verification, "_reported", slowly)

    def verify() -> Verification:
        try:
            return verification.verify_returns(
                unit=district.units["grid2"], month=MARCH, seen=seen,
                by=district.people["auditor"], at=NOW,
            )  # fmt: skip
        finally:
            read.set()

    def enter() -> list[Actual]:
        read.wait(5)
        try:
            entry = march.cell(district, "grid2", "channel_visits", "35", version=1)
            return save_actuals(
                district=district.root, cells=[entry], by=district.people["grid2"], at=NOW
            )
        finally:
            entered.set()

    return race(verify, enter)


def unseen() -> int:
    """Figures that stand verified in a version that the auditor has not seen."""
    return Actual.objects.filter(check_state=CheckState.VERIFIED, version=2).count()


def test_a_figure_changed_under_the_auditors_eyes_is_not_verified(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified, entered = verify_while_entered(district, monkeypatch)
    assert isinstance(entered, list)
    assert isinstance(verified, VersionConflict | Verification)
    assert unseen() == 0


@on_postgresql
def test_without_the_version_it_is_verified_unseen(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "_version", lambda cell: Q())
    verify_while_entered(district, monkeypatch)
    assert unseen() == 1


@pytest.fixture
def asked(district: District) -> Adjustment:
    """March is published, April open; a correction is verified and waits for the head."""
    clerk = district.people["clerk"]
    close_month(month=district.month, by=clerk, at=NOW)
    publish_month(month=Month.objects.get(month=MARCH), by=clerk, at=NOW)
    open_month(district=district.root, month=APRIL, by=clerk, at=NOW)
    made = adjustments.request_adjustment(
        unit=district.units["grid2"], indicator=district.indicators["mobile_revenue"],
        breakdown=district.breakdowns["all"], month=MARCH, delta=5, reason="漏报",
        by=district.people["grid2"], at=NOW,
    )  # fmt: skip
    return adjustments.verify_adjustment(adjustment=made, by=district.people["auditor"], at=NOW)


def approve_twice(
    district: District, asked: Adjustment, monkeypatch: pytest.MonkeyPatch
) -> list[Any]:
    """Two heads approve at once, both having found it waiting for them."""
    meet, check = Meeting(), adjustments._somebody_else

    def checked(*given: Any) -> None:
        check(*given)
        meet()

    monkeypatch.setattr(adjustments, "_somebody_else", checked)

    def approve(by: str) -> Any:
        return adjustments.approve_adjustment(
            adjustment=asked, effect={}, by=district.people[by], at=NOW
        )

    return race(lambda: approve("head"), lambda: approve("clerk"))


def posted() -> Any:
    return Actual.objects.get(month=APRIL).adjustment


def test_of_two_approvers_one_posts(
    district: District, asked: Adjustment, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = approve_twice(district, asked, monkeypatch)
    assert sorted(type(one).__name__ for one in answers) == ["Adjustment", "Locked"], answers
    assert any(isinstance(one, Locked) for one in answers)
    assert posted() == 5


@on_postgresql
def test_without_the_lock_a_correction_is_posted_twice(
    district: District, asked: Adjustment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    approve_twice(district, asked, monkeypatch)
    assert posted() == 10


def test_a_correction_and_the_first_report_of_its_cell_are_both_counted(
    district: District, asked: Adjustment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = march.cell(district, "grid2", "mobile_revenue", "30", month=APRIL, as_of=APRIL)
    answers = race(
        lambda: adjustments.approve_adjustment(
            adjustment=asked, effect={}, by=district.people["head"], at=NOW
        ),
        lambda: save_actuals(
            district=district.root, cells=[entry], by=district.people["grid2"], at=NOW
        ),
    )
    assert [type(one).__name__ for one in answers] == ["Adjustment", "list"], answers
    row = Actual.objects.get(month=APRIL)
    assert (row.value, row.adjustment, row.version) == (30, 5, 1)


def approve_while_reopened(
    district: District, asked: Adjustment, monkeypatch: pytest.MonkeyPatch
) -> list[Any]:
    """The head reopens March after the approval has found it published, before it is posted."""
    found, reopened = threading.Event(), threading.Event()
    hold = adjustments.hold_published
    came_between: list[bool] = []

    def slowly(**given: Any) -> Month:
        row = hold(**given)
        found.set()
        came_between.append(reopened.wait(0.5))
        return row

    monkeypatch.setattr(adjustments, "hold_published", slowly)

    def approve() -> bool:
        try:
            adjustments.approve_adjustment(
                adjustment=asked, effect={}, by=district.people["head"], at=NOW
            )
        finally:
            found.set()
        return came_between == [True]

    def reopen() -> Month:
        found.wait(5)
        try:
            return reopen_month(
                month=Month.objects.get(month=MARCH), by=district.people["head"], at=NOW,
                reason="补报",
            )  # fmt: skip
        finally:
            reopened.set()

    return race(approve, reopen)


def test_a_month_is_reopened_after_a_correction_of_it_is_posted(
    district: District, asked: Adjustment, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_reopened_first, reopened = approve_while_reopened(district, asked, monkeypatch)
    assert (was_reopened_first, reopened.state, posted()) == (False, "open", 5)


@on_postgresql
def test_without_the_hold_it_is_reopened_under_the_correction(
    district: District, asked: Adjustment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        adjustments, "hold_published", lambda **given: Month.objects.get(month=given["month"])
    )
    was_reopened_first, _reopened = approve_while_reopened(district, asked, monkeypatch)
    assert was_reopened_first
