"""The store: stock is the ledger's sum, never below zero; asked, approved, issued by three."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fieldwork.models import (
    RequestState,
    StockItem,
    StockMovement,
    StockRequest,
    StockRequestLine,
)
from fieldwork.queries.warehouse import flows_of, shelves, shortages, stock_of
from fieldwork.rules.warehouse import below_zero, difference, is_short, postings
from fieldwork.services.account_import import Imported, NotImported
from fieldwork.services.receipts_import import import_receipts
from fieldwork.services.stock_requests import (
    approve_request,
    issue_request,
    make_request,
    refuse_request,
    withdraw_request,
)
from fieldwork.services.warehouse import Move, move_stock, save_item, take_stock
from orgchart.actors import actor_for
from orgchart.errors import Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry, Unit
from orgchart.permissions import CAPABILITIES
from portal.queries.todos.fieldwork import todos
from tests.district import District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.subsidies.district import open_dealer

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
DAY = date(2026, 3, 20)
LIST = "/api/v1/field/stock/requests/"


def item(district: District, code: str = "sim", **more: Any) -> StockItem:
    typed = {"code": code, "name_zh": f"{code}卡", "kind": "card", "measure": "card",
             "warning_level": 10} | more  # fmt: skip
    return save_item(
        district=district.root, item=None, typed=typed, version=0, by=district.people["clerk"],
        at=NOW,
    )  # fmt: skip


def moved(district: District, kind: str, what: StockItem, quantity: int, **more: Any) -> Any:
    units = district.units | {"store": district.root}
    ends = {end: units[more.pop(end)] for end in ("source", "target") if end in more}
    move = Move(kind, what, quantity, more.pop("on", DAY), **ends, **more)
    return move_stock(
        district=district.root, move=move,
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip


def asked(district: District, what: StockItem, count: int, by: str = "staff") -> StockRequest:
    return make_request(
        unit=district.units["grid1"], asked={what: count}, purpose="周末促销", needed_on=None,
        by=district.people[by], at=NOW,
    )  # fmt: skip


def approved(district: District, row: StockRequest, by: str = "grid1", **granted: int) -> Any:
    lines = {line.item.code: line.pk for line in row.lines.select_related("item")}
    return approve_request(
        request=row, version=row.version, by=district.people[by], at=NOW,
        granted={lines[code]: count for code, count in granted.items()},
    )  # fmt: skip


def issued(district: District, row: StockRequest, by: str = "clerk") -> StockRequest:
    return issue_request(request=row, version=row.version, by=district.people[by], at=NOW)


def lying(district: District, what: StockItem) -> dict[str, int]:
    codes = dict(Unit.objects.values_list("pk", "code"))
    found = stock_of(district.root)
    return {codes[place]: count for (key, place), count in found.items() if key == what.pk}


def test_lines_balance_and_nothing_goes_below_zero() -> None:
    assert postings(5, target="s") == [("s", None, 5)]
    assert postings(5, source="s", target="u") == [("s", "u", -5), ("u", "s", 5)]
    assert postings(5, source="u") == [("u", None, -5)]
    cases = [
        ({"a": 5}, [("a", -4)], {}), ({"a": 5}, [("a", -5)], {}),
        ({"a": 5}, [("a", -6)], {"a": (5, 6)}), ({}, [("a", -1)], {"a": (0, 1)}),
        ({"a": 5}, [("a", -3), ("a", -3)], {"a": (5, 6)}),
        ({"a": 5}, [("a", -9), ("a", 9)], {}),
        ({"a": -3}, [("a", 1)], {}), ({"a": -3}, [("b", 0)], {}),
    ]  # fmt: skip
    for stock, changes, lacking in cases:
        assert below_zero(stock, changes) == lacking
    assert [difference(3, 5), difference(5, 5), difference(0, 0)] == [-2, 0, 0]
    # Stock, promised, warning level.
    assert [is_short(*case) for case in ((9, 0, 10), (10, 0, 10), (12, 3, 10), (0, 0, 0))] == [
        True, False, True, False
    ]  # fmt: skip


def test_a_request_is_made_approved_and_issued_by_three(district: District) -> None:
    sim = item(district)
    moved(district, "receive", sim, 100, voucher="RK-1")
    row = asked(district, sim, 30)
    with pytest.raises(Locked):
        issued(district, row)
    with pytest.raises(Refused):
        approved(district, asked(district, sim, 1, by="grid1"), by="grid1")
    with pytest.raises(Invalid) as refused:
        approved(district, row, sim=31)
    assert [fault.pointer for fault in refused.value.faults] == ["/sim"]
    with pytest.raises(Invalid):
        approved(district, row, sim=0)
    row = approved(district, row, sim=20)
    [shelf] = shelves(district.root, [sim], ())
    assert (shelf.store, shelf.promised, shelf.free) == (100, 20, 80)
    with pytest.raises(Refused):
        issued(district, row, by="grid1")
    row = issued(district, row)
    assert lying(district, sim) == {"test": 80, "grid1": 20}
    assert (row.state, row.movements.count()) == (RequestState.ISSUED, 2)
    with pytest.raises(Locked):
        issued(district, row)
    actions = AuditEntry.objects.filter(subject=f"requests/{row.code}").values_list("action")
    assert sorted(action for (action,) in actions) == [
        "request.approve", "request.issue", "request.make"
    ]  # fmt: skip


def test_a_request_is_refused_or_taken_back(district: District) -> None:
    sim = item(district)
    row = asked(district, sim, 5)
    head = {"request": row, "version": row.version, "by": district.people["head"], "at": NOW}
    with pytest.raises(Invalid):
        refuse_request(**head, reason=" ")
    with pytest.raises(VersionConflict):
        refuse_request(**head | {"version": 9}, reason="超预算")
    assert refuse_request(**head, reason="超预算").state == RequestState.REFUSED
    other = asked(district, sim, 5)
    own = {"request": other, "version": other.version, "at": NOW}
    with pytest.raises(Refused):
        withdraw_request(**own, by=district.people["grid1"])
    with pytest.raises(Refused):
        refuse_request(**own, by=district.people["staff"], reason="x")
    assert withdraw_request(**own, by=district.people["staff"]).state == RequestState.WITHDRAWN


def test_operations_move_between_places_and_fault_at_their_field(district: District) -> None:
    sim, dealer = item(district), open_dealer(district, "shop", "grid1")
    moved(district, "receive", sim, 100, voucher="RK-1")
    moved(district, "transfer", sim, 40, source="store", target="grid1")
    moved(district, "transfer", sim, 10, source="grid1", target="grid2")
    moved(district, "return", sim, 5, source="grid2")
    moved(district, "hand_out", sim, 12, source="grid1", dealer=dealer)
    moved(district, "write_off", sim, 1, source="store", note="受潮")
    assert lying(district, sim) == {"test": 64, "grid1": 18, "grid2": 5}
    assert sum(lying(district, sim).values()) == 100 - 12 - 1
    before = StockMovement.objects.count()
    cases: list[tuple[str, int, dict[str, Any], str]] = [
        ("receive", 0, {}, "/quantity"), ("receive", 1_000_001, {}, "/quantity"),
        ("receive", 1, {"on": DAY + timedelta(days=1)}, "/on"),
        ("receive", 1, {"voucher": "RK-1"}, "/voucher"),
        ("receive", 1, {"target": "support"}, "/target"),
        ("transfer", 1, {"source": "store"}, "/target"),
        ("transfer", 1, {"source": "grid1", "target": "grid1"}, "/target"),
        ("return", 1, {}, "/source"), ("return", 1, {"source": "store"}, "/source"),
        ("write_off", 1, {"source": "grid1"}, "/note"),
        ("hand_out", 1, {"source": "grid2", "dealer": dealer}, "/dealer"),
        ("issue", 1, {}, "/kind"),
    ]  # fmt: skip
    for kind, quantity, more, field in cases:
        with pytest.raises(Invalid) as refused:
            moved(district, kind, sim, quantity, **more)
        assert [fault.pointer for fault in refused.value.faults] == [field], (kind, more)
    with pytest.raises(Locked) as lacking:
        moved(district, "hand_out", sim, 19, source="grid1")
    assert [fault.pointer for fault in lacking.value.faults] == ["/quantity"]
    assert StockMovement.objects.count() == before


def test_the_monthly_report_balances_at_every_place(district: District) -> None:
    sim = item(district)
    item(district, "unmoved")
    moved(district, "receive", sim, 100, on=date(2026, 1, 31))
    moved(district, "transfer", sim, 40, source="store", target="grid1", on=date(2026, 2, 1))
    moved(district, "hand_out", sim, 15, source="grid1", on=date(2026, 2, 28))
    moved(district, "hand_out", sim, 5, source="grid1", on=date(2026, 3, 1))

    def told(month: int, units: list[int] | None = None) -> list[tuple[Any, ...]]:
        flows = flows_of(district.root, units, date(2026, month, 1))
        return [(one.unit.code, one.opening, one.came, one.left, one.closing) for one in flows]

    assert told(1) == [("test", 0, 100, 0, 100)]
    assert told(2) == [("test", 100, 0, 40, 60), ("grid1", 0, 40, 15, 25)]
    assert told(3, [district.units["grid1"].pk]) == [("grid1", 25, 0, 5, 20)]
    assert told(3, []) == []


def test_the_ledger_is_only_added_to(district: District) -> None:
    [line] = moved(district, "receive", item(district), 10)
    with pytest.raises(DatabaseError), transaction.atomic():
        StockMovement.objects.filter(pk=line.pk).update(quantity=11)
    with pytest.raises(DatabaseError), transaction.atomic():
        StockMovement.objects.filter(pk=line.pk).delete()


def test_a_stock_take_posts_the_difference_only(district: District) -> None:
    sim, gift = item(district), item(district, "cup", kind="gift")
    moved(district, "receive", sim, 10)
    moved(district, "receive", gift, 10)
    given = {"district": district.root, "place": district.root, "on": DAY, "note": "季度盘点",
             "by": district.people["clerk"], "at": NOW}  # fmt: skip
    posted = take_stock(counts={sim: 7, gift: 10}, **given)
    assert [(row.item, row.quantity, row.kind) for row in posted] == [(sim, -3, "stock_take")]
    assert take_stock(counts={sim: 7, gift: 10}, **given) == []
    assert take_stock(counts={sim: 9}, **given)[0].quantity == 2
    with pytest.raises(Invalid) as refused:
        take_stock(counts={sim: -1}, **given)
    assert refused.value.faults[0].pointer == "/sim"
    assert lying(district, sim) == {"test": 9}


def test_what_is_promised_counts_as_gone_for_the_warning(district: District) -> None:
    sim = item(district, warning_level=10)
    item(district, "old", is_closed=True)
    moved(district, "receive", sim, 12)
    assert shortages(district.root) == []
    approved(district, asked(district, sim, 3))
    assert [shelf.item for shelf in shortages(district.root)] == [sim]


def test_today_tells_who_approves_who_issues_and_what_runs_out(district: District) -> None:
    sim = item(district, warning_level=10)

    def told(account: str) -> list[str]:
        found = todos(actor_for(district.people[account], on=DAY))
        return sorted(each.text for each in found if each.kind == "仓库")

    moved(district, "receive", sim, 10)
    row = asked(district, sim, 3, by="grid1")
    waiting, short = ["1 张物资申领待审批"], "1 种物资低于预警线"
    # Whoever made it is not asked to approve it.
    assert [told(name) for name in ("head", "grid1", "grid2", "staff", "clerk")] == [
        waiting, [], [], [], []
    ]  # fmt: skip
    approved(district, row, by="head")
    assert (told("head"), told("clerk")) == ([], ["1 张物资申领待发放", short])


# --- receipts from a file ----------------------------------------------------------------------

HEAD = "物品,数量,入库日期,单据号,备注"


def taken(district: District, *lines: str) -> Imported:
    return import_receipts(
        district=district.root, content="\n".join([HEAD, *lines]).encode(),
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip


def test_receipts_are_taken_once_and_faults_are_located(district: District) -> None:
    sim = item(district)
    item(district, "cup")
    lines = ("sim,50,2026-03-02,RK-7,省公司配送", "cup卡,20,2026/3/3,RK-7,")
    assert taken(district, *lines) == Imported(2, 0, 0)
    assert taken(district, *lines) == Imported(0, 0, 2)
    assert lying(district, sim) == {"test": 50}
    with pytest.raises(NotImported) as caught:
        taken(
            district, "sim,10,2026-03-02,RK-8,", "nokia,1,2026-03-02,RK-8,",
            "cup,0,2026-03-02,RK-8,", "cup,两个,2026-03-02,RK-9,", "cup,1,2026-03-21,RK-10,",
            "cup,1,2026-03-02,,", "sim,10,2026-03-02,RK-8,", "sim,51,2026-03-02,RK-7,",
            "cup,1,,RK-11,",
        )  # fmt: skip
    assert [fault.pointer.removeprefix("第 ") for fault in caught.value.faults] == [
        "3 行 物品", "4 行 数量", "5 行 数量", "6 行 入库日期", "7 行 单据号", "8 行 单据号",
        "9 行 数量", "10 行 入库日期",
    ]  # fmt: skip
    assert lying(district, sim) == {"test": 50}


# --- races -------------------------------------------------------------------------------------


def test_two_issues_at_once_never_take_more_than_there_is(database: Any) -> None:
    district = build_district()
    sim = item(district)
    moved(district, "receive", sim, 10)
    rows = [approved(district, asked(district, sim, 8)) for _each in range(2)]

    def issue(row: StockRequest) -> Callable[[], Any]:
        def run() -> Any:
            try:
                return str(issued(district, row).state.value)
            except Locked as error:
                return error

        return run

    results = at_once(*map(issue, rows))
    assert sorted(type(each).__name__ for each in results) == ["Locked", "str"]
    assert lying(district, sim) == {"test": 2, "grid1": 8}


# --- pages and API -----------------------------------------------------------------------------


def test_a_request_goes_its_way_by_page_and_api(
    district: District, signed_in: Callable[..., Any], time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    clerk, staff, head = (signed_in(f"test-{name}") for name in ("clerk", "staff", "head"))
    typed = {"code": "sim", "name_zh": "流量卡", "kind": "card", "measure": "card",
             "warning_level": "10"}  # fmt: skip
    assert clerk.post("/field/stock/items/new/", typed).status_code == 302
    assert clerk.post("/field/stock/items/new/", typed).status_code == 400
    received = {"kind": "receive", "item": "sim", "quantity": "50", "on": "2026-03-20"}
    assert clerk.post("/field/stock/move/", received).status_code == 302
    assert clerk.post("/field/stock/move/", received | {"quantity": "0"}).status_code == 400
    made = staff.post(
        "/field/stock/requests/new/", {"unit": "grid1", "purpose": "促销", "item-sim": "8"}
    )
    assert made.status_code == 302
    row = StockRequest.objects.get()
    empty = staff.post("/field/stock/requests/new/", {"unit": "grid1", "purpose": "促销"})
    assert empty.status_code == 400
    # The unit's staff read it, another unit's manager does not even see it.
    assert signed_in("test-grid2").get(f"/field/stock/requests/{row.code}/").status_code == 404
    assert staff.post(f"/field/stock/requests/{row.code}/approve/").status_code == 403
    body = head.post(
        f"{LIST}{row.code}/approve/", {"version": 1, "granted": {"sim": 6}},
        content_type="application/json",
    ).json()  # fmt: skip
    assert (body["state"], body["lines"]) == (
        "approved", [{"item": "sim", "asked": 8, "granted": 6}]
    )  # fmt: skip
    assert clerk.post(f"/field/stock/requests/{row.code}/issue/", {"version": 1}).status_code == 409
    assert clerk.post(f"/field/stock/requests/{row.code}/issue/", {"version": 2}).status_code == 302
    own = staff.get("/api/v1/field/stock/").json()["items"]
    assert (own[0]["store"], own[0]["units"]) == (44, {"grid1": 6})
    assert signed_in("test-grid2").get("/api/v1/field/stock/").json()["items"][0]["units"] == {}
    lines = signed_in("test-grid1").get("/api/v1/field/stock/ledger/").json()["results"]
    assert [(line["quantity"], line["unit"], line["request"]) for line in lines] == [
        (6, "grid1", row.code)
    ]
    wrong = staff.post(
        LIST, {"unit": "grid1", "purpose": "", "items": {"sim": 0, "x": 1}},
        content_type="application/json",
    )  # fmt: skip
    assert wrong.status_code == 400
    for path in ("export.xlsx", "ledger.xlsx", "requests/export.xlsx", "report.xlsx"):
        file = staff.get(f"/field/stock/{path}")
        assert b"".join(file.streaming_content)[:2] == b"PK"
    counted = clerk.post("/field/stock/take/?place=grid1", {"item-sim": "5", "on": "2026-03-20"})
    assert counted.status_code == 302
    given = {"source": "grid1", "item": "sim", "quantity": "6", "on": "2026-03-20"}
    assert staff.post("/field/stock/hand-out/", given).status_code == 409
    assert staff.post("/field/stock/hand-out/", given | {"quantity": "5"}).status_code == 302


def test_lists_take_the_same_queries_for_any_number(
    district: District, signed_in: Callable[..., Any]
) -> None:
    client, counts = signed_in("test-head"), []
    pages = [f"/field/stock/{name}" for name in ("", "ledger/", "requests/", "report/")]
    for many in (2, 18):
        for number in range(many):
            what = StockItem.objects.create(
                district=district.root, code=f"i{many}-{number}", name_zh="卡", kind="card",
                measure="card",
            )  # fmt: skip
            row = StockRequest.objects.create(
                district=district.root, code=what.code, unit=district.units["grid1"],
                purpose="促销", state="approved", made_at=NOW, made_by=district.people["staff"],
                decided_by=district.people["grid1"], decided_at=NOW,
            )  # fmt: skip
            StockRequestLine.objects.create(request=row, item=what, asked=1, granted=1)
            StockMovement.objects.create(
                district=district.root, item=what, unit=district.units["grid1"], request=row,
                other=district.root, kind="issue", quantity=1, on=DAY, at=NOW,
                by=district.people["clerk"],
            )  # fmt: skip
        client.get(pages[0])
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            counts.append(len(queries))
    assert counts[:4] == counts[4:]


def test_whoever_keeps_the_store_neither_asks_nor_approves() -> None:
    keepers = set(CAPABILITIES["stock.keep"])
    assert not keepers & (set(CAPABILITIES["stock.request"]) | set(CAPABILITIES["stock.approve"]))
