"""The audit: takings, statements and sampled papers compared; what differs becomes a finding."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fieldwork.models import (
    DayTakings,
    DealerStatement,
    Finding,
    Sample,
    SampledUser,
    SampleSource,
)
from fieldwork.queries.audit import (
    off_balance,
    overdue,
    result_of,
    statements_of,
    takings_of,
    unsettled,
)
from fieldwork.rules.audit import difference, drawn, imbalance, masked
from fieldwork.services.account_import import Imported, NotImported
from fieldwork.services.audit import Marks, check_papers, make_finding, proposed, settle
from fieldwork.services.audit_import import import_statements, import_takings
from fieldwork.services.findings import void_finding
from fieldwork.services.samples import Joined, draw_sample, read_joined
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry, Dealer
from subsidies.models import LedgerBatch, LedgerRow
from tests.district import MARCH, District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.fieldwork.test_warehouse import item, moved
from tests.subsidies.district import open_dealer

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
DAY = date(2026, 3, 10)


@pytest.fixture
def shop(district: District) -> Dealer:
    return open_dealer(district, "shop", "grid1")


def taken(district: District, side: str, *lines: str) -> Imported:
    return import_takings(
        district=district.root, side=side,
        content="\n".join(["经销商,日期,金额(元)", *lines]).encode(),
        by=district.people["auditor"], at=NOW,
    )  # fmt: skip


def differing(district: District, paid: str = "80.00", day: str = "2026-03-10") -> DayTakings:
    taken(district, "system", f"shop,{day},100.00")
    taken(district, "receipts", f"shop,{day},{paid}")
    return DayTakings.objects.get(day=day)


def settled(district: District, row: DayTakings, **more: Any) -> DayTakings:
    given = {"version": row.version, "note": "次日补缴"} | more
    return settle(takings=row, by=district.people["auditor"], at=NOW, **given)


def found(district: District, row: Any, **more: Any) -> Finding:
    entry = replace(proposed(row, NOW), **more)
    return make_finding(
        source=row, version=row.version, entry=entry, by=district.people["auditor"], at=NOW
    )


def test_differences_balances_and_draws() -> None:
    one, two = Decimal("1.00"), Decimal("3.50")
    assert difference(one, two) == Decimal("2.50")
    assert (difference(one, one), difference(None, one), difference(one, None)) == (0, None, None)
    # In = out + balance: level, one missing, one too many, nothing.
    cases = {(2, 10, 8, 1, 3): 0, (2, 10, 8, 1, 2): 1, (2, 10, 8, 1, 4): -1, (0, 0, 0, 0, 0): 0}
    assert {case: imbalance(*case) for case in cases} == cases
    keys = [f"u{number}" for number in range(200)]
    first = drawn(keys, 20, "x")
    assert first == drawn(reversed(keys), 20, "x") == drawn([*keys, *keys], 20, "x")
    assert len(set(first)) == 20 and first != drawn(keys, 20, "y")
    # A larger sample holds the smaller one; all of them; none.
    assert drawn(keys, 21, "x")[:20] == first
    assert (len(drawn(keys, 500, "x")), drawn(keys, 0, "x"), drawn([], 5, "x")) == (200, [], [])
    assert [masked(text) for text in ("13012345678", "1301234", "130****5678", "")] == [
        "130****5678", "****34", "130****5678", ""
    ]  # fmt: skip


def test_takings_differ_are_settled_and_open_again(district: District, shop: Dealer) -> None:
    row = differing(district)
    taken(district, "system", "shop,2026-03-11,50", "shop,2026-03-12,50")
    taken(district, "receipts", "经销商shop,2026-03-11,50.00")
    rows = takings_of(district.root, None)
    assert [each.day.day for each in unsettled(rows)] == [12, 10]
    # Five days: of the 10th it is overdue from the 16th on.
    assert [overdue(rows, date(2026, 3, day)).count() for day in (15, 16)] == [0, 1]
    with pytest.raises(Invalid):
        settled(district, row, note=" ")
    with pytest.raises(VersionConflict):
        settled(district, row, version=9)
    with pytest.raises(Locked):
        settled(district, rows.get(day="2026-03-11"))
    row = settled(district, row)
    with pytest.raises(Locked):
        settled(district, row)
    assert taken(district, "receipts", "shop,2026-03-10,80.00") == Imported(0, 0, 1)
    row.refresh_from_db()
    assert row.note == "次日补缴"
    assert taken(district, "receipts", "shop,2026-03-10,90.00") == Imported(0, 1, 0)
    assert DAY in [each.day for each in unsettled(rows)]


def test_every_fault_of_takings_is_located_and_nothing_written(
    district: District, shop: Dealer
) -> None:
    lines = [f"shop,2026-{month:02}-{day:02},1" for month in (1, 2) for day in range(1, 29)]
    with pytest.raises(NotImported) as caught:
        taken(
            district, "system", *lines, "nobody,2026-03-10,1", "shop,2026-03-21,1",
            "shop,2026-03-10,x", "shop,2026-01-01,2", "shop,,1", "shop,2026-03-10,",
            "shop,2025-12-31,1", ",2026-03-10,1",
        )  # fmt: skip
    assert [fault.pointer.removeprefix("第 ") for fault in caught.value.faults] == [
        "58 行 经销商", "59 行 日期", "60 行 金额(元)", "61 行 日期", "62 行 日期",
        "63 行 金额(元)", "64 行 经销商", "65 行 经销商",
    ]  # fmt: skip
    assert not DayTakings.objects.exists()


def test_thousands_of_takings_take_few_queries(district: District) -> None:
    for number in range(20):
        open_dealer(district, f"s{number}", "grid1")
    lines = [f"s{number},2026-0{month}-{day:02},{day}.5" for number in range(20)
             for month in (1, 2) for day in range(1, 29)]  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        assert taken(district, "system", *lines) == Imported(1120, 0, 0)
    assert len(queries) < 30
    assert taken(district, "system", *lines) == Imported(0, 0, 1120)


def stated(district: District, *lines: str) -> Imported:
    head = "经销商,物品,期初,本月分配,本月售出,本月退回,期末结存"
    return import_statements(
        district=district.root, month=MARCH, content="\n".join([head, *lines]).encode(),
        by=district.people["auditor"], at=NOW,
    )  # fmt: skip


def test_statements_balance_and_agree_with_the_stores_ledger(
    district: District, shop: Dealer
) -> None:
    sim = item(district)
    moved(district, "receive", sim, 50)
    moved(district, "transfer", sim, 50, source="store", target="grid1")
    moved(district, "hand_out", sim, 20, source="grid1", dealer=shop)
    lines = ("shop,sim,2,20,18,0,4", "shop,号源,0,30,25,3,2")
    assert stated(district, *lines) == Imported(2, 0, 0)
    assert stated(district, *lines) == Imported(0, 0, 2)
    rows = statements_of(district.root, None, MARCH)
    assert off_balance(rows).count() == 0
    # One number is missing; the dealer says 19 came, the ledger 20, although it balances.
    assert stated(district, "shop,,0,30,24,3,2") == Imported(0, 1, 0)
    assert stated(district, "shop,sim,2,19,18,0,3") == Imported(0, 1, 0)
    off = {row.item_id: (row.gap, row.handed) for row in off_balance(rows)}
    assert off == {None: (1, 0), sim.pk: (0, 20)}
    areas = {row.item_id: proposed(row, NOW).area for row in rows}
    assert areas == {None: "numbers", sim.pk: "cards"}
    assert found(district, rows.get(item=sim)).area == "cards"
    stated(district, "shop,,0,30,25,3,2")
    with pytest.raises(Locked):
        found(district, rows.get(item=None))
    with pytest.raises(NotImported) as caught:
        stated(
            district, "shop,sim,0,1,1,0,0", "shop,sim,0,1,1,0,0", "shop,cup,0,1,1,0,0",
            "shop,,0,-1,1,0,0", "shop,,0,1,1.5,0,0", "shop,,0,1,1,0,",
        )  # fmt: skip
    assert [fault.pointer.removeprefix("第 ") for fault in caught.value.faults] == [
        "3 行 物品", "4 行 物品", "5 行 本月分配", "6 行 本月售出", "7 行 期末结存"
    ]  # fmt: skip
    assert DealerStatement.objects.count() == 2


def test_a_difference_becomes_one_finding_until_it_is_voided(
    district: District, shop: Dealer
) -> None:
    row = differing(district)
    made = found(district, row)
    assert (made.area, made.level, made.dealer, made.unit.code) == (
        "receipts", "hint", shop, "grid1"
    )  # fmt: skip
    assert "−20.00" in made.text
    row.refresh_from_db()
    assert row.finding == made and unsettled(DayTakings.objects.all()).count() == 0
    level = differing(district, "100.00", "2026-03-11")
    for refused, of in ((found, row), (settled, row), (found, level)):
        with pytest.raises(Locked):
            refused(district, of)
    void_finding(finding=made, version=1, reason="重复", by=district.people["auditor"], at=NOW)
    row.refresh_from_db()
    assert unsettled(DayTakings.objects.all()).get() == row
    assert found(district, row, level="points").event is not None


def test_two_who_make_a_finding_at_once_make_one(database: Any) -> None:
    district = build_district()
    open_dealer(district, "shop", "grid1")
    row = differing(district)

    def make() -> Finding:
        return found(district, row)

    results = at_once(make, make)
    assert sorted(type(each).__name__ for each in results) == ["Finding", "VersionConflict"]
    assert Finding.objects.filter(district=district.root).count() == 1


# --- sampled papers ----------------------------------------------------------------------------


def sampled(district: District, dealer: Dealer, size: int = 5, **more: Any) -> Sample:
    joined = [Joined(dealer, f"1300000{number:04d}", DAY) for number in range(40)]
    given = {"joined": joined, "seed": "abc", "month": MARCH} | more
    return draw_sample(
        district=district.root, size=size, source=SampleSource.LIST,
        by=district.people["auditor"], at=NOW, **given,
    )  # fmt: skip


def test_a_sample_is_drawn_once_and_keeps_no_number(district: District, shop: Dealer) -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        ("/size", {"size": 0}), ("/size", {"size": 501}), ("/seed", {"seed": " "}),
        ("/month", {"month": date(2026, 2, 1)}),
    ]  # fmt: skip
    for field, changes in cases:
        with pytest.raises(Invalid) as refused:
            sampled(district, shop, **changes)
        assert [fault.pointer for fault in refused.value.faults] == [field]
    sample = sampled(district, shop)
    keys = [f"shop/1300000{number:04d}" for number in range(40)]
    assert [user.mark[-4:] for user in sample.users.order_by("pk")] == [
        key[-4:] for key in drawn(keys, 5, "abc")
    ]
    assert {user.mark[:7] for user in sample.users.all()} == {"130****"}
    assert "13000000" not in str(list(AuditEntry.objects.values_list("changes", "subject")))
    with pytest.raises(Locked):
        sampled(district, shop, seed="suits better")


def test_papers_are_marked_and_lacking_ones_become_a_finding(
    district: District, shop: Dealer
) -> None:
    one, other, *_rest = sampled(district, shop).users.order_by("pk")
    by = {"by": district.people["auditor"], "at": NOW}
    assert result_of(SampledUser.objects.all()).sound_share is None
    check_papers(user=one, version=1, marks=Marks(True, True, True), **by)
    row = check_papers(user=other, version=1, marks=Marks(True, False, False), **by)
    with pytest.raises(VersionConflict):
        check_papers(user=other, version=1, marks=Marks(True, True, True), **by)
    found_so_far = result_of(SampledUser.objects.all())
    assert (found_so_far.drawn, found_so_far.checked, found_so_far.sound) == (5, 2, 1)
    made = found(district, row)
    assert made.area == "documents" and "证件复印件、签名" in made.text
    assert "合同" not in made.text
    row.refresh_from_db()
    with pytest.raises(Locked):
        check_papers(user=row, version=row.version, marks=Marks(True, True, True), **by)


def test_a_list_of_users_faults_without_quoting_numbers(district: District, shop: Dealer) -> None:
    head = "用户号码,经销商,入网日期"
    lines = [
        "13000000001,shop,2026-03-02", "13000000001,shop,2026-03-02",
        "13000000002,nobody,2026-03-02", "13000000003,shop,2026-02-02", ",shop,2026-03-02",
    ]  # fmt: skip
    with pytest.raises(NotImported) as caught:
        read_joined(district.root, MARCH, "\n".join([head, *lines]).encode())
    assert [fault.pointer.removeprefix("第 ") for fault in caught.value.faults] == [
        "3 行 用户号码", "4 行 经销商", "5 行 入网日期", "6 行 用户号码"
    ]  # fmt: skip
    assert "13000000" not in str(caught.value.faults)
    users = read_joined(district.root, MARCH, "\n".join([head, lines[0]]).encode())
    assert users == [Joined(shop, "13000000001", date(2026, 3, 2))]


# --- pages and API -----------------------------------------------------------------------------


def test_the_auditor_compares_draws_and_finds_by_page(
    district: District, shop: Dealer, signed_in: Callable[..., Any], time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    auditor, own, other = (signed_in(f"test-{name}") for name in ("auditor", "grid1", "grid2"))
    row = differing(district)
    place = f"/field/audit/takings/{row.pk}/"
    prefilled = auditor.get(f"/field/audit/takings/{row.pk}/finding/").context["form"].initial
    assert (prefilled["dealer"], prefilled["area"]) == ("shop", "receipts")
    sent = {name: str(value) for name, value in prefilled.items()}
    assert auditor.post(f"/field/audit/takings/{row.pk}/finding/", sent).status_code == 302
    page = f"/field/findings/{Finding.objects.get().code}/"
    assert f'<a href="{place}">' in auditor.get(page).content.decode()  # back to where it is from
    theirs = signed_in("test-staff").get(page)
    assert theirs.status_code == 200 and place not in theirs.content.decode()
    assert auditor.get("/field/audit/nothing/1/finding/").status_code == 404
    # The unit's manager reads, another's sees nothing, nobody else writes.
    assert own.get(place).status_code == 200
    assert other.get(place).status_code == 404
    assert own.post(f"{place}settle/", {"note": "x", "version": 2}).status_code == 403
    assert signed_in("test-staff").get("/field/audit/takings/").status_code == 403
    url = "/api/v1/field/audit/takings/?month=2026-03&differs=true"
    [body] = own.get(url).json()["results"]
    assert (body["difference"], body["finding"]) == ("-20.00", Finding.objects.get().code)
    assert other.get(url).json()["count"] == 0
    assert auditor.get("/api/v1/field/audit/takings/?month=x").status_code == 400
    # A sample of the month's billing ledger.
    draw = {"month": "2026-03", "size": "3", "seed": "abc"}
    without = auditor.post("/field/audit/samples/draw/", draw)
    assert without.status_code == 400 and without.context["form"].errors["file"]
    batch = LedgerBatch.objects.create(
        district=district.root, month=MARCH, key="k", name="x.xlsx", loaded_at=NOW,
        loaded_by=district.people["clerk"],
    )  # fmt: skip
    LedgerRow.objects.bulk_create(
        LedgerRow(
            batch=batch,
            dealer=shop,
            user=f"1300000{number:04d}",
            joined_on=joined_on,
            first_minutes=1,
            minutes=1,
            net=1,
        )
        for number, joined_on in enumerate([DAY] * 4 + [date(2026, 2, 28)] * 4)
    )
    assert auditor.post("/field/audit/samples/draw/", draw).status_code == 302
    assert Sample.objects.get().population == 4
    user = SampledUser.objects.first()
    marks = {"contract": "1", "id_copy": "1", "signature": "0", "version": "1"}
    page = f"/field/audit/samples/{user.pk}/"
    assert own.post(page, marks).status_code == 403
    assert auditor.post(page, marks | {"contract": ""}).status_code == 400
    assert auditor.post(page, marks).status_code == 302
    assert "13000000" not in own.get("/field/audit/samples/").content.decode()
    shown = own.get("/api/v1/field/audit/samples/?month=2026-03").json()
    assert shown["count"] == 3 and "13000000" not in str(shown)
    for path in ("takings", "statements", "samples"):
        file = own.get(f"/field/audit/{path}/export.xlsx")
        assert b"".join(file.streaming_content)[:2] == b"PK"


def test_lists_take_the_same_queries_for_any_number(
    district: District, signed_in: Callable[..., Any]
) -> None:
    client, counts = signed_in("test-auditor"), []
    pages = [
        f"/field/audit/{name}/?in_month=2026-03" for name in ("takings", "statements", "samples")
    ]
    shop = open_dealer(district, "shop", "grid1")
    sample, made = sampled(district, shop, size=1), found(district, differing(district))
    for many in (2, 18):
        for number in range(many):
            dealer = open_dealer(district, f"d{many}-{number}", "grid1")
            base = {"district": district.root, "dealer": dealer, "unit": district.units["grid1"]}
            base["finding"] = made
            DayTakings.objects.create(**base, day=DAY, system=Decimal(5), receipts=Decimal(4))
            DealerStatement.objects.create(**base, month=MARCH, taken=3, sold=1, balance=1)
            SampledUser.objects.create(**base, sample=sample, mark="****", joined_on=DAY)
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
