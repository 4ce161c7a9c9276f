"""A claim goes its way once, in time, by different people, and never beyond the balance."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, transaction

from orgchart.errors import DomainError, Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry
from subsidies.models import (
    Claim,
    ClaimCategory,
    ClaimItem,
    ClaimReceipt,
    ClaimSource,
    ClaimState,
    Entitlement,
)
from subsidies.queries.claims import budget_of, headrooms
from subsidies.services.claims import (
    approve_claim,
    archive_claim,
    check_claim,
    pay_claim,
    return_claim,
    submit_claim,
    void_claim,
)
from tests.district import MARCH, District
from tests.subsidies.claims import approved, at, attach, draft, open_claims, submitted
from tests.worked_examples import example

ITEM = {"purpose": "客户座谈"}


@pytest.fixture
def office(district: District) -> District:
    open_claims(district)
    return district


def refused(kind: type[DomainError], call: Callable[[], Any]) -> DomainError:
    """Demand a refusal that leaves claims, items, receipts and trail as they were."""

    def everything() -> list[Any]:
        tables = (Claim, ClaimItem, ClaimReceipt, AuditEntry)
        return [list(table.objects.order_by("pk").values()) for table in tables]

    before = everything()
    with pytest.raises(kind) as error, transaction.atomic():
        call()
    assert everything() == before
    assert str(error.value)
    return error.value


def step(service: Callable[..., Claim], office: District, row: Claim, by: str, **more: Any) -> Any:
    moment = more.pop("when", at(28))
    return service(claim=row, version=row.version, by=office.people[by], at=moment, **more)


def test_example_5_comes_out_through_the_services(office: District) -> None:
    rows: dict[str, Claim] = {}
    for line in example("5_subsidy")["claims_网格1"]["claims"]:
        moment = date.fromisoformat(line["提交"][:10]), line["提交"][11:].split(":")
        when = at(moment[0].day, *(int(part) for part in moment[1]))
        has_receipt = line["结果"] != "待补票据"
        row = draft(office, line["金额"], when=when)
        if has_receipt:
            attach(office, row)
        if line["单号"] == "BX-04":
            error = refused(Locked, lambda row=row, when=when: step(
                submit_claim, office, row, "staff", when=when))  # fmt: skip
            assert "late ones are not made up" in str(error)
            continue
        row = step(submit_claim, office, row, "staff", when=when)
        rows[line["单号"]] = step(approve_claim, office, row, "head")

    # Checked in the wrong order, the first to submit still come first.
    for name, granted in (("BX-02", "513.50"), ("BX-03", "400.00"), ("BX-01", "486.50")):
        rows[name] = step(check_claim, office, rows[name], "clerk")
        assert rows[name].granted == Decimal(granted)
    refused(Locked, lambda: step(check_claim, office, rows["BX-05"], "clerk"))
    attach(office, rows["BX-05"])  # the receipt comes, but nothing is left
    refused(Locked, lambda: step(check_claim, office, rows["BX-05"], "clerk"))
    room = next(each for each in headrooms(office.root, MARCH) if each.unit.code == "grid1").room
    assert (room.budget.total, room.granted, room.left) == (1400, 1400, 0)


@pytest.mark.parametrize(
    ("when", "accepted"),
    [(at(25, 23, 59, 59), True), (at(26, 0, 0, 0), False), (at(28, 12, month=2), False),
     (at(1, 0, 0, 0), True)],
)  # fmt: skip
def test_a_second_late_is_late_and_a_day_early_is_early(
    office: District, when: Any, accepted: bool
) -> None:
    row = draft(office, "10", when=at(3))
    call = lambda: step(submit_claim, office, row, "staff", when=when)  # noqa: E731
    if accepted:
        assert call().submitted_at == when
    else:
        refused(Locked, call)


def test_a_returned_claim_comes_back_after_the_25th_with_no_more_than_was_filed(
    office: District,
) -> None:
    from subsidies.services.claims import Item, save_claim

    row = submitted(office, "100", when=at(24))
    row = step(return_claim, office, row, "head", reason="事由不清")
    category = ClaimCategory.objects.get(code="transport")

    def write(amount: str) -> Claim:
        item = Item(date(2026, 3, 5), category, Decimal(amount), "拜访")
        return save_claim(
            unit=row.unit, month=MARCH, items=[item], by=office.people["staff"], at=at(27),
            claim=row, version=Claim.objects.get(pk=row.pk).version,
        )  # fmt: skip

    more = write("100.01")
    refused(Locked, lambda: step(submit_claim, office, more, "staff", when=at(27)))
    less = write("99.00")
    assert step(submit_claim, office, less, "staff", when=at(27)).state == ClaimState.SUBMITTED


def test_nobody_decides_on_the_own_claim_or_twice(office: District) -> None:
    own = submitted(office, "10", when=at(5), by="head")
    refused(Refused, lambda: step(approve_claim, office, own, "head"))
    refused(Refused, lambda: step(return_claim, office, own, "head", reason="x"))

    row = approved(office, "10", when=at(5))
    for person in ("head", "staff"):
        refused(Refused, lambda person=person: step(check_claim, office, row, person))
    row = step(check_claim, office, row, "clerk")
    for person in ("head", "staff"):
        refused(Refused, lambda person=person: step(pay_claim, office, row, person))
    paid = step(pay_claim, office, row, "clerk")
    refused(VersionConflict, lambda: archive_claim(
        claim=paid, version=row.version, by=office.people["clerk"], at=at(29)))  # fmt: skip
    refused(Locked, lambda: step(pay_claim, office, paid, "clerk"))
    assert step(archive_claim, office, paid, "clerk").state == ClaimState.ARCHIVED


@pytest.mark.parametrize(
    "change",
    [
        {"approved_by": "staff", "state": "approved"},
        {"checked_by": "head", "approved_by": "head"},
        {"paid_by": "staff"},
        {"granted": Decimal("10.01")},
        {"granted": Decimal(0)},
        {"state": "paid"},
    ],
    ids=str,
)
def test_the_database_itself_refuses_what_the_service_would(
    office: District, change: dict[str, Any]
) -> None:
    row = submitted(office, "10", when=at(5))
    values = {
        name: office.people[value] if name.endswith("_by") else value
        for name, value in change.items()
    }
    with pytest.raises(Error), transaction.atomic():
        Claim.objects.filter(pk=row.pk).update(**values)


def test_what_was_granted_and_attached_is_final_in_the_database(office: District) -> None:
    row = step(check_claim, office, approved(office, "10", when=at(5)), "clerk")
    for call in (
        lambda: Claim.objects.filter(pk=row.pk).update(granted=Decimal(1)),
        lambda: Claim.objects.filter(pk=row.pk).update(state="approved"),
        lambda: row.receipts.all().delete(),
        lambda: row.items.update(amount=Decimal(9)),
    ):
        with pytest.raises(Error), transaction.atomic():
            call()
    assert Claim.objects.get(pk=row.pk).granted == 10


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"amount": Decimal("0")}, "amount"),
        ({"amount": Decimal("1.001")}, "amount"),
        ({"amount": Decimal("100000")}, "amount"),
        ({"spent_on": date(2026, 3, 11)}, "spent_on"),
        ({"purpose": " "}, "purpose"),
        ({"category": "hospitality"}, "participants"),
    ],
    ids=str,
)
def test_an_item_is_refused_at_its_place(
    office: District, item: dict[str, Any], pointer: str
) -> None:
    if "category" in item:
        item = {"category": ClaimCategory.objects.get(code="hospitality")}
    amount = str(item.pop("amount", "10"))
    error = refused(Invalid, lambda: draft(office, amount, when=at(10), **item))
    assert [fault.pointer for fault in error.faults] == [f"/items/0/{pointer}"]


def test_a_claim_can_be_given_up_until_money_is_granted(office: District) -> None:
    row = submitted(office, "10", when=at(5))
    refused(Invalid, lambda: step(void_claim, office, row, "staff", reason=" "))
    assert step(void_claim, office, row, "staff", reason="重复").state == ClaimState.VOID
    checked = step(check_claim, office, approved(office, "10", when=at(5)), "clerk")
    refused(Locked, lambda: step(void_claim, office, checked, "staff", reason="x"))


def test_the_dated_setting_says_which_month_is_drawn_on(office: District) -> None:
    grid1, grid2 = office.units["grid1"], office.units["grid2"]
    assert budget_of(grid1, MARCH).total == 1400
    assert budget_of(grid2, MARCH).floating is None  # nothing earned in February
    Entitlement.objects.filter(unit=grid1).update(fixed=Decimal(500))
    assert budget_of(grid1, MARCH).total == 1400
    ClaimSource.objects.create(district=office.root, valid_from=MARCH, draws="last_month")
    assert budget_of(grid1, MARCH).total == 1300
    # Nothing is carried over: April has its own fixed part and nothing of February's rest.
    assert budget_of(grid1, date(2026, 4, 1)).total == 600


def test_balances_cost_as_many_queries_for_one_unit_as_for_six(
    office: District, django_assert_num_queries: Any
) -> None:
    for day in range(1, 6):
        submitted(office, "10", when=at(day))
    counts = []
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for units in ([office.units["grid1"].pk], None):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            headrooms(office.root, MARCH, units)
        counts.append(len(asked))
    assert counts[0] == counts[1]
