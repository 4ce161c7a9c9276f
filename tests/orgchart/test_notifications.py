"""The bell: told once, counted until read, read by nobody else."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orgchart.models import Notification, Role
from orgchart.queries.notifications import holders, unread
from orgchart.services.notifications import in_both, mark_read, notify
from tests.district import District

AT = datetime(2026, 4, 2, 2, 0, tzinfo=UTC)


def tell(district: District, *who: str, key: str = "k1", at: datetime = AT) -> None:
    people = [district.people[name] for name in who]
    notify(people, zh="3月已退回", en="March was returned", url="/closing/", key=key, at=at)


def test_a_key_is_told_to_a_person_once(district: District) -> None:
    tell(district, "head", "clerk")
    tell(district, "head", "auditor", at=AT + timedelta(days=1))
    assert Notification.objects.count() == 3
    assert Notification.objects.get(person=district.people["head"]).at == AT


def test_reading_one_leaves_the_others_unread(district: District) -> None:
    tell(district, "head", "clerk", key="a")
    tell(district, "head", key="b")
    head = district.people["head"]
    mark_read(by=head, at=AT, pk=Notification.objects.get(person=head, key="a").pk)
    assert unread(head) == 1
    assert unread(district.people["clerk"]) == 1
    mark_read(by=head, at=AT)
    assert unread(head) == 0


def test_holders_have_the_role_and_the_unit_on_the_day(district: District) -> None:
    on = date(2026, 4, 1)
    grid1 = district.units["grid1"].pk
    managers = holders(district.root, [Role.MANAGER], on, [grid1])
    assert [person.code for person in managers] == ["grid1"]
    assert holders(district.root, [Role.HEAD], date(2025, 1, 1)) == []


def test_a_sentence_is_made_in_both_languages() -> None:
    assert in_both(lambda: str(Role.CLERK.label)) == ("内勤", "Clerk")


def test_opening_one_marks_it_read_and_leads_there(district: District, signed_in: Any) -> None:
    tell(district, "clerk")
    client: Client = signed_in("test-clerk")
    assert 'aria-label="1 条未读通知"' in client.get("/notifications/").content.decode()
    told = Notification.objects.get()
    assert signed_in("test-head").post(f"/notifications/{told.pk}/open/").status_code == 404
    response = client.post(f"/notifications/{told.pk}/open/")
    assert (response.status_code, response["Location"]) == (302, "/closing/")
    assert unread(district.people["clerk"]) == 0
    page = client.get("/notifications/?unread=1").content.decode()
    assert 'aria-label="0 条未读通知"' in page
    assert "3月已退回" not in page


def test_the_list_takes_as_many_queries_for_many(district: District, signed_in: Any) -> None:
    client, counts = signed_in("test-head"), []
    for number in (2, 20):
        for n in range(number):
            tell(district, "head", key=f"n{n}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/notifications/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_programs_read_their_own_in_the_language_asked_for(
    district: District, signed_in: Any
) -> None:
    tell(district, "clerk", key="a")
    tell(district, "clerk", key="b", at=AT + timedelta(days=1))
    tell(district, "head", key="c")
    client: Client = signed_in("test-clerk")
    path = "/api/v1/notifications/"
    newest, _older = client.get(path, headers={"Accept-Language": "en"}).json()["results"]
    assert (newest["text"], newest["url"], newest["read_at"]) == (
        "March was returned", "/closing/", None,
    )  # fmt: skip
    assert client.get(path).json()["results"][0]["text"] == "3月已退回"
    assert client.post(f"{path}{newest['id']}/read/").json()["read_at"]
    assert client.get(f"{path}?unread=1").json()["count"] == 1
    theirs = Notification.objects.get(person=district.people["head"])
    assert client.post(f"{path}{theirs.pk}/read/").status_code == 404
    assert unread(district.people["head"]) == 1
