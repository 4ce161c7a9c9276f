"""After the approval: paid, filed, doubted, corrected; never rewritten."""

import io
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from orgchart.errors import Invalid, Locked, Refused
from orgchart.models import Dealer, Notification
from subsidies.models import (
    CommissionAdjustment,
    CommissionLine,
    CommissionSheet,
    ObjectionState,
    SheetState,
    StatementObjection,
)
from subsidies.queries.comparison import compared, sheet_before
from subsidies.queries.sheets import seal_of, statements_of
from subsidies.rules.lines import may_adjust
from subsidies.rules.odd import Odd, odd
from subsidies.rules.sheet import settle
from subsidies.services.commissions import (
    approve_sheet,
    archive_sheet,
    audit_sheet,
    make_sheet,
    pay_sheet,
    return_sheet,
)
from subsidies.services.corrections import (
    answer_objection,
    enter_adjustment,
    raise_objection,
    withdraw_adjustment,
    withdraw_objection,
)
from tests.district import MARCH, NOW, District
from tests.subsidies.district import APRIL, build_example_6, enter, publish


def sheet_of(district: District, month: Any = MARCH, upto: str = "approved") -> CommissionSheet:
    people = district.people
    sheet = make_sheet(district=district.root, month=month, by=people["clerk"], at=NOW)
    if upto == "made":
        return sheet
    audit_sheet(sheet=sheet, by=people["auditor"], at=NOW)
    return approve_sheet(sheet=sheet, by=people["head"], at=NOW)


@pytest.fixture
def six(district: District) -> District:
    build_example_6(district)
    return district


def line_of(sheet: CommissionSheet, dealer: str, code: str) -> CommissionLine:
    return CommissionLine.objects.select_related("statement__dealer").get(
        statement__sheet=sheet, statement__dealer__code=dealer, code=code
    )


def adjust(district: District, line: CommissionLine, amount: str) -> CommissionAdjustment:
    return enter_adjustment(
        line=line, amount=Decimal(amount), reason="漏计", by=district.people["clerk"], at=NOW
    )


def april(district: District) -> None:
    """Give the dealer hongda a return for April, whose books are closed."""
    publish(district, APRIL)
    enter(_dealer("hongda"), APRIL, gross=10)


def _dealer(code: str) -> Any:
    return Dealer.objects.get(code=code, district__code="test")


# --- paid and filed --------------------------------------------------------------------------


def test_an_approved_sheet_is_paid_and_then_filed(six: District) -> None:
    sheet, clerk = sheet_of(six), six.people["clerk"]
    paid = pay_sheet(sheet=sheet, by=clerk, at=NOW, note="凭证 0331")
    assert (paid.state, paid.payment_note) == (SheetState.PAID, "凭证 0331")
    filed = archive_sheet(sheet=sheet, by=clerk, at=NOW)
    assert filed.state == SheetState.ARCHIVED
    assert seal_of(filed) == filed.seal


@pytest.mark.parametrize("upto", ["made", "approved"])
def test_steps_are_not_skipped(six: District, upto: str) -> None:
    sheet, clerk = sheet_of(six, upto=upto), six.people["clerk"]
    with pytest.raises(Locked):
        archive_sheet(sheet=sheet, by=clerk, at=NOW)
    if upto == "made":
        with pytest.raises(Locked):
            pay_sheet(sheet=sheet, by=clerk, at=NOW, note="1")


def test_a_payment_needs_its_voucher_and_happens_once(six: District) -> None:
    sheet, clerk = sheet_of(six), six.people["clerk"]
    with pytest.raises(Invalid, match="voucher"):
        pay_sheet(sheet=sheet, by=clerk, at=NOW, note=" ")
    pay_sheet(sheet=sheet, by=clerk, at=NOW, note="1")
    with pytest.raises(Locked):
        pay_sheet(sheet=sheet, by=clerk, at=NOW, note="2")
    sheet.refresh_from_db()
    assert sheet.payment_note == "1"


@pytest.mark.parametrize(
    "change",
    [{"state": "made"}, {"state": "archived"}, {"state": "paid", "paid": 1}, {"seal": "x"}],
)
def test_the_database_keeps_an_approved_sheet_from_moving_elsewhere(
    six: District, change: dict[str, Any]
) -> None:
    sheet = sheet_of(six)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionSheet.objects.filter(pk=sheet.pk).update(**change)


# --- adjustments -----------------------------------------------------------------------------


def test_an_adjustment_waits_for_the_next_sheet_and_is_settled_there(six: District) -> None:
    sheet = sheet_of(six)
    row = adjust(six, line_of(sheet, "hongda", "one_time"), "40.00")
    april(six)
    settled = sheet_of(six, APRIL, upto="made")
    row.refresh_from_db()
    [statement] = statements_of(settled.pk, with_lines=True)
    assert row.sheet_id == settled.pk
    assert statement.amount("paid_later") == Decimal("40.00")
    [line] = [line for line in statement.lines if line.code == "paid_later"]
    assert line.formula["parts"][0]["reference"] == f"2026-03/one_time/{row.pk}"
    sums = statement.totals
    assert (
        sums.paid + sums.carried == sums.net == sums.gross - sums.deductions + sums.brought_forward
    )


