"""Workbooks for tests: the demo's, opened with openpyxl, changed cell by cell."""

from functools import cache
from io import BytesIO
from typing import Any

from django.utils import translation
from openpyxl import Workbook, load_workbook

from orgchart.models import Unit
from portal.book.gather import district_by_code, gather_book
from portal.workbooks import write_book

YEAR = 2026


def demo_district() -> Unit:
    district = district_by_code("xx")
    assert district is not None
    return district


@cache
def demo_file(*kinds: str, language: str = "zh-hans") -> bytes:
    """Return the demo's workbook as it is exported: whole, or with the sheets of some kinds."""
    with translation.override(language):
        chosen = frozenset(kinds) or None
        return write_book(gather_book(district=demo_district(), year=YEAR, kinds=chosen), chosen)


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def saved(workbook: Workbook) -> BytesIO:
    stream = BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return stream


class Table:
    """A sheet by column names: `table.find(unit="grid1")` is a row number."""

    def __init__(self, workbook: Workbook, title: str) -> None:
        self.sheet = workbook[title]
        self.letters = {cell.value: cell.column_letter for cell in self.sheet[2]}

    def find(self, **values: Any) -> int:
        for number in range(3, self.sheet.max_row + 1):
            if all(self.get(number, name) == value for name, value in values.items()):
                return number
        raise LookupError(values)

    def get(self, number: int, name: str) -> Any:
        return self.sheet[f"{self.letters[name]}{number}"].value

    def set(self, number: int, name: str, value: Any) -> str:
        """Write a cell; return its place, 任务!E17."""
        place = f"{self.letters[name]}{number}"
        self.sheet[place] = value
        return f"{self.sheet.title}!{place}"

    def append(self, **values: Any) -> int:
        number = self.sheet.max_row + 1
        for name, value in values.items():
            self.set(number, name, value)
        return number
