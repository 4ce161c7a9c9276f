"""The floor of gross additions, on worked example 2."""

from decimal import Decimal
from fractions import Fraction

import pytest

from targets.rules.floor import (
    RateOutOfRange,
    arpu,
    chain_from_revenue,
    cohort_rate,
    effective_rate,
    extra_gross_adds,
    gross_adds_floor,
    mixed_rate,
    net_adds,
)
from targets.rules.growth import rounded
from tests.worked_examples import example

EXAMPLE = example("2_floor")


def ratio(text: str) -> Decimal:
    return Decimal(text.rstrip("%")) / 100


def percent(value: Fraction | None) -> str:
    assert value is not None
    return f"{rounded(100 * value, 2)}%"


@pytest.mark.parametrize("row", [*EXAMPLE["table"], EXAMPLE["non_integer"]])
def test_the_floor_rounds_up_to_whole_users(row: dict[str, str]) -> None:
    result = gross_adds_floor(Decimal(row["净增目标"]), ratio(row["有效发展率"]))
    assert result.gross_adds == row["保底发展用户(向上取整)"]
    assert str(rounded(result.exact, 4)) == row["未取整"]


def test_one_user_fewer_would_miss_the_net_target() -> None:
    check = EXAMPLE["non_integer"]["check"]
    rate = ratio(EXAMPLE["non_integer"]["有效发展率"])
    for gross in (70312, 70313):
        assert str(rounded(net_adds(gross, rate), 2)) == check[f"{gross}×16%"]


def test_the_seed_implies_its_net_target() -> None:
    seed = EXAMPLE["seed"]
    net = net_adds(seed["发展用户"], ratio(seed["有效发展率"]))
    assert net == int(seed["implied 净增"])
    assert percent(effective_rate(net, seed["发展用户"])) == seed["有效发展率"]


def test_the_chain_from_revenue_to_gross_additions() -> None:
    row = EXAMPLE["chain_from_revenue"]
    chain = chain_from_revenue(
        Decimal(row["移动开账收入目标(万元)"]) * 10_000,
        Decimal(row["年平均ARPU(元)"]),
        row["年初出账用户"],
        ratio(row["÷有效发展率"]),
    )
    assert str(rounded(chain.average_users, 4)) == row["需年平均出账用户"]
    assert chain.closing_users == int(row["需年末出账用户=2×平均-年初"])
    assert chain.net_adds == row["需净增"]
    assert chain.floor.gross_adds == int(row["保底发展用户"])
    assert chain.implied_losses == int(row["隐含离网"])
    assert percent(chain.monthly_churn) == row["隐含月均离网率(离网÷12÷平均出账)"]


def test_a_lower_rate_leaves_a_gap_that_more_gross_additions_close() -> None:
    row = EXAMPLE["reverse"]
    rate = ratio(row["实际有效发展率"])
    net = net_adds(row["发展用户"], rate)
    target = int(EXAMPLE["seed"]["implied 净增"])
    assert net == int(row["净增"])
    assert target - net == int(row["缺口"])
    assert extra_gross_adds(target, row["发展用户"], rate) == row["补足需多发展"]


def test_tiers_mix_by_volume() -> None:
    row = EXAMPLE["two_tier_mix"]
    tiers = [(row[tier]["发展"], ratio(row[tier]["有效率"])) for tier in ("一级", "二级")]
    for tier, (gross, rate) in zip(("一级", "二级"), tiers, strict=True):
        assert net_adds(gross, rate) == int(row[tier]["净增"])
    assert sum(net_adds(*tier) for tier in tiers) == int(row["合计净增"])
    assert percent(mixed_rate(tiers)) == row["加权有效率"]


def test_a_user_hit_twice_counts_once_in_the_cohort_rate() -> None:
    row = EXAMPLE["cohort_definition"]
    flags = sum(row[name] for name in ("销户", "三无", "极低", "降套"))
    once = flags - row["同时命中两类(只计一次)"]
    assert once == row["无效用户数"]
    assert percent(cohort_rate(row["发展总量"], once)) == row["有效率"]
    wrong = row["wrong answer if flags are added without de-duplication"]
    assert percent(cohort_rate(row["发展总量"], flags)) == wrong


@pytest.mark.parametrize("rate", ["0", "-0.1", "1.0001"])
def test_a_rate_outside_zero_to_one_is_refused(rate: str) -> None:
    with pytest.raises(RateOutOfRange):
        gross_adds_floor(11200, Decimal(rate))


def test_a_rate_of_one_and_a_net_target_of_zero_or_less_are_allowed() -> None:
    assert gross_adds_floor(11200, Decimal(1)).gross_adds == 11200
    assert gross_adds_floor(0, Decimal("0.16")).gross_adds == 0
    assert gross_adds_floor(-5, Decimal("0.16")).gross_adds == 0


def test_rates_over_nothing_are_undefined() -> None:
    assert effective_rate(0, 0) is None
    assert mixed_rate([]) is None
    assert cohort_rate(0, 0) is None
    assert arpu(Decimal(1), 0) is None


def test_a_chain_needs_an_arpu() -> None:
    with pytest.raises(ValueError, match="ARPU"):
        chain_from_revenue(Decimal(1), Decimal(0), 1, Decimal("0.16"))
