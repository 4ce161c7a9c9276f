"""Competition ranking: ties, vetoes, gaps, units without a total."""

from decimal import Decimal
from fractions import Fraction
from math import inf

import pytest

from kpi.rules.ranking import Place, Standing, competition_ranks, rank


def totals(*values: str | None) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("values", "ranks"),
    [
        (totals("9", "8", "8", "7"), [1, 2, 2, 4]),
        (totals("7", None, "9", "9.00"), [3, None, 1, 1]),
        (totals(None), [None]),
        ([], []),
    ],
)
def test_equal_values_share_a_rank(values: list[Decimal | None], ranks: list[int | None]) -> None:
    assert competition_ranks(values) == ranks


def test_places_come_in_display_order_with_the_gap_to_the_next_total() -> None:
    places = rank(
        [
            Standing("pending", None),
            Standing("low", Decimal("90")),
            Standing("tied, slower", Decimal("96.5"), (Fraction(9, 10),)),
            Standing("tied, faster", Decimal("96.50"), (Fraction(1),)),
            Standing("first", Decimal("118.1")),
        ]
    )
    assert places == [
        Place("first", 1, Decimal("118.1"), None),
        Place("tied, faster", 2, Decimal("96.50"), Decimal("21.60")),
        Place("tied, slower", 2, Decimal("96.5"), Decimal("21.6")),
        Place("low", 4, Decimal("90"), Decimal("6.5")),
        Place("pending", None, None, None),
    ]


def test_a_vetoed_unit_ranks_behind_an_honest_zero() -> None:
    places = rank(
        [
            Standing("vetoed", Decimal(0), vetoed=True),
            Standing("zero", Decimal(0)),
            Standing("vetoed too", Decimal(0), vetoed=True),
        ]
    )
    assert [(place.unit, place.rank, place.gap_to_next) for place in places] == [
        ("zero", 1, None),
        ("vetoed", 2, None),
        ("vetoed too", 2, None),
    ]


def test_missing_and_unbounded_completions_can_break_a_tie() -> None:
    tied = [
        Standing("none", Decimal(1), (None,)),
        Standing("half", Decimal(1), (Fraction(1, 2),)),
        Standing("unbounded", Decimal(1), (inf,)),
    ]
    assert [place.unit for place in rank(tied)] == ["unbounded", "half", "none"]


def test_a_complete_tie_keeps_the_given_order() -> None:
    tied = [Standing(name, Decimal(1), (Fraction(1),)) for name in ("b", "a")]
    assert [(place.unit, place.rank) for place in rank(tied)] == [("b", 1), ("a", 1)]


def test_a_parted_tie_names_the_tie_break_that_parted_it_and_from_whom() -> None:
    def unit(name: str, *rates: int | None, total: int = 9, vetoed: bool = False) -> Standing:
        parting = tuple(None if rate is None else Fraction(rate) for rate in rates)
        return Standing(name, Decimal(total), (), vetoed, parting)

    places = rank(
        [
            unit("best", 0, total=10),
            unit("first", 2, 5),
            unit("second", 2, 4),
            unit("second too", 2, 4),
            unit("none", None, 9),
            unit("fewer", total=9),
            unit("zero", 1, total=0),
            unit("vetoed", 9, total=0, vetoed=True),
            unit("vetoed, less", 8, total=0, vetoed=True),
        ]
    )
    assert [(one.unit, one.rank, one.parted_by, one.parted_from) for one in places] == [
        ("best", 1, 0, ""),
        ("first", 2, 0, ""),
        ("second", 3, 2, "first"),
        ("second too", 3, 2, "first"),
        ("none", 5, 1, "second too"),
        ("fewer", 6, 2, "none"),
        ("zero", 7, 0, ""),
        ("vetoed", 8, 0, ""),
        ("vetoed, less", 9, 1, "vetoed"),
    ]
