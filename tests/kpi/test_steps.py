"""What is still missing to the next step of a curve."""

from decimal import Decimal
from fractions import Fraction

from kpi.rules import curves
from kpi.rules.scoring import Basis
from kpi.rules.steps import next_steps


def steps(curve, basis, target, actual, decimals=0, weight="10"):
    return [
        (step.more, step.points, step.gain, step.is_full, step.is_top)
        for step in next_steps(
            curve,
            basis=basis,
            weight=Decimal(weight),
            target=None if target is None else Decimal(target),
            actual=Decimal(actual),
            decimals=decimals,
        )
    ]


def test_short_of_full_mark_and_cap() -> None:
    found = steps(curves.proportional(10, Fraction(6, 5)), Basis.COMPLETION, "25", "22")
    assert found == [
        (3, Decimal("10.00"), Decimal("1.20"), True, False),
        (8, Decimal("12.00"), Decimal("3.20"), False, True),
    ]


def test_the_floor_comes_first_and_is_rounded_up() -> None:
    curve = curves.proportional(30, Fraction(6, 5), Fraction(3, 5))
    first = steps(curve, Basis.COMPLETION, "25.35", "14.45", decimals=2, weight="30")[0]
    assert first[:3] == (Fraction("0.76"), Decimal("18.00"), Decimal("18.00"))


def test_at_the_cap_nothing_is_missing() -> None:
    assert steps(curves.proportional(10, 1), Basis.COMPLETION, "40", "49") == []


def test_an_inverse_item_needs_less() -> None:
    found = steps(curves.inverse(8, Fraction(6, 5)), Basis.INVERSE, "0.0790", "0.0801", 4, "8")
    assert [step[0] for step in found] == [Fraction("-0.0011"), Fraction("-0.0143")]
    assert [step[1] for step in found] == [Decimal("8.00"), Decimal("9.60")]


def test_bands_ask_for_the_next_thresholds() -> None:
    curve = curves.bands([(Decimal("0.16"), 10), (Decimal("0.14"), 8), (None, 0)])
    found = steps(curve, Basis.ACTUAL, None, "0.15", 4)
    assert found == [(Fraction("0.01"), Decimal("10.00"), Decimal("2.00"), True, True)]


def test_a_planned_loss_is_stepped_on_the_safe_side() -> None:
    found = steps(curves.proportional(10, Fraction(6, 5)), Basis.COMPLETION, "-20", "-26")
    assert [(step[0], step[1]) for step in found] == [
        (6, Decimal("10.00")),
        (10, Decimal("12.00")),
    ]


def test_without_task_or_actual_nothing_is_said() -> None:
    curve = curves.proportional(10, 1)
    assert steps(curve, Basis.COMPLETION, "0", "3") == []
    assert steps(curve, Basis.COMPLETION, None, "3") == []
