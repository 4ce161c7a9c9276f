"""What holds of any money: paid + carried = net; sheet = lines = file; no more back than paid."""

import io
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from bench.exporting import _sheet as a_sheet
from subsidies.queries.sheets import Line, PayeeStatement
from subsidies.rules.commission import statement
from subsidies.rules.dealer_month import Clawback, DealerMonth, Penalty, RevenueGroup
from subsidies.rules.ledger import User, tally
from subsidies.rules.lines import Adjustment, Statement
from subsidies.rules.sheet import Settlement, totals
from subsidies.workbooks import commission_workbook
from targets.months import last_day, month_after
from tests.subsidies.dealers import scheme
from tests.subsidies.test_pool import PARTS
from tests.subsidies.test_workbooks import cents

BOUNDS = (Decimal(0), Decimal(10), Decimal(20), Decimal(50))
SCHEMES = {
    "whole": scheme(),
    "marginal": scheme(volume={"mode": "marginal", "bands": [["0", "0"], ["3", "5"], ["7", "12"]]}),
    "split": scheme(pool=PARTS),
}
users = st.integers(0, 60)
yuan = st.integers(0, 9_999).map(lambda cents: Decimal(cents) / 100)
counts = st.tuples(users, users, users, users).map(lambda n: dict(zip(BOUNDS, n, strict=True)))
months = st.builds(
    lambda gross, third, sixth, group, lost, fine, debt, mended: DealerMonth(
        dealer_class="A", gross=gross, zero_call=gross // 7, low_quality_users=gross // 5,
        instalment_counts={3: third, 6: sixth}, revenue_groups=(RevenueGroup(*group),),
        clawbacks=(Clawback(*lost),), penalties=(Penalty("AU", fine),), brought_forward=-debt,
        adjustments=(Adjustment("2026-01/volume/1", mended - 50),),
    ),
    st.integers(0, 250), counts, counts, st.tuples(yuan, users), st.tuples(users, yuan), yuan,
    yuan, yuan,
)  # fmt: skip


def signed(result: Statement) -> Decimal:
    return sum(
        (-line.amount if line.code.is_deduction else line.amount for line in result.lines),
        Decimal(0),
    )


def as_stored(number: int, result: Statement) -> PayeeStatement:
    unit = SimpleNamespace(short="网格1", name="网格1", pk=1)
    payee: Any = SimpleNamespace(name=f"经销商{number}", code=f"d{number}", pk=number)
    lines = tuple(
        Line(0, line.key, None if line.quantity is None else Decimal(line.quantity), line.rate,
             line.amount, line.working())
        for line in result.lines
    )  # fmt: skip
    return PayeeStatement(
        payee, None, unit, "A", result.counted_users, result.unit_price, 1, result.settlement, lines
    )  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(SCHEMES)), st.lists(months, min_size=1, max_size=4))
def test_sheet_lines_and_file_say_the_same(name: str, given_months: list[DealerMonth]) -> None:
    results = [statement(SCHEMES[name], each) for each in given_months]
    sheet = totals(result.settlement for result in results)

    with translation.override("en"):
        content = commission_workbook(
            a_sheet(), [as_stored(number, result) for number, result in enumerate(results)]
        )
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    summary = book.get_sheet_by_name("Summary").to_python()
    lines = book.get_sheet_by_name("Lines").to_python()

    for result in results:
        found = result.settlement
        assert found.paid + found.carried == found.net
        assert signed(result) + found.brought_forward == found.net
    assert sheet.paid + sheet.carried == sheet.net
    assert sheet.net == sum((signed(result) for result in results), sheet.brought_forward)
    rows = summary[3 : 3 + len(results)]
    for place, column in ((-1, "carried"), (-2, "paid"), (-3, "net"), (-4, "brought_forward")):
        total = summary[3 + len(results)][place]
        assert cents(total) == getattr(sheet, column), column
        assert sum(cents(row[place]) for row in rows) == getattr(sheet, column), column
    listed = lines[3 : 3 + sum(len(result.lines) for result in results)]
    earned, taken = (
        sum((cents(row[place] or 0) for row in listed), Decimal(0)) for place in (6, 7)
    )
    assert earned - taken + sheet.brought_forward == sheet.net
    end = lines[3 + len(listed)]
    assert (cents(end[6]), cents(end[7])) == (sheet.gross, sheet.deductions) == (earned, taken)


