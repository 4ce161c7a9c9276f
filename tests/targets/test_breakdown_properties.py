"""What every breakdown keeps, by at least 2,000 cases for each claim."""

from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from targets.rules.breakdown import (
    Impossible,
    Lock,
    Method,
    Part,
    Request,
    Row,
    break_down,
    largest_remainder,
    respread,
    roll_forward,
)
from targets.rules.margins import fit_margins

many = settings(
    max_examples=2000, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip

totals = st.integers(-(10**7), 10**7)
weights = st.integers(0, 9999)  # hundredths of a percent
weight_lists = st.lists(weights, min_size=1, max_size=15).filter(any)
seasons = st.lists(weights, min_size=12, max_size=12).filter(any)
shapes = st.lists(
    st.tuples(weights, st.lists(weights, min_size=1, max_size=3).filter(any)),
    min_size=1, max_size=5,
).filter(lambda rows: any(weight for weight, _ in rows))  # fmt: skip


def rows_of(shape: Any) -> tuple[Row, ...]:
    return tuple(
        Row(f"u{i}", Fraction(weight), tuple(Part(f"p{j}", Fraction(p)) for j, p in enumerate(ps)))
        for i, (weight, ps) in enumerate(shape)
    )


def request(total: int, shape: Any, season: list[int], method: Method, **more: Any) -> Request:
    return Request(total, rows_of(shape), tuple(map(Fraction, season)), method, **more)


@many
@given(totals, weight_lists)
def test_parts_sum_to_the_total_within_a_unit_of_their_ideal(total: int, given: list[int]) -> None:
    parts = largest_remainder(total, [Fraction(weight) for weight in given])
    assert sum(parts) == total
    for part, weight in zip(parts, given, strict=True):
        assert abs(part * sum(given) - total * weight) < sum(given)
        assert weight or not part


@many
@given(totals, weight_lists, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(total: int, given: list[int], random: Any) -> None:
    # Rows of equal weight are alike: which of them has the odd unit is the one thing order decides.
    shuffled = random.sample(range(len(given)), len(given))
    parts = largest_remainder(total, [Fraction(weight) for weight in given])
    again = largest_remainder(total, [Fraction(given[i]) for i in shuffled])
    pairs = zip(given, parts, strict=True)
    pairs_again = zip((given[i] for i in shuffled), again, strict=True)
    assert sorted(pairs) == sorted(pairs_again)


@many
@given(totals, seasons, st.dictionaries(st.integers(0, 11), st.integers(-100, 10**6), max_size=11))
def test_a_respread_row_sums_keeps_its_locks_and_stays_near_the_ideal_of_the_rest(
    total: int, season: list[int], locks: dict[int, int]
) -> None:
    open_season = sum(weight for index, weight in enumerate(season) if index not in locks)
    left = total - sum(locks.values())
    assume(left * (1 if total >= 0 else -1) >= 0 and open_season)
    months = respread(total, [Fraction(weight) for weight in season], locks)
    assert sum(months) == total
    for index, month in enumerate(months):
        if index in locks:
            assert month == locks[index]
        else:  # a lock moves the ideal: what is left, by the open weights
            assert abs(month * open_season - left * season[index]) < open_season


@many
@given(totals, shapes, seasons, st.sampled_from(Method))
def test_every_axis_of_a_sheet_adds_up_and_cells_stay_near_their_ideal(
    total: int, shape: Any, season: list[int], method: Method
) -> None:
    sheet = break_down(request(total, shape, season, method))
    assert sheet.total == sum(sheet.months) == sum(sheet.unit_totals.values()) == total
    units = largest_remainder(total, [Fraction(weight) for weight, _ in shape])
    months = largest_remainder(total, [Fraction(weight) for weight in season])
    if method is not Method.MONTH_FIRST:
        assert list(sheet.unit_totals.values()) == units
    if method is not Method.ROW_FIRST:
        assert list(sheet.months) == months

    whole = sum(weight for weight, _ in shape)
    shares = [
        (Fraction(weight, whole), Fraction(part, sum(parts)))
        for weight, parts in shape for part in parts
    ]  # fmt: skip
    for row, (unit, part) in zip(sheet.rows, shares, strict=True):
        for month, cell in enumerate(row.months):
            time = Fraction(season[month], sum(season))
            # Within a unit of its share of the sum that was fixed before it. Against the total,
            # each sum fixed on the way may be off by less than a unit, weighed by what follows.
            if method is Method.ROW_FIRST:
                assert abs(cell - row.total * time) < 1
                assert abs(cell - total * unit * part * time) < 1 + time * (1 + part)
            elif method is Method.MONTH_FIRST:
                assert abs(cell - months[month] * unit * part) < 1
                assert abs(cell - total * unit * part * time) < 1 + unit * part
            elif total:
                assert abs(cell - Fraction(row.total * months[month], total)) < 1


@many
@given(st.integers(0, 10**7), shapes, seasons, st.sampled_from(Method), st.data())
def test_locks_and_months_that_are_over_never_move(
    total: int, shape: Any, season: list[int], method: Method, data: Any
) -> None:
    free = break_down(request(total, shape, season, method))
    held = frozenset(range(1, data.draw(st.integers(0, 11)) + 1))
    off = data.draw(st.integers(-3, 3))
    locks = [
        Lock(row.unit, row.breakdown, month, max(0, row.months[month - 1] + off))
        for row in free.rows for month in held
    ]  # fmt: skip
    if method is not Method.BOTH_MARGINS and len(held) < 12:
        row = data.draw(st.sampled_from(free.rows))
        locks.append(Lock(row.unit, row.breakdown, 12, row.months[11] // 2))
    try:
        sheet = break_down(request(total, shape, season, method, locks=tuple(locks), held=held))
    except Impossible as error:
        assert str(error)  # it says why
        return
    cells = {(row.unit, row.breakdown): row.months for row in sheet.rows}
    assert sheet.total == total
    for lock in locks:
        assert cells[lock.unit, lock.breakdown][lock.month - 1] == lock.value
    if method is not Method.MONTH_FIRST:
        assert [row.total for row in sheet.rows] == [row.total for row in free.rows]


@many
@given(st.lists(st.integers(0, 500), min_size=1, max_size=12), st.data())
def test_margins_fit_with_every_cell_next_to_its_ideal(rows: list[int], data: Any) -> None:
    given_weights = data.draw(st.lists(weights, min_size=1, max_size=12).filter(any))
    columns = largest_remainder(sum(rows), [Fraction(weight) for weight in given_weights])
    cells = fit_margins(rows, columns)
    assert [sum(line) for line in cells] == rows
    assert [sum(column) for column in zip(*cells, strict=True)] == columns
    for (i, row), (j, column) in product(enumerate(rows), enumerate(columns)):
        assert abs(cells[i][j] * sum(rows) - row * column) < (sum(rows) or 1)


@many
@given(
    totals,
    st.lists(st.integers(-(10**6), 10**6), max_size=11),
    st.lists(st.integers(1, 9999), min_size=1, max_size=12),
    st.dictionaries(st.integers(0, 11), st.integers(-100, 1000), max_size=4),
)
def test_rolled_months_make_the_year_or_nothing_is_left_to_ask(
    total: int, actuals: list[int], later: list[int], locks: dict[int, int]
) -> None:
    stand = {index: value for index, value in locks.items() if index < len(later)}
    left = total - sum(actuals) - sum(stand.values())
    assume(len(stand) < len(later))
    months = roll_forward(total, actuals, later, stand)
    is_reached = left * (1 if total >= 0 else -1) <= 0
    assert sum(months) + sum(actuals) == (total - left if is_reached else total)
    weight = sum(each for index, each in enumerate(later) if index not in stand)
    for index, month in enumerate(months):
        if index in stand:
            assert month == stand[index]
        elif is_reached:
            assert month == 0
        else:
            assert abs(month * weight - left * later[index]) < weight
