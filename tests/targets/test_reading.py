"""What programs send is refused with the value, what is known, and what to do."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from orgchart.errors import Invalid
from orgchart.forms import DayField
from targets.api.reading import NAMED_CODES, Reader
from targets.months import month_text

FEW = {"grid1": 1, "grid2": 2}
MANY = {f"unit{n}": n for n in range(NAMED_CODES + 1)}


@pytest.mark.parametrize(
    ("value", "known", "english"),
    [
        ("nope", FEW, "“nope” does not fit here. Choose one of: grid1, grid2."),
        (7, FEW, "“7” does not fit here. Choose one of: grid1, grid2."),
        (None, FEW, "Choose one of: grid1, grid2."),
        ("nope", MANY, "“nope” is not a known code."),
        ("", MANY, "A code is missing."),
        ("nope", {}, "“nope” is not a known code."),
        ("x" * 90, {}, f"“{'x' * 40}” is not a known code."),
    ],
)
def test_a_code_that_is_not_known(value: Any, known: dict[str, Any], english: str) -> None:
    reader = Reader()
    with override("en"):
        assert reader.member(value, "/unit", known) is None
    with pytest.raises(Invalid):
        reader.check()
    assert [(one.pointer, one.detail) for one in reader.faults] == [("/unit", english)]


def test_a_text_that_is_missing_is_not_called_too_long() -> None:
    reader = Reader()
    with override("en"):
        for value in (None, "", "x" * 9, 5):
            reader.text(value, "/reason", longest=8)
    assert [one.detail for one in reader.faults] == [
        "Nothing is written here: at most 8 characters.",
        "Nothing is written here: at most 8 characters.",
        "Write a text of at most 8 characters.",
        "Write a text of at most 8 characters.",
    ]


def test_days_and_months_of_other_centuries_are_slips() -> None:
    reader = Reader()
    for text in ("1900-01-01", "2199-12-31"):
        assert reader.day(text, "/day").isoformat() == DayField().clean(text).isoformat() == text
        assert month_text(reader.month(text[:7], "/month")) == text[:7]
    reader.check()
    for text in ("1899-12-31", "2200-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "20260331"):
        with pytest.raises(ValidationError):
            DayField().clean(text)
        reader.day(text, "/day")
    reader.day(None, "/day")
    for text in ("1899-12", "2200-01", "0001-01", "9999-12", "2026-13", "202603"):
        reader.month(text, "/month")
    assert [one.pointer for one in reader.faults] == ["/day"] * 7 + ["/month"] * 6
