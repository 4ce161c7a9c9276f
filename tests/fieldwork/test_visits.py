"""Visits: planned by frequency, done once, problems closed, the month's figure suggested."""

import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fieldwork.models import Activity, ActivityPhoto, ActivityState, Form, VisitFrequency
from fieldwork.queries.visits import six_items_of, suggestions, tallies
from fieldwork.rules.visits import spread, visits_in_month, working_days
from fieldwork.services.forms import save_form
from fieldwork.services.visits import (
    Report,
    assign_visit,
    cancel_visit,
    close_problem,
    confirm_visits,
    do_visit,
    plan_visits,
    set_frequency,
)
from kpi.models import Actual, MonthState
from orgchart.errors import Invalid, Locked, Refused, VersionConflict
from orgchart.models import Dealer, DealerAffiliation, DealerKind
from tests.district import MARCH, START, District, build_district
from tests.fieldwork.test_accounts import at_once

FIRST = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday
LATER = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)


def outlet(
    district: District, code: str, tier: str = "t1", manager: str | None = "staff"
) -> Dealer:
    dealer = Dealer.objects.create(
        district=district.root, code=code, name_zh=f"{code}店", tier=tier,
        kind=DealerKind.EXCLUSIVE_STORE if tier == "t1" else DealerKind.DIRECT_STORE,
        opened_on=START,
    )  # fmt: skip
    DealerAffiliation.objects.create(
        dealer=dealer, unit=district.units["grid1"], valid_from=START,
        account_manager=district.people[manager] if manager else None,
    )  # fmt: skip
    return dealer


@pytest.fixture
def ready(district: District) -> District:
    return prepared(district)


def prepared(district: District) -> District:
    for tier, count in (("t1", Decimal(4)), ("t2", Decimal("1.5"))):
        set_frequency(
            district=district.root, tier=tier, visits=count, valid_from=START,
            by=district.people["head"], at=FIRST,
        )  # fmt: skip
    outlet(district, "a")
    outlet(district, "b", tier="t2")
    outlet(district, "c", tier="t2", manager=None)
    return district


def planned(district: District, at: datetime = FIRST) -> int:
    unit = district.units["grid1"]
    return plan_visits(unit=unit, month=MARCH, by=district.people["grid1"], at=at)


def done(district: District, row: Activity, by: str = "staff", **report: Any) -> Activity:
    row.refresh_from_db()
    return do_visit(
        visit=row, version=row.version, report=Report(**report), by=district.people[by],
        at=LATER,
        may_stand_in=by == "grid1",
    )  # fmt: skip


# --- rules -----------------------------------------------------------------------------------


@given(st.decimals(0, 20, places=2), st.integers(1, 12))
def test_a_year_of_months_adds_up(frequency: Decimal, months: int) -> None:
    total = sum(visits_in_month(frequency, number) for number in range(1, months + 1))
    assert total <= frequency * months < total + 1


def test_one_and_a_half_is_one_and_two_in_turn() -> None:
    assert [visits_in_month(Decimal("1.5"), n) for n in range(1, 7)] == [1, 2, 1, 2, 1, 2]


@given(st.integers(1, 23), st.integers(0, 60), st.integers(0, 100))
def test_days_are_spread_evenly(span: int, count: int, turn: int) -> None:
    days = [MARCH + timedelta(days=n) for n in range(span)]
    found = spread(days, count, turn)
    assert len(found) == count
    assert set(found) <= set(days)
    if count <= span:
        assert len(set(found)) == count


def test_saturday_is_no_day_of_visits() -> None:
    assert {day.weekday() for day in working_days(MARCH, date(2026, 3, 31))} == set(range(5))
    assert spread([], 3, 0) == []


# --- planning --------------------------------------------------------------------------------


def test_a_month_is_planned_once_by_tier_and_for_the_manager(ready: District) -> None:
    assert planned(ready) == 4 + 1 + 1
    assert planned(ready) == 0
    rows = Activity.objects.select_related("dealer", "person")
    assert Counter(row.dealer.code for row in rows) == {"a": 4, "b": 1, "c": 1}
    assert {row.person.code if row.person else None for row in rows} == {"staff", None}
    assert all(row.planned_on >= date(2026, 3, 2) for row in rows)


