"""The month's money: every sum two ways, the file like the page, a wrong sum called wrong."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection

from competitions.models import Award, CampaignAward, RoundState
from orgchart.guards import GUARDS
from orgchart.models import Unit
from portal.queries.money import COLUMNS, money
from portal.reconciliation_workbook import kind_names
from subsidies.models import Claim, Entitlement, SheetKind, SheetState, Statement
from subsidies.wording import is_deduction
from targets.months import last_day
from tests.worked_examples import example

MARCH = date(2026, 3, 1)
pytestmark = pytest.mark.usefixtures("demo")


def district() -> Unit:
    return Unit.objects.get(code="xx")


@pytest.mark.parametrize("number", range(1, 12))
def test_every_sum_of_every_month_agrees_with_its_ledger(number: int) -> None:
    found = money(district(), date(2026, number, 1))
    assert [proof.text for proof in found.proofs if not proof.holds] == []
    claims = found.lines["claims"]
    assert claims
    for line in claims.values():
        assert line.paid <= line.due


def test_march_is_that_of_the_examples() -> None:
    found = money(district(), MARCH)
    assert found.total("subsidies").due == Decimal(example("5_subsidy")["district total"]["cap100"])
    assert found.total("commissions").due == Decimal("19286.99")
    assert found.total("commissions").carried == Decimal("-602.61")
    assert found.total("awards").paid == Decimal(500)


def ledger(month: date) -> dict[str, dict[str, Decimal]]:
    """Return the sums once more, from the smallest rows: lines, items, awards, entitlements."""
    zero = Decimal(0)
    found: dict[str, dict[str, Decimal]] = {
        kind: dict.fromkeys(COLUMNS, zero) for kind in kind_names()
    }
    statements = (
        Statement.objects.filter(sheet__district=district(), sheet__month=month)
        .exclude(sheet__state=SheetState.VOID)
        .select_related("sheet")
        .prefetch_related("lines")
    )
    for row in statements:
        net = row.brought_forward + sum(
            (-line.amount if is_deduction(line.code) else line.amount for line in row.lines.all()),
            zero,
        )
        sums = found["staff" if row.sheet.kind == SheetKind.STAFF else "commissions"]
        sums["due"] += max(net, zero)
        sums["carried"] += min(net, zero)
        sums["approved"] += max(net, zero) if row.sheet.seal else zero
        sums["paid"] += max(net, zero) if row.sheet.paid_out_at else zero
    for claim in Claim.objects.filter(
        unit__district=district(), month=month, approved_at__isnull=False
    ):
        if claim.state not in ("returned", "void"):
            found["claims"]["approved"] += sum(item.amount for item in claim.items.all())
            found["claims"]["paid"] += claim.granted if claim.paid_at else zero
    for award in Award.objects.filter(round__month=month, unit__district=district()).exclude(
        round__state=RoundState.VOID
    ):
        found["awards"]["due"] += award.amount
        found["awards"]["paid"] += award.amount if award.round.state == RoundState.PAID else zero
    for won in CampaignAward.objects.filter(
        campaign__district=district(), campaign__ends_on__range=(month, last_day(month))
    ):
        if won.campaign.state in ("decided", "approved", "paid"):
            found["awards"]["due"] += won.amount
            found["awards"]["paid"] += won.amount if won.campaign.state == "paid" else zero
    found["subsidies"]["due"] = sum(
        (row.total for row in Entitlement.objects.filter(unit__district=district(), month=month)),
        zero,
    )
    return found


CHECKED = {
    "subsidies": ("due",), "claims": ("approved", "paid"), "commissions": COLUMNS,
    "staff": COLUMNS, "awards": ("due", "paid"),
}  # fmt: skip


@pytest.mark.parametrize("number", [2, 3, 5, 10])
def test_page_api_and_ledger_say_the_same_of_every_kind(number: int, signed_in: Any) -> None:
    month = date(2026, number, 1)
    expected = ledger(month)
    client = signed_in("head")

    body = client.get(f"/api/v1/reconciliation/?month=2026-{number:02}").json()
    page = client.get(f"/reconciliation/?month=2026-{number:02}").content.decode()

    for kind, columns in CHECKED.items():
        for column in columns:
            value = expected[kind][column]
            shown = Decimal(body["kinds"][kind][column] or 0)
            assert shown == value, (kind, column)
            if value:
                assert f"{value:,.2f}".replace("-", "−") in page, (kind, column)
            units = body["kinds"][kind]["units"].values()
            assert sum(Decimal(unit[column] or 0) for unit in units) == value
    assert body["kinds"]["staff"]["due"] not in (None, "0.00")
    assert all(proof["holds"] for proof in body["proofs"])


def test_a_program_without_a_month_is_told_so(signed_in: Any) -> None:
    answer = signed_in("head").get("/api/v1/reconciliation/")
    assert answer.status_code in (400, 422)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/month"]


def test_the_file_adds_up_to_the_page(signed_in: Any) -> None:
    client = signed_in("head")
    answer = client.get("/reconciliation/export.xlsx?month=2026-03")
    rows = list(
        openpyxl.load_workbook(io.BytesIO(answer.content), data_only=True).active.iter_rows(
            values_only=True
        )
    )
    total = next(row for row in rows if row[0] == "合计")
    head = next(n for n, row in enumerate(rows) if row[0] == "单元")
    units = rows[head + 1 : rows.index(total)]
    found = money(district(), MARCH)
    for place, kind in enumerate(kind_names()):
        for offset, step in enumerate(COLUMNS):
            column = 1 + place * 4 + offset
            added = sum(Decimal(str(row[column] or 0)) for row in units)
            assert added == Decimal(str(total[column] or 0))
            assert added == (getattr(found.total(kind), step) or 0)
    page = client.get("/reconciliation/?month=2026-03").content.decode()
    for text in ("9,240.43", "19,286.99", "−602.61", "与台账相符"):
        assert text in page


def test_a_sum_that_does_not_agree_is_called_so(signed_in: Any) -> None:
    guard = GUARDS["statement_of_sheet_being_made"]
    row = Statement.objects.filter(sheet__month=MARCH, sheet__state="paid").first()
    guard.lift(connection)
    try:
        Statement.objects.filter(pk=row.pk).update(paid=row.paid + 1)
    finally:
        guard.install(connection)
    assert not all(proof.holds for proof in money(district(), MARCH).proofs)
    assert "对不上" in signed_in("head").get("/reconciliation/?month=2026-03").content.decode()
