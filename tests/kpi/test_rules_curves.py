"""Curves: integer arithmetic that agrees with exact fractions everywhere."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.rules.curves import (
    Curve,
    FloorMeaning,
    Segment,
    Why,
    bands,
    bonus,
    deduction,
    inverse,
    inverse_linear,
    min_max,
    proportional,
    relative,
)
from targets.rules.growth import rounded

CURVES = {
    "proportional": proportional(Decimal("7.5"), Decimal("1.2"), Decimal("0.6")),
    "base score": proportional(30, Decimal("1.2"), Decimal("0.6"), FloorMeaning.BASE_SCORE),
    "no floor": proportional(10, Decimal("1.2")),
    "no cap": proportional(10, None),
    "bands": bands([(Decimal("0.16"), 10), (Decimal("0.1"), 3), (Decimal("0.14"), 8), (None, 1)]),
    "inverse": inverse(8, Decimal("1.2")),
    "inverse linear": inverse_linear(8, Decimal("1.2")),
    "deduction": deduction(Decimal("5.5")),
    "bonus": bonus(3),
    "min max": min_max(Decimal("0.8"), 12, Decimal("1.2"), 24),
    "relative": relative(10),
}


def exact(curve: Curve, x: Fraction) -> Fraction:
    """The curve read literally: the last segment whose start is not above x."""
    reached = [s for s in curve.segments if s.start is None or s.start <= x]
    return reached[-1].at(x)


@given(
    st.sampled_from(sorted(CURVES)),
    st.fractions(min_value=-3, max_value=10, max_denominator=10_000),
    st.integers(1, 50),
)
def test_cents_are_the_exact_points_rounded_half_up(name: str, x: Fraction, scale: int) -> None:
    curve = CURVES[name]
    points = curve.points(x.numerator * scale, x.denominator * scale)
    assert points == rounded(exact(curve, x), 2)
    assert points >= rounded(curve.lowest, 2) >= 0
    assert curve.highest is None or points <= rounded(curve.highest, 2)


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("proportional", "0", "9"),
        ("base score", "18", "36"),
        ("no cap", "0", None),
        ("bands", "1", "10"),
        ("inverse", "0", "9.6"),
        ("deduction", "0", "5.5"),
        ("bonus", "0", "3"),
        ("min max", "0", "24"),
    ],
)
def test_a_curve_knows_its_range(name: str, lowest: str, highest: str | None) -> None:
    curve = CURVES[name]
    assert curve.lowest == Fraction(lowest)
    assert curve.highest == (None if highest is None else Fraction(highest))


def test_segments_are_reduced_integers() -> None:
    floor, line, cap = proportional(Decimal("7.5"), Decimal("1.2"), Decimal("0.6")).segments
    assert floor == Segment(None, 0, 0, 1, Why.BELOW_FLOOR)
    assert line == Segment(Fraction(3, 5), 0, 15, 2, Why.BY_COMPLETION)
    assert cap == Segment(Fraction(6, 5), 9, 0, 1, Why.CAPPED)


def test_infinity_is_the_last_segment_which_must_be_flat() -> None:
    assert CURVES["inverse"].points(1, 0) == Decimal("9.60")
    with pytest.raises(ValueError, match="no points at infinity"):
        CURVES["no cap"].points(1, 0)


FLAT = Segment(None, 1, 0, 1, Why.BAND)


@pytest.mark.parametrize(
    "segments",
    [
        (Segment(Fraction(0), 1, 0, 1, Why.BAND),),
        (FLAT, FLAT),
        (FLAT, Segment(Fraction(1), 1, 0, 1, Why.BAND), Segment(Fraction(1), 1, 0, 1, Why.BAND)),
        (Segment(None, 1, 1, 1, Why.BAND),),
        (FLAT, Segment(Fraction(1), 5, -1, 1, Why.BAND)),
        (Segment(None, -1, 0, 1, Why.BAND),),
        (FLAT, Segment(Fraction(0), 0, -1, 1, Why.BAND), Segment(Fraction(1), 0, 0, 1, Why.BAND)),
    ],
)
def test_a_curve_is_ordered_bounded_and_never_negative(segments: tuple[Segment, ...]) -> None:
    with pytest.raises(ValueError, match=r"start|below zero"):
        Curve(segments)


@pytest.mark.parametrize(("x", "points"), [("0.0999", 1), ("0.1", 3), ("0.15", 8), ("0.16", 10)])
def test_bands_have_no_gaps(x: str, points: int) -> None:
    assert CURVES["bands"].points(*Decimal(x).as_integer_ratio()) == points
