"""How a cell of the workbook is read."""

from datetime import date, datetime
from typing import Any

import pytest

from portal.book.columns import Day, Month


@pytest.mark.parametrize(
    ("cell", "day", "month"),
    [
        (datetime(2026, 3, 17, 8, 30), date(2026, 3, 17), date(2026, 3, 1)),
        (date(1900, 1, 1), date(1900, 1, 1), date(1900, 1, 1)),
        (date(1899, 12, 31), None, None),
        (datetime(9999, 12, 31), None, None),
        (" 2026-03-17 ", date(2026, 3, 17), None),
        ("2026-03", None, date(2026, 3, 1)),
        ("2026-02-30", None, None),
        (46098, None, None),
    ],
)
def test_days_and_months(cell: Any, day: date | None, month: date | None) -> None:
    for column, expected in ((Day(), day), (Month(), month)):
        if expected is None:
            with pytest.raises(ValueError, match="2026-03"):
                column.read(cell)
        else:
            assert column.read(cell) == expected
