"""What people try with money, through page and API: each refused, and nothing is changed."""

import io
import threading
import tracemalloc
import zipfile
import zlib
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client

from orgchart import runs
from orgchart.models import AuditEntry, Notification, Person, Post, Role, Run, Tenure
from subsidies.models import (
    Claim,
    ClaimReceipt,
    CommissionLine,
    CommissionSheet,
    DealerReturn,
    LedgerBatch,
    LedgerRow,
    SheetState,
    Statement,
)
from subsidies.services import commissions, reminders
from subsidies.services.reminders import remind_of_claims
from tests.district import MARCH, NOW, START, District, build_district
from tests.subsidies.claims import at, attach, draft, open_claims, submitted
from tests.subsidies.district import build_example_6, enter, open_dealer, publish, set_scheme
from tests.subsidies.test_claim_pages import call, item, set_clock
from tests.subsidies.test_races import at_once
from tests.subsidies.test_receipts import WRONG

SHEETS = "/api/v1/commission-sheets/"


def money() -> list[Any]:
    """Return every row that money hangs on."""
    tables = (
        Claim, ClaimReceipt, CommissionSheet, Statement, CommissionLine, DealerReturn,
        LedgerBatch, LedgerRow, AuditEntry,
    )  # fmt: skip
    return [list(table.objects.order_by("pk").values()) for table in tables]


def promoted(district: District, who: str, *roles: Role) -> None:
    """Let one person hold the posts of others too."""
    for role in roles:
        post = Post.objects.get(district=district.root, role=role)
        unit = district.root if role == Role.HEAD else district.units["support"]
        Tenure.objects.create(person=district.people[who], post=post, unit=unit, valid_from=START)


@pytest.fixture
def six(district: District) -> District:
    build_example_6(district)
    return district


def both(client: Client, pk: int, step: str, body: dict[str, str] | None = None) -> list[int]:
    """Try a step of a sheet on the page and through the API; return how each answered."""
    page = client.post(f"/commissions/{pk}/{step}/", body or {})
    api = client.post(f"{SHEETS}{pk}/{step}/", body or {}, content_type="application/json")
    return [page.status_code, api.status_code]


def state_of(pk: int) -> str:
    return CommissionSheet.objects.get(pk=pk).state


def test_one_person_in_three_posts_still_needs_two_others(six: District, signed_in: Any) -> None:
    promoted(six, "clerk", Role.AUDITOR, Role.HEAD)
    promoted(six, "auditor", Role.HEAD)
    clerk, auditor = signed_in("test-clerk"), signed_in("test-auditor")
    pk = clerk.post(SHEETS, {"month": "2026-03"}, content_type="application/json").json()["id"]

    before = money()
    both(clerk, pk, "audit")
    assert (money(), state_of(pk)) == (before, "made")
    assert clerk.post(f"{SHEETS}{pk}/audit/").status_code == 403
    assert auditor.post(f"{SHEETS}{pk}/audit/").status_code == 200

    before = money()
    for client in (clerk, auditor):
        both(client, pk, "approve")
        assert client.post(f"{SHEETS}{pk}/approve/").status_code == 403
    assert (money(), state_of(pk)) == (before, "audited")
    assert signed_in("test-head").post(f"{SHEETS}{pk}/approve/").status_code == 200


@pytest.mark.parametrize("who", ["admin", "staff", "grid1", "supervisor"])
def test_who_has_no_hand_in_sheets_has_none_on_page_or_api(
    six: District, signed_in: Any, who: str
) -> None:
    clerk, client = signed_in("test-clerk"), signed_in(f"test-{who}")
    before = money()
    assert client.post("/commissions/2026-03/make/").status_code == 403
    assert client.post(SHEETS, {"month": "2026-03"}, content_type="application/json"
                       ).status_code == 403  # fmt: skip
    assert money() == before
    pk = clerk.post(SHEETS, {"month": "2026-03"}, content_type="application/json").json()["id"]
    before = money()
    for step in ("audit", "approve", "pay", "archive", "return"):
        assert both(client, pk, step, {"note": "x", "reason": "x"}) == [403, 403], step
    assert (money(), state_of(pk)) == (before, "made")


def test_the_admin_approves_no_claim_either(district: District, signed_in: Any) -> None:
    open_claims(district)
    row = submitted(district, "10", when=at(9))
    admin = signed_in("test-admin")
    before = money()
    for step in ("approve", "check", "pay", "archive", "return"):
        body = {"version": row.version, "reason": "x"}
        page = admin.post(f"/claims/{row.pk}/{step}/", body).status_code
        api = call(admin, "post", f"{row.pk}/{step}/", body).status_code
        assert {page, api} <= {403, 404}, step
    assert money() == before


