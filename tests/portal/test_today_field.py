"""Today says what is late in the field, to whom it falls, and leads to exactly those rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from fieldwork.models import (
    Account,
    Activity,
    Alarm,
    Finding,
    Form,
    Goal,
    Promotion,
    Survey,
    WarnedUser,
)
from orgchart.actors import actor_for
from portal.queries.todos import Todo, todos
from tests.district import District
from tests.fieldwork.test_visits import outlet
from tests.subsidies.test_claim_pages import set_clock

DAY = date(2026, 3, 18)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
VISIT = "visit of this month is overdue"
PROBLEM = "problem of a visit is past its follow-up day"
ACCOUNT = "account is past its deadline"
CALL = "first call is overdue"
SHEET = "survey sheet is overdue"
FINDING = "finding is not put right in time"
WORK = [VISIT, PROBLEM, ACCOUNT, CALL, SHEET]


def due(district: District, owner: str | None, number: int) -> None:
    """Give grid1 one thing of each sort, due on DAY, in somebody's hands."""
    unit, root = district.units["grid1"], district.root
    person = district.people[owner] if owner else None
    dealer = outlet(district, f"shop{number}")
    common = {"kind": "visit", "unit": unit, "dealer": dealer, "person": person}
    Activity.objects.create(**common, planned_on=DAY)
    Activity.objects.create(
        **common, planned_on=DAY, state="done", done_at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
        problem="断货", follow_up_on=DAY,
    )  # fmt: skip
    Account.objects.create(
        district=root, code=f"a{number}", name_zh=f"对象{number}", kind="village", unit=unit,
        responsible=person, deadline=DAY, stage_on=BEFORE,
    )  # fmt: skip
    WarnedUser.objects.create(
        district=root, month=DAY.replace(day=1), number=f"1300000{number:04d}", kind="low_balance",
        unit=unit, person=person, listed_on=BEFORE, due_on=DAY,
    )  # fmt: skip
    made_at = datetime(2026, 3, 2, tzinfo=UTC)
    form, _is_new = Form.objects.get_or_create(
        district=root, kind="market", defaults={"valid_from": BEFORE, "made_at": made_at}
    )
    survey, _is_new = Survey.objects.get_or_create(
        district=root, kind="market",
        defaults={"form": form, "opened_on": BEFORE, "deadline": DAY, "made_at": made_at},
    )  # fmt: skip
    Activity.objects.create(kind="survey", survey=survey, unit=unit, person=person, planned_on=DAY)
    Finding.objects.create(
        district=root, code=f"f{number}", unit=unit, area="documents", level="hint",
        text="原单缺签名", found_on=BEFORE, found_by=district.people["auditor"], deadline=DAY,
    )  # fmt: skip


def told(district: District, account: str, on: date) -> list[Todo]:
    with override("en"):
        found = todos(actor_for(district.people[account], on=on), [])
    return [each for each in found if each.kind == "Field work"]


def said(district: District, account: str, on: date) -> list[str]:
    return sorted(each.text for each in told(district, account, on))


@pytest.mark.parametrize(
    ("account", "late"),
    [
        ("staff", WORK),
        ("grid1", [*WORK, FINDING]),
        ("auditor", [FINDING]),
        ("grid2", []),
        ("supervisor", []),
        ("clerk", [SHEET]),
        ("head", [SHEET]),
        ("admin", []),
    ],
)
def test_a_thing_is_late_the_day_after_its_last_day(
    district: District, account: str, late: list[str]
) -> None:
    due(district, "staff", 1)
    assert said(district, account, BEFORE) == said(district, account, DAY) == []
    assert said(district, account, AFTER) == sorted(f"1 {what}" for what in late)
    assert {each.due for each in told(district, account, AFTER)} <= {DAY}


def test_a_visit_of_a_past_month_is_not_due_any_more(district: District) -> None:
    due(district, "staff", 1)
    for day, is_late in ((date(2026, 3, 31), True), (date(2026, 4, 1), False)):
        assert (f"1 {VISIT}" in said(district, "grid1", day)) is is_late
        assert f"1 {ACCOUNT}" in said(district, "grid1", day)


def test_what_is_done_waits_no_more(district: District) -> None:
    due(district, "staff", 1)
    now = datetime(2026, 3, 18, 2, 0, tzinfo=UTC)
    for row in Activity.objects.all():
        row.state, row.done_at, row.closed_at, row.subject = "done", now, now, str(row.pk)
        row.save()
    Account.objects.update(stage="signed")
    WarnedUser.objects.update(first_call_at=now, result="agreed")
    Finding.objects.update(closed_at=now)
    assert said(district, "grid1", AFTER) == said(district, "auditor", AFTER) == []


