"""Corrected editions: issued with a reason once, the first stays as replaced, readers are told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.test.utils import override_settings

from kpi.models import Actual
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry, Notification
from portal.models import Bulletin, BulletinMail
from portal.services import bulletins
from portal.services.bulletins import (
    NothingToReport,
    correct_bulletin,
    deliver_mails,
    resend_bulletin,
)
from tests.district import District, build_district
from tests.kpi import bulletin as example
from tests.kpi.test_races import Meeting, on_postgresql, race
from tests.portal.test_bulletins import BUSINESS, MORNING, PAGE, TUESDAY, address, issue

LATER = MORNING + timedelta(hours=1)
API = f"/api/v1{PAGE}"
WHY = "网格1 3月17日漏报 9 户"


def district_with_example() -> District:
    found = build_district()
    example.build(found)
    return found


@pytest.fixture
def reported(db: None) -> District:
    return district_with_example()


@pytest.fixture
def racing(database: None) -> District:
    return district_with_example()


def more(district: District) -> None:
    """Let grid 1's figure be what it should have been: 570 instead of 561."""
    Actual.objects.filter(unit=district.units["grid1"], indicator__code="mobile_gross_adds").update(
        value=Decimal(570)
    )


def correct(district: District, **given: Any) -> Bulletin:
    return correct_bulletin(
        **{"district": district.root, "period": TUESDAY, "edition": 1, "reason": WHY,
           "comment": "", "by": district.people["clerk"], "at": LATER} | given
    )  # fmt: skip


def test_a_second_edition_tells_everybody_and_the_first_stays(
    reported: District, signed_in: Any
) -> None:
    first = issue(reported)
    more(reported)
    row = correct(reported)
    assert (row.edition, row.reason) == (2, WHY)
    told = Notification.objects.filter(key=row.key)
    assert told.count() == BUSINESS
    assert told[0].text_zh == f"2026年3月17日 日通报（更正版，第 2 版）已发出。 {WHY}"
    entry = AuditEntry.objects.get(action="bulletin.correct")
    assert entry.reason == WHY and entry.by == reported.people["clerk"]

    head = signed_in("test-head")
    page = head.get(PAGE).content.decode()
    assert "570" in page and "（更正版，第 2 版）" in page and WHY in page
    assert f"{PAGE}?edition=1" in page
    before = head.get(f"{PAGE}?edition=1").content.decode()
    assert "561" in before and "该版已被更正版替换" in before and "570" not in before
    archive = head.get("/bulletins/").context["rows"]
    assert [(each["is_replaced"], each["url"]) for each in archive] == [
        (False, PAGE), (True, f"{PAGE}?edition=1"),
    ]  # fmt: skip
    book = head.get(f"{PAGE}bulletin.xlsx?edition=1")
    assert "更正版" not in unquote(book["Content-Disposition"])
    assert "更正版" in unquote(head.get(f"{PAGE}bulletin.xlsx")["Content-Disposition"])
    assert head.get(f"{PAGE}?edition=3").status_code == 404
    # Reading the latest has read what it replaces.
    assert not Notification.objects.filter(
        person=reported.people["head"], read_at=None, key__in=[first.key, row.key]
    ).exists()
    with pytest.raises(Locked):
        resend_bulletin(bulletin=first, by=reported.people["clerk"], at=LATER)


def test_what_a_correction_needs(reported: District) -> None:
    with pytest.raises(NothingToReport):
        correct(reported)
    issue(reported)
    with pytest.raises(Invalid, match="没有任何不同"):
        correct(reported)
    for wrong in ({"reason": " "}, {"reason": "长" * 501}, {"comment": "长" * 501}):
        with pytest.raises(Invalid):
            correct(reported, **wrong)
    more(reported)
    row = correct(reported)
    assert correct(reported) == row  # the same click again
    assert correct(reported, at=LATER + timedelta(hours=1)) == row
    with pytest.raises(VersionConflict):
        correct(reported, reason="别的原因")
    third = correct(reported, edition=2, comment="只改点评", reason="点评有误")
    assert third.edition == 3
    assert Bulletin.objects.count() == 3


def test_mails_owed_of_the_first_are_not_sent_and_those_of_the_second_link_to_the_page(
    reported: District,
) -> None:
    address(reported, "head")
    issue(reported)
    more(reported)
    correct(reported)
    assert BulletinMail.objects.count() == 1
    with override_settings(PORTAL_URL="https://portal.example.cn"):
        deliver_mails(at=LATER)
    sent = mail.outbox.pop()
    assert sent.subject == "2026年3月17日 日通报（更正版，第 2 版）"
    assert f"更正说明：{WHY}" in sent.body
    assert f"https://portal.example.cn{PAGE}" in sent.body
    correct(reported, edition=2, comment="更正", reason="点评")
    deliver_mails(at=LATER)
    assert "http" not in mail.outbox.pop().body


