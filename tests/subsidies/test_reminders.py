"""Reminders on the 20th and 24th: who is told, when, and only once."""

from datetime import datetime
from typing import Any

import pytest
from django.test import override_settings

from orgchart import jobs
from orgchart.models import Notification
from subsidies.services.claims import submit_claim
from subsidies.services.reminders import remind_of_claims
from tests.district import District
from tests.subsidies.claims import at, draft, open_claims


@pytest.fixture
def office(district: District) -> District:
    open_claims(district)
    return district


def told() -> dict[str, str]:
    return {row.person.code: row.text_en for row in Notification.objects.select_related("person")}


def test_drafts_missing_receipts_and_balances_are_named_once(office: District) -> None:
    draft(office, "20.00", when=at(10))
    for _beat in range(2):
        remind_of_claims(at=at(20, 8))
    found = told()
    assert found[office.people["staff"].code] == (
        "Claims are due on the 25th: a claim of yours is not submitted."
    )
    assert "balance left" in found[office.people["grid1"].code]
    assert "clerk" not in "".join(found)
    before = Notification.objects.count()
    remind_of_claims(at=at(24, 8))
    assert Notification.objects.count() == 2 * before


def test_who_has_an_address_gets_one_mail(
    office: District, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    user = office.people["staff"].user
    user.email = "staff@example.cn"
    user.save()
    draft(office, "20.00", when=at(10))
    with django_capture_on_commit_callbacks(execute=True):
        for _beat in range(2):
            remind_of_claims(at=at(20, 8))
    assert [mail.to for mail in mailoutbox] == [["staff@example.cn"]]


def test_a_submitted_claim_without_receipts_is_asked_for_them(office: District) -> None:
    row = draft(office, "20.00", when=at(10))
    submit_claim(claim=row, version=row.version, by=office.people["staff"], at=at(10, 10))
    remind_of_claims(at=at(24, 8))
    assert "lacks its receipts" in told()[office.people["staff"].code]


@pytest.mark.parametrize(
    ("when", "is_told"),
    [
        (at(19, 23, 59, 59), False),
        (at(20, 7, 59, 59), False),
        (at(20, 8), True),
        (at(20, 23, 59, 59), True),
        (at(21, 8), False),
        (at(24, 8), True),
        (at(25, 8), False),
    ],
)
def test_only_on_the_days_in_shanghai(office: District, when: datetime, is_told: bool) -> None:
    draft(office, "20.00", when=at(10))
    remind_of_claims(at=when)
    assert bool(told()) is is_told


def test_a_failing_service_keeps_no_other_from_its_turn(office: District, caplog: Any) -> None:
    with override_settings(TIMED=["nowhere.at_all", *jobs.settings.TIMED]):
        jobs.do_timed()
    assert "nowhere.at_all failed" in caplog.text
