"""Joining commission split over months: by the rule, from sheet to sheet, on page, API and file."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from orgchart.errors import Invalid
from orgchart.models import Dealer
from subsidies.models import CommissionSheet, Statement
from subsidies.queries.returns import pool_dues
from subsidies.rules.commission import pool_shares, statement
from subsidies.rules.dealer_month import DealerMonthInvalid, PoolDue
from subsidies.rules.ledger import User, tally
from subsidies.rules.scheme import PoolPart, Scheme, SchemeInvalid
from subsidies.services.commissions import approve_sheet, audit_sheet, make_sheet
from tests.district import MARCH, NOW, District
from tests.subsidies.dealers import dealer_month, dealer_rows, scheme, scheme_document
from tests.subsidies.district import enter, open_dealer, publish, set_scheme
from tests.subsidies.test_rules_commission import idle_month
from tests.subsidies.test_schemes import NEW, copied, typed

# 40 % at joining, 30 % in the fourth month, the balance by retention in the seventh (rules §7).
PARTS = [
    {"month": 1, "share": "0.4", "is_retained": False},
    {"month": 4, "share": "0.3", "is_retained": False},
    {"month": 7, "share": "0.3", "is_retained": True},
]
JUNE, SEPTEMBER = date(2026, 6, 1), date(2026, 9, 1)


def test_the_example_split_keeps_what_it_does_not_pay() -> None:
    split = statement(scheme(pool=PARTS), dealer_month(dealer_rows()[0]))
    whole = statement(scheme(), dealer_month(dealer_rows()[0]))

    held = split.line("pool_held")
    assert held.amount == Decimal("4416.00")  # 60 % of 4600 + 2760
    assert [part.amount for part in held.parts] == [Decimal("2208.00")] * 2
    assert whole.settlement.net - split.settlement.net == held.amount
    assert (whole.unit_price, split.unit_price) == (Decimal(32), Decimal("12.8"))


@pytest.mark.parametrize(
    ("staying", "paid"), [(230, "2208.00"), (180, "1728.00"), (1, "9.60"), (0, "0.00")]
)
def test_a_part_by_retention_pays_for_those_still_there(staying: int, paid: str) -> None:
    due = PoolDue("2026-03", 7, Decimal("2208.00"), 230, True, staying)

    line = statement(scheme(), idle_month(pool_dues=(due,))).line("pool_part")

    assert (line.amount, line.code.is_deduction) == (Decimal(paid), False)


@pytest.mark.parametrize(
    ("staying", "code"), [(None, "retained_missing"), (231, "above_joined"), (-1, "negative")]
)
def test_users_still_there_that_cannot_be_are_named(staying: int | None, code: str) -> None:
    due = PoolDue("2026-03", 7, Decimal("2208.00"), 230, True, staying)

    with pytest.raises(DealerMonthInvalid) as refused:
        statement(scheme(), idle_month(pool_dues=(due,)))

    assert [(fault.path, fault.code) for fault in refused.value.faults] == [
        ("/retained/2026-03", code)
    ]


@given(st.integers(0, 10**8), st.tuples(*[st.integers(1, 40)] * 4))
def test_the_parts_add_up_to_the_cent(cents: int, weights: tuple[int, ...]) -> None:
    amount = Decimal(cents) / 100
    shares = [round(Decimal(weight) / sum(weights), 4) for weight in weights[1:]]
    parts = [PoolPart(1, 1 - sum(shares, Decimal(0)))]
    parts += [PoolPart(number, share) for number, share in enumerate(shares, start=2)]

    found = pool_shares(parts, amount)

    assert sum(found) == amount
    assert all(share >= 0 and share == round(share, 2) for share in found)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_all_months_together_never_pay_more_than_joining_brought(
    gross: int, first: int, second: int
) -> None:
    split, whole = scheme(pool=PARTS), statement(scheme(), idle_month(gross=gross))
    joined = statement(split, idle_month(gross=gross))
    later = statement(
        split,
        idle_month(
            pool_dues=tuple(
                PoolDue("2026-03", 4 + 3 * at, part.amount, gross, True, min(staying, gross))
                for at, (part, staying) in enumerate(
                    zip(joined.line("pool_held").parts, (first, second), strict=True)
                )
            )
        ),
    )

    together = joined.settlement.net + later.settlement.net
    assert together <= whole.settlement.net
    if min(first, second) >= gross:
        assert together == whole.settlement.net
    assert joined.unit_price * gross <= joined.settlement.net


@pytest.mark.parametrize(
    ("parts", "path", "code"),
    [
        ([], "/pool", "not_the_whole"),
        ([PARTS[0] | {"share": "1.1"}], "/pool/0/share", "too_large"),
        ([PARTS[0], PARTS[1]], "/pool", "not_the_whole"),
        ([PARTS[0], PARTS[2], PARTS[1]], "/pool/2/month", "not_rising"),
        ([PARTS[0] | {"month": 2}, PARTS[1], PARTS[2]], "/pool/0/month", "first_not_joining"),
        ([PARTS[0] | {"is_retained": True}, *PARTS[1:]], "/pool/0/month", "first_not_joining"),
    ],
)
def test_a_split_that_is_none_is_named(parts: list[Any], path: str, code: str) -> None:
    with pytest.raises(SchemeInvalid) as refused:
        Scheme.from_json(scheme_document() | {"pool": parts})

    assert (path, code) in [(fault.path, fault.code) for fault in refused.value.faults]


def test_the_ledger_counts_who_is_still_there() -> None:
    users = [
        User("a", date(2026, 3, 9), Decimal(1), Decimal(1), Decimal(1)),
        User("b", date(2026, 3, 9), Decimal(1), Decimal(1), Decimal(1), left_on=date(2026, 9, 2)),
        User("c", date(2026, 3, 9), Decimal(1), Decimal(1), Decimal(1), left_on=date(2026, 5, 2)),
        User("d", date(2026, 3, 9), Decimal(1), Decimal(1), Decimal(1), left_on=date(2026, 10, 2)),
        User("e", date(2026, 3, 9), Decimal(0), Decimal(1), Decimal(1)),  # nothing was paid
        User("f", date(2026, 9, 9), Decimal(1), Decimal(1), Decimal(1)),  # joined now
    ]

    assert tally(scheme(), SEPTEMBER, users, {}).retained == {MARCH: 2}


def settled(district: District, month: date) -> CommissionSheet:
    publish(district, month)
    people = district.people
    made = make_sheet(district=district.root, month=month, by=people["clerk"], at=NOW)
    audited = audit_sheet(sheet=made, by=people["auditor"], at=NOW)
    return approve_sheet(sheet=audited, by=people["head"], at=NOW)


@pytest.fixture
def shop(district: District) -> Dealer:
    """A dealer whose 100 users of March brought 2800.00, 1120.00 of it at once."""
    set_scheme(district, pool=PARTS)
    dealer = open_dealer(district, "shop", "grid1")
    enter(dealer, MARCH, gross=100)
    settled(district, MARCH)
    return dealer


def paid(dealer: Dealer, month: date) -> Decimal:
    return Statement.objects.get(dealer=dealer, sheet__month=month).paid


def test_the_parts_come_in_their_months_and_wait_for_a_statement(
    district: District, shop: Dealer
) -> None:
    assert paid(shop, MARCH) == Decimal("1120.00")
    assert pool_dues(district.root, date(2026, 5, 1)) == {}

    enter(shop, date(2026, 7, 1))  # none in June: what fell due then waits for July
    settled(district, date(2026, 7, 1))
    assert paid(shop, date(2026, 7, 1)) == Decimal("840.00")

    enter(shop, date(2026, 8, 1))
    settled(district, date(2026, 8, 1))
    assert paid(shop, date(2026, 8, 1)) == 0  # paid once

    row = enter(shop, SEPTEMBER)
    publish(district, SEPTEMBER)
    with pytest.raises(Invalid) as refused:
        make_sheet(district=district.root, month=SEPTEMBER, by=district.people["clerk"], at=NOW)
    assert [fault.pointer for fault in refused.value.faults] == ["/dealers/shop/retained/2026-03"]
    row.retained = {"2026-03": 75}
    row.save()
    settled(district, SEPTEMBER)
    assert paid(shop, SEPTEMBER) == Decimal("630.00")  # 840.00 × 75 ÷ 100


def test_page_api_and_file_say_the_same(district: District, shop: Dealer, signed_in: Any) -> None:
    enter(shop, JUNE)
    sheet = settled(district, JUNE)
    clerk = signed_in("test-clerk")

    with translation.override("zh-hans"):
        page = clerk.get(f"/commissions/{sheet.pk}/statements/shop/").content.decode()
        book = clerk.get(f"/commissions/{sheet.pk}/export.xlsx").getvalue()
    body = clerk.get(f"/api/v1/commission-sheets/{sheet.pk}/").json()

    [line] = [each for each in body["statements"][0]["lines"] if each["code"] == "pool_part"]
    assert line["amount"] == "840.00"
    assert "前期佣金分月兑付" in page and "2026-03: 840.00" in page
    pages = load_workbook(io.BytesIO(book)).worksheets
    cells = [cell.value for one in pages for row in one for cell in row]
    assert "前期佣金分月兑付" in cells and 840 in cells


def test_the_form_asks_for_those_still_there(
    district: District, shop: Dealer, signed_in: Any
) -> None:
    enter(shop, date(2026, 8, 1))
    settled(district, date(2026, 8, 1))
    publish(district, SEPTEMBER)
    clerk, url = signed_in("test-clerk"), "/commissions/returns/2026-09/shop/"
    assert "retained_2026-03" in clerk.get(url).context["form"].fields

    for staying in ("", "101"):
        answer = clerk.post(url, {"gross": 3, "retained_2026-03": staying})
        assert list(answer.context["form"].errors) == ["retained_2026-03"]
    assert clerk.post(url, {"gross": 3, "retained_2026-03": 75}).status_code == 302


def test_a_scheme_with_parts_is_written_read_and_copied_in_the_browser(
    district: District, signed_in: Any
) -> None:
    set_scheme(district)
    clerk = signed_in("test-clerk")
    split = {
        "pool_0_share": "40", "pool_1_month": "7", "pool_1_share": "30", "pool_1_retained": "on",
        "pool_2_month": "4", "pool_2_share": "30",
    }  # fmt: skip
    for change, field in (
        ({"pool_0_share": "39"}, "pool_0_share"),
        ({"pool_2_month": "7"}, "pool_2_month"),
        ({"pool_2_month": ""}, "pool_2_month"),
    ):
        answer = clerk.post(NEW, copied(clerk, valid_from="2026-04") | split | change)
        assert field in answer.context["form"].errors

    answer = clerk.post(NEW, copied(clerk, valid_from="2026-04") | split)

    again = typed(clerk, f"{answer['Location']}edit/")
    assert (again["pool_1_month"], again["pool_1_share"]) == (4, "30")
    assert "pool_1_retained" not in again and again["pool_2_retained"]
    draft = clerk.get(answer["Location"])
    assert draft.context["draft"].body["pool"] == PARTS
    assert "分月兑付" in draft.content.decode() or "Paid over months" in draft.content.decode()