def test_what_is_taken_back_is_a_deduction(six: District) -> None:
    adjust(six, line_of(sheet_of(six), "hongda", "one_time"), "-20.00")
    april(six)
    [statement] = statements_of(sheet_of(six, APRIL, upto="made").pk, with_lines=True)
    assert statement.amount("taken_later") == Decimal("20.00")


def test_a_returned_sheet_lets_its_adjustments_go_to_the_next_version(six: District) -> None:
    row = adjust(six, line_of(sheet_of(six), "hongda", "one_time"), "40.00")
    april(six)
    first = sheet_of(six, APRIL, upto="made")
    return_sheet(sheet=first, by=six.people["auditor"], at=NOW, reason="x")
    second = sheet_of(six, APRIL, upto="made")
    row.refresh_from_db()
    assert row.sheet_id == second.pk
    [statement] = statements_of(second.pk, with_lines=True)
    assert statement.amount("paid_later") == Decimal("40.00")


def test_a_settled_adjustment_is_never_settled_twice(six: District) -> None:
    adjust(six, line_of(sheet_of(six), "hongda", "one_time"), "40.00")
    april(six)
    sheet_of(six, APRIL)
    may = APRIL.replace(month=5)
    publish(six, may)
    enter(_dealer("hongda"), may, gross=10)
    [statement] = statements_of(sheet_of(six, may, upto="made").pk, with_lines=True)
    assert statement.amount("paid_later") == 0


