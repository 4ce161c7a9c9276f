"""Places, prizes and what is missing, on every kind of tie and at every boundary."""

import itertools
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competitions.rules.campaigns import Standing, Terms, Tie, standings

D = Decimal
THREE = (D(500), D(300), D(200))


def stand(terms: Terms, *results: str | None) -> dict[str, Standing]:
    listed = [(chr(97 + n), None if one is None else D(one)) for n, one in enumerate(results)]
    return {one.code: one for one in standings(terms, listed)}


def awards(terms: Terms, *results: str | None) -> list[str]:
    found = stand(terms, *results)
    return [str(found[code].award) for code in sorted(found)]


def test_places_are_paid_by_result_and_ranks_are_1_2_2_4() -> None:
    found = stand(Terms(THREE), "70", "90", "70", "10", None)
    assert [found[code].rank for code in "abcde"] == [2, 1, 2, 4, None]
    assert [found[code].award for code in "abcde"] == [250, 500, 250, 0, 0]
    assert list(found) == ["b", "a", "c", "d", "e"]


@pytest.mark.parametrize(
    ("tie", "results", "expected"),
    [
        (Tie.SPLIT, ("9", "9", "9"), ["333.34", "333.33", "333.33"]),
        (Tie.EACH, ("9", "9", "9"), ["500", "500", "500"]),
        (Tie.SPLIT, ("9", "8", "8", "8"), ["500.00", "166.67", "166.67", "166.66"]),
        (Tie.EACH, ("9", "8", "8", "8"), ["500", "300", "300", "300"]),
        (Tie.SPLIT, ("9", "8", "7", "7"), ["500.00", "300.00", "100.00", "100.00"]),
        (Tie.SPLIT, ("9", "8", "7", "6"), ["500.00", "300.00", "200.00", "0.00"]),
    ],
)
def test_equal_results_split_or_each(tie: Tie, results: Sequence[str], expected: list[str]) -> None:
    assert [D(one) for one in awards(Terms(THREE, tie=tie), *results)] == [D(e) for e in expected]


@pytest.mark.parametrize(("result", "award"), [("99", 0), ("100", 500), ("101", 500)])
def test_below_the_least_no_place_is_paid(result: str, award: int) -> None:
    assert stand(Terms(THREE, least=D(100)), result)["a"].award == award


@pytest.mark.parametrize(("result", "bonus"), [("999", 0), ("1000", 80), ("1001", 80)])
def test_whoever_reaches_gets_the_bonus_beside_a_place(result: str, bonus: int) -> None:
    terms = Terms((D(500),), reach=D(1000), reach_amount=D(80))
    found = stand(terms, "2000", result)
    assert (found["a"].award, found["b"].award) == (580, bonus)


def test_what_is_missing_to_more_is_said() -> None:
    terms = Terms(THREE, least=D(5), reach=D(80), reach_amount=D(50))
    found = stand(terms, "90", "70", "60", "40", "3")
    assert [found[c].gap for c in "abcde"] == [None, 20, 10, 20, 2]
    assert [found[c].to_reach for c in "abcde"] == [None, 10, 20, 40, 77]
    assert stand(Terms((D(500),)), "90", "70", "60")["c"].gap == 30  # the second place pays nothing


def test_a_tie_that_pays_no_more_is_no_gap_until_overtaken() -> None:
    terms = Terms((D(100), D(100)))
    assert stand(terms, "9", "8")["b"].gap is None
    assert stand(Terms((D(500), D(500), D(100))), "9", "9", "8")["c"].gap == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"prizes": ()}, {"prizes": (D(0),)}, {"prizes": (D("1.001"),)}, {"prizes": (D(-1),)},
        {"prizes": (D(1), D(2))}, {"prizes": (D(1),) * 51}, {"reach": D(1)},
        {"reach": D(1), "reach_amount": D("0.001")},
    ],
)  # fmt: skip
def test_terms_that_cannot_be_paid_are_refused(bad: dict) -> None:
    with pytest.raises(ValueError):
        Terms(**bad)


RESULTS = st.lists(st.one_of(st.none(), st.integers(-3, 6).map(D)), max_size=9)
PRIZES = st.lists(st.integers(1, 50_000), min_size=1, max_size=4).map(
    lambda cents: tuple(D(one).scaleb(-2) for one in sorted(cents, reverse=True))
)


@given(PRIZES, RESULTS, st.one_of(st.none(), st.integers(-3, 6).map(D)))
def test_split_prizes_never_exceed_the_promise_and_better_results_never_get_less(
    prizes: tuple[Decimal, ...], results: list[Decimal | None], least: Decimal | None
) -> None:
    found = standings(Terms(prizes, least=least), [(str(n), r) for n, r in enumerate(results)])
    assert len(found) == len(results)
    qualified = [r for r in results if r is not None and (least is None or r >= least)]
    assert sum(one.prize for one in found) == sum(prizes[: len(qualified)])
    paid = [one for one in found if one.result is not None]
    for before, after in itertools.pairwise(paid):
        assert before.prize >= after.prize and before.result >= after.result
