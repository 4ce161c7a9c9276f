"""Formulas over formulas: expanded to what is entered, and refused when they give no figure."""

import pytest

from targets.rules.derivation import (
    BadFormula,
    Circular,
    NotASum,
    Part,
    Unfinished,
    UnknownPart,
    expanded,
)

KNOWN: dict[str, list[Part] | None] = {
    "mobile": None,
    "fixed": None,
    "gross": None,
    "net": None,
    "total": [Part("mobile"), Part("fixed")],
    "lost": [Part("gross"), Part("net", "n", -1)],
    "rate": [Part("net"), Part("gross", "d")],
}


def of(*parts: Part, **more: list[Part]) -> list[Part]:
    return expanded("new", KNOWN | more | {"new": list(parts)})


def test_what_is_entered_is_its_own_part() -> None:
    assert expanded("net", KNOWN) == [Part("net")]


def test_a_sum_of_sums_comes_down_to_what_is_entered() -> None:
    assert of(Part("total", "n", 2), Part("mobile", "n", -1)) == [
        Part("mobile", "n", 1), Part("fixed", "n", 2),
    ]  # fmt: skip
    assert of(Part("lost", "n", 2), Part("total", "d")) == [
        Part("gross", "n", 2), Part("net", "n", -2), Part("mobile", "d"), Part("fixed", "d"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "fault", "code"),
    [
        ([Part("nothing")], UnknownPart, "nothing"),
        ([Part("new")], Circular, "new"),
        ([Part("rate")], NotASum, "rate"),
        ([], Unfinished, "new"),
        ([Part("mobile", "d")], Unfinished, "new"),
        ([Part("lost"), Part("gross", "n", -1), Part("net")], Unfinished, "new"),
        ([Part("mobile"), Part("lost", "d"), Part("gross", "d", -1), Part("net", "d")],
         Unfinished, "new"),
    ],
)  # fmt: skip
def test_a_formula_without_a_figure_is_refused(
    parts: list[Part], fault: type[BadFormula], code: str
) -> None:
    with pytest.raises(fault) as refused:
        of(*parts)
    assert refused.value.code == code


def test_a_circle_is_named_by_its_way() -> None:
    with pytest.raises(Circular) as refused:
        of(Part("total"), total=[Part("other")], other=[Part("new")])
    assert refused.value.path == ("new", "total", "other", "new")