@pytest.mark.parametrize(
    ("account", "count", "lines"), [("staff", 1, 5), ("grid1", 3, 6), ("auditor", 3, 1)]
)
def test_each_line_leads_to_as_many_rows_as_it_says(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch, account: str, count: int,
    lines: int,
) -> None:  # fmt: skip
    for number, owner in enumerate(["staff", "grid1", None]):
        due(district, owner, number)
    # Not late: nobody is led to these.
    Activity.objects.create(
        kind="visit", unit=district.units["grid1"], dealer=outlet(district, "later"),
        planned_on=AFTER, person=district.people["staff"],
    )  # fmt: skip
    set_clock(monkeypatch, datetime(2026, 3, 19, 2, 0, tzinfo=UTC))
    client = signed_in(f"test-{account}")
    found = told(district, account, AFTER)
    assert len(found) == lines
    for each in found:
        # A sheet that nobody has is everybody's.
        of_each = count + (account == "staff" and "sheet" in each.text)
        assert each.text.startswith(f"{of_each} ")
        assert client.get(each.url).context["count"] == of_each, each.url


@pytest.mark.parametrize(("account", "count"), [("staff", 1), ("grid1", 2), ("clerk", 2)])
def test_an_alarm_waits_for_whoever_has_the_outlet(
    district: District, signed_in: Any, account: str, count: int
) -> None:
    unit, staff = district.units["grid1"], district.people["staff"]
    whose = [(unit, staff, "open"), (unit, staff, "seen"), (unit, None, "open")]
    for number, (where, person, state) in enumerate([*whose, (None, None, "open")]):
        Alarm.objects.create(
            district=district.root, dealer=outlet(district, f"shop{number}"), kind="zero", day=DAY,
            unit=where, person=person, state=state, reason="shut" if state == "seen" else "",
            made_at=datetime(2026, 3, 19, tzinfo=UTC),
        )  # fmt: skip
    [found] = told(district, account, AFTER)
    assert found.text.startswith(f"{count} outlet alarm")
    answer = signed_in(f"test-{account}").get(found.url)
    assert answer.context["count"] == count
    assert told(district, "grid2", AFTER) == told(district, "head", AFTER) == []


def test_many_late_things_cost_as_many_queries_as_one(district: District) -> None:
    costs = []
    for numbers in (range(1), range(1, 20)):
        for number in numbers:
            due(district, "staff", number)
        with CaptureQueriesContext(connection) as asked:
            assert len(told(district, "grid1", AFTER)) == 6
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_promotions_wait_for_the_head_and_results_for_whoever_is_responsible(
    district: District,
) -> None:
    unit, people = district.units["grid1"], district.people

    def promotion(state: str, number: int, person: str) -> None:
        row = Activity.objects.create(
            kind="promotion", unit=unit, planned_on=DAY, state=state, person=people[person]
        )
        Promotion.objects.create(
            activity=row, code=f"CX{number}", setting="outdoor", place="广场", expected=40,
            budget=300, made_by=people["head" if number == 9 else "grid1"],
            submitted_at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
        )  # fmt: skip

    for number, state in enumerate(["submitted", "submitted", "approved", "returned"]):
        promotion(state, number, "staff" if number % 2 else "grid1")
    promotion("approved", 7, "staff")
    promotion("submitted", 9, "grid1")  # the head's own: somebody else approves it
    waits = "2 promotions wait for approval"
    back, lacks = "1 plan of a promotion came back", "1 promotion lacks its result"
    assert said(district, "head", DAY) == said(district, "head", AFTER) == [waits]
    assert said(district, "staff", DAY) == [back]
    assert said(district, "staff", AFTER) == sorted([back, lacks])
    assert said(district, "grid1", AFTER) == sorted([back, "2 promotions lack their result"])
    assert said(district, "grid2", AFTER) == said(district, "supervisor", AFTER) == []


def test_goals_are_reported_by_their_owner_and_assessed_by_another(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(person: str, **done: int) -> None:
        Goal.objects.create(
            unit=district.units["grid1"], month=DAY.replace(day=1), mobile=9, due_on=DAY,
            person=district.people[person], **done,
        )  # fmt: skip

    asked("staff")
    for account in ("staff", "grid1"):
        assert said(district, account, DAY) == []
        assert said(district, account, AFTER) == ["1 goal of March was not reported in time"]
    Goal.objects.update(mobile_done=7)
    asked("grid1", mobile_done=9)  # the manager's own is somebody else's to assess
    assert said(district, "grid1", BEFORE) == said(district, "staff", AFTER) == []
    assert said(district, "grid2", AFTER) == []
    [todo] = told(district, "grid1", DAY)
    assert todo.text == "1 goal of March is to be assessed"
    set_clock(monkeypatch, datetime(2026, 3, 18, 2, 0, tzinfo=UTC))
    assert signed_in("test-grid1").get(todo.url).context["count"] == 1
    Goal.objects.update(verdict="missed", assessed_at=datetime(2026, 3, 18, tzinfo=UTC))
    assert said(district, "grid1", AFTER) == []
