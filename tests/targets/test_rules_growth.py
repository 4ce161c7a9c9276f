"""Annual targets by growth or by target, on worked example 1."""

from decimal import Decimal
from fractions import Fraction

import pytest

from targets.rules import floor
from targets.rules.growth import (
    AnnualFigure,
    Driver,
    GrowthUndefined,
    NoGrowth,
    from_growth,
    from_target,
    growth,
    increment,
    pressure,
    rounded,
    share,
    total,
)
from tests.worked_examples import example

EXAMPLE = example("1_annual_targets")
ROWS = {row["指标"]: row for row in EXAMPLE["rows"]}
DECIMALS = {"万元": 2, "户": 0}
DIRECTIONS = {"growth→target": Driver.GROWTH, "target→growth": Driver.TARGET}
LAYERS = {
    "市分": ("计划增长(市分)", "任务(市分)"),
    "部门": ("计划增长目标(部门)", "任务目标(部门)"),
}


def percent(value: Fraction | NoGrowth | None) -> str:
    assert isinstance(value, Fraction)
    return f"{rounded(100 * value, 2)}%"


def ratio(text: str) -> Decimal:
    return Decimal(text.rstrip("%")) / 100


def figure(name: str, layer: str) -> AnnualFigure:
    """Derive a layer of a row the way its driver says."""
    row = ROWS[name]
    growth_key, target_key = LAYERS[layer]
    base, decimals = Decimal(row["上年完成"]), DECIMALS[row["单位"]]
    if DIRECTIONS[row[f"{layer}推算方向"]] is Driver.GROWTH:
        return from_growth(base, ratio(row[growth_key]), decimals)
    return from_target(base, Decimal(row[target_key]), decimals)


SINGLE = [
    (name, layer) for name, row in ROWS.items() for layer in LAYERS if f"{layer}推算方向" in row
]


@pytest.mark.parametrize(("name", "layer"), SINGLE)
def test_growth_and_target_derive_from_each_other(name: str, layer: str) -> None:
    row, result = ROWS[name], figure(name, layer)
    growth_key, target_key = LAYERS[layer]
    assert str(result.target) == row[target_key]
    assert percent(result.growth) == row[growth_key]
    assert rounded(result.unrounded, 4) == Decimal(row[f"{layer}任务未舍入"])
    assert str(result.increment) == row[f"增量({layer})"]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if "部门/市分" in row])
def test_the_department_presses_above_the_city(name: str) -> None:
    row, city, department = ROWS[name], figure(name, "市分"), figure(name, "部门")
    assert str(pressure(city.target, department.target)) == row["部门加压(部门-市分)"]
    assert percent(share(department.target, city.target)) == row["部门/市分"]


@pytest.mark.parametrize("layer", LAYERS)
def test_the_total_adds_rounded_targets_and_derives_growth_from_the_sums(layer: str) -> None:
    growth_key, target_key = LAYERS[layer]
    row = ROWS["总收入(主营)"]
    result = total([figure("移动业务开账", layer), figure("固网业务主营", layer)])
    assert str(result.base) == row["上年完成"]
    assert str(result.target) == row[target_key]
    assert percent(result.growth) == row[growth_key]


def test_the_total_has_no_growth_while_one_base_is_missing() -> None:
    result = total([from_target(None, Decimal(10), 0), from_target(Decimal(5), Decimal(6), 0)])
    assert (result.base, result.growth) == (None, NoGrowth.MISSING_BASE)
    assert result.target == 16


def test_an_entered_target_is_never_recomputed_from_the_growth_it_shows() -> None:
    trap = EXAMPLE["round_trip_trap"]
    base = Decimal(ROWS["移动业务开账"]["上年完成"])
    entered = from_target(base, Decimal(trap["target entered"]), 2)
    assert percent(entered.growth) == trap["growth shown"]
    assert str(entered.target) == trap["target entered"]
    again = from_growth(base, ratio(trap["growth shown"]), 2)
    assert str(again.target) == trap["target recomputed from shown growth"]


def test_an_entered_growth_stays_the_entered_one() -> None:
    assert from_growth(Decimal("0.30"), Decimal("0.10"), 0).growth == Fraction(1, 10)


NO_GROWTH = {
    NoGrowth.ZERO_BASE: "—(基数为0)",
    NoGrowth.NEGATIVE_BASE: "—(基数为负)",
    NoGrowth.MISSING_BASE: "—(缺基数)",
}


@pytest.mark.parametrize("case", EXAMPLE["growth_edge_cases"], ids=lambda case: case["case"])
def test_growth_needs_a_positive_base(case: dict[str, str | None]) -> None:
    base = None if case["上年完成"] is None else Decimal(case["上年完成"])
    target = Decimal(str(case["任务"]))
    result = growth(base, target)
    shown = NO_GROWTH[result] if isinstance(result, NoGrowth) else percent(result)
    assert shown == case["增长"]
    step = increment(base, target)
    assert (None if step is None else str(step)) == case["增量"]
    if isinstance(result, NoGrowth):
        with pytest.raises(GrowthUndefined) as caught:
            from_growth(base, Decimal("0.1"), 0)
        assert caught.value.reason is result


def test_a_target_has_no_more_decimals_than_its_indicator() -> None:
    with pytest.raises(ValueError, match="more than 0 decimals"):
        from_target(Decimal(1), Decimal("1.5"), 0)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [("0.005", 2, "0.01"), ("-0.005", 2, "-0.01"), ("0.0049", 2, "0.00"), ("2.5", 0, "3")],
)
def test_rounding_is_half_up_away_from_zero(value: str, decimals: int, expected: str) -> None:
    assert str(rounded(Decimal(value), decimals)) == expected


def test_shares_and_growth_of_the_mobile_revenue_table() -> None:
    table = {row["项目"]: row for row in EXAMPLE["移动业务发展量收目标"]}
    whole = table["移动业务总开账收入"]
    for name in ("移动通信开账收入", "移动增值业务开账收入", "移动业务总开账收入"):
        row = table[name]
        done, target = Decimal(row["完成数"]), Decimal(row["增长目标"])
        assert percent(share(done, Decimal(whole["完成数"]))) == row["占比"]
        assert percent(share(target, Decimal(whole["增长目标"]))) == row["占比(目标)"]
        assert percent(growth(done, target)) == row["增长率"]

    users = table["出账用户数(年末)"]
    opening, closing = Decimal(users["完成数"]), Decimal(users["增长目标"])
    assert str(increment(opening, closing)) == users["净增"]
    assert percent(growth(opening, closing)) == users["增长率"]

    row = table["移动业务年平均ARPU值(元/户·月)"]
    averages = row["年平均出账用户"]
    for revenue, average, shown in (
        (whole["完成数"], averages["上年"], row["完成数"]),
        (whole["增长目标"], averages["本年目标=(年初56400+年末67600)/2"], row["增长目标"]),
    ):
        value = floor.arpu(Decimal(revenue) * 10_000, int(average))
        assert value is not None
        assert str(rounded(value, 2)) == shown


def test_a_share_of_nothing_is_undefined() -> None:
    assert share(Decimal(1), Decimal(0)) is None