def test_a_second_click_does_nothing_on_any_step(six: District, signed_in: Any) -> None:
    clerk, auditor, head = (signed_in(f"test-{name}") for name in ("clerk", "auditor", "head"))
    clerk.post("/commissions/2026-03/make/")
    pk = CommissionSheet.objects.get(month=MARCH).pk
    before = money()
    assert clerk.post("/commissions/2026-03/make/").status_code in (302, 409)
    assert clerk.post(SHEETS, {"month": "2026-03"}, content_type="application/json"
                      ).status_code == 409  # fmt: skip
    assert money() == before
    note = {"note": "凭证 12"}
    for client, step in ((auditor, "audit"), (head, "approve"), (clerk, "pay"), (clerk, "archive")):
        body = note if step == "pay" else {}
        first = client.post(f"{SHEETS}{pk}/{step}/", body, content_type="application/json")
        assert first.status_code == 200, (step, first.json())
        before = money()
        again = both(client, pk, step, body)
        assert again[1] == 409, step
        assert money() == before, step


def test_a_claim_is_in_time_to_the_second_on_page_and_api(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_claims(district)
    late, end = at(26, 0), datetime.fromisoformat("2026-03-25T23:59:59.999999+08:00")
    rows = [draft(district, f"{10 + n}", when=at(9)) for n in range(4)]
    for row in rows:
        attach(district, row)

    def by_page(row: Claim) -> int:
        body = {"version": row.version}
        return signed_in("test-staff").post(f"/claims/{row.pk}/submit/", body).status_code

    def by_api(row: Claim) -> int:
        body = {"version": row.version}
        return call(signed_in("test-staff"), "post", f"{row.pk}/submit/", body).status_code

    set_clock(monkeypatch, late)
    before = money()
    by_page(rows[0])
    assert by_api(rows[1]) == 409
    assert money() == before
    set_clock(monkeypatch, end)
    by_page(rows[2])
    assert by_api(rows[3]) == 200
    assert [Claim.objects.get(pk=row.pk).state for row in rows] == [
        "draft", "draft", "submitted", "submitted",
    ]  # fmt: skip


def many_pages() -> bytes:
    """A PDF of a few KB whose compressed stream unfolds to 64 MB: nobody here unfolds it."""
    stream = zlib.compress(b"\0" * (64 << 20), 9)
    return (
        b"%PDF-1.5\n1 0 obj<</Type/Catalog>>endobj\n2 0 obj<</Filter/FlateDecode/Length "
        + str(len(stream)).encode() + b">>stream\n" + stream
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_receipt_is_refused_by_page_and_api(
    district: District, signed_in: Any, kind: str
) -> None:
    open_claims(district)
    row = draft(district, "10", when=at(9))
    staff = signed_in("test-staff")
    before = money()
    for path in (f"/claims/{row.pk}/receipts/", f"/api/v1/claims/{row.pk}/receipts/"):
        file = SimpleUploadedFile("票.jpg", WRONG[kind], content_type="image/jpeg")
        assert staff.post(path, {"receipt": file}).status_code in (302, 400, 413, 422), path
    assert money() == before


def test_a_pdf_bomb_costs_its_bytes_and_no_more(district: District, signed_in: Any) -> None:
    open_claims(district)
    row = draft(district, "10", when=at(9))
    staff, content = signed_in("test-staff"), many_pages()
    assert len(content) < 100_000
    tracemalloc.start()
    staff.post(
        f"/api/v1/claims/{row.pk}/receipts/",
        {"receipt": SimpleUploadedFile("a.pdf", content, content_type="application/pdf")},
    )
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20
    answer = staff.get(f"/claims/{row.pk}/receipts/{ClaimReceipt.objects.get().token}/")
    assert "attachment" in answer["Content-Disposition"]
    assert "sandbox" in answer["Content-Security-Policy"]


def unpacked(size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * size)
    return file.getvalue()


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [unpacked(130 << 20), far_cell(), b"\x89PNG\r\n\x1a\n" + b"\0" * 99, WRONG["pdf with a tail"],
     b"x" * ((20 << 20) + 1)],
    ids=["zip bomb", "far cell", "picture", "pdf", "oversized"],
)  # fmt: skip
def test_a_wrong_extract_fails_in_words_and_loads_nothing(
    six: District, signed_in: Any, content: bytes
) -> None:
    clerk = signed_in("test-clerk")
    before = money()
    file = SimpleUploadedFile("三月.xlsx", content)
    answer = clerk.post("/commissions/ledger/", {"month": "2026-03", "file": file})
    assert answer.status_code in (302, 413, 422)
    runs.drain()
    assert money() == before
    for run in Run.objects.filter(kind="ledger"):
        assert run.state == "failed"
        assert run.error and "error in the system" not in run.error


# --- at once, with real transactions -----------------------------------------------------------


@pytest.fixture
def made(database: Any) -> CommissionSheet:
    """A sheet that was made and audited, with a second head to approve it."""
    district = build_district()
    set_scheme(district)
    enter(open_dealer(district, "d1", "grid1"), MARCH, gross=5)
    publish(district)
    people = district.people
    sheet = commissions.make_sheet(district=district.root, month=MARCH, by=people["clerk"], at=NOW)
    sheet = commissions.audit_sheet(sheet=sheet, by=people["auditor"], at=NOW)
    other = Person.objects.create(district=district.root, code="head2", name_zh="丙")
    other.user = User.objects.create_user("test-head2", password="demo")
    other.save()
    Tenure.objects.create(
        person=other, post=Post.objects.get(district=district.root, role=Role.HEAD),
        unit=district.root, valid_from=START,
    )  # fmt: skip
    return sheet


def approving(sheet: CommissionSheet, who: str) -> Any:
    client = Client()
    client.force_login(User.objects.get(username=who))
    return lambda: client.post(f"{SHEETS}{sheet.pk}/approve/").status_code


def test_two_approvers_at_once_approve_once(made: CommissionSheet) -> None:
    answers = at_once(approving(made, "test-head"), approving(made, "test-head2"))

    assert sorted(answers) == [200, 409]
    assert AuditEntry.objects.filter(action="commission.approve").count() == 1


def test_without_the_lock_two_approvers_run_into_each_other(
    made: CommissionSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The proof that the lock is what makes the refusal a sentence: without it both read an
    # audited sheet, and only the guard in the database stops the second.
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, whose transaction begins before the check")
    meet = threading.Barrier(2)

    def unheld(sheet: CommissionSheet, *_states: SheetState) -> CommissionSheet:
        row = CommissionSheet.objects.select_related("scheme", "district").get(pk=sheet.pk)
        meet.wait(10)
        return row

    monkeypatch.setattr(commissions, "_held", unheld)
    heads = [Person.objects.get(user__username=who) for who in ("test-head", "test-head2")]
    results = at_once(
        *(lambda by=by: commissions.approve_sheet(sheet=made, by=by, at=NOW) for by in heads)
    )
    assert [type(each) for each in results if isinstance(each, Exception)] == [IntegrityError]


def test_one_key_sent_twice_at_once_makes_one_claim(database: Any, monkeypatch: Any) -> None:
    district = build_district()
    open_claims(district)
    set_clock(monkeypatch, at(10))
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(User.objects.get(username="test-staff"))
    body = {"unit": "grid1", "month": "2026-03", "items": [item("10")]}

    answers = at_once(
        *(
            lambda client=client: call(client, "post", "", body, **{"Idempotency-Key": "k"})
            for client in clients
        )
    )

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Claim.objects.count() == 1


def office_with_mail() -> District:
    district = build_district()
    open_claims(district)
    user = district.people["staff"].user
    user.email = "staff@example.cn"
    user.save()
    draft(district, "20.00", when=at(10))
    return district


def beat() -> None:
    remind_of_claims(at=at(20, 8))


def test_two_beats_at_once_remind_once(database: Any) -> None:
    office_with_mail()
    assert at_once(beat, beat) == [None, None]
    assert len(mail.outbox) == 1
    keys = list(Notification.objects.values_list("person", "key"))
    assert len(keys) == len(set(keys)) > 0


def test_without_the_lock_two_beats_mail_twice(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, whose transaction begins before the check")
    office_with_mail()
    meet = threading.Barrier(2)
    rooms = reminders.headrooms

    def together(*arguments: Any) -> Any:
        meet.wait(10)
        return rooms(*arguments)

    monkeypatch.setattr(reminders, "headrooms", together)
    monkeypatch.setattr(reminders, "_hold", lambda district: None)
    at_once(beat, beat)
    assert len(mail.outbox) == 2
