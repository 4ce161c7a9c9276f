"""Reading a billing extract, Excel or CSV, row by row; every fault with its row and column."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from orgchart.errors import Fault, Invalid
from targets.amounts import parse_amount

MOST_BYTES = 20 * 1024 * 1024
MOST_UNZIPPED = 120 * 1024 * 1024
MOST_ENTRIES = 200
MOST_ROWS = 200_000
LONGEST_USER = 40
LARGEST = Decimal(10**8)
# column: (its heading in Chinese, in English)
COLUMNS = {
    "dealer": ("经销商编码", "dealer"),
    "user": ("用户标识", "user"),
    "joined_on": ("入网日期", "joined"),
    "first_minutes": ("首月通话分钟", "first month minutes"),
    "minutes": ("当月通话分钟", "minutes"),
    "billed": ("开账收入", "billed"),
    "arrears": ("欠费", "arrears"),
    "is_low_quality": ("三无极低", "low quality"),
    "left_on": ("离网日期", "left"),
}
YES = {"1", "是", "y", "yes", "true"}
NO = {"", "0", "否", "n", "no", "false"}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")


class NotAnExtract(Invalid):
    """The file cannot be read as an extract at all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A sound row of the extract; `row` is its number in the file."""

    row: int
    dealer: str
    user: str
    joined_on: date
    first_minutes: Decimal
    minutes: Decimal
    net: Decimal
    is_low_quality: bool
    left_on: date | None


def rows_of(content: bytes) -> Iterator[list[Any]]:
    """Yield the rows of an xlsx or CSV file (UTF-8 or GB 18030). Raises NotAnExtract."""
    if len(content) > MOST_BYTES:
        raise NotAnExtract(_("The file is larger than 20 MB."))
    if content[:4] == b"PK\x03\x04":
        yield from _excel(content)
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise NotAnExtract(_("The file is neither Excel nor CSV.")) from None
    if "\x00" in text:
        raise NotAnExtract(_("The file is neither Excel nor CSV."))
    try:
        yield from csv.reader(io.StringIO(text, newline=""))
    except csv.Error as error:
        raise NotAnExtract(_("The CSV cannot be read: %(error)s") % {"error": error}) from None


def _excel(content: bytes) -> Iterator[list[Any]]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
        if len(entries) > MOST_ENTRIES or sum(e.file_size for e in entries) > MOST_UNZIPPED:
            raise NotAnExtract(_("The workbook unpacks to more than an extract can hold."))
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        if sheet.total_height > MOST_ROWS + 1 or sheet.total_width > 200:
            raise NotAnExtract(_("The first sheet is larger than an extract can be."))
        yield from sheet.iter_rows()
    except (BadZipFile, CalamineError, OSError, ValueError) as error:
        if isinstance(error, NotAnExtract):
            raise
        raise NotAnExtract(_("The Excel file is damaged.")) from None


def places_of(head: Sequence[Any]) -> dict[str, int]:
    """Return column → position from the head row. Raises NotAnExtract naming what is missing."""
    texts = [_text(cell).casefold() for cell in head]
    places = {
        column: next((texts.index(name) for name in names if name in texts), -1)
        for column, names in COLUMNS.items()
    }
    missing = [COLUMNS[column][0] for column, place in places.items() if place < 0]
    if missing:
        raise NotAnExtract(
            _("The first row lacks these columns: %(names)s") % {"names": "、".join(missing)}
        )
    return places


class Reader:
    """Reads rows into entries; `faults` collects what is wrong, with its row and column."""

    def __init__(self, head: Sequence[Any], dealers: frozenset[str], month: date) -> None:
        self.places = places_of(head)
        self.dealers, self.month = dealers, month
        self.faults: list[Fault] = []
        self.seen: dict[str, int] = {}

    def read(self, number: int, cells: Sequence[Any]) -> Entry | None:
        """Return the row as an entry; None if it is empty or wrong."""
        if not any(_text(cell) for cell in cells):
            return None
        before = len(self.faults)
        value = {
            column: cells[place] if place < len(cells) else None
            for column, place in self.places.items()
        }
        dealer, user = _text(value["dealer"]), _text(value["user"])
        if dealer not in self.dealers:
            text = _("No dealer has the code “%(code)s”.") % {"code": dealer[:40]}
            self._fault(number, "dealer", text)
        if not user or len(user) > LONGEST_USER:
            self._fault(number, "user", _("A user's mark has 1 to 40 characters."))
        elif user in self.seen:
            text = _("The user is listed already in row %(row)s.") % {"row": self.seen[user]}
            self._fault(number, "user", text)
        else:
            self.seen[user] = number
        joined = self._day(number, "joined_on", value["joined_on"], is_required=True)
        left = self._day(number, "left_on", value["left_on"])
        if joined and left and left < joined:
            self._fault(number, "left_on", _("Left before joining."))
        if joined and joined.replace(day=1) > self.month:
            self._fault(number, "joined_on", _("Joined after the month of the extract."))
        first = self._amount(number, "first_minutes", value["first_minutes"])
        minutes = self._amount(number, "minutes", value["minutes"])
        billed = self._amount(number, "billed", value["billed"], is_signed=True)
        arrears = self._amount(number, "arrears", value["arrears"])
        flag = _text(value["is_low_quality"]).casefold()
        if flag not in YES | NO:
            self._fault(number, "is_low_quality", _("Write 1 or 0."))
        if len(self.faults) > before or joined is None:
            return None
        return Entry(
            number, dealer, user, joined, first, minutes, billed - arrears, flag in YES, left
        )

    def _fault(self, row: int, column: str, sentence: str) -> None:
        heading = COLUMNS[column][0]
        self.faults.append(Fault(_("row %(row)s, %(column)s") % {"row": row, "column": heading},
                                 sentence))  # fmt: skip

    def _day(self, row: int, column: str, cell: Any, *, is_required: bool = False) -> date | None:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        text = _text(cell)
        if not text and not is_required:
            return None
        found = _DAY.fullmatch(text)
        try:
            if found:
                return date(*map(int, found.groups()))
        except ValueError:
            pass
        self._fault(row, column, _("“%(text)s” is no day (2026-03-01).") % {"text": text[:40]})
        return None

    def _amount(self, row: int, column: str, cell: Any, *, is_signed: bool = False) -> Decimal:
        if isinstance(cell, float) and cell.is_integer() and 0 <= cell < 1e8:
            return Decimal(int(cell))
        text = "" if isinstance(cell, float) else _text(cell)
        if not text and not isinstance(cell, float):
            return Decimal(0)
        try:
            value = Decimal(repr(cell)) if isinstance(cell, float) else _typed(text)
        except (ValueError, InvalidOperation):
            self._fault(row, column, _("“%(text)s” is no number.") % {"text": text[:40]})
            return Decimal(0)
        # A spreadsheet's binary leftovers are far below a cent; what somebody typed is not.
        cents = round(value, 2) if value.is_finite() and abs(value) < LARGEST else None
        if cents is None or abs(value - cents) > Decimal("0.000001"):
            text = _("Write an amount below 100 million with at most two decimals.")
            self._fault(row, column, text)
            return Decimal(0)
        if cents < 0 and not is_signed:
            self._fault(row, column, _("A negative figure cannot be."))
        return cents


def _typed(text: str) -> Decimal:
    return parse_amount(text.replace(",", "").lstrip("¥"))


def _text(cell: Any) -> str:
    """Return a cell as text: whole floats without their ".0", full width as half width."""
    if isinstance(cell, str):
        return cell.strip() if cell.isascii() else unicodedata.normalize("NFKC", cell).strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip()
