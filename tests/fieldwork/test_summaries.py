"""Summaries: sent once with the figures as they stood, answered once, seen by whom they concern."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from fieldwork.access import may_answer, visible_summaries, waiting_summaries
from fieldwork.models import (
    Account,
    Activity,
    Call,
    StageChange,
    Summary,
    SummaryKind,
    WarnedUser,
)
from fieldwork.present.summaries import figure_rows
from fieldwork.queries.summaries import missing_days, missing_weeks
from fieldwork.rules.summaries import (
    is_week_due,
    last_of_week,
    may_write_day,
    may_write_week,
    monday_of,
    worked_days,
)
from fieldwork.services.summaries import answer_summary, send_day, send_week
from kpi.calendars import is_worked
from kpi.models import DailyFigure
from orgchart.actors import actor_for
from orgchart.errors import Invalid, Locked, Refused
from orgchart.models import AuditEntry, Notification, Tenure
from portal.queries.todos import todos
from targets.models import Task
from tests.district import MARCH, District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.fieldwork.test_visits import outlet

DAY = date(2026, 3, 12)  # a Thursday
MONDAY = date(2026, 3, 9)
NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)  # 17:30 in Shanghai
SATURDAY = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
TEXTS = {"today": "走访两家", "tomorrow": "村组", "arrange": "上午", "better": "先电话"}
WEEK = {"done": "走访", "lights": "亮点", "plan": "促销", "raise": "融合", "who": "", "how": ""}


def sent(district: District, person: str = "staff", day: date = DAY, at: datetime = NOW) -> Summary:
    row, _is_new = send_day(day=day, answers=TEXTS, by=district.people[person], at=at)
    return row


def team(district: District, unit: str = "grid1", at: datetime = SATURDAY) -> Summary:
    row, _is_new = send_week(
        unit=district.units[unit], first=MONDAY, answers=WEEK, by=district.people[unit], at=at
    )
    return row


# --- rules -----------------------------------------------------------------------------------


def test_a_week_is_named_by_its_monday_and_due_on_its_saturday() -> None:
    assert [monday_of(MONDAY + timedelta(days=n)) for n in (-1, 0, 6, 7)] == [
        MONDAY - timedelta(days=7), MONDAY, MONDAY, MONDAY + timedelta(days=7),
    ]  # fmt: skip
    assert last_of_week(MONDAY) == date(2026, 3, 14)


def test_how_long_a_day_and_a_week_may_be_written_up() -> None:
    ages = {-1: False, 0: True, 7: True, 8: False}
    assert {n: may_write_day(DAY - timedelta(days=n), DAY) for n in ages} == ages
    weeks = {-7: False, 0: True, 14: True, 21: False, 1: False}
    assert {n: may_write_week(MONDAY - timedelta(days=n), DAY) for n in weeks} == weeks


def test_holidays_are_no_working_days_and_make_up_days_are() -> None:
    # Spring festival 2026: 15 to 23 February off, Saturdays 14 and 28 worked.
    assert worked_days(date(2026, 2, 13), date(2026, 2, 24), is_worked) == [
        date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24),
    ]  # fmt: skip
    assert not is_week_due(date(2026, 2, 16), is_worked)
    assert is_week_due(date(2026, 2, 23), is_worked)
    # A year that nobody has published yet: Monday to Friday.
    assert [is_worked(date(2051, 3, day)) for day in (10, 11, 12)] == [True, False, False]


# --- figures ---------------------------------------------------------------------------------


def reported(district: District, day: date, stood: str) -> None:
    DailyFigure.objects.create(
        month=MARCH, day=day, unit=district.units["grid1"], value=Decimal(stood), reported_at=NOW,
        indicator=district.indicators["mobile_gross_adds"],
        breakdown=district.breakdowns["all"], reported_by=district.people["grid1"],
    )  # fmt: skip


@pytest.fixture
def worked(district: District) -> District:
    """A day's work of `staff`: one of two visits done, two calls, one account signed."""
    unit, staff = district.units["grid1"], district.people["staff"]
    common = {"kind": "visit", "unit": unit, "dealer": outlet(district, "a"), "planned_on": DAY}
    Activity.objects.create(**common, person=staff)
    Activity.objects.create(**common, person=staff, state="done", done_at=NOW, done_by=staff)
    Activity.objects.create(**common, person=district.people["grid1"])  # somebody else's
    # Half past midnight in Shanghai: the next day there.
    late = datetime(2026, 3, 12, 16, 30, tzinfo=UTC)
    Activity.objects.create(**common, state="done", done_at=late, done_by=staff)
    user = WarnedUser.objects.create(
        district=district.root, month=MARCH, number="13000000001", kind="low_balance", unit=unit,
        person=staff, listed_on=DAY, due_on=DAY,
    )  # fmt: skip
    for result in ("agreed", "no_answer"):
        Call.objects.create(user=user, at=NOW, by=staff, result=result)
    account = Account.objects.create(
        district=district.root, code="v1", name_zh="东岭村", kind="village", unit=unit,
        responsible=staff, stage="signed", stage_on=DAY,
    )  # fmt: skip
    StageChange.objects.create(account=account, stage="signed", on=DAY, by=staff, at=NOW)
    Task.objects.create(
        month=MARCH, unit=unit, indicator=district.indicators["mobile_gross_adds"],
        breakdown=district.breakdowns["all"], value=Decimal(862),
    )  # fmt: skip
    reported(district, DAY - timedelta(days=1), "333")
    reported(district, DAY, "345")
    return district