def test_a_cancelled_visit_is_planned_anew(ready: District) -> None:
    planned(ready)
    row = Activity.objects.filter(dealer__code="a").first()
    assert row is not None
    with pytest.raises(Invalid):
        cancel_visit(visit=row, version=1, by=ready.people["grid1"], at=FIRST, reason="")
    cancel_visit(visit=row, version=1, by=ready.people["grid1"], at=FIRST, reason="装修")
    assert planned(ready) == 1


def test_nothing_is_planned_for_the_past_or_without_a_rule(ready: District) -> None:
    with pytest.raises(Locked):
        planned(ready, at=datetime(2026, 4, 2, tzinfo=UTC))
    ready.root.refresh_from_db()
    VisitFrequency.objects.all().delete()
    with pytest.raises(Locked):
        planned(ready)


def test_two_who_plan_at_once_plan_it_once(database: Any) -> None:
    district = prepared(build_district())
    added = at_once(lambda: planned(district), lambda: planned(district))
    assert sorted(added) == [0, 6]
    assert Activity.objects.count() == 6


def test_a_visit_is_given_to_somebody_else(ready: District) -> None:
    planned(ready)
    row = Activity.objects.filter(dealer__code="c").first()
    assert row is not None
    assign_visit(
        visit=row, version=1, person=ready.people["grid1"], on=date(2026, 3, 20),
        by=ready.people["grid1"], at=FIRST,
    )  # fmt: skip
    with pytest.raises(VersionConflict):
        assign_visit(
            visit=row, version=1, person=None, on=date(2026, 3, 20), by=ready.people["grid1"],
            at=FIRST,
        )  # fmt: skip
    row.refresh_from_db()
    with pytest.raises(Refused):
        done(ready, row, by="staff")


# --- doing -----------------------------------------------------------------------------------


def first_of(district: District, code: str = "a") -> Activity:
    row = Activity.objects.filter(dealer__code=code, state=ActivityState.PLANNED).first()
    assert row is not None
    return row


def test_what_was_found_is_kept_with_the_list_of_that_day(ready: District) -> None:
    planned(ready)
    row = done(ready, first_of(ready), answers={"sign": True, "gone": True}, stock="20 张")
    assert row.answers["sign"] is True and row.answers["poster"] is False
    assert "gone" not in row.answers
    assert row.form == Form.objects.get()
    save_form(
        district=ready.root, kind="six_items", fields=[{"zh": "一面旗", "type": "check"}],
        valid_from=date(2026, 3, 10), by=ready.people["head"], at=FIRST,
    )  # fmt: skip
    later = done(ready, first_of(ready), answers={"f1": True})
    assert (later.form.number, later.answers) == (2, {"f1": True})
    row.refresh_from_db()
    assert row.form.number == 1
    assert len(six_items_of(ready.root, date(2026, 3, 9)).fields) == 6


def test_done_once(ready: District) -> None:
    planned(ready)
    row = done(ready, first_of(ready))
    with pytest.raises(Locked):
        done(ready, row)


