"""Staff commission gives the coefficient table of worked example 6."""

from decimal import Decimal
from fractions import Fraction

import pytest

from subsidies.rules.money import to_cents
from subsidies.rules.staff import StaffMonth, StaffPolicy, coefficient, staff_pay
from tests.worked_examples import example

STAFF = example("6_commission")["网格经理_直销经理佣金"]


def staff_months() -> list[StaffMonth]:
    return [
        StaffMonth(row["人员"], Decimal(row["KPI"]), Decimal(row["计件佣金"]))
        for row in STAFF["rows"]
    ]


def test_the_table_of_the_example_is_reproduced() -> None:
    # Grid and direct-sales managers are one peer group there: the only direct-sales manager
    # has 0.9, where a group of his own would give him 1.
    results = staff_pay(StaffPolicy(), staff_months())

    for result, row in zip(results, STAFF["rows"], strict=True):
        assert result.coefficient == Fraction(row["系数"])
        assert result.pay == Decimal(row["应发"])
    assert sum(each.pay for each in results if each.pay is not None) == Decimal(STAFF["total"])


def test_equal_scores_give_everyone_one() -> None:
    peers = [StaffMonth(name, Decimal("88.90"), Decimal("1288.00")) for name in "ab"]
    for result in staff_pay(StaffPolicy(), peers):
        assert (result.coefficient, result.pay) == (1, Decimal("1288.00"))


def test_a_single_peer_has_one() -> None:
    assert staff_pay(StaffPolicy(), staff_months()[:1])[0].coefficient == 1


def test_nobody_is_paid_before_every_score_is_known() -> None:
    peers = [*staff_months(), StaffMonth("late", None, Decimal(1000))]
    assert {each.pay for each in staff_pay(StaffPolicy(), peers)} == {None}
    assert staff_pay(StaffPolicy(), []) == []


def test_the_coefficient_is_not_rounded_before_it_multiplies() -> None:
    third = coefficient(StaffPolicy(), Decimal(1), Decimal(0), Decimal(3))
    assert third == Fraction(29, 30)
    peers = [StaffMonth(str(score), Decimal(score), Decimal(3000)) for score in (0, 1, 3)]
    assert [each.pay for each in staff_pay(StaffPolicy(), peers)] == [2700, 2900, 3300]


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0.005", "0.01"), ("0.00499", "0.00"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("7", "7.00")],
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, cents: str) -> None:
    assert str(to_cents(Decimal(amount))) == cents
