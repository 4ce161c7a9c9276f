"""Findings: points and vetoes reach the score, money the sheet, of the open month and no other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fieldwork.models import Finding
from fieldwork.queries.findings import penalties
from fieldwork.services.findings import (
    FindingEntry,
    close_finding,
    count_owed,
    note_finding,
    void_finding,
)
from kpi.models import Event, Month, MonthState
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry, Dealer
from subsidies.models import CommissionLine, CommissionSheet
from subsidies.queries.drafts import draft
from subsidies.queries.returns import scheme_in_force
from subsidies.services.commissions import make_sheet
from tests.district import MARCH, District
from tests.subsidies.district import enter, open_dealer, set_scheme

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
DAY, APRIL = date(2026, 3, 18), date(2026, 4, 1)
LIST = "/api/v1/field/findings/"


@pytest.fixture
def dealer(district: District) -> Dealer:
    return open_dealer(district, "shop", "grid1")


def entry(district: District, level: str = "points", **changes: Any) -> FindingEntry:
    given = FindingEntry(district.units["grid1"], "documents", level, "原单缺签名", DAY)
    return replace(given, **changes)


def noted(district: District, level: str = "points", **changes: Any) -> Finding:
    return note_finding(
        district=district.root, entry=entry(district, level, **changes),
        by=district.people["auditor"], at=NOW,
    )  # fmt: skip


def voided(district: District, row: Finding, **more: Any) -> Finding:
    given = {"version": row.version, "reason": "看错了"} | more
    return void_finding(finding=row, by=district.people["auditor"], at=NOW, **given)


def set_month(district: District, month: date, state: str) -> None:
    Month.objects.update_or_create(district=district.root, month=month, defaults={"state": state})


@pytest.mark.parametrize(
    ("level", "kinds"), [("hint", []), ("points", ["audit_finding"]), ("veto", ["veto"])]
)
def test_points_and_vetoes_become_events_of_the_open_month(
    level: str, kinds: list[str], district: District
) -> None:
    row = noted(district, level)
    events = Event.objects.filter(unit=district.units["grid1"], month=MARCH, voided_at=None)
    assert list(events.values_list("kind", flat=True)) == kinds
    assert row.month == (MARCH if kinds else None)
    assert AuditEntry.objects.filter(action="finding.note").count() == 1


def test_money_goes_off_the_dealers_sheet_of_the_month(district: District, dealer: Dealer) -> None:
    set_scheme(district)
    enter(dealer, MARCH, gross=10, penalty=Decimal("1.50"))
    row = noted(district, "money", dealer=dealer, amount=Decimal("20.00"))
    drawn = draft(district.root, MARCH, scheme_in_force(district.root, MARCH))
    [line] = [one for one in drawn.statements[0].result.lines if one.code == "penalty"]
    assert line.amount == Decimal("21.50")
    assert [part.reference for part in line.parts] == ["", row.code]
    assert not Event.objects.filter(kind="audit_finding").exists()
    voided(district, row)
    assert penalties(district_id=district.root.pk, month=MARCH) == {}


def test_a_finding_of_a_closed_month_counts_in_the_next_open_one(
    district: District, dealer: Dealer
) -> None:
    set_month(district, MARCH, MonthState.PUBLISHED)
    waiting = noted(district, dealer=dealer, amount=Decimal(5))
    assert waiting.is_owed and waiting.month is None
    set_month(district, APRIL, MonthState.OPEN)
    assert (count_owed(at=NOW), count_owed(at=NOW)) == (1, 0)
    waiting.refresh_from_db()
    assert (waiting.month, waiting.event.month) == (APRIL, APRIL)
    assert penalties(district_id=district.root.pk, month=MARCH) == {}
    assert penalties(district_id=district.root.pk, month=APRIL) == {
        dealer.pk: [(waiting.code, Decimal(5))]
    }


def test_what_a_closed_month_counted_stays(district: District) -> None:
    row = noted(district)
    set_month(district, MARCH, MonthState.CLOSED)
    with pytest.raises(Locked):
        voided(district, row)
    assert Event.objects.filter(kind="audit_finding", voided_at=None).count() == 1
    done = close_finding(
        finding=row, version=row.version, remark="补签", by=district.people["auditor"], at=NOW
    )
    assert done.closing_note == "补签"


def test_voiding_takes_the_points_back_once(district: District) -> None:
    row = noted(district)
    with pytest.raises(Invalid):
        voided(district, row, reason=" ")
    with pytest.raises(VersionConflict):
        voided(district, row, version=row.version + 1)
    done = voided(district, row)
    assert Event.objects.get(kind="audit_finding").voided_at is not None
    with pytest.raises(Locked):
        voided(district, done)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("/text", {"text": " "}), ("/text", {"text": "长" * 201}), ("/area", {"area": "x"}),
        ("/level", {"level": "x"}), ("/found_on", {"found_on": date(2026, 3, 21)}),
        ("/deadline", {"deadline": date(2026, 3, 17)}), ("/amount", {"level": "money"}),
        ("/amount", {"amount": Decimal(5)}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    field: str, changes: dict[str, Any], district: District
) -> None:
    with pytest.raises(Invalid) as refused:
        noted(district, **changes)
    assert [fault.pointer for fault in refused.value.faults] == [field]
    assert not Finding.objects.filter(district=district.root).exists()


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1000000.01"])
def test_an_amount_is_whole_cents_in_bounds(
    amount: str, district: District, dealer: Dealer
) -> None:
    with pytest.raises(Invalid) as refused:
        noted(district, "money", dealer=dealer, amount=Decimal(amount))
    assert {fault.pointer for fault in refused.value.faults} == {"/amount"}


def test_a_dealer_of_another_unit_is_refused(district: District) -> None:
    other = open_dealer(district, "other", "grid2")
    with pytest.raises(Invalid) as refused:
        noted(district, "money", dealer=other, amount=Decimal(5))
    assert [fault.pointer for fault in refused.value.faults] == ["/dealer"]


def test_the_auditor_notes_and_closes_by_page_and_api(
    district: District, signed_in: Callable[..., Any], time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    auditor = signed_in("test-auditor")
    typed = {"unit": "grid1", "area": "cash", "level": "points", "text": "缴款迟交",
             "found_on": "2026-03-18"}  # fmt: skip
    place = auditor.post("/field/findings/new/", typed)
    assert place.status_code == 302
    bad = auditor.post("/field/findings/new/", typed | {"text": ""})
    assert bad.status_code == 400
    body = auditor.post(LIST, typed | {"level": "hint"}, content_type="application/json").json()
    assert (body["state"], body["month"], body["unit"]) == ("open", None, "grid1")
    wrong = auditor.post(LIST, typed | {"found_on": "x"}, content_type="application/json")
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["pointer"] == "/found_on"
    done = auditor.post(
        f"{LIST}{body['code']}/close/", {"remark": "已补", "version": body["version"]},
        content_type="application/json",
    )  # fmt: skip
    assert done.json()["state"] == "closed"
    file = auditor.get("/field/findings/export.xlsx")
    assert b"".join(file.streaming_content)[:2] == b"PK"
    # Another unit's manager sees none of it, the own unit's reads and writes nothing.
    assert signed_in("test-grid2").get(LIST).json()["count"] == 0
    own = signed_in("test-grid1")
    assert own.get(LIST).json()["count"] == 2
    assert own.post("/field/findings/new/", typed).status_code == 403


def test_the_list_takes_the_same_queries_for_any_number(
    district: District, signed_in: Callable[..., Any]
) -> None:
    client = signed_in("test-auditor")
    counts = []
    for many in (2, 18):
        for number in range(many):
            noted(district, "hint", text=f"问题{number}")
        client.get("/field/findings/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/field/findings/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_sheet_made_from_a_finding_says_which(district: District, dealer: Dealer) -> None:
    set_scheme(district)
    enter(dealer, MARCH, gross=10)
    row = noted(district, "money", dealer=dealer, amount=Decimal("20.00"))
    set_month(district, MARCH, MonthState.PUBLISHED)
    made = make_sheet(district=district.root, month=MARCH, by=district.people["clerk"], at=NOW)
    assert CommissionSheet.objects.get(pk=made.pk).deductions >= 20
    line = CommissionLine.objects.get(statement__sheet=made, code="penalty")
    assert row.code in str(line.formula)
