"""Claims through page, API and Excel: example 5's five, refusals without a trace, scopes."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from orgchart.models import AuditEntry
from subsidies.models import Claim, ClaimCategory, ClaimReceipt, ClaimSource, SubsidyPolicy
from tests.district import District
from tests.subsidies.claims import approved, at, attach, draft, open_claims, photo, submitted
from tests.subsidies.test_receipts import WRONG
from tests.worked_examples import example

LINES = example("5_subsidy")["claims_网格1"]["claims"]


@pytest.fixture
def office(district: District, monkeypatch: pytest.MonkeyPatch) -> District:
    open_claims(district)
    set_clock(monkeypatch, at(10))
    return district


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now.astimezone(UTC))


def everything() -> list[Any]:
    return [
        list(table.objects.order_by("pk").values())
        for table in (Claim, ClaimReceipt, AuditEntry, SubsidyPolicy, ClaimCategory)
    ]


def item(amount: str, **changes: Any) -> dict[str, Any]:
    return {
        "spent_on": "2026-03-09", "category": "transport", "amount": amount, "purpose": "走访",
    } | changes  # fmt: skip


def call(client: Any, method: str, path: str, body: Any = None, **headers: Any) -> Any:
    return getattr(client, method)(
        f"/api/v1/claims/{path}", body, content_type="application/json", headers=headers
    )


def step(client: Any, name: str, row: dict[str, Any], **more: Any) -> Any:
    return call(client, "post", f"{row['id']}/{name}/", {"version": row["version"], **more})


def test_example_5_comes_out_through_the_api_and_excel(
    office: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everybody_at(now: datetime) -> dict[str, Any]:
        set_clock(monkeypatch, now)
        return {who: signed_in(f"test-{who}") for who in ("staff", "head", "clerk", "grid1")}

    found = {}
    for line in LINES:
        clients = everybody_at(datetime.fromisoformat(f"{line['提交']}+08:00"))
        body = {"unit": "grid1", "month": "2026-03", "items": [item(line["金额"])]}
        made = call(clients["staff"], "post", "", body)
        assert made.status_code == 201, made.json()
        row = made.json()
        if line["结果"] != "待补票据":
            sent = clients["staff"].post(
                f"/api/v1/claims/{row['id']}/receipts/", {"receipt": photo(row["id"])}
            )
            assert sent.status_code == 201
        answer = step(clients["staff"], "submit", row)
        if line["单号"] == "BX-04":
            assert answer.status_code == 409
            assert answer.json()["detail"].startswith("2026年3月的报销单 25 日")
            continue
        found[line["单号"]] = step(clients["head"], "approve", answer.json()).json()

    clients = everybody_at(at(28))
    for line in LINES:
        row = found.get(line["单号"])
        if row is None:
            continue
        checked = step(clients["clerk"], "check", row)
        if line["核报"] == "0.00":
            assert checked.status_code == 409
            continue
        assert checked.json()["granted"] == line["核报"]
        rooms = call(clients["grid1"], "get", "headroom/?month=2026-03").json()["rows"]
        assert [room["left"] for room in rooms] == [line["余额"]]
        assert step(clients["clerk"], "pay", checked.json()).json()["state"] == "paid"

    file = clients["head"].get("/claims/export.xlsx?in_month=2026-03")
    content = io.BytesIO(b"".join(file.streaming_content))
    sheet = openpyxl.load_workbook(content, data_only=True).active
    rows = list(sheet.iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if "核报" in row)
    columns = [rows[head].index(name) for name in ("申报", "核报", "已发放")]
    lines = [row for row in rows[head + 1 :] if isinstance(row[0], int)]
    total = next(row for row in rows if row[0] == "合计")
    sums = [sum(Decimal(str(row[place] or 0)) for row in lines) for place in columns]
    assert sums == [Decimal(str(total[place])) for place in columns]
    assert sums == [Decimal("1686.5"), Decimal(1400), Decimal(1400)]
    formulas = openpyxl.load_workbook(content).active
    assert str(formulas.cell(rows.index(total) + 1, columns[1] + 1).value).startswith("=SUM(")


def test_example_5_comes_out_through_the_pages(
    office: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(who: str, claim: Claim, step: str) -> Claim:
        version = Claim.objects.get(pk=claim.pk).version
        signed_in(f"test-{who}").post(f"/claims/{claim.pk}/{step}/", {"version": version})
        return Claim.objects.get(pk=claim.pk)

    claims = {}
    for line in LINES:
        set_clock(monkeypatch, datetime.fromisoformat(f"{line['提交']}+08:00"))
        typed = {
            "unit": "grid1", "month": "2026-03", "items-TOTAL_FORMS": "1",
            "items-INITIAL_FORMS": "0", "items-0-spent_on": "2026-03-09",
            "items-0-category": "transport", "items-0-amount": line["金额"],
            "items-0-purpose": "走访", "items-0-participants": "",
        }  # fmt: skip
        url = signed_in("test-staff").post("/claims/new/", typed)["Location"]
        row = claims[line["单号"]] = Claim.objects.get(pk=int(url.split("/")[-2]))
        if line["结果"] != "待补票据":
            signed_in("test-staff").post(f"{url}receipts/", {"receipt": photo(row.pk)})
        state = press("staff", row, "submit").state
        assert state == ("draft" if line["单号"] == "BX-04" else "submitted")
        if state == "submitted":
            assert press("head", row, "approve").state == "approved"

    set_clock(monkeypatch, at(28))
    for line in LINES:
        row = press("clerk", claims[line["单号"]], "check")
        page = signed_in("test-grid1").get(f"/claims/{row.pk}/").content.decode()
        if line["核报"] == "0.00":
            assert row.granted is None and row.state in ("draft", "approved")
            continue
        assert row.granted == Decimal(line["核报"]) and row.state == "checked"
        assert line["核报"] in page
        rooms = signed_in("test-grid1").get("/claims/").context["rooms"]
        assert [each.room.left for each in rooms] == [Decimal(line["余额"])]
        assert press("clerk", row, "pay").state == "paid"


def test_a_claim_goes_its_way_through_the_pages(office: District, signed_in: Any) -> None:
    staff, head, clerk = (signed_in(f"test-{who}") for who in ("staff", "head", "clerk"))
    typed = {
        "unit": "grid1", "month": "2026-03", "items-TOTAL_FORMS": "2", "items-INITIAL_FORMS": "0",
        "items-0-spent_on": "2026-03-09", "items-0-category": "hospitality",
        "items-0-amount": "268.00", "items-0-purpose": "集团座谈", "items-0-participants": "",
    }  # fmt: skip
    refused = staff.post("/claims/new/", typed)
    assert refused.status_code == 400
    for text in ("招待要写参加人员", "集团座谈", "268.00"):
        assert text in refused.content.decode()
    more = staff.post("/claims/new/", typed | {"more": ""})
    assert 'name="items-2-amount"' in more.content.decode()
    assert not Claim.objects.exists()
    typed["items-0-participants"] = "客户 2 人"
    made = staff.post("/claims/new/", typed)
    assert made.status_code == 302
    url = made["Location"]
    row = Claim.objects.get()
    assert staff.post(f"{url}receipts/", {"receipt": photo(1)}).status_code == 302

    def press(client: Any, name: str, **more: Any) -> str:
        version = Claim.objects.get().version
        assert client.post(f"{url}{name}/", {"version": version, **more}).status_code == 302
        return Claim.objects.get().state

    assert press(staff, "submit") == "submitted"
    assert press(head, "return", reason="写明客户") == "returned"
    assert "写明客户" in staff.get(url).content.decode()
    typed |= {"version": Claim.objects.get().version, "items-0-purpose": "兴业商贸座谈"}
    assert staff.post(f"{url}edit/", typed).status_code == 302
    assert press(staff, "submit") == "submitted"
    assert press(head, "approve") == "approved"
    assert press(clerk, "check") == "checked"
    assert press(clerk, "pay") == "paid"
    before = everything()
    assert press(clerk, "pay") == "paid"  # a double click
    assert everything() == before
    assert "人民币贰佰陆拾捌元整" in clerk.get(f"{url}print/").content.decode()
    assert press(clerk, "archive") == "archived"
    assert row.number in clerk.get("/claims/?words=兴业").content.decode()
    assert row.number not in clerk.get("/claims/?state=void").content.decode()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_by_page_and_api_and_changes_nothing(
    office: District, signed_in: Any, name: str
) -> None:
    row = draft(office, "10", when=at(9))
    client = signed_in("test-staff")
    before = everything()
    for path in (f"/claims/{row.pk}/receipts/", f"/api/v1/claims/{row.pk}/receipts/"):
        file = io.BytesIO(WRONG[name] or b"\0")
        file.name = "票.jpg"
        answer = client.post(path, {"receipt": file})
        assert answer.status_code == 400
        assert everything() == before


def test_a_receipt_is_a_file_for_those_who_may_see_its_claim(
    office: District, signed_in: Any
) -> None:
    kept = submitted(office, "10", when=at(9)).receipts.get()
    path = f"/claims/{kept.claim_id}/receipts/{kept.token}/"
    for who in ("staff", "grid1", "head", "clerk", "auditor"):
        answer = signed_in(f"test-{who}").get(path)
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Content-Type"] == "image/jpeg"
        assert b"".join(answer.streaming_content) == bytes(kept.content)
    for who in ("grid2", "group", "supervisor"):
        assert signed_in(f"test-{who}").get(path).status_code == 404
    assert signed_in("test-admin").get(path).status_code == 403


def test_staff_see_their_own_claims_and_managers_those_of_the_unit(
    office: District, signed_in: Any
) -> None:
    mine, other = draft(office, "10", when=at(9)), draft(office, "20", when=at(9), by="grid1")

    def numbers(who: str) -> set[str]:
        rows = call(signed_in(f"test-{who}"), "get", "").json()["results"]
        return {row["number"] for row in rows}

    assert numbers("staff") == {mine.number}
    assert numbers("grid1") == numbers("head") == {mine.number, other.number}
    assert numbers("grid2") == numbers("supervisor") == set()
    assert signed_in("test-staff").get(f"/claims/{other.pk}/").status_code == 404


def test_one_key_is_one_claim_and_an_old_version_is_409(office: District, signed_in: Any) -> None:
    client = signed_in("test-staff")
    body = {"unit": "grid1", "month": "2026-03", "items": [item("10")]}
    key = {"Idempotency-Key": "once"}
    first, second = (call(client, "post", "", body, **key) for _ in range(2))
    assert first.json() == second.json()
    row = Claim.objects.get()
    assert call(client, "put", f"{row.pk}/", {"version": 1, "items": [item("11")]}).json()[
        "amount"
    ] == "11.00"  # fmt: skip
    before = everything()
    for name in ("submit", "void"):
        answer = call(client, "post", f"{row.pk}/{name}/", {"version": 1, "reason": "x"})
        assert answer.status_code == 409
    assert everything() == before
    body["items"] = [item("0"), item("1", category="gold"), item("x", spent_on="1.3.")]
    errors = call(client, "post", "", body).json()["errors"]
    assert {error["pointer"] for error in errors} == {
        "/items/1/category", "/items/2/amount", "/items/2/spent_on",
    }  # fmt: skip


def test_nobody_approves_the_own_claim_by_any_way(office: District, signed_in: Any) -> None:
    own = submitted(office, "10", when=at(9), by="head")
    head = signed_in("test-head")
    before = everything()
    assert head.post(f"/claims/{own.pk}/approve/", {"version": own.version}).status_code == 302
    answer = call(head, "post", f"{own.pk}/approve/", {"version": own.version})
    assert answer.status_code == 403
    assert everything() == before


def test_the_list_costs_as_many_queries_for_two_claims_as_for_twenty(
    office: District, signed_in: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in("test-head")
    counts = []
    for many in (2, 18):
        for _each in range(many):
            draft(office, "10", when=at(9))
        for path in ("/claims/", "/api/v1/claims/"):
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200
            counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_a_policy_begins_after_published_months_and_keeps_its_history(
    office: District, signed_in: Any
) -> None:
    head = signed_in("test-head")
    path = "/subsidies/policies/grid1/"
    new = {"valid_from": "2026-04-01", "fixed": "700", "floating_base": "900", "cap": "120",
           "floor": "60", "reason": "业务扩大"}  # fmt: skip
    before = everything()
    for wrong in ({"floor": "130"}, {"fixed": "-1"}, {"reason": ""}, {"valid_from": "x"}):
        assert head.post(path, new | wrong).status_code == 400
    assert head.post(path, new | {"valid_from": "2025-12-01"}).status_code == 409
    assert everything() == before
    assert head.post(path, new).status_code == 302
    old, row = SubsidyPolicy.objects.filter(unit=office.units["grid1"]).order_by("valid_from")
    assert old.valid_to.isoformat() == "2026-03-31"
    assert (row.fixed, row.cap, row.floor) == (700, Decimal("1.2"), Decimal("0.6"))
    page = head.get("/subsidies/policies/").content.decode()
    for text in ("2026-03-31", "120%", "60%", "900.00"):
        assert text in page


def test_what_claims_draw_on_changes_from_a_coming_month(office: District, signed_in: Any) -> None:
    head = signed_in("test-head")
    path = "/subsidies/policies/source/"
    for day in ("2026-03-01", "2026-04-02"):
        assert head.post(path, {"draws": "last_month", "valid_from": day}).status_code == 400
    assert head.post(path, {"draws": "last_month", "valid_from": "2026-04-01"}).status_code == 302
    assert ClaimSource.objects.get().draws == "last_month"


def test_categories_are_the_clerks(office: District, signed_in: Any) -> None:
    clerk = signed_in("test-clerk")
    new = {"code": "gift", "name_zh": "礼品", "position": "5", "is_open": "on"}
    assert clerk.post("/claims/categories/new/", new).status_code == 302
    assert clerk.post("/claims/categories/new/", new).status_code == 409
    row = ClaimCategory.objects.get(code="gift")
    shut = {"name_zh": "礼品", "position": "5", "version": row.version}
    assert clerk.post("/claims/categories/gift/", shut).status_code == 302
    assert not ClaimCategory.objects.get(code="gift").is_open
    assert attach(office, approved(office, "10", when=at(9), receipt=False)) is None