def test_figures_are_filled_in_and_stay_as_they_stood(worked: District) -> None:
    row = sent(worked)
    counts = {key: row.figures[key] for key in row.figures if key != "indicators"}
    assert counts == {
        "visits_planned": 2, "visits_done": 1, "calls": 2, "reached": 1, "signed": 1,
    }  # fmt: skip
    [adds] = row.figures["indicators"]
    assert (adds["brought"], adds["total"], adds["task"]) == ("12", "345", "862")
    # 345/862 and 12/31, half up.
    assert (adds["completion"], adds["time_progress"]) == ("0.400232", "0.387097")
    assert adds["as_of"] == "2026-03-12"
    DailyFigure.objects.filter(day=DAY).update(value=Decimal(999))
    Activity.objects.all().delete()
    row.refresh_from_db()
    assert (row.figures["visits_done"], row.figures["indicators"][0]["total"]) == (1, "345")
    with override("en"):
        texts = [each["text"] for each in figure_rows(row.figures, row.kind)]
    assert texts == ["1 / 2", "2", "1", "today +12 · 345 / 862"]


def test_a_week_adds_up_its_people_and_its_days(worked: District) -> None:
    sent(worked)
    reported(worked, MONDAY - timedelta(days=1), "300")
    for n, stood in enumerate(("310", "320")):
        reported(worked, MONDAY + timedelta(days=n), stood)
    row = team(worked)
    assert (row.figures["visits_planned"], row.figures["visits_done"]) == (4, 2)
    # Two people, Monday to Friday; one wrote once.
    assert (row.figures["dailies"], row.figures["dailies_due"]) == (1, 10)
    # Monday, Tuesday and Thursday brought 10, 10 and 12; of Wednesday the eve is known.
    assert row.figures["indicators"][0]["brought"] == str(345 - 300)


def test_without_figures_a_summary_says_so(district: District) -> None:
    row = sent(district)
    assert row.figures["visits_planned"] == 0
    [adds] = row.figures["indicators"]
    assert (adds["total"], adds["completion"]) == (None, None)
    with override("en"):
        assert figure_rows(row.figures, row.kind)[-1]["text"] == "not reported"


# --- sending and answering -------------------------------------------------------------------


