"""The calendar: duties of the plan make months, entries are ticked, a feed shows its owner's."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from icalendar import Calendar

from fieldwork.access import entry_of, may_change, may_tick
from fieldwork.models import Account, Activity, CalendarEntry, CalendarLink, Duty
from fieldwork.queries import calendar
from fieldwork.queries.calendar import Item, events
from fieldwork.rules.calendar import LAST_DAY, PLAN_DUTIES, days_of, occurrences, period
from fieldwork.services.calendar import (
    adopt_plan,
    fill_month,
    make_link,
    remove_entry,
    revoke_link,
    save_duty,
    save_entry,
    tick_entry,
)
from orgchart.actors import actor_for
from orgchart.errors import Invalid, VersionConflict
from orgchart.models import Tenure
from portal.queries.calendar import lend
from tests.district import MARCH, District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.fieldwork.test_visits import outlet

NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)  # a Thursday
DAY = date(2026, 3, 12)


# --- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("repeat", "month", "options", "starts"),
    [
        ("weekly", MARCH, {"day": 1}, [2, 9, 16, 23, 30]),
        ("weekly", MARCH, {"day": 7}, [1, 8, 15, 22, 29]),
        ("monthly", MARCH, {"day": 25}, [25]),
        ("monthly", date(2026, 2, 1), {"day": LAST_DAY}, [28]),
        ("monthly", date(2028, 2, 1), {"day": 30}, [29]),
        ("yearly", MARCH, {"day": 16, "of_month": 3}, [16]),
        ("yearly", date(2026, 4, 1), {"day": 16, "of_month": 3}, []),
    ],
)
def test_when_duties_fall(repeat: str, month: date, options: Any, starts: list[int]) -> None:
    found = occurrences(repeat, month, **options)
    assert [first.day for first, _last in found] == starts
    assert all(first == last for first, last in found)


def test_a_duty_of_days_runs_over_the_months_end() -> None:
    *_others, last = occurrences("weekly", MARCH, day=1, days=5)
    assert last == (date(2026, 3, 30), date(2026, 4, 3))


def test_every_date_of_the_plan_is_in_the_template() -> None:
    yearly = {(each.month, each.day) for each in PLAN_DUTIES if each.repeat == "yearly"}
    assert yearly == {(3, day) for day in (16, 18, 19, 20, 28, 30)}
    assert {each.day for each in PLAN_DUTIES if each.repeat == "monthly"} == {1, 25, LAST_DAY}
    weekly = {(each.day, each.days) for each in PLAN_DUTIES if each.repeat == "weekly"}
    assert weekly == {(1, 5), (6, 1)}  # Monday to Friday in the field, Saturday the summary


def test_the_days_of_a_view() -> None:
    assert period("day", DAY) == (DAY, DAY)
    assert period("week", DAY) == (date(2026, 3, 9), date(2026, 3, 15))
    assert period("month", DAY) == (date(2026, 2, 23), date(2026, 4, 5))
    assert len(days_of(*period("month", date(2027, 2, 14)))) == 28


# --- duties and months -----------------------------------------------------------------------


def filled(district: District, month: date = MARCH) -> int:
    adopt_plan(district=district.root, by=district.people["head"], at=NOW)
    return fill_month(district=district.root, month=month, by=district.people["head"], at=NOW)


def entry(district: District, person: str = "staff", unit: str = "", **fields: Any) -> Any:
    given = {"text": "拜访东岭村", "first": DAY, "last": None, "note": ""} | fields
    return save_entry(
        district=district.root, entry=None, version=0, by=district.people[person], at=NOW,
        unit=district.units[unit] if unit else None, **given,
    )  # fmt: skip


def test_a_month_is_filled_once_for_each_unit_and_the_district(district: District) -> None:
    # 5 Mondays, 4 Saturdays twice, three months' days and six dates for six units, one for all.
    assert filled(district) == 6 * (5 + 4 + 4 + 3 + 6) + 1
    assert filled(district) == 0
    tier1 = CalendarEntry.objects.filter(duty__code="tier-1")
    assert {row.first for row in tier1} == {date(2026, 3, 16)} and tier1.count() == 6
    assert CalendarEntry.objects.get(duty__code="contest-end").unit == district.root
    span = CalendarEntry.objects.filter(duty__code="field-week").earliest("first")
    assert (span.first, span.last) == (date(2026, 3, 2), date(2026, 3, 6))
    assert filled(district, date(2026, 4, 1)) == 6 * (4 + 4 + 4 + 3) + 1


def test_an_edited_duty_makes_other_months_and_leaves_the_made_ones(district: District) -> None:
    filled(district)
    duty = Duty.objects.get(code="claims")
    fields = {
        "name_zh": "交报销单", "name_en": "", "repeat": "monthly", "month": None, "day": 20,
        "days": 1, "audience": "units", "clause": "7.1", "is_active": True,
    }  # fmt: skip
    common = {"district": district.root, "by": district.people["head"], "at": NOW}
    for wrong, pointer in (
        ({"day": 32}, "/day"), ({"repeat": "weekly", "day": 8}, "/day"), ({"day": 0}, "/day"),
        ({"repeat": "yearly"}, "/month"), ({"name_zh": " "}, "/name_zh"), ({"days": 32}, "/days"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            save_duty(duty=duty, version=1, fields=fields | wrong, **common)
        assert [fault.pointer for fault in refusal.value.faults] == [pointer]
    saved = save_duty(duty=duty, version=1, fields=fields, **common)
    with pytest.raises(VersionConflict):
        save_duty(duty=duty, version=1, fields=fields, **common)
    assert {row.first.day for row in duty.entries.all()} == {25}
    fill_month(month=date(2026, 4, 1), **common)
    made = duty.entries.filter(first__month=4)
    assert {(row.first.day, row.name_zh) for row in made} == {(20, "交报销单")}
    save_duty(duty=saved, version=2, fields=fields | {"is_active": False}, **common)
    fill_month(month=date(2026, 5, 1), **common)
    assert not duty.entries.filter(first__month=5).exists()


def test_two_who_fill_at_once_fill_it_once(database: Any) -> None:
    district = build_district(unit_codes=("grid1",))
    adopt_plan(district=district.root, by=None, at=NOW)

    def fill() -> int:
        return fill_month(district=district.root, month=MARCH, by=district.people["head"], at=NOW)

    assert sorted(at_once(fill, fill)) == [0, 5 + 4 + 4 + 3 + 6 + 1]


# --- entries ---------------------------------------------------------------------------------


def test_an_entry_is_written_anew_ticked_and_removed(district: District) -> None:
    staff = district.people["staff"]
    row = entry(district, note="带单页")
    for wrong, pointer in (
        ({"text": " "}, "/text"), ({"last": DAY - timedelta(days=1)}, "/last"),
        ({"last": DAY + timedelta(days=62)}, "/last"), ({"note": "x" * 501}, "/note"),
        ({"first": date(1999, 1, 1), "last": date(1999, 1, 1)}, "/first"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            entry(district, **wrong)
        assert [fault.pointer for fault in refusal.value.faults] == [pointer]
    common = {"by": staff, "at": NOW}
    done = tick_entry(entry=row, version=1, is_done=True, **common)
    assert (done.done_by, done.done_at) == (staff, NOW)
    again = tick_entry(entry=row, version=1, is_done=True, by=district.people["grid1"], at=NOW)
    assert again.done_by == staff  # a second click changes nothing
    with pytest.raises(VersionConflict):
        tick_entry(entry=row, version=1, is_done=False, **common)
    row = tick_entry(entry=row, version=2, is_done=False, **common)
    assert (row.done_by, row.done_at) == (None, None)
    with pytest.raises(VersionConflict):
        remove_entry(entry=row, version=1, **common)
    remove_entry(entry=row, version=3, **common)
    assert not CalendarEntry.objects.exists()


def test_whose_entries_one_sees_ticks_and_changes(district: District) -> None:
    rows = {
        "own": entry(district), "grid1": entry(district, "grid1", "grid1"),
        "grid2": entry(district, "grid2", "grid2"), "all": entry(district, "head", "test"),
    }  # fmt: skip
    sees = {
        "staff": {"own", "grid1", "all"}, "grid1": {"grid1", "all"},
        "supervisor": {"grid2", "all"}, "head": {"grid1", "grid2", "all"},
        "clerk": {"grid1", "grid2", "all"}, "auditor": {"grid1", "grid2", "all"},
    }  # fmt: skip
    ticks = {
        "staff": {"own", "grid1"}, "grid1": {"grid1"}, "supervisor": set(),
        "head": {"grid1", "grid2", "all"}, "clerk": {"grid1", "grid2", "all"}, "auditor": set(),
    }  # fmt: skip
    changes = ticks | {"staff": {"own"}}
    for account, names in sees.items():
        actor = actor_for(district.people[account], on=DAY)
        found = {each.key for each in events(actor, DAY, DAY) if each.entry}
        assert found == {f"entry-{rows[name].pk}" for name in names}, account
        seen = [(name, entry_of(actor, rows[name].pk)) for name in names]
        assert {name for name, row in seen if may_tick(actor, row)} == ticks[account], account
        assert {name for name, row in seen if may_change(actor, row)} == changes[account], account


# --- what stands in a calendar ---------------------------------------------------------------


@pytest.fixture
def lent() -> None:
    lend()


def test_a_duty_of_many_units_is_one_line_with_its_count(district: District, lent: None) -> None:
    filled(district)
    row = CalendarEntry.objects.get(duty__code="tier-1", unit__code="grid1")
    tick_entry(entry=row, version=1, is_done=True, by=district.people["grid1"], at=NOW)
    day = date(2026, 3, 16)

    def standing(account: str, **options: Any) -> list[tuple[int, int, bool | None]]:
        found = events(actor_for(district.people[account], on=DAY), day, day, **options)
        return [(each.done, each.parts, each.is_done) for each in found if "一级" in each.text]

    with override("zh-hans"):
        assert standing("head") == [(1, 6, False)]
        assert sorted(standing("head", in_one=False)) == [(0, 1, False)] * 5 + [(1, 1, True)]
        assert standing("head", unit=district.units["grid1"]) == [(1, 1, True)]
        assert standing("grid1") == [(1, 1, True)]


def test_other_modules_lend_their_days_and_a_duty_leads_to_them(
    district: District, lent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Activity.objects.create(
        kind="visit", unit=district.units["grid1"], dealer=outlet(district, "a"), planned_on=DAY,
        person=district.people["staff"],
    )  # fmt: skip
    Account.objects.create(
        district=district.root, code="v1", name_zh="东岭村", kind="village", stage_on=MARCH,
        unit=district.units["grid1"], responsible=district.people["staff"], deadline=DAY,
    )  # fmt: skip
    month = period("month", DAY)

    def keys(account: str, **options: Any) -> set[str]:
        found = events(actor_for(district.people[account], on=DAY), *month, **options)
        return {each.key.partition("-")[0] for each in found}

    assert keys("staff") == {"visit", "account", "summary", "claims"}
    assert keys("staff", routines=False) == {"visit", "account", "claims"}
    assert keys("head") == {"visits", "claims"}
    assert keys("grid1", routines=False) == {"week", "claims"}
    assert keys("supervisor") == {"claims"}
    filled(district)
    found = events(actor_for(district.people["grid1"], on=DAY), *month, routines=False)
    [claims] = [each for each in found if each.first == date(2026, 3, 25)]
    assert claims.entry is not None and claims.url == reverse("claims")

    # Another module's source: added once, asked with the actor and the period.
    asked = []

    def source(actor: Any, first: date, last: date) -> list[Item]:
        asked.append((first, last))
        return [Item("x-1", "deadline", DAY, DAY, "别处的期限", "/x/", False)]

    monkeypatch.setattr(calendar, "SOURCES", list(calendar.SOURCES))
    for _twice in range(2):
        calendar.lend(source)
    found = events(actor_for(district.people["staff"], on=DAY), DAY, DAY)
    assert [each.url for each in found if each.key == "x-1"] == ["/x/"]
    assert asked == [(DAY, DAY)]


# --- the feed --------------------------------------------------------------------------------


@pytest.fixture
def in_march(district: District, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return district


def test_a_feed_is_sound_and_shows_what_its_owner_may_see(in_march: District) -> None:
    staff = in_march.people["staff"]
    entry(in_march, text="带，单页；" + "很长的说明" * 12, note="第一行\n第二行，逗号;分号\\")
    entry(in_march, "grid1", "grid1", first=DAY, last=DAY + timedelta(days=2))
    entry(in_march, "grid2", "grid2", text="别的网格")
    entry(in_march, "grid1", text="主管自己的")
    token = make_link(by=staff, at=NOW)
    assert token not in str(list(CalendarLink.objects.values()))
    answer = Client().get(reverse("field_calendar_feed", args=[token]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    raw = answer.content
    # RFC 5545 §3.1: CRLF, and no line of more than 75 octets.
    lines = raw.split(b"\r\n")
    assert lines[-1] == b"" and b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    feed = Calendar.from_ical(raw)
    assert (feed["VERSION"], bool(feed["PRODID"])) == ("2.0", True)
    found = {str(each["SUMMARY"]): each for each in feed.walk("VEVENT")}
    assert "别的网格" not in found and "主管自己的" not in found
    mine = found["带，单页；" + "很长的说明" * 12]
    assert str(mine["DESCRIPTION"]) == "第一行\n第二行，逗号;分号\\"
    span = found["拜访东岭村"]
    assert (span["DTSTART"].dt, span["DTEND"].dt) == (DAY, DAY + timedelta(days=3))  # exclusive
    assert span["DTSTAMP"].dt == NOW
    uids = [str(each["UID"]) for each in feed.walk("VEVENT")]
    assert len(set(uids)) == len(uids) and all("@testserver" in uid for uid in uids)

    row = CalendarEntry.objects.get(person=staff)
    tick_entry(entry=row, version=1, is_done=True, by=staff, at=NOW)
    raw = Client().get(reverse("field_calendar_feed", args=[token])).content
    again = {str(each["UID"]): each for each in Calendar.from_ical(raw).walk("VEVENT")}
    assert str(again[str(mine["UID"])]["SUMMARY"]).startswith("✓ ")
    assert CalendarLink.objects.get().used_on == DAY


def test_a_feed_ends_with_its_link_its_account_and_its_owners_posts(in_march: District) -> None:
    staff = in_march.people["staff"]

    def status(token: str) -> int:
        return Client().get(reverse("field_calendar_feed", args=[token])).status_code

    first = make_link(by=staff, at=NOW)
    assert (status(first), status("invented")) == (200, 404)
    second = make_link(by=staff, at=NOW)
    assert (status(first), status(second)) == (404, 200)
    staff.user.is_active = False
    staff.user.save()
    assert status(second) == 404
    staff.user.is_active = True
    staff.user.save()
    Tenure.objects.filter(person=staff).update(valid_to=DAY - timedelta(days=1))
    assert status(second) == 404
    Tenure.objects.filter(person=staff).update(valid_to=None)
    revoke_link(by=staff, at=NOW)
    assert status(second) == 404
    assert status(make_link(by=in_march.people["admin"], at=NOW)) == 404


# --- pages and API ---------------------------------------------------------------------------


def test_the_pages_write_tick_fill_and_export(in_march: District, signed_in: Any) -> None:
    staff, leader, head = (signed_in(f"test-{name}") for name in ("staff", "grid1", "head"))
    page, new = reverse("field_calendar"), reverse("field_calendar_new")
    assert staff.post(new, {"text": "", "first": "2026-03-12"}).status_code == 400
    # `whose` is not offered to staff: what is posted all the same is their own.
    staff.post(new, {"text": "我的私事", "first": "2026-03-12", "whose": "grid1"})
    leader.post(new, {"text": "网格例会", "first": "2026-03-12", "whose": "grid1"})
    mine, shared = (
        CalendarEntry.objects.get(name_zh="我的私事"),
        CalendarEntry.objects.get(unit__code="grid1"),
    )
    assert (mine.person, mine.unit) == (in_march.people["staff"], None)
    assert shared.unit.code == "grid1"
    assert leader.get(reverse("field_calendar_entry", args=[mine.pk])).status_code == 404
    path = reverse("field_calendar_entry", args=[shared.pk])
    assert staff.get(path).context["form"] is None
    assert staff.post(path, {"text": "改", "first": "2026-03-12"}).status_code == 403
    remove = reverse("field_calendar_remove", args=[shared.pk])
    assert staff.post(remove, {"version": 1}).status_code == 403
    staff.post(reverse("field_calendar_tick", args=[shared.pk]), {"version": 1, "done": 1})
    shared.refresh_from_db()
    assert shared.done_by == in_march.people["staff"]
    for view in ("day", "week", "month"):
        answer = leader.get(page, {"view": view, "day": "2026-03-12"}).content.decode()
        assert "网格例会" in answer and "我的私事" not in answer
    fill = reverse("field_calendar_fill")
    assert leader.post(fill, {"month": "2026-03"}).status_code == 403
    head.post(reverse("field_duties"))
    head.post(fill, {"month": "2026-03"})
    assert CalendarEntry.objects.filter(duty__isnull=False).count() == 133
    answer = leader.get(reverse("field_calendar_export"), {"day": "2026-03-12"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    cells = [str(cell.value) for line in book.worksheets[0].iter_rows() for cell in line]
    assert "网格例会" in cells and "staff甲" in cells and "我的私事" not in cells
    leader.post(reverse("field_calendar_link"), {"action": "make"})
    assert "/field/calendar/feed/" in leader.get(page).content.decode()
    assert "/field/calendar/feed/" not in leader.get(page).content.decode()  # shown once


def test_many_entries_cost_as_many_queries_as_few(in_march: District, signed_in: Any) -> None:
    client = signed_in("test-head")
    for view in ("week", "month"):
        costs = []
        for _times in range(2):
            for n in range(8):
                entry(in_march, "head", "grid1", text=f"{view}{n}")
            client.get(reverse("field_calendar"))
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("field_calendar"), {"view": view, "day": "2026-03-12"})
            costs.append(len(asked))
        assert costs[0] == costs[1]


def test_the_api_lists_writes_ticks_and_removes(in_march: District, signed_in: Any) -> None:
    client, root = signed_in("test-grid1"), "/api/v1/field/calendar/"

    def send(method: str, path: str, body: Any) -> Any:
        return getattr(client, method)(root + path, body, content_type="application/json")

    body = {"text": "网格例会", "first": "2026-03-12", "unit": "grid1"}
    made = send("post", "", body)
    assert made.status_code == 201, made.content
    assert send("post", "", body | {"unit": "grid2"}).status_code == 403
    assert send("post", "", body | {"unit": ["grid1"]}).status_code == 400
    assert send("post", "", {"text": "", "first": "soon"}).status_code == 400
    one = f"{made.json()['id']}/"
    found = client.get(root, {"since": "2026-03-12", "until": "2026-03-12"}).json()["results"]
    assert ("网格例会", False) in [(each["text"], each["is_done"]) for each in found]
    for query in ({"since": "0001-01-01"}, {"until": "2027-01-01"}, {"until": "2026-03-01"}):
        assert client.get(root, query).status_code == 400
    assert send("post", one + "done/", {"is_done": "yes", "version": 1}).status_code == 400
    assert send("post", one + "done/", {"is_done": True, "version": 1}).json()["done_by"] == "grid1"
    assert send("put", one, body | {"version": 1}).status_code == 409
    assert send("put", one, body | {"text": "改期", "version": 2}).json()["text"] == "改期"
    assert client.delete(root + one).status_code == 409
    assert client.delete(root + one + "?version=3").status_code == 204
    assert signed_in("test-admin").get(root).status_code == 403