@given(st.lists(st.builds(lambda a, b: (a, b), yuan, yuan), max_size=6))
def test_a_debt_of_one_never_lowers_what_another_is_paid(pairs: list[tuple[Any, Any]]) -> None:
    each = [
        Settlement(gross, taken, Decimal(0), gross - taken, max(gross - taken, Decimal(0)),
                   min(gross - taken, Decimal(0)))
        for gross, taken in pairs
    ]  # fmt: skip
    assert totals(each).paid == sum((row.paid for row in each), Decimal(0))


START = date(2026, 1, 1)
# joined in month, is of low quality, has called, days until he leaves
lives = st.lists(
    st.tuples(
        st.integers(0, 2), st.booleans(), st.sampled_from((True, True, False)),
        st.one_of(st.none(), st.integers(0, 120)),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def cohort_taken(name: str, people: list[Any], *, is_told: bool = True) -> dict[str, list[Decimal]]:
    """Return {user: what was paid for him, then each sum taken back}, month after month."""
    policy = SCHEMES[name]
    joined = [month_after(START, month) for month, *_rest in people]
    left = [
        None if days is None else month + timedelta(days=days)
        for month, (*_rest, days) in zip(joined, people, strict=True)
    ]
    money: dict[str, list[Decimal]] = {}
    prices: dict[date, Decimal] = {}
    recovered: dict[str, Decimal] = {}
    for step in range(8):
        month = month_after(START, step)
        there = [
            User(f"u{number}", joined[number], Decimal(60 * called), Decimal(60), Decimal(25),
                 low, left[number] if (left[number] or month) <= last_day(month) else None)
            for number, (_month, low, called, _days) in enumerate(people)
            if joined[number] <= month and (left[number] is None or left[number] >= month)
        ]  # fmt: skip
        known = recovered if is_told else {}
        for one in there:
            if one.joined_on < month:
                alone = tally(policy, month, [one], prices, known)
                money[one.user] += [price for _count, price in alone.clawbacks]
        found = tally(policy, month, there, prices, known)
        result = statement(
            policy,
            DealerMonth(
                "A", found.gross, found.zero_call,
                {each.month: found.instalments.get(each.month, {}) for each in policy.instalments},
                clawbacks=tuple(Clawback(*each) for each in found.clawbacks),
                low_quality_users=found.low_quality,
            ),
        )  # fmt: skip
        prices[month] = result.unit_price
        rate = result.line("low_quality").rate or Decimal(0)
        for one in there:
            if one.joined_on == month:
                counts_here = one.first_minutes > 0
                money[one.user] = [result.unit_price if counts_here else Decimal(0)]
                if one.is_low_quality and counts_here:
                    money[one.user].append(rate)
                    recovered[one.user] = rate
    return money


@pytest.mark.parametrize("name", SCHEMES)
@settings(max_examples=60, deadline=None)
@given(people=lives)
def test_nobody_is_charged_back_more_than_was_paid_for_him(name: str, people: list[Any]) -> None:
    for paid, *taken in cohort_taken(name, people).values():
        assert sum(taken, Decimal(0)) <= paid


def test_without_telling_what_was_recovered_a_user_is_charged_twice() -> None:
    """The proof that the property can fail: low quality at joining, gone a month later."""
    [(paid, *taken)] = cohort_taken("whole", [(0, True, True, 40)], is_told=False).values()
    assert (paid, taken) == (Decimal(20), [Decimal(20), Decimal(20)])
    [(paid, *taken)] = cohort_taken("whole", [(0, True, True, 40)]).values()
    assert (paid, taken) == (Decimal(20), [Decimal(20)])
