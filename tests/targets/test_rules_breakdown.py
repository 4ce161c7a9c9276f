"""Exact breakdown, on worked example 3 and by properties."""

import hashlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from targets.rules.breakdown import (
    Impossible,
    Lock,
    Method,
    Obstacle,
    Part,
    Request,
    Row,
    Sheet,
    break_down,
    largest_remainder,
    roll_forward,
    scaled,
    unscaled,
)
from targets.rules.margins import fit_margins
from tests.worked_examples import BREAKDOWNS, UNITS, example

EXAMPLE = example("3_decomposition")
WEIGHTS = EXAMPLE["weights"]
GROSS_SEASON = tuple(map(Fraction, WEIGHTS["季节%发展"]))
REVENUE_SEASON = tuple(map(Fraction, WEIGHTS["季节%收入"]))
FLAT = (Fraction(1),) * 12


def rows_of(table: str) -> tuple[Row, ...]:
    """The weights of a table of the example, under their Chinese names."""
    return tuple(
        Row(
            unit,
            Fraction(weights["单元权重%"]),
            tuple(Part(name, Fraction(weight)) for name, weight in weights["层级%"].items()),
        )
        for unit, weights in WEIGHTS[table].items()
    )


def gross(**changes: Any) -> Sheet:
    return break_down(Request(70_000, rows_of("发展用户"), GROSS_SEASON, **changes))


