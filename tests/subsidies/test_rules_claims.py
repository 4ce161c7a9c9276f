"""Claims: example 5's five, the deadline to the second, and never more than the balance."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsidies.rules.capitals import in_capitals
from subsidies.rules.claims import ZONE, Budget, Demand, closing, grant, headroom, opening
from subsidies.rules.entitlement import Policy, entitlement, gain
from tests.worked_examples import example

MARCH = date(2026, 3, 1)
CLAIMS = example("5_subsidy")["claims_网格1"]


def test_the_claims_of_example_5_come_out_to_the_cent() -> None:
    budget = Budget(Decimal(600), Decimal(CLAIMS["额度"]) - 600)
    rows = {
        row["单号"]: Demand(
            key=int(row["单号"][-1]),
            submitted_at=datetime.fromisoformat(row["提交"]).replace(tzinfo=ZONE),
            amount=Decimal(row["金额"]),
            has_receipts=row["结果"] != "待补票据",
        )
        for row in CLAIMS["claims"]
    }
    late = [name for name, row in rows.items() if row.submitted_at >= closing(MARCH)]
    assert late == ["BX-04"]

    live = {name: row for name, row in rows.items() if name not in late}
    for row in CLAIMS["claims"]:
        name = row["单号"]
        if name in late or not live[name].has_receipts:
            continue
        granted = grant(budget, live.values(), live[name].key)
        assert granted == Decimal(row["核报"]), name
        old = live[name]
        live[name] = Demand(old.key, old.submitted_at, old.amount, granted)
        settled = [each for each in live.values() if each.granted is not None]
        assert headroom(budget, settled).left == Decimal(row["余额"])


def test_the_25th_counts_to_its_last_second_in_shanghai() -> None:
    assert closing(MARCH) == datetime(2026, 3, 26, 0, 0, tzinfo=ZONE)
    assert closing(MARCH) - timedelta(seconds=1) == datetime(2026, 3, 25, 23, 59, 59, tzinfo=ZONE)
    assert opening(MARCH) == datetime(2026, 3, 1, tzinfo=ZONE)
    # 25 October 2026 is a Sunday: not extended.
    assert closing(date(2026, 10, 1)).day == 26


def test_while_the_floating_part_is_pending_only_the_fixed_part_may_be_claimed() -> None:
    budget = Budget(Decimal(600), None)
    asked = [Demand(1, opening(MARCH), Decimal(700))]
    assert grant(budget, asked, 1) == Decimal(600)


amounts = st.integers(1, 200_000).map(lambda cents: Decimal(cents) / 100)
moments = st.integers(0, 5).map(lambda hours: opening(MARCH) + timedelta(hours=hours))


@given(
    fixed=amounts,
    floating=st.none() | amounts,
    asked=st.lists(st.tuples(amounts, moments, st.booleans()), min_size=1, max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_no_order_of_checking_grants_more_than_the_budget(fixed, floating, asked, order) -> None:
    budget = Budget(fixed, floating)
    rows = {n: Demand(n, at, amount, None, there) for n, (amount, at, there) in enumerate(asked)}
    sequence = [n for n, row in rows.items() if row.has_receipts]
    order.shuffle(sequence)
    for n in sequence:
        granted = grant(budget, rows.values(), n)
        assert 0 <= granted <= rows[n].amount
        rows[n] = Demand(n, rows[n].submitted_at, rows[n].amount, granted)
    total = sum((row.granted or 0 for row in rows.values()), Decimal(0))
    wanted = sum((row.amount for row in rows.values() if row.has_receipts), Decimal(0))
    # All of the balance is used, whatever the order, and each gets what the queue gives.
    assert total == min(wanted, budget.total)
    left = budget.total
    for n in sorted(sequence, key=lambda n: (rows[n].submitted_at, n)):
        assert rows[n].granted == min(rows[n].amount, left)
        left -= rows[n].granted


def test_the_floor_is_paid_at_least_and_the_cap_at_most() -> None:
    policy = Policy(Decimal(600), Decimal(800), Decimal(1), Decimal("0.6"))
    for actual, floating in (("-5", 480), ("0", 480), ("5", 480), ("7", 560), ("30", 800)):
        found = entitlement(policy, Decimal(10), Decimal(actual))
        assert found.floating == Decimal(floating), actual


@pytest.mark.parametrize(
    ("task", "actual", "adds"),
    [("33.36", "31.71", "15.21"), ("36.15", "36.15", "0.00"), ("100", "99", "8.00"),
     ("0", "5", "0.00")],
)  # fmt: skip
def test_more_revenue_adds_what_the_new_entitlement_says(task: str, actual: str, adds: str) -> None:
    policy = Policy(Decimal(600), Decimal(800))
    assert gain(policy, Decimal(task), Decimal(actual), Decimal("0.02")) == Decimal(adds)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10.00", "壹拾元整"),
        ("100.05", "壹佰元零伍分"),
        ("1360.43", "壹仟叁佰陆拾元肆角叁分"),
        ("1005.10", "壹仟零伍元壹角整"),
        ("10001.00", "壹万零壹元整"),
        ("100100.00", "壹拾万零壹佰元整"),
        ("99999.99", "玖万玖仟玖佰玖拾玖元玖角玖分"),
        ("100000000.00", "壹亿元整"),
    ],
)
def test_amounts_are_written_in_capitals_as_forms_have_them(amount: str, text: str) -> None:
    assert in_capitals(Decimal(amount)) == text


def test_an_amount_finer_than_a_cent_has_no_capitals() -> None:
    for amount in ("-1", "0.001", "1e15"):
        with pytest.raises(ValueError, match="no amount"):
            in_capitals(Decimal(amount))
