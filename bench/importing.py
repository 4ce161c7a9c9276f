"""Goal 7: a billing extract of 50,000 rows read and checked, beside bare python-calamine."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from bench.measure import Row, Work, compared, medians
from subsidies.workbooks.ledger import COLUMNS, Entry, Reader, rows_of

ROWS, DEALERS = 50_000, 120
MONTH = date(2026, 3, 1)
ROUNDS = 5


def extract() -> bytes:
    """Return an extract as a billing system writes it: dates as dates, figures as numbers."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    page, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    for column, (heading, _english) in enumerate(COLUMNS.values()):
        page.write_string(0, column, heading)
    for number in range(1, ROWS + 1):
        joined = date(2024, 10, 1) + timedelta(days=number % 540)
        page.write_string(number, 0, f"d{number % DEALERS}")
        page.write_string(number, 1, f"u{number:08d}")
        page.write_datetime(number, 2, joined, day)
        page.write_number(number, 3, number % 300)
        page.write_number(number, 4, number % 500 + 0.5)
        page.write_number(number, 5, (number * 7) % 9000 / 100)
        page.write_number(number, 6, 0)
        page.write_number(number, 7, number % 9 == 0)
        if number % 40 == 0:
            page.write_datetime(number, 8, date(2026, 3, 31), day)
        else:
            page.write_blank(number, 8, None, day)
    book.close()
    return file.getvalue()


def bare(content: bytes) -> int:
    """Read every cell and do nothing with it."""
    return len(
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )


def checked(content: bytes) -> list[Entry]:
    """Read every row as the import does. Raises RuntimeError if one is refused."""
    rows = iter(rows_of(content))
    reader = Reader(next(rows), frozenset(f"d{n}" for n in range(DEALERS)), MONTH)
    found = [reader.read(number, cells) for number, cells in enumerate(rows, start=2)]
    if reader.faults or None in found:
        raise RuntimeError(f"{len(reader.faults)} faults in a sound extract")
    return [entry for entry in found if entry is not None]


def importing() -> list[Row]:
    """Read and check 50,000 rows."""
    content = extract()
    works: list[Callable[[], Any]] = [lambda: checked(content), lambda: bare(content)]
    ours, limit = medians([Work(work) for work in works], ROUNDS)
    return compared(f"extract of {ROWS:,} rows read and checked: bare calamine", ours, limit, 3)