@pytest.mark.parametrize(
    ("report", "pointers"),
    [
        ({"problem": "断货"}, {"/measure", "/follow_up_on"}),
        ({"problem": "断货", "measure": "送卡", "follow_up_on": date(2026, 3, 1)},
         {"/follow_up_on"}),
        ({"latitude": Decimal(91)}, {"/latitude"}),
        ({"stock": "x" * 201}, {"/stock"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    ready: District, report: dict[str, Any], pointers: set[str]
) -> None:
    planned(ready)
    with pytest.raises(Invalid) as refusal:
        done(ready, first_of(ready), **report)
    assert {fault.pointer for fault in refusal.value.faults} == pointers
    assert not Activity.objects.filter(state=ActivityState.DONE).exists()


def test_a_problem_stays_open_until_it_is_closed(ready: District) -> None:
    planned(ready)
    row = done(
        ready, first_of(ready), problem="断货", measure="送卡", follow_up_on=date(2026, 3, 14)
    )
    close = {"visit": row, "by": ready.people["staff"], "at": LATER}
    with pytest.raises(Invalid):
        close_problem(version=row.version, remark=" ", **close)
    row = close_problem(version=row.version, remark="已补货", **close)
    assert (row.closing_note, row.closed_by.code) == ("已补货", "staff")
    with pytest.raises(Locked):
        close_problem(version=row.version, remark="再次", **close)


# --- figures ---------------------------------------------------------------------------------


def test_visits_done_suggest_the_figure_and_the_manager_reports_it(ready: District) -> None:
    planned(ready)
    done(ready, first_of(ready))
    done(ready, first_of(ready, "c"))
    unit = ready.units["grid1"]
    [found] = suggestions(ready.root, MARCH, [unit.pk])
    assert (found.counted, found.reported, found.differs) == (2, None, True)
    assert not Actual.objects.exists()  # a suggestion writes nothing
    [tally] = tallies(ready.root, MARCH, [unit.pk])
    assert (tally.planned, tally.done, tally.outlets, tally.reached) == (6, 2, 3, 2)

    confirm_visits(unit=unit, month=MARCH, by=ready.people["grid1"], at=LATER)
    figure = Actual.objects.get(indicator__code="channel_visits")
    assert (figure.value, figure.reported_by.code) == (Decimal(2), "grid1")
    [found] = suggestions(ready.root, MARCH, [unit.pk])
    assert not found.differs

    ready.month.state = MonthState.CLOSED
    ready.month.save()
    done(ready, first_of(ready))
    with pytest.raises(Locked):
        confirm_visits(unit=unit, month=MARCH, by=ready.people["grid1"], at=LATER)


# --- pages and API ---------------------------------------------------------------------------


@pytest.fixture
def in_march(ready: District, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    return ready


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")


def test_a_photo_is_drawn_anew_and_shown_to_the_unit_only(
    in_march: District, signed_in: Any
) -> None:
    planned(in_march)
    row = first_of(in_march)
    path = reverse("field_visit", kwargs={"pk": row.pk})
    staff = signed_in("test-staff")
    wrong = SimpleUploadedFile("a.jpg", b"<html>", "image/jpeg")
    assert staff.post(path, {"version": 1, "photo": wrong}).status_code == 400
    assert staff.post(path, {"version": 1, "photo": [photo(), photo()]}).status_code == 302
    kept = ActivityPhoto.objects.get()
    where = reverse("field_visit_photo", kwargs={"pk": row.pk, "token": kept.token})
    answer = staff.get(where)
    assert answer["Content-Type"] == "image/jpeg" and "sandbox" in answer["Content-Security-Policy"]
    assert signed_in("test-grid2").get(where).status_code == 404
    assert staff.get(path).status_code == 200
    assert staff.get(reverse("field_visits_export")).status_code == 200


@pytest.mark.parametrize(
    ("day", "view", "word"),
    [
        (date(2026, 2, 28), "", None),
        (date(2026, 2, 28), "all", "漏访"),
        (date(2026, 3, 1), "", "已逾期"),
        (date(2026, 3, 11), "all", "已逾期"),
        (date(2026, 3, 12), "", "已计划"),
        (date(2026, 3, 18), "", "已计划"),
        (date(2026, 3, 19), "", None),
    ],
)
def test_a_past_month_is_missed_and_this_month_late(
    in_march: District, signed_in: Any, day: date, view: str, word: str | None
) -> None:
    dealer = Dealer.objects.get(code="a")
    Activity.objects.create(
        kind="visit", unit=in_march.units["grid1"], dealer=dealer, planned_on=day,
        person=in_march.people["staff"],
    )  # fmt: skip
    answer = signed_in("test-grid1").get(reverse("field_visits"), {"view": view})
    rows = answer.context["rows"]
    listed = answer.content.decode().partition('<ul class="field-visits">')[2].partition("</ul>")[0]
    assert len(rows) == (word is not None)
    assert (word or "") in listed
    is_late = MARCH <= day < date(2026, 3, 12)
    assert answer.context["sentence"].startswith(f"{int(is_late)} 次走访已逾期")
    # The month's rate still counts what was missed.
    tally = next(each for each in tallies(in_march.root, day.replace(day=1), None) if each.planned)
    assert (tally.planned, tally.done) == (1, 0)


@pytest.mark.parametrize(
    ("state", "days"), [("late", [2, 11]), ("missed", [-1]), ("planned", [-1, 2, 11, 12])]
)
def test_the_list_narrows_to_what_is_late_or_missed(
    in_march: District, signed_in: Any, state: str, days: list[int]
) -> None:
    dealer = Dealer.objects.get(code="a")
    for day in (-1, 2, 11, 12):
        Activity.objects.create(
            kind="visit", unit=in_march.units["grid1"], dealer=dealer,
            planned_on=MARCH + timedelta(days=day - 1),
        )  # fmt: skip
    query = {"view": "all", "state": state}
    found = signed_in("test-grid1").get(reverse("field_visits"), query).context["rows"]
    listed = [(each["visit"].planned_on - MARCH).days + 1 for each in found]
    assert sorted(listed) == days


def test_twenty_visits_cost_as_many_queries_as_two(in_march: District, signed_in: Any) -> None:
    client = signed_in("test-grid1")
    unit, dealer = in_march.units["grid1"], Dealer.objects.get(code="a")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("field_visits")).status_code == 200
        return len(asked)

    def visits(count: int) -> None:
        for _n in range(count):
            Activity.objects.create(
                kind="visit", unit=unit, dealer=dealer, planned_on=date(2026, 3, 12),
                person=in_march.people["staff"],
            )  # fmt: skip

    visits(2)
    client.get(reverse("field_visits"))
    before = cost()
    visits(18)
    assert cost() == before


def test_the_api_plans_does_and_closes(in_march: District, signed_in: Any) -> None:
    client = signed_in("test-grid1")

    def post(path: str, body: Any) -> Any:
        return client.post(f"/api/v1/field/visits/{path}", body, content_type="application/json")

    assert post("plan/", {"unit": "grid1", "month": "2026-03"}).json() == {"added": 6}
    assert post("plan/", {"unit": "grid2", "month": "2026-03"}).status_code == 403
    made = post("", {"dealer": "b", "planned_on": "2026-03-12"})
    assert made.status_code == 201, made.content
    one = f"{made.json()['id']}/"
    bad = post(one + "done/", {"version": 1, "problem": "断货", "latitude": "north"})
    assert bad.status_code == 400
    report = {
        "version": 1, "answers": {"sign": True}, "latitude": "28.194090", "longitude": 112.98,
        "problem": "断货", "measure": "送卡", "follow_up_on": "2026-03-20",
    }  # fmt: skip
    found = post(one + "done/", report)
    assert found.status_code == 200, found.content
    assert found.json()["latitude"] == "28.19409"
    closed = post(one + "close/", {"version": 2, "remark": "已补货"})
    assert closed.json()["is_closed"] is True
    assert client.get("/api/v1/field/visits/", {"state": "done"}).json()["count"] == 1


def test_rules_of_visiting_are_set_on_the_page(in_march: District, signed_in: Any) -> None:
    head, path = signed_in("test-head"), reverse("field_visit_rules")
    bad = head.post(path, {"what": "frequency", "tier": "t1", "visits": "40"})
    assert bad.status_code == 400
    good = {"what": "frequency", "tier": "t1", "visits": "5", "valid_from": "2026-04-01"}
    assert head.post(path, good).status_code == 302
    lines = {"what": "list", "lines": "一块门头 | Sign\n一面旗", "valid_from": "2026-03-12"}
    assert head.post(path, lines).status_code == 302
    fields = six_items_of(in_march.root, date(2026, 3, 12)).fields
    named = {each["code"]: each["zh"] for each in fields}
    assert named == {"sign": "一块门头", "f1": "一面旗"}
