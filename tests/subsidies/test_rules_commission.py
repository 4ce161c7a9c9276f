"""Dealer statements give the figures of worked example 6."""

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsidies.rules.commission import statement
from subsidies.rules.dealer_month import (
    Clawback,
    DealerMonth,
    DealerMonthInvalid,
    Penalty,
    RevenueGroup,
)
from subsidies.rules.lines import LineCode
from subsidies.rules.scheme import TierMode
from subsidies.rules.sheet import settle, totals
from tests.subsidies.dealers import dealer_month, dealer_rows, scheme, scheme_document
from tests.worked_examples import example

by_dealer = pytest.mark.parametrize("row", dealer_rows(), ids=lambda row: row["经销商"])


def marginal_volume() -> dict[str, Any]:
    return {"volume": scheme_document()["volume"] | {"mode": "marginal"}}


def idle_month(**figures: Any) -> DealerMonth:
    return DealerMonth(
        **{
            "dealer_class": "A",
            "gross": 0,
            "zero_call": 0,
            "instalment_counts": {3: {}, 6: {}},
            **figures,
        }
    )


@by_dealer
def test_every_line_of_the_example_is_reproduced(row: dict[str, Any]) -> None:
    result = statement(scheme(), dealer_month(row))

    amounts = {line.key: line.amount for line in result.lines}
    assert amounts == {
        "one_time": Decimal(row["一次性佣金(20元/户)"]),
        "volume": Decimal(row["达量奖(全额阶梯)"]),
        "instalment_3": Decimal(row["分次佣金-第3月"]["金额"]),
        "instalment_6": Decimal(row["分次佣金-第6月"]["金额"]),
        "revenue_share": Decimal(row["话提佣金"]),
        "clawback": Decimal(row["90天离网扣回"]["金额"]),
        "low_quality": Decimal(row["三无极低扣回"]),
        "penalty": Decimal(row["稽核扣款"]),
    }
    assert result.counted_users == row["计佣户数"]
    assert result.line("volume").rate == Decimal(row["达量档(元/户)"])
    assert result.line("low_quality").formula.params["factor"] == Decimal(row["清算系数"])


@by_dealer
def test_every_money_column_of_the_example_is_reproduced(row: dict[str, Any]) -> None:
    settlement = statement(scheme(), dealer_month(row)).settlement

    assert settlement.gross == Decimal(row["应发小计"])
    assert settlement.deductions == Decimal(row["扣减小计"])
    assert settlement.brought_forward == Decimal(row["上期结转"])
    assert settlement.net == Decimal(row["净额"])
    assert settlement.paid == Decimal(row["本期支付"])
    assert settlement.carried == Decimal(row["结转下期"])


@by_dealer
def test_low_quality_share_prints_as_in_the_example(row: dict[str, Any]) -> None:
    figures = dealer_month(row)
    share = Decimal(0)
    if row["计佣户数"]:
        share = Decimal(100 * figures.low_quality_users) / row["计佣户数"]
    assert f"{share:.2f}%" == row["三无极低占比"]


@by_dealer
def test_revenue_share_sums_exact_amounts_and_rounds_once(row: dict[str, Any]) -> None:
    line = statement(scheme(), dealer_month(row)).line("revenue_share")

    assert [part.amount for part in line.parts] == [
        Decimal(group["金额"]) for group in row["话提明细"]
    ]
    assert [part.rate * 100 for part in line.parts] == [
        Decimal(group["比例"].rstrip("%")) for group in row["话提明细"]
    ]
    assert line.rate is None


@by_dealer
def test_marginal_tiers_give_the_alternative_of_the_example(row: dict[str, Any]) -> None:
    line = statement(scheme(**marginal_volume()), dealer_month(row)).line("volume")
    assert line.amount == Decimal(row["达量奖(分段阶梯,备选)"])


def test_totals_of_the_sheet_add_up_without_paying_debts_of_one_with_money_of_another() -> None:
    settlements = [statement(scheme(), dealer_month(row)).settlement for row in dealer_rows()]
    expected = example("6_commission")["total"]

    result = totals(settlements)

    assert result.gross == Decimal(expected["应发小计"])
    assert result.deductions == Decimal(expected["扣减小计"])
    assert result.brought_forward == Decimal("-37.20")
    assert result.net == Decimal(expected["净额"])
    assert result.paid == Decimal(expected["本期支付"])
    assert result.carried == Decimal(expected["结转下期"])