def digest(sheet: Sheet) -> str:
    """The example's digest: a line per row, unit|breakdown|the months by commas."""
    lines = [f"{row.unit}|{row.breakdown}|{','.join(map(str, row.months))}" for row in sheet.rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def assert_equal_cells(
    sheet: Sheet, expected: dict[str, Any], shown: Callable[[int], Any] = int
) -> None:
    rows = [
        {
            "单元": row.unit,
            "层级": row.breakdown,
            "月": [shown(cell) for cell in row.months],
            "合计": shown(row.total),
        }
        for row in sheet.rows
    ]
    assert rows == expected["rows"]


def yuan(units: int) -> str:
    return str(unscaled(units, 2))


def test_row_first_splits_70000_users() -> None:
    expected, sheet = EXAMPLE["3A_发展用户_70000户_row_first"], gross()
    assert_equal_cells(sheet, expected)
    assert sheet.unit_totals == expected["单元年任务"]
    assert list(sheet.months) == expected["月合计(推出)"]
    assert sheet.total == expected["合计"]
    assert digest(sheet) == expected["sha256"]
    ideal = largest_remainder(70_000, GROSS_SEASON)
    assert ideal == expected["ideal 月合计(LRM on season)"]
    drift = [month - quota for month, quota in zip(sheet.months, ideal, strict=True)]
    assert drift == expected["月合计偏差"]


def test_largest_remainder_follows_the_trace() -> None:
    trace = EXAMPLE["3A_trace_网格1一级"]
    season = [Fraction(quota) for quota in trace["quota"]]
    assert largest_remainder(trace["row total"], season) == trace["result"]
    assert sum(trace["floor"]) + trace["left_over"] == trace["row total"]


def test_month_first_keeps_the_ideal_months() -> None:
    expected, sheet = EXAMPLE["3A2_发展用户_month_first"], gross(method=Method.MONTH_FIRST)
    assert_equal_cells(sheet, expected)
    assert list(sheet.months) == expected["月合计(先定)"]
    assert sheet.total == expected["合计"]
    assert digest(sheet) == expected["sha256"]
    drift = {
        f"{row.unit}/{row.breakdown}": row.total - other.total
        for row, other in zip(sheet.rows, gross().rows, strict=True)
    }
    assert drift == expected["row-total drift vs row-first"]


def test_money_breaks_down_in_hundredths_of_ten_thousand_yuan() -> None:
    expected = EXAMPLE["3B_移动业务收入_3109.92万元_row_first"]
    total = scaled(Decimal(expected["合计"]), 2)
    sheet = break_down(Request(total, rows_of("移动收入"), REVENUE_SEASON))
    assert_equal_cells(sheet, expected, yuan)
    assert {unit: yuan(value) for unit, value in sheet.unit_totals.items()} == expected[
        "单元年任务"
    ]
    assert [yuan(month) for month in sheet.months] == expected["月合计(推出)"]
    assert digest(sheet) == expected["sha256_of_0.01万元_ints"]


def test_locked_cells_and_row_totals_stand() -> None:
    expected = EXAMPLE["3C_locked_cells"]
    locks = tuple(
        Lock(lock["单元"], lock["层级"], lock["月"], lock["value"]) for lock in expected["locks"]
    )
    before, after = gross(), gross(locks=locks)
    changed = {
        f"{old.unit}/{old.breakdown}": {"before": list(old.months), "after": list(new.months)}
        for old, new in zip(before.rows, after.rows, strict=True)
        if old != new
    }
    assert changed == expected["changed rows"]
    assert list(after.months) == expected["月合计"]
    assert after.total == expected["合计"]
    assert digest(after) == expected["sha256"]


@pytest.mark.parametrize("sentence", EXAMPLE["3C_locked_errors"])
def test_locks_above_their_row_are_refused(sentence: str) -> None:
    locked = int(sentence.split()[1])
    names = UNITS | BREAKDOWNS
    rows = tuple(
        Row(
            names[row.unit],
            row.weight,
            tuple(Part(names[p.breakdown], p.weight) for p in row.parts),
        )
        for row in rows_of("发展用户")
    )
    with pytest.raises(Impossible) as caught:
        break_down(Request(70_000, rows, GROSS_SEASON, locks=(Lock("grid4", "t2", 5, locked),)))
    assert str(caught.value) == sentence.replace("网格4/二级", "grid4/t2")
    assert caught.value.obstacle is Obstacle.LOCKED_EXCEEDS_TOTAL
    assert (caught.value.locked, caught.value.total) == (locked, 4116)


def test_ties_go_by_position() -> None:
    expected = EXAMPLE["3D_ties_1000户_6x2x12_equal_weights"]
    halves = (Part("一级", Fraction(1)), Part("二级", Fraction(1)))
    sheet = break_down(Request(1000, tuple(Row(unit, Fraction(1), halves) for unit in UNITS), FLAT))
    assert list(sheet.unit_totals.values()) == expected["单元"]
    assert [[row.unit, row.breakdown, row.total] for row in sheet.rows] == expected["层级"]
    grid = {f"{row.unit}/{row.breakdown}": list(row.months) for row in sheet.rows}
    assert grid == expected["grid"]
    assert sheet.total == expected["合计"]


def test_both_margins_stand_and_every_cell_is_next_to_its_ideal() -> None:
    expected, sheet = EXAMPLE["3E_both_margins_fixed"], gross(method=Method.BOTH_MARGINS)
    assert {f"{r.unit}/{r.breakdown}": r.total for r in sheet.rows} == expected["row totals"]
    assert list(sheet.months) == expected["month totals"]
    for row, month in product(sheet.rows, range(12)):
        ideal = Fraction(row.total * sheet.months[month], sheet.total)
        assert abs(row.months[month] - ideal) < 1


@pytest.mark.parametrize("later", ["plan", "season"])
def test_a_shortfall_rolls_forward_into_the_remaining_months(later: str) -> None:
    example_row = EXAMPLE["3F_roll_forward_after_March"]
    plan, actual = example_row["plan"], example_row["actual 1-3月"]
    assert sum(plan[:3]) - sum(actual) == example_row["缺口"]
    weights = plan[3:] if later == "plan" else GROSS_SEASON[3:]
    rolled = roll_forward(sum(plan), actual, weights)
    assert list(rolled) == example_row["4-12月滚动后"]
    assert sum(actual) + sum(rolled) == example_row["equals 年任务"]


def test_nothing_is_left_to_roll_once_the_year_is_reached() -> None:
    assert roll_forward(100, [60, 40], [1, 1]) == (0, 0)
    assert roll_forward(100, [60, 70], [1, 1]) == (0, 0)
    assert roll_forward(-20, [-30], [-1, -1]) == (0, 0)
    assert roll_forward(-20, [-10], [-4, -6]) == (-4, -6)


def test_fixed_line_net_adds_of_the_plan_spread_flat() -> None:
    expected = EXAMPLE["3G_固话净增_seed_numbers"]
    rows = tuple(
        Row(unit, Fraction(amount), (Part("固话", Fraction(1)),))
        for unit, amount in zip(expected["单元"], expected["固话年净增"], strict=True)
    )
    sheet = break_down(Request(expected["合计"], rows, FLAT))
    assert list(sheet.unit_totals.values()) == expected["固话年净增"]
    assert {row.unit: list(row.months) for row in sheet.rows} == expected["by month (flat season)"]


def test_mobile_net_adds_follow_the_development_weights() -> None:
    expected = EXAMPLE["3H_移动净增_11200户"]
    rows = tuple(
        Row(row.unit, row.weight, (Part("合计", Fraction(1)),)) for row in rows_of("发展用户")
    )
    sheet = break_down(Request(11_200, rows, GROSS_SEASON))
    assert_equal_cells(sheet, expected)
    assert sheet.unit_totals == expected["单元年任务"]
    assert list(sheet.months) == expected["月合计"]
    assert digest(sheet) == expected["sha256"]


ONE_ROW = (Row("grid1", Fraction(1), (Part("t1", Fraction(1)),)),)


def locked_out(
    *locks: Lock,
    rows: tuple[Row, ...] = ONE_ROW,
    season: Sequence[Fraction] = FLAT,
    method: Method = Method.ROW_FIRST,
) -> Impossible:
    with pytest.raises(Impossible) as caught:
        break_down(Request(1200, rows, tuple(season), method, locks))
    return caught.value


def test_a_fully_locked_row_must_sum_to_its_total() -> None:
    exact = tuple(Lock("grid1", "t1", month, 100) for month in range(1, 13))
    assert break_down(Request(1200, ONE_ROW, FLAT, locks=exact)).rows[0].months == (100,) * 12
    short = (*exact[:11], Lock("grid1", "t1", 12, 99))
    error = locked_out(*short)
    assert error.obstacle is Obstacle.ALL_LOCKED_UNEQUAL
    assert (
        str(error) == "all cells are locked and sum to 1199, not to the row total 1200 in grid1/t1"
    )


def test_locks_may_take_exactly_the_row_total() -> None:
    sheet = break_down(Request(1200, ONE_ROW, FLAT, locks=(Lock("grid1", "t1", 2, 1200),)))
    assert sheet.rows[0].months == (0, 1200, *(0,) * 10)


def test_locks_must_name_a_cell_once() -> None:
    for lock in (
        Lock("grid9", "t1", 1, 1),
        Lock("grid1", "t9", 1, 1),
        Lock("grid1", "t1", 0, 1),
        Lock("grid1", "t1", 13, 1),
    ):
        assert locked_out(lock).obstacle is Obstacle.UNKNOWN_CELL
    twice = locked_out(Lock("grid1", "t1", 3, 1), Lock("grid1", "t1", 3, 1))
    assert str(twice) == "locked twice: grid1/t1 month 3"


def test_a_month_first_lock_keeps_the_month_and_moves_the_other_rows() -> None:
    before, lock = gross(method=Method.MONTH_FIRST), Lock("集团中心", "集团", 3, 1000)
    after = gross(method=Method.MONTH_FIRST, locks=(lock,))
    assert after.months == before.months
    assert after.rows[-1].months[2] == 1000
    for old, new in zip(before.rows, after.rows, strict=True):
        assert old.months[:2] + old.months[3:] == new.months[:2] + new.months[3:]


def test_a_month_first_lock_above_its_month_is_refused() -> None:
    error = locked_out(Lock("grid1", "t1", 3, 101), method=Method.MONTH_FIRST)
    assert str(error) == "locked 101 exceeds month total 100 in month 3"


def test_both_margins_leave_no_room_for_locks() -> None:
    error = locked_out(Lock("grid1", "t1", 3, 1), method=Method.BOTH_MARGINS)
    assert error.obstacle is Obstacle.LOCKS_WITH_BOTH_MARGINS


def test_nothing_spreads_without_weights() -> None:
    zero = (Fraction(0),) * 12
    assert str(locked_out(season=zero)) == "no weight to spread 1200 by in grid1/t1"
    no_parts = (Row("grid1", Fraction(1), (Part("t1", Fraction(0)),)),)
    assert str(locked_out(rows=no_parts)) == "no weight to spread 1200 by in grid1"
    assert locked_out(rows=()).obstacle is Obstacle.NO_WEIGHT
    assert break_down(Request(0, ONE_ROW, zero)).total == 0


def test_negative_weights_are_refused() -> None:
    with pytest.raises(Impossible, match="a weight is negative"):
        largest_remainder(1, [Fraction(2), Fraction(-1)])


def test_a_season_has_twelve_months_and_rows_are_listed_once() -> None:
    with pytest.raises(ValueError, match="12 weights, not 11"):
        break_down(Request(1, ONE_ROW, FLAT[:11]))
    with pytest.raises(ValueError, match="listed twice"):
        break_down(Request(1, ONE_ROW * 2, FLAT))


def test_amounts_finer_than_the_indicator_are_refused() -> None:
    assert scaled(Decimal("3109.92"), 2) == 310_992
    assert scaled(Decimal("-1.50"), 1) == -15
    with pytest.raises(ValueError, match="more than 0 decimals"):
        scaled(Decimal("0.5"), 0)


def test_margins_of_different_sums_or_signs_do_not_fit() -> None:
    with pytest.raises(ValueError, match="rows sum to 3, columns to 4"):
        fit_margins([3], [4])
    with pytest.raises(ValueError, match="mixed signs"):
        fit_margins([3, -1], [2])


def test_negative_margins_mirror_the_positive_ones() -> None:
    cells = fit_margins([3, 1], [2, 2])
    assert fit_margins([-3, -1], [-2, -2]) == [[-cell for cell in line] for line in cells]