def test_programs_comment_issue_correct_and_resend(
    reported: District, signed_in: Any, time_machine: Any
) -> None:
    time_machine.move_to(MORNING, tick=False)
    clerk, head = signed_in("test-clerk"), signed_in("test-head")
    as_json = {"content_type": "application/json"}
    written = clerk.put(f"{API}comment/", {"comment": "好", "version": 0}, **as_json)
    assert written.json() == {"comment": "好", "version": 1}
    stale = clerk.put(f"{API}comment/", {"comment": "坏", "version": 0}, **as_json)
    assert stale.status_code == 409 and stale["Content-Type"] == "application/problem+json"
    assert clerk.post(f"{API}correct/", {}, **as_json).status_code == 404
    made = clerk.post(f"{API}issue/")
    assert made.status_code == 201 and made.json()["comment"] == "好"
    time_machine.move_to(LATER, tick=False)
    again = clerk.post(f"{API}issue/")
    assert again.status_code == 200 and again.json()["issued_at"] == made.json()["issued_at"]
    more(reported)
    given = {"edition": 1, "reason": WHY, "comment": ""}
    for field, value in (("edition", 0), ("reason", ""), ("reason", "x" * 501), ("comment", None)):
        refused = clerk.post(f"{API}correct/", given | {field: value}, **as_json)
        assert refused.status_code == 400
        assert [each["pointer"] for each in refused.json()["errors"]] == [f"/{field}"]
    assert clerk.post(f"{API}correct/", given, **as_json).status_code == 201
    assert clerk.post(f"{API}correct/", given, **as_json).json()["edition"] == 2
    conflict = clerk.post(f"{API}correct/", given | {"reason": "x"}, **as_json)
    assert conflict.status_code == 409
    assert clerk.post(f"{API}resend/").json() == {"people": 0}
    address(reported, "head")
    assert clerk.post(f"{API}resend/").json() == {"people": 1}
    assert head.post(f"{API}resend/").status_code == 403

    archive = head.get("/api/v1/bulletins/").json()["results"]
    assert [(each["edition"], each["is_replaced"], each["reason"]) for each in archive] == [
        (2, False, WHY), (1, True, ""),
    ]  # fmt: skip
    assert head.get(API).json()["edition"] == 2
    assert head.get(f"{API}?edition=1").json()["is_replaced"] is True
    assert head.get(f"{API}?edition=7").status_code == 404
    assert head.get(f"{API}?edition=x").status_code == 400


def test_the_clerk_sees_what_differs_and_corrects_on_the_page(
    reported: District, signed_in: Any
) -> None:
    clerk, url = signed_in("test-clerk"), f"{PAGE}correct/"
    assert clerk.get(url).status_code == 404
    issue(reported)
    assert "数字与已发版相同" in clerk.get(url).content.decode()
    more(reported)
    page = clerk.get(url).content.decode()
    assert "与已发版不同：移动用户发展" in page and "570" in page
    empty = clerk.post(url, {"reason": "", "comment": "留着", "edition": 1})
    assert empty.status_code == 400 and "留着" in empty.content.decode()
    stale = clerk.post(url, {"reason": WHY, "comment": "", "edition": 7})
    assert stale.status_code == 409 and WHY in stale.content.decode()
    done = clerk.post(url, {"reason": WHY, "comment": "", "edition": 1}, follow=True)
    assert "（更正版，第 2 版）已发出" in done.content.decode()


def meet_before_writing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Hold both after `name` of the service, where neither has written."""
    meet, look = Meeting(), getattr(bulletins, name)

    def looked(*given: Any) -> Any:
        found = look(*given)
        meet()
        return found

    monkeypatch.setattr(bulletins, name, looked)


def correct_at_once(district: District, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    issue(district)
    more(district)
    meet_before_writing(monkeypatch, "content_of")
    return race(*[lambda: correct(district)] * 2)


def test_two_clicks_correct_once(racing: District, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = correct_at_once(racing, monkeypatch)
    assert first == second
    assert Bulletin.objects.count() == 2
    assert AuditEntry.objects.filter(action="bulletin.correct").count() == 1


def resend_at_once(district: District, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two clicks on "send again" after a reader got an address."""
    row = issue(district)
    address(district, "head")
    meet_before_writing(monkeypatch, "readers")
    by = district.people["clerk"]
    return race(*[lambda: resend_bulletin(bulletin=row, by=by, at=LATER)] * 2)


def resends() -> int:
    return AuditEntry.objects.filter(action="bulletin.resend").count()


def test_two_clicks_send_again_once(racing: District, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(resend_at_once(racing, monkeypatch)) == [0, 1]
    assert (resends(), BulletinMail.objects.count()) == (1, 1)


@on_postgresql
def test_without_the_lock_both_clicks_say_that_they_sent(
    racing: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulletins, "_lock", lambda district: None)
    assert resend_at_once(racing, monkeypatch) == [1, 1]
    assert resends() == 2


@on_postgresql
def test_without_the_lock_the_second_correction_fails(
    racing: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulletins, "_lock", lambda district: None)
    answers = correct_at_once(racing, monkeypatch)
    assert sum(isinstance(one, Exception) for one in answers) == 1
    assert Bulletin.objects.count() == 2


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite has modes to begin in")
def test_without_immediate_transactions_the_second_click_fails(
    racing: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 3)
    answers = resend_at_once(racing, monkeypatch)
    connection.close()
    assert sum(isinstance(one, OperationalError) for one in answers) == 1