def test_totals_of_no_statement_are_zero() -> None:
    assert set(dataclasses.astuple(totals([]))) == {Decimal("0.00")}


@pytest.mark.parametrize("edge", example("6_commission")["tier_edges"], ids=lambda e: str(e["n"]))
@pytest.mark.parametrize(
    ("mode", "column"), [(TierMode.ALL_UNITS, "全额阶梯"), (TierMode.MARGINAL, "分段阶梯")]
)
def test_volume_tiers_at_their_edges(mode: TierMode, column: str, edge: dict[str, Any]) -> None:
    terms = scheme(volume=scheme_document()["volume"] | {"mode": mode.value})
    line = statement(terms, idle_month(gross=edge["n"])).line("volume")
    assert line.amount == edge[column]


@pytest.mark.parametrize("edge", example("6_commission")["band_edges"], ids=lambda e: e["净收入"])
@pytest.mark.parametrize("dealer_class", ["A", "B"])
def test_revenue_bands_have_no_gap_between_them(dealer_class: str, edge: dict[str, Any]) -> None:
    band = scheme().revenue_share.bands[dealer_class].at(Decimal(edge["净收入"]))
    assert f"{band.value * 100:f}".removesuffix(".00") + "%" == edge[dealer_class]


@pytest.mark.parametrize("edge", example("6_commission")["low_band_edges"], ids=lambda e: e["占比"])
def test_low_quality_bands_at_their_edges(edge: dict[str, Any]) -> None:
    share = Decimal(edge["占比"].rstrip("%")) / 100
    assert scheme().low_quality.bands.at(share).value == Decimal(edge["系数"])


def test_low_quality_share_is_compared_exactly() -> None:
    # 18.9999 % prints 19.00 % and stays in the band below.
    just_under = idle_month(gross=1_000_000, low_quality_users=189_999)
    on = idle_month(gross=1_000_000, low_quality_users=190_000)
    assert statement(scheme(), just_under).line("low_quality").rate == Decimal("12.8")
    assert statement(scheme(), on).line("low_quality").rate == Decimal("25.6")


def test_zero_call_users_count_when_the_scheme_says_so() -> None:
    figures = idle_month(gross=60, zero_call=12)
    excluded = statement(scheme(), figures)
    included = statement(scheme(excludes_zero_call=False), figures)
    assert (excluded.counted_users, excluded.line("volume").amount) == (48, Decimal("0.00"))
    assert (included.counted_users, included.line("volume").amount) == (60, Decimal("300.00"))


def test_a_negative_net_revenue_earns_nothing_and_owes_nothing() -> None:
    groups = (RevenueGroup(Decimal("-3.50"), 10), RevenueGroup(Decimal("15.00"), 2))
    line = statement(scheme(), idle_month(revenue_groups=groups)).line("revenue_share")
    assert line.amount == Decimal("2.40")


def test_half_a_cent_rounds_up() -> None:
    groups = (RevenueGroup(Decimal("0.25"), 1),)  # 0.25 × 6 % = 0.015
    line = statement(scheme(), idle_month(revenue_groups=groups)).line("revenue_share")
    assert line.amount == Decimal("0.02")


def test_a_user_is_never_charged_back_more_than_is_left_of_what_was_paid() -> None:
    lost = (
        Clawback(3, Decimal(32)),
        Clawback(2, Decimal(28), already_recovered=Decimal("22.40")),
        Clawback(1, Decimal(20), already_recovered=Decimal(25)),
    )
    line = statement(scheme(), idle_month(clawbacks=lost)).line("clawback")
    assert [part.amount for part in line.parts] == [Decimal(96), Decimal("11.20"), Decimal(0)]
    assert (line.quantity, line.rate, line.amount) == (6, None, Decimal("107.20"))


def test_penalties_are_summed_and_keep_their_references() -> None:
    fines = (Penalty("AU-3", Decimal(200)), Penalty("AU-9", Decimal("50.50")))
    line = statement(scheme(), idle_month(penalties=fines)).line("penalty")
    assert line.amount == Decimal("250.50")
    assert [part.reference for part in line.parts] == ["AU-3", "AU-9"]


def test_an_idle_outlet_still_has_every_line() -> None:
    result = statement(scheme(), idle_month())
    assert len(result.lines) == 8
    assert {line.amount for line in result.lines} == {Decimal("0.00")}
    assert set(dataclasses.astuple(result.settlement)) == {Decimal("0.00")}


