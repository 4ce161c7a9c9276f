"""Call-backs: given out, called; numbers masked, reads noted, removed in time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from fieldwork.models import Call, WarnedUser
from fieldwork.queries.retention import missed, outcomes, overdue, to_call, warned_of
from fieldwork.rules.retention import due_day, least_busy, rate
from fieldwork.services.account_import import Imported
from fieldwork.services.retention import Answer, give_user, note_call, purge_personal_data
from fieldwork.services.retention_import import import_warned
from fieldwork.workbooks.retention import COLUMNS
from kpi.calendars import is_statutory_workday
from kpi.rules.pace import monday_to_friday
from orgchart.errors import Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry
from tests.district import MARCH, District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.subsidies.test_claim_pages import set_clock

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)  # a Friday
HEAD = ("number", "name", "kind", "dealer", "unit", "person", "revenue", "is_billed")
ONE = "13000000001,陈先生,余额不足,,grid1,,45.50,"


def listed(*lines: str, columns: tuple[str, ...] = HEAD) -> bytes:
    head = ",".join(COLUMNS[column][0] for column in columns)
    return "\n".join([head, *lines]).encode()


def taken(
    district: District, *lines: str, by: str = "clerk", month: date = MARCH, at: datetime = NOW,
    columns: tuple[str, ...] = HEAD,
) -> Imported:  # fmt: skip
    own = None if by == "clerk" else [district.units[by].pk]
    return import_warned(
        district=district.root, unit_ids=own, month=month, content=listed(*lines, columns=columns),
        by=district.people[by], at=at,
    )  # fmt: skip


def warned(
    district: District, number: str = "13000000001", unit: str = "grid1", **more: Any
) -> Any:
    kind = more.get("kind", "low_balance")
    taken(district, f"{number},陈先生,{kind},,{unit},{more.get('person', '')},45.50,")
    return WarnedUser.objects.get(number=number)


def called(
    district: District, row: WarnedUser, result: str = "agreed", by: str = "staff",
    at: datetime = NOW, **more: Any,
) -> Call:  # fmt: skip
    row.refresh_from_db()
    return note_call(
        user=row, version=row.version, answer=Answer(result, **more), by=district.people[by],
        at=at, may_stand_in=by == "grid1",
    )  # fmt: skip


# --- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed_on", "due"),
    [
        (date(2026, 3, 18), date(2026, 3, 23)),  # Wednesday: Thursday, Friday, Monday
        (date(2026, 3, 20), date(2026, 3, 25)),
        (date(2026, 9, 30), date(2026, 10, 10)),  # National Day; the 10th is a make-up Saturday
    ],
)
def test_the_first_call_is_due_in_three_working_days(listed_on: date, due: date) -> None:
    assert due_day(listed_on, is_statutory_workday) == due


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 9))
def test_exactly_the_days_of_work_lie_between(day: date, days: int) -> None:
    due = due_day(day, monday_to_friday, days)
    between = [day + timedelta(days=n) for n in range(1, (due - day).days + 1)]
    assert sum(map(monday_to_friday, between)) == days
    assert monday_to_friday(due)


def test_users_are_spread() -> None:
    assert least_busy({1: 3, 2: 1}, [1, 2, 3]) == 3
    assert least_busy({}, []) is None
    assert rate(1, 0) is None


# --- calls -----------------------------------------------------------------------------------


def test_only_the_last_call_counts_and_all_are_kept(district: District) -> None:
    row = warned(district)
    called(district, row, "no_answer", again_on=date(2026, 3, 23))
    called(district, row, "declined", at=NOW + timedelta(days=3), reason="tariff", measure="换套餐")
    called(district, row, "agreed", at=NOW + timedelta(days=4), by="grid1")
    row.refresh_from_db()
    assert (row.result, row.reason, row.measure, row.again_on) == ("agreed", "", "", None)
    assert (row.first_call_at, row.last_call_at) == (NOW, NOW + timedelta(days=4))
    assert [call.result for call in row.calls.all()] == ["agreed", "declined", "no_answer"]
    [outcome] = outcomes(warned_of(district.root, None), date(2026, 4, 1)).values()
    assert (outcome.listed, outcome.contacted, outcome.reached, outcome.kept) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("answer", "pointer"),
    [
        (Answer("nonsense"), "/result"),
        (Answer("declined"), "/reason"),
        (Answer("returned"), "/result"),
        (Answer("agreed", reason="weather"), "/reason"),
        (Answer("agreed", measure="x" * 201), "/measure"),
        (Answer("no_answer", again_on=date(2026, 3, 19)), "/again_on"),
        (Answer("no_answer", again_on=date(2027, 3, 19)), "/again_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    district: District, answer: Answer, pointer: str
) -> None:
    row = warned(district)
    with pytest.raises(Invalid) as caught:
        note_call(user=row, version=1, answer=answer, by=district.people["staff"], at=NOW)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]
    assert not Call.objects.exists()


def test_poor_network_is_its_own_reason(district: District) -> None:
    assert called(district, warned(district), "poor_network").reason == "network"


def test_who_left_can_come_back(district: District) -> None:
    for number, result in enumerate(("returned", "declined", "")):
        row = warned(district, f"1300000000{number}", kind="left")
        if result:
            called(district, row, result, reason="rival" if result == "declined" else "")
    [outcome] = outcomes(warned_of(district.root, None), date(2026, 3, 20)).values()
    assert (outcome.left, outcome.left_contacted, outcome.returned) == (3, 2, 1)
    assert outcome.win_back_rate == Decimal("0.5")


def test_the_assigned_calls_and_nobody_else(district: District) -> None:
    row = warned(district)
    assert row.person == district.people["staff"]
    give_user(
        user=row, version=1, person=district.people["grid1"], by=district.people["grid1"], at=NOW
    )
    with pytest.raises(Refused):
        called(district, row)
    with pytest.raises(VersionConflict):
        give_user(
            user=row, version=1, person=district.people["staff"], by=district.people["grid1"],
            at=NOW,
        )  # fmt: skip


def test_two_who_call_at_once_note_it_once(database: Any) -> None:
    district = build_district()
    row = warned(district)
    answer = Answer("agreed")

    def noted() -> Any:
        return note_call(
            user=row, version=1, answer=answer, by=district.people["staff"], at=NOW
        ).result

    done = at_once(noted, noted)
    assert "agreed" in done and any(isinstance(each, VersionConflict) for each in done)
    assert Call.objects.count() == 1


def test_whom_to_call_again_comes_back_to_the_list(district: District) -> None:
    row = warned(district)
    rows = warned_of(district.root, None)
    assert list(to_call(rows, date(2026, 3, 20))) == [row]
    called(district, row, "no_answer", again_on=date(2026, 3, 24))
    assert not to_call(rows, date(2026, 3, 23))
    assert list(to_call(rows, date(2026, 3, 24))) == [row]


def test_a_first_call_thirty_days_late_was_missed(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = warned(district)  # due on 25 March
    rows = warned_of(district.root, None)
    for day, is_due in ((date(2026, 4, 24), True), (date(2026, 4, 25), False)):
        assert list(to_call(rows, day)) == list(overdue(rows, day)) == ([row] if is_due else [])
        assert list(missed(rows, day)) == ([] if is_due else [row])
    set_clock(monkeypatch, datetime(2026, 4, 25, 2, 0, tzinfo=UTC))
    page = signed_in("test-grid1").get(reverse("field_retention") + "?view=all&due=missed")
    assert page.context["count"] == 1


# --- personal data ---------------------------------------------------------------------------


def test_numbers_go_in_time_and_results_stay(district: District, settings: Any) -> None:
    settings.PERSONAL_DATA_DAYS = 30
    row = warned(district)
    called(district, row, "declined", reason="tariff", measure="给陈先生送话费")
    assert purge_personal_data(at=NOW + timedelta(days=30)) == 0
    assert purge_personal_data(at=NOW + timedelta(days=31)) == 1
    assert purge_personal_data(at=NOW + timedelta(days=31)) == 0
    row.refresh_from_db()
    assert (row.number, row.name, row.measure, row.masked) == ("", "", "", "")
    assert (row.result, row.reason, Call.objects.get().measure) == ("declined", "tariff", "")
    with pytest.raises(Locked):
        called(district, row)
    with pytest.raises(Locked):
        taken(district, ONE, at=NOW + timedelta(days=31))
    assert not to_call(warned_of(district.root, None), date(2026, 5, 1))


SEEN = {
    "grid1": True, "staff": True, "head": False, "clerk": False, "auditor": False,
}  # fmt: skip


@pytest.mark.parametrize(("account", "is_full"), SEEN.items())
def test_the_number_is_for_the_caller_and_the_manager_and_reading_it_is_noted(
    district: District, signed_in: Any, account: str, is_full: bool
) -> None:
    row = warned(district)
    client = signed_in(f"test-{account}")
    page = client.get(reverse("field_call", kwargs={"pk": row.pk})).content.decode()
    assert ("13000000001" in page, "陈先生" in page) == (is_full, is_full)
    assert is_full or "130****0001" in page
    reads = AuditEntry.objects.filter(action="warned.read", subject=f"retention/{row.pk}")
    assert [read.by.code for read in reads] == ([account] if is_full else [])
    for view in ("due", "all"):
        text = client.get(reverse("field_retention") + f"?view={view}").content.decode()
        assert "13000000001" not in text and "陈先生" not in text


@pytest.mark.parametrize("account", ["grid2", "supervisor", "admin"])
def test_other_units_see_nothing(district: District, signed_in: Any, account: str) -> None:
    row = warned(district)
    client = signed_in(f"test-{account}")
    assert client.get(reverse("field_call", kwargs={"pk": row.pk})).status_code in (403, 404)
    answer = client.get(reverse("field_retention") + "?view=all")
    assert "0001" not in answer.content.decode() or answer.status_code == 403
    give = client.post(reverse("field_call_give", kwargs={"pk": row.pk}), {"version": 1})
    assert give.status_code in (403, 404)


def test_a_colleague_who_is_not_the_caller_sees_it_masked(
    district: District, signed_in: Any
) -> None:
    row = warned(district, person="grid1")
    page = (
        signed_in("test-staff").get(reverse("field_call", kwargs={"pk": row.pk})).content.decode()
    )
    assert "13000000001" not in page and "130****0001" in page
    assert not AuditEntry.objects.filter(action="warned.read").exists()


def test_the_workbook_and_the_trail_hold_no_number(district: District, signed_in: Any) -> None:
    row = warned(district)
    called(district, row, "declined", reason="rival", measure="联系 13000000001")
    content = b"".join(signed_in("test-grid1").get(reverse("field_retention_export")))
    sheet = load_workbook(BytesIO(content)).active
    texts = [str(cell.value) for line in sheet for cell in line if cell.value is not None]
    assert "130****0001" in texts and "陈**" in texts
    assert not [text for text in texts if text == "13000000001"]
    entries = AuditEntry.objects.filter(subject__startswith="retention/")
    assert entries.count() == 2
    assert "13000000001" not in str([(entry.changes, entry.reason) for entry in entries])


def test_a_number_is_not_searched_for(district: District, signed_in: Any) -> None:
    warned(district)
    url = reverse("field_retention") + "?view=all&words="
    client = signed_in("test-head")
    assert "130****0001" in client.get(url + "0001").content.decode()
    assert "130****0001" not in client.get(url + "13000000001").content.decode()


# --- pages -----------------------------------------------------------------------------------


def test_twenty_users_cost_as_many_queries_as_two(district: District, signed_in: Any) -> None:
    client, counts = signed_in("test-grid1"), []
    for many in (2, 20):
        taken(district, *(f"130000001{n:02d},,余额不足,,grid1,,," for n in range(many)))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("field_retention") + "?view=all").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_call_goes_on_to_the_next_user(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, NOW)
    first = warned(district, "13000000001")
    second = warned(district, "13000000002")
    client = signed_in("test-staff")
    url = reverse("field_call", kwargs={"pk": first.pk})
    answer = client.post(url, {"result": "declined", "version": 1, "next": 1})
    assert answer.status_code == 400 and not Call.objects.exists()
    typed = {"result": "declined", "reason": "rival", "version": 1, "next": 1}
    answer = client.post(url, typed)
    assert answer["Location"] == reverse("field_call", kwargs={"pk": second.pk})
    assert client.get(url)["Cache-Control"] == "private, no-store"


# --- API and analysis ------------------------------------------------------------------------


def test_the_api_lists_masked_and_its_kept_answers_hold_no_number(
    district: District, signed_in: Any
) -> None:
    row = warned(district)
    one = f"/api/v1/field/retention/{row.pk}/"
    client = signed_in("test-staff")
    assert client.get(one).json()["number"] == "13000000001"
    assert AuditEntry.objects.get(action="warned.read").source == "api"
    body = {"version": 1, "result": "declined", "reason": "rival", "measure": "打 13000000001"}
    bad = client.post(one + "calls/", body | {"reason": "x"}, content_type="application/json")
    assert bad.status_code == 400 and not Call.objects.exists()
    noted = client.post(one + "calls/", body, content_type="application/json")
    assert noted.status_code == 200 and noted.json()["result"] == "declined"
    assert "13000000001" not in noted.content.decode()
    listed_rows = client.get("/api/v1/field/retention/", {"month": "2026-03"}).json()["results"]
    assert [each["number"] for each in listed_rows] == ["130****0001"]
    assert not client.get("/api/v1/field/retention/", {"due": "true"}).json()["results"]
    assert signed_in("test-head").get(one).json()["number"] == "130****0001"
    assert signed_in("test-grid2").get(one).status_code == 404
    assert signed_in("test-grid2").get("/api/v1/field/retention/").json()["results"] == []


def test_the_analysis_names_the_first_reason_and_the_rate_of_coming_back(
    district: District, signed_in: Any
) -> None:
    for number, result in enumerate(("returned", "declined", "poor_network")):
        row = warned(district, f"1300000000{number}", kind="left")
        called(district, row, result, reason="rival" if result == "declined" else "")
    url = reverse("field_retention_analysis")
    text = signed_in("test-head").get(url).content.decode()
    assert "3 户离网用户中 1 户复机：33.3%" in text
    assert "2 户的 50.0%" in text
    assert "13000000000" not in text
    assert "没有名单" in signed_in("test-grid2").get(url).content.decode()
    assert signed_in("test-head").get(url + "?in_month=nonsense").status_code == 200