def test_the_same_again_changes_nothing_and_something_else_is_refused(district: District) -> None:
    first = sent(district)
    again, is_new = send_day(
        day=DAY, answers=TEXTS, by=district.people["staff"], at=NOW + timedelta(minutes=1)
    )
    assert (again.pk, is_new, again.sent_at) == (first.pk, False, first.sent_at)
    with pytest.raises(Locked):
        send_day(day=DAY, answers=TEXTS | {"today": "别的"}, by=district.people["staff"], at=NOW)
    assert Summary.objects.count() == 1
    assert AuditEntry.objects.filter(action="summary.send").count() == 1


def test_two_clicks_at_once_send_one(database: Any) -> None:
    district = build_district(unit_codes=("grid1",))
    rows = at_once(lambda: sent(district), lambda: sent(district))
    assert {row.pk for row in rows} == {Summary.objects.get().pk}
    weeks = at_once(lambda: team(district), lambda: team(district))
    assert {row.pk for row in weeks} == {Summary.objects.get(kind=SummaryKind.WEEKLY).pk}
    assert AuditEntry.objects.filter(action="summary.send").count() == 2


@pytest.mark.parametrize(
    ("answers", "day", "pointers"),
    [
        (TEXTS | {"better": " "}, DAY, {"/answers/better"}),
        (TEXTS | {"today": "x" * 501, "arrange": None}, DAY,
         {"/answers/today", "/answers/arrange"}),
        (TEXTS | {"today": ["list"]}, DAY, {"/answers/today"}),
        (TEXTS | {"today": "a\x00"}, DAY, {"/answers/today"}),
        (TEXTS, DAY + timedelta(days=1), {"/day"}),
        (TEXTS, DAY - timedelta(days=8), {"/day"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_question(
    district: District, answers: Any, day: date, pointers: set[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        send_day(day=day, answers=answers, by=district.people["staff"], at=NOW)
    assert {fault.pointer for fault in refusal.value.faults} == pointers
    assert not Summary.objects.exists()


def test_only_whoever_works_in_a_business_unit_that_day_writes(district: District) -> None:
    for person in ("head", "clerk", "supervisor", "admin"):
        with pytest.raises(Refused):
            sent(district, person)
    Tenure.objects.filter(person=district.people["staff"]).update(valid_from=DAY)
    with pytest.raises(Refused):
        sent(district, day=DAY - timedelta(days=1))
    sent(district)


def test_an_answer_is_given_once_and_the_writer_is_told(district: District) -> None:
    row, leader = sent(district), district.people["grid1"]
    common = {"summary": row, "at": NOW}
    with pytest.raises(Refused):
        answer_summary(reply="好", by=district.people["staff"], **common)
    for reply in (" ", "x" * 501):
        with pytest.raises(Invalid):
            answer_summary(reply=reply, by=leader, **common)
    for _click in range(2):
        answered = answer_summary(reply="收到", by=leader, **common)
    assert (answered.reply, answered.replied_by) == ("收到", leader)
    with pytest.raises(Locked):
        answer_summary(reply="再说", by=leader, **common)
    told = Notification.objects.get(person=district.people["staff"])
    assert "收到" in told.text_zh and told.url == reverse("field_summary", args=[row.pk])
    # The trail is read by more people than summaries are.
    assert "收到" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


# --- who sees, who owes ----------------------------------------------------------------------


def test_who_sees_whose(district: District) -> None:
    mine, leads = sent(district), sent(district, "grid1")
    other, week = sent(district, "grid2"), team(district)
    sees = {
        "staff": {mine, week},
        "grid1": {mine, leads, week},
        "grid2": {other},
        "supervisor": {other},  # of grid 2
        "head": {mine, leads, other, week},
        "clerk": {mine, leads, other, week},
    }
    for account, rows in sees.items():
        actor = actor_for(district.people[account], on=DAY)
        assert set(visible_summaries(actor)) == rows, account
    # Who moves on keeps what he wrote.
    Tenure.objects.filter(person=district.people["staff"]).update(unit=district.units["grid2"])
    assert mine in visible_summaries(actor_for(district.people["staff"], on=DAY))


def test_the_leader_answers_the_unit_and_the_head_the_leaders(district: District) -> None:
    rows = {"mine": sent(district), "leads": sent(district, "grid1"), "week": team(district)}
    turn = {"grid1": {"mine"}, "head": {"leads", "week"}, "staff": set(), "clerk": set()}
    may = {"grid1": {"mine"}, "head": set(rows), "staff": set(), "grid2": set()}
    for account, names in turn.items():
        actor = actor_for(district.people[account], on=DAY)
        assert set(waiting_summaries(actor)) == {rows[name] for name in names}, account
    for account, names in may.items():
        actor = actor_for(district.people[account], on=DAY)
        assert {name for name, row in rows.items() if may_answer(actor, row)} == names, account


def test_who_has_not_written(district: District) -> None:
    sent(district)
    scope = [district.units["grid1"].pk]

    def owing(first: date, last: date) -> list[tuple[int, str]]:
        found = missing_days(district.root, first, last, scope)
        return [(one.first.day, one.person.code) for one in found if one.person]

    assert owing(DAY, DAY) == [(12, "grid1")]
    assert owing(date(2026, 3, 14), date(2026, 3, 15)) == []  # a weekend
    assert set(owing(DAY - timedelta(days=1), DAY)) == {(12, "grid1"), (11, "grid1"), (11, "staff")}
    Tenure.objects.filter(person=district.people["staff"]).update(valid_to=DAY)
    assert owing(date(2026, 3, 13), date(2026, 3, 13)) == [(13, "grid1")]
    team(district)
    assert [one.unit.code for one in missing_weeks(district.root, MONDAY, scope)] == []
    assert len(missing_weeks(district.root, MONDAY, None)) == 5
    assert missing_weeks(district.root, date(2026, 2, 16), None) == []  # spring festival


def test_today_says_what_is_to_be_written_and_answered(district: District) -> None:
    for n in (3, 2, 1):
        sent(district, day=DAY - timedelta(days=n))
    sent(district, "grid1", day=DAY)

    def said(account: str, on: date) -> dict[str, date | None]:
        with override("en"):
            found = todos(actor_for(district.people[account], on=on), [])
        return {each.text: each.due for each in found if each.kind == "Summaries"}

    # Thursday and Friday of last week, and today; a weekend is not owed.
    assert said("staff", DAY) == {"3 daily summaries to write": DAY - timedelta(days=7)}
    leader = said("grid1", DAY)
    assert leader["3 summaries wait for your answer"] is None
    assert leader["The week of Grid 1 is to be summed up"] == date(2026, 3, 7)
    saturday = date(2026, 3, 14)
    assert said("grid1", saturday)["The week of Grid 1 is to be summed up"] == saturday
    team(district)
    assert "The week of Grid 1 is to be summed up" not in said("grid1", saturday)
    assert said("head", saturday) == {"2 summaries wait for your answer": None}
    assert said("supervisor", DAY) == said("admin", DAY) == {}


# --- pages and API ---------------------------------------------------------------------------


@pytest.fixture
def in_march(district: District, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return district


def test_a_day_is_written_answered_found_and_exported(in_march: District, signed_in: Any) -> None:
    staff, leader = signed_in("test-staff"), signed_in("test-grid1")
    write = reverse("field_summary_day")
    assert staff.get(write).status_code == 200
    bad = staff.post(write, TEXTS | {"day": DAY.isoformat(), "better": ""})
    assert bad.status_code == 400 and bad.context["form"].errors.keys() == {"better"}
    for _click in range(2):
        answer = staff.post(write, TEXTS | {"day": DAY.isoformat()})
        row = Summary.objects.get()
        assert answer.url == reverse("field_summary", args=[row.pk])
    assert staff.get(write).status_code == 302  # written already

    assert staff.get(answer.url).context["form"] is None
    reply = reverse("field_summary_answer", args=[row.pk])
    assert staff.post(reply, {"reply": "好"}).status_code == 403
    assert leader.get(answer.url).context["form"] is not None
    assert leader.post(reply, {"reply": ""}).status_code == 400
    assert leader.post(reply, {"reply": "收到"}).status_code == 302
    assert signed_in("test-grid2").get(answer.url).status_code == 404

    def listed(client: Any, **query: str) -> int:
        return len(client.get(reverse("field_summaries"), query).context["rows"])

    assert listed(leader, view="all", words="村组") == 1
    assert listed(leader, view="all", words="没有的词") == 0
    assert listed(leader, view="all", since="2026-03-13") == 0
    assert listed(leader, view="all", until="2026-03-12", state="answered") == 1
    assert listed(leader, view="all", state="mine") == listed(leader, view="all", state="open") == 0
    assert listed(leader, view="day", day="2026-03-12") == 1
    assert listed(leader, view="week", day="not a day") == 0
    page = leader.get(reverse("field_summaries"), {"view": "day"}).context
    assert [each.person.code for each in page["missing"]] == ["grid1"]

    answer = leader.get(reverse("field_summaries_export"))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    cells = [str(cell.value) for line in book.worksheets[0].iter_rows() for cell in line]
    assert {"走访两家", "收到", "2026-03-12"} <= set(cells)


def test_twenty_summaries_cost_as_many_queries_as_two(in_march: District, signed_in: Any) -> None:
    client = signed_in("test-head")

    def made(days: range) -> None:
        Summary.objects.bulk_create(
            Summary(
                kind="daily", unit=in_march.units["grid1"], person=in_march.people["staff"],
                first=DAY - timedelta(days=n), sent_at=NOW, words="走访",
            )
            for n in days
        )  # fmt: skip

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("field_summaries"), {"view": "all"}).status_code == 200
        return len(asked)

    made(range(2))
    client.get(reverse("field_summaries"))
    before = cost()
    made(range(2, 20))
    assert cost() == before


def test_the_api_sends_lists_tells_who_is_missing_and_answers(
    in_march: District, signed_in: Any
) -> None:
    staff, leader = signed_in("test-staff"), signed_in("test-grid1")
    root = "/api/v1/field/summaries/"

    def post(client: Any, path: str, body: Any) -> Any:
        return client.post(root + path, body, content_type="application/json")

    body = {"kind": "daily", "day": "2026-03-12", "answers": TEXTS}
    made = post(staff, "", body)
    assert made.status_code == 201, made.content
    assert post(staff, "", body).status_code == 200
    assert post(staff, "", body | {"answers": TEXTS | {"today": "别的"}}).status_code == 409
    assert post(staff, "", body | {"day": "yesterday"}).status_code == 400
    week = {"kind": "weekly", "day": "2026-03-09", "answers": WEEK, "unit": "grid1"}
    assert post(staff, "", week).status_code == 403
    assert post(leader, "", week | {"unit": "grid2"}).status_code == 403
    assert post(leader, "", week | {"unit": {}}).status_code == 400
    assert post(leader, "", week).status_code == 201
    assert leader.get(root, {"kind": "daily", "until": "2026-03-12"}).json()["count"] == 1
    assert leader.get(root, {"since": "2026-03-13"}).json()["count"] == 0
    missing = leader.get(root + "missing/", {"day": "2026-03-12"}).json()
    assert missing["people"] == [{"person": "grid1", "unit": "grid1"}]
    assert missing["units"] == []
    assert leader.get(root + "missing/", {"day": "9999-12-31"}).status_code == 400
    one = f"{made.json()['id']}/"
    assert post(leader, one + "answer/", {}).status_code == 400
    assert post(leader, one + "answer/", {"reply": "收到"}).json()["reply"] == "收到"
    assert signed_in("test-grid2").get(root + one).status_code == 404
    assert signed_in("test-auditor").get(root).status_code == 403


def test_the_list_opens_at_the_latest_day_on_which_people_work(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(district, day=date(2026, 3, 13), at=NOW + timedelta(days=1))
    for days, count in ((1, 1), (2, 1), (3, 1), (4, 0)):  # Friday to Monday
        monkeypatch.setattr(timezone, "now", lambda days=days: NOW + timedelta(days=days))
        page = signed_in("test-head").get(reverse("field_summaries"))
        assert len(page.context["rows"]) == count