def test_deductions_are_the_lines_that_take_back() -> None:
    assert [code for code in LineCode if code.is_deduction] == [
        LineCode.CLAWBACK,
        LineCode.LOW_QUALITY,
        LineCode.PENALTY,
        LineCode.POOL_HELD,
        LineCode.TAKEN_LATER,
        LineCode.KPI_BELOW,
    ]


@by_dealer
def test_a_line_with_one_rate_is_quantity_times_rate(row: dict[str, Any]) -> None:
    for line in statement(scheme(), dealer_month(row)).lines:
        if line.rate is not None:
            assert line.quantity * line.rate == line.amount


def test_a_working_is_json_with_decimals_as_text() -> None:
    line = statement(scheme(), dealer_month(dealer_rows()[0])).line("revenue_share")
    working = json.loads(json.dumps(line.working()))
    assert working["code"] == "revenue_share"
    assert working["params"] == {"dealer_class": "A", "first_month": 1, "last_month": 18}
    assert working["parts"][1] == {
        "quantity": 210,
        "rate": "0.08",
        "amount": "252.0000",
        "base": "15.00",
        "from": "10",
        "to": "20",
        "reference": "",
    }


@given(gross=st.integers(0, 400), low_quality=st.integers(0, 400), mode=st.sampled_from(TierMode))
def test_low_quality_never_takes_back_more_than_joining_paid(
    gross: int, low_quality: int, mode: TierMode
) -> None:
    terms = scheme(volume=scheme_document()["volume"] | {"mode": mode.value})
    result = statement(terms, idle_month(gross=gross, low_quality_users=min(gross, low_quality)))
    paid = result.line("one_time").amount + result.line("volume").amount
    assert result.line("low_quality").amount <= paid
    assert result.unit_price * gross <= paid


@given(
    gross=st.decimals(0, 100_000, places=2),
    deductions=st.decimals(0, 100_000, places=2),
    brought_forward=st.decimals(-100_000, 0, places=2),
)
def test_paid_and_carried_always_make_up_the_net(
    gross: Decimal, deductions: Decimal, brought_forward: Decimal
) -> None:
    result = settle(gross=gross, deductions=deductions, brought_forward=brought_forward)
    assert result.paid + result.carried == result.net
    assert result.carried <= 0 <= result.paid
    assert 0 in (result.paid, result.carried)


@pytest.mark.parametrize(
    ("figures", "fault"),
    [
        ({"gross": 5, "zero_call": 6}, "/zero_call: above_gross (6)"),
        ({"gross": -1}, "/gross: negative (-1)"),
        (
            {"gross": 10, "zero_call": 4, "low_quality_users": 7},
            "/low_quality_users: above_counted_users (7)",
        ),
        ({"dealer_class": "C"}, "/dealer_class: unknown (C)"),
        ({"brought_forward": Decimal("0.01")}, "/brought_forward: positive (0.01)"),
        ({"instalment_counts": {3: {}}}, "/instalment_counts/6: missing"),
        ({"instalment_counts": {3: {}, 6: {}, 9: {}}}, "/instalment_counts/9: unknown"),
        (
            {"instalment_counts": {3: {Decimal(15): 1}, 6: {}}},
            "/instalment_counts/3/15: unknown_band",
        ),
        (
            {"instalment_counts": {3: {Decimal(10): -2}, 6: {}}},
            "/instalment_counts/3/10: negative (-2)",
        ),
        (
            {"revenue_groups": (RevenueGroup(Decimal(1), -1),)},
            "/revenue_groups/0/users: negative (-1)",
        ),
        ({"clawbacks": (Clawback(-1, Decimal(1)),)}, "/clawbacks/0/users: negative (-1)"),
        (
            {"clawbacks": (Clawback(1, Decimal(-1)),)},
            "/clawbacks/0/unit_price_paid: negative (-1)",
        ),
        (
            {"clawbacks": (Clawback(1, Decimal(1), Decimal(-2)),)},
            "/clawbacks/0/already_recovered: negative (-2)",
        ),
        ({"penalties": (Penalty("AU-1", Decimal(-5)),)}, "/penalties/0/amount: negative (-5)"),
    ],
)
def test_impossible_figures_are_refused_by_name(figures: dict[str, Any], fault: str) -> None:
    with pytest.raises(DealerMonthInvalid) as refused:
        statement(scheme(), idle_month(**figures))
    assert fault in [str(each) for each in refused.value.faults]