def test_a_sealed_adjustment_cannot_be_changed_even_behind_the_services(six: District) -> None:
    row = adjust(six, line_of(sheet_of(six), "hongda", "one_time"), "40.00")
    april(six)
    sheet_of(six, APRIL)
    with pytest.raises(Locked):
        withdraw_adjustment(adjustment=row, by=six.people["clerk"], at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionAdjustment.objects.filter(pk=row.pk).update(amount=Decimal(9))


@pytest.mark.parametrize("amount", ["0", "1.005", "-999999"])
def test_impossible_amounts_are_refused_at_the_field(six: District, amount: str) -> None:
    line = line_of(sheet_of(six), "hongda", "one_time")
    with pytest.raises(Invalid) as caught:
        adjust(six, line, amount)
    assert [fault.pointer for fault in caught.value.faults] == ["/amount"]
    assert not CommissionAdjustment.objects.filter(line=line).exists()


def test_a_line_that_is_not_sealed_is_corrected_by_returning_its_sheet(six: District) -> None:
    with pytest.raises(Locked, match="not approved"):
        adjust(six, line_of(sheet_of(six, upto="made"), "hongda", "one_time"), "1")


@pytest.mark.parametrize(
    ("is_deduction", "amount", "adjusted", "allowed"),
    [
        (False, "20", "-19.99", True),
        (False, "20", "-20", True),
        (False, "20", "-20.01", False),
        (False, "0", "5", True),
        (True, "20", "20", True),
        (True, "20", "20.01", False),
        (True, "0", "-5", True),
    ],
)
def test_no_more_is_undone_than_was_settled(
    is_deduction: bool, amount: str, adjusted: str, allowed: bool
) -> None:
    found = may_adjust(
        is_deduction=is_deduction, line_amount=Decimal(amount), adjusted=Decimal(adjusted)
    )
    assert found is allowed


# --- objections ------------------------------------------------------------------------------


def test_an_objection_is_told_answered_and_adjusted(six: District) -> None:
    line = line_of(sheet_of(six), "hongda", "one_time")
    manager, clerk = six.people["grid1"], six.people["clerk"]
    raised = raise_objection(line=line, text="少计两户", by=manager, at=NOW)
    assert Notification.objects.filter(person=clerk, key=f"objection/{raised.pk}").exists()
    answered = answer_objection(
        objection=raised, answer="补两户", amount=Decimal("40"), by=clerk, at=NOW
    )
    assert answered.state == ObjectionState.ACCEPTED
    assert answered.adjustment.amount == Decimal("40")
    assert Notification.objects.filter(person=manager).exists()


def test_an_objection_is_answered_once_and_by_somebody_else(six: District) -> None:
    line = line_of(sheet_of(six), "hongda", "one_time")
    manager, clerk = six.people["grid1"], six.people["clerk"]
    raised = raise_objection(line=line, text="x", by=manager, at=NOW)
    with pytest.raises(Locked):
        raise_objection(line=line, text="y", by=manager, at=NOW)
    with pytest.raises(Refused):
        answer_objection(objection=raised, answer="x", amount=None, by=manager, at=NOW)
    answer_objection(objection=raised, answer="无误", amount=None, by=clerk, at=NOW)
    with pytest.raises(Locked):
        answer_objection(objection=raised, answer="x", amount=Decimal(1), by=clerk, at=NOW)
    with pytest.raises(Locked):
        withdraw_objection(objection=raised, by=manager, at=NOW)
    assert CommissionAdjustment.objects.filter(line=line).count() == 0


def test_the_pages_carry_an_objection_to_its_adjustment(six: District, signed_in: Any) -> None:
    line = line_of(sheet_of(six), "hongda", "one_time")
    manager, clerk = signed_in("test-grid1"), signed_in("test-clerk")
    assert manager.post(f"/commissions/lines/{line.pk}/object/", {"text": ""}).status_code == 422
    manager.post(f"/commissions/lines/{line.pk}/object/", {"text": "少计两户"})
    raised = StatementObjection.objects.get()
    page = clerk.get("/commissions/objections/").content.decode()
    assert "少计两户" in page
    refused = clerk.post(
        f"/commissions/objections/{raised.pk}/answer/", {"answer": "补", "amount": "-999999"}
    )
    assert refused.status_code == 422
    clerk.post(f"/commissions/objections/{raised.pk}/answer/", {"answer": "补", "amount": "40"})
    assert CommissionAdjustment.objects.get().amount == Decimal(40)
    assert "+40.00" in clerk.get("/commissions/adjustments/").content.decode()


@pytest.mark.parametrize("path", ["objections", "adjustments"])
def test_lists_cost_as_many_queries_for_two_rows_as_for_twenty(
    six: District, signed_in: Any, path: str
) -> None:
    sheet, client = sheet_of(six), signed_in("test-clerk")
    lines = list(CommissionLine.objects.filter(statement__sheet=sheet))
    counts = []
    for number, line in enumerate(lines[:20], start=1):
        if path == "objections":
            raise_objection(line=line, text="x", by=six.people["grid1"], at=NOW)
        else:
            CommissionAdjustment.objects.create(
                line=line, amount=1, reason="x",
                entered_by=six.people["clerk"], entered_at=NOW,
            )  # fmt: skip
        if number in (2, 20):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/commissions/{path}/").status_code == 200
            counts.append(len(captured))
    assert counts[0] == counts[1]


# --- against last month ----------------------------------------------------------------------


def month_of(gross: str, net: str | None = None) -> Any:
    back = Decimal(0) if net is None else Decimal(gross) - Decimal(net)
    return settle(gross=Decimal(gross), deductions=back, brought_forward=Decimal(0))


@pytest.mark.parametrize(
    ("now", "before", "flags"),
    [
        (month_of("200"), month_of("100"), (Odd.DOUBLED,)),
        (month_of("199.99"), month_of("100"), ()),
        (month_of("199"), month_of("99.50"), ()),  # less than 100 apart
        (month_of("100"), month_of("200"), (Odd.HALVED,)),
        (month_of("100.01"), month_of("200"), ()),
        (month_of("10", "-1"), month_of("10"), (Odd.NEGATIVE,)),
        (month_of("10"), None, (Odd.NEW,)),
        (None, month_of("10"), (Odd.GONE,)),
        (month_of("0"), month_of("0"), ()),
    ],
)
def test_odd_statements_are_flagged_at_their_bounds(
    now: Any, before: Any, flags: tuple[Odd, ...]
) -> None:
    assert odd(now, before) == flags


def test_the_steps_lead_from_last_months_net_to_this_ones(six: District) -> None:
    sheet_of(six)
    april(six)
    sheet = sheet_of(six, APRIL, upto="made")
    pairs = compared(statements_of(sheet.pk, with_lines=True), sheet_before(sheet))
    assert len(pairs) == 5  # four have no statement any more
    for pair in pairs:
        before = pair.before.totals.net if pair.before else Decimal(0)
        now = pair.now.totals.net if pair.now else Decimal(0)
        assert before + sum(yuan for _code, yuan in pair.steps) == now


def test_the_archive_holds_a_statement_per_dealer_that_adds_up(
    six: District, signed_in: Any
) -> None:
    sheet = sheet_of(six)
    answer = signed_in("test-clerk").get(f"/commissions/{sheet.pk}/statements.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert len(archive.namelist()) == 5
    paid = Decimal(0)
    for name in archive.namelist():
        page = openpyxl.load_workbook(io.BytesIO(archive.read(name)), data_only=True).active
        paid += next(
            Decimal(str(row[3].value)).quantize(Decimal("0.01"))
            for row in page.iter_rows()
            if row[0].value in ("本期支付", "Paid this month")
        )
    assert paid == sheet.paid
    own = signed_in("test-grid2").get(f"/commissions/{sheet.pk}/statements.zip")
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(own.streaming_content))).namelist()) == 2
