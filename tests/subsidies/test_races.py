"""Two people at once: one sheet, one decision. On both engines, with real transactions."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection

from orgchart.errors import DomainError, Locked
from subsidies.models import CommissionSheet, SheetState
from subsidies.services import commissions
from subsidies.services.commissions import make_sheet
from tests.district import MARCH, NOW, District, build_district
from tests.subsidies.district import enter, open_dealer, publish, set_scheme


@pytest.fixture
def settled(database: Any) -> District:
    district = build_district()
    set_scheme(district)
    enter(open_dealer(district, "d1", "grid1"), MARCH, gross=5)
    publish(district)
    return district


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; return results and errors."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = calls[number]()
        except (DomainError, IntegrityError) as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def made_in(district: District) -> Any:
    return CommissionSheet.objects.filter(district=district.root)


def makers(district: District) -> list[Callable[[], CommissionSheet]]:
    def make() -> CommissionSheet:
        return make_sheet(district=district.root, month=MARCH, by=district.people["clerk"], at=NOW)

    return [make, make]


def test_two_makers_at_once_make_one_sheet_and_the_second_is_told(settled: District) -> None:
    results = at_once(*makers(settled))
    assert made_in(settled).exclude(state=SheetState.VOID).count() == 1
    assert sorted(type(result) for result in results if isinstance(result, Exception)) == [Locked]


def test_without_the_lock_only_the_constraint_holds(
    settled: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The proof that the lock is what makes the refusal a sentence: without it, both makers get
    # past the check and the second runs into the database's own constraint.
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, whose transaction begins before the check")
    meet = threading.Barrier(2)
    check = commissions.obstacle

    def check_together(*arguments: Any) -> str:
        sentence = check(*arguments)
        meet.wait(10)
        return sentence

    monkeypatch.setattr(commissions, "obstacle", check_together)
    monkeypatch.setattr(commissions, "hold_month", lambda *arguments: None)
    results = at_once(*makers(settled))
    assert [type(result) for result in results if isinstance(result, Exception)] == [IntegrityError]
    assert made_in(settled).count() == 1
