"""Two at once on one balance, one claim, one number. On both engines, with real transactions."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection

from orgchart.errors import DomainError
from orgchart.models import Person, Post, Role, Tenure
from subsidies.models import Claim
from subsidies.services import claims
from subsidies.services.claims import approve_claim, check_claim, pay_claim
from tests.district import START, District, build_district
from tests.subsidies.claims import approved, at, attach, draft, open_claims, submitted
from tests.subsidies.test_races import at_once


@pytest.fixture
def office(database: Any) -> District:
    district = build_district()
    open_claims(district)
    return district


def second(district: District, role: Role) -> Person:
    """Appoint another person of the role."""
    person = Person.objects.create(district=district.root, code=f"{role}2", name_zh="乙")
    post = Post.objects.get(district=district.root, role=role)
    unit = district.units["support"]
    Tenure.objects.create(person=person, post=post, unit=unit, valid_from=START)
    return person


def two_checks(office: District, before: Callable[[], Any] = lambda: None) -> list[Any]:
    """Return two clerks' checks: of the later claim, and of the earlier whose receipt comes now.

    Each is of 900 yuan, the balance is 1 400.
    """
    early = approved(office, "900", when=at(3), receipt=False)
    late = approved(office, "900", when=at(4))
    clerks = [office.people["clerk"], second(office, Role.CLERK)]

    def check_late() -> Claim:
        return check_claim(claim=late, version=late.version, by=clerks[0], at=at(28))

    def check_early() -> Claim:
        before()
        attach(office, early)
        return check_claim(claim=early, version=early.version, by=clerks[1], at=at(28))

    return [check_late, check_early]


def granted() -> list[Decimal]:
    return sorted(Claim.objects.values_list("granted", flat=True))


def test_two_checks_at_once_never_grant_more_than_the_balance(office: District) -> None:
    results = at_once(*two_checks(office))
    assert not [result for result in results if isinstance(result, Exception)]
    assert granted() == [500, 900]


def test_without_the_lock_the_balance_is_granted_twice(
    office: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, whose transaction begins before the check")
    late_has_read, early_has_read = threading.Event(), threading.Event()
    calls = two_checks(office, before=lambda: late_has_read.wait(10))
    read = claims.demands

    def staged(*arguments: Any) -> Any:
        every = read(*arguments)
        if late_has_read.is_set():
            early_has_read.set()
        else:
            late_has_read.set()
            early_has_read.wait(10)
        return every

    monkeypatch.setattr(claims, "demands", staged)
    monkeypatch.setattr(claims, "claims_in", lambda *arguments: Claim.objects.none())
    at_once(*calls)
    assert sum(granted()) == 1800


def test_two_approvers_at_once_approve_once(office: District) -> None:
    row = submitted(office, "10", when=at(3))
    heads = [office.people["head"], second(office, Role.HEAD)]
    results = at_once(
        *(
            lambda by=by: approve_claim(claim=row, version=row.version, by=by, at=at(4))
            for by in heads
        )
    )
    assert len([result for result in results if isinstance(result, DomainError)]) == 1
    assert Claim.objects.get(pk=row.pk).version == row.version + 1


def test_a_double_click_pays_once(office: District) -> None:
    row = approved(office, "10", when=at(3))
    clerk = office.people["clerk"]
    row = check_claim(claim=row, version=row.version, by=clerk, at=at(5))
    pay = lambda: pay_claim(claim=row, version=row.version, by=clerk, at=at(6))  # noqa: E731
    results = at_once(pay, pay)
    assert len([result for result in results if isinstance(result, DomainError)]) == 1


def test_two_writers_at_once_get_two_numbers(office: District) -> None:
    write = lambda: draft(office, "10", when=at(3))  # noqa: E731
    results = at_once(write, write, write)
    assert not [result for result in results if isinstance(result, (DomainError, IntegrityError))]
    assert Claim.objects.values("number").distinct().count() == 3
