"""Two beats, a beat and a clerk, two mail senders: what is sent goes out once.

Each race is seen to go wrong once what guards it is taken away.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, OperationalError, connection
from django.db.models import QuerySet

from orgchart.models import AuditEntry, Notification
from portal.models import Bulletin, BulletinMail
from portal.services import bulletins
from portal.services.bulletins import deliver_mails, issue_bulletin, issue_due
from tests.district import District, build_district
from tests.kpi import bulletin as example
from tests.kpi.test_races import Meeting, on_postgresql, race
from tests.portal.test_bulletins import BUSINESS, MORNING, TUESDAY, address


@pytest.fixture
def district(database: None) -> District:
    found = build_district()
    example.build(found)
    return found


def meet_before_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold both where they have found nothing issued and have not written yet."""
    meet, gather = Meeting(), bulletins.content_of

    def gathered(*given: Any) -> Any:
        found = gather(*given)
        meet()
        return found

    monkeypatch.setattr(bulletins, "content_of", gathered)


def issue(district: District) -> Bulletin:
    clerk = district.people["clerk"]
    return issue_bulletin(district=district.root, period=TUESDAY, by=clerk, at=MORNING)


def test_two_beats_send_once(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    meet_before_writing(monkeypatch)
    assert race(lambda: issue_due(at=MORNING), lambda: issue_due(at=MORNING)) == [None, None]
    row = Bulletin.objects.get()
    assert Notification.objects.filter(key=row.key).count() == BUSINESS
    assert AuditEntry.objects.filter(action="bulletin.issue").count() == 1


def test_a_beat_and_a_clerk_send_once(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    meet_before_writing(monkeypatch)
    _none, row = race(lambda: issue_due(at=MORNING), lambda: issue(district))
    assert Bulletin.objects.get() == row


@on_postgresql
def test_without_the_lock_the_constraint_stops_the_second(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulletins, "_lock", lambda district: None)
    meet_before_writing(monkeypatch)
    answers = race(*[lambda: issue(district)] * 2)
    assert sum(isinstance(one, IntegrityError) for one in answers) == 1
    assert Bulletin.objects.count() == 1


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite has modes to begin in")
def test_without_immediate_transactions_the_second_fails(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 3)
    meet_before_writing(monkeypatch)
    answers = race(*[lambda: issue(district)] * 2)
    connection.close()
    assert sum(isinstance(one, OperationalError) for one in answers) == 1


def test_the_constraint_holds_alone(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the lock nor the look whether it is issued: the database refuses the second."""
    monkeypatch.setattr(bulletins, "_lock", lambda district: None)
    monkeypatch.setattr(bulletins, "issued", lambda district, period: None)
    answers = race(*[lambda: issue(district)] * 2)
    assert sum(isinstance(one, IntegrityError) for one in answers) == 1
    assert Bulletin.objects.count() == 1


def test_two_senders_send_one_mail(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mails_of_two_senders(district, monkeypatch) == 1


def test_without_the_claim_both_send(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    update: Callable[..., int] = QuerySet.update

    def claimed(rows: Any, **given: Any) -> int:
        return max(update(rows, **given), 1)

    monkeypatch.setattr(QuerySet, "update", claimed)
    assert mails_of_two_senders(district, monkeypatch) == 2


def mails_of_two_senders(district: District, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let two senders read the same mail that is owed, then both go on to send it."""
    address(district, "head")
    issue(district)
    meet, select = Meeting(), QuerySet.select_related

    def selected(rows: Any, *names: Any) -> Any:
        found = select(rows, *names)
        if rows.model is BulletinMail:
            list(found)
            meet()
        return found

    monkeypatch.setattr(QuerySet, "select_related", selected)
    race(*[lambda: deliver_mails(at=MORNING + timedelta(minutes=1))] * 2)
    assert BulletinMail.objects.get().sent_at is not None
    return len(mail.outbox)
