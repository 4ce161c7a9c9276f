"""Reading a list from Excel or CSV row by row; every fault with its row and column."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from orgchart.errors import Fault, Invalid
from orgchart.uploads import check_container
from targets.amounts import parse_amount

MOST_ROWS = 20_000
MOST_BYTES = 5 * 1024 * 1024
HEAD_WITHIN = 10  # rows: titles and notes may stand above the head
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")

# What a cell of yes or no may say.
YES_NO = {
    "是": True, "yes": True, "1": True, "y": True, "否": False, "no": False, "0": False, "n": False
}  # fmt: skip

# column: (its heading in Chinese, in English)
Columns = Mapping[str, tuple[str, str]]


class NotAList(Invalid):
    """The file cannot be read as a list at all."""


class Row:
    """One row; what is read wrongly is noted as a fault of the table."""

    def __init__(self, table: "Table", number: int, cells: Mapping[str, Any]) -> None:
        self.table, self.number, self.cells = table, number, cells
        self.is_sound = True

    def fault(self, column: str, sentence: str) -> None:
        heading = self.table.columns[column][0]
        place = _("row %(row)s, %(column)s") % {"row": self.number, "column": heading}
        self.table.faults.append(Fault(place, sentence))
        self.is_sound = False

    def text(self, column: str, *, longest: int = 500) -> str:
        text = cell_text(self.cells.get(column))
        if len(text) > longest:
            self.fault(column, _("At most %(count)s characters.") % {"count": longest})
            return ""
        return text

    def day(self, column: str) -> date | None:
        cell = self.cells.get(column)
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        text = cell_text(cell)
        if not text:
            return None
        found = _DAY.fullmatch(text)
        try:
            if found:
                return date(*map(int, found.groups()))
        except ValueError:
            pass
        self.fault(column, _("“%(text)s” is no day (2026-03-01).") % {"text": text[:40]})
        return None

    def amount(self, column: str, *, decimals: int = 2) -> Decimal | None:
        """Return a number that is not negative; a spreadsheet's binary leftovers are dropped."""
        cell = self.cells.get(column)
        text = cell_text(cell).replace(",", "").lstrip("¥")
        if not text:
            return None
        try:
            value = Decimal(repr(cell)) if isinstance(cell, float) else parse_amount(text)
        except (ValueError, InvalidOperation):
            self.fault(column, _("“%(text)s” is no number.") % {"text": text[:40]})
            return None
        kept = round(value, decimals) if value.is_finite() and abs(value) < 10**8 else None
        if kept is None or kept < 0 or abs(value - kept) > Decimal("0.000001"):
            self.fault(column, _("“%(text)s” is no number that can stand here.")
                       % {"text": text[:40]})  # fmt: skip
            return None
        return kept

    def whole(self, column: str) -> int | None:
        value = self.amount(column, decimals=0)
        return None if value is None else int(value)

    def one_of(self, column: str, known: Mapping[str, Any], *, is_required: bool = False) -> Any:
        """Return what the cell names; None when empty or unknown."""
        text = self.text(column)
        if not text:
            if is_required:
                self.fault(column, _("This cell must be filled in."))
            return None
        if text.casefold() not in known:
            self.fault(column, _("“%(text)s” is not known here.") % {"text": text[:40]})
        return known.get(text.casefold())


class Table:
    """The rows of a file below its head. Raises NotAList; `faults` fill while rows are read."""

    def __init__(self, content: bytes, columns: Columns, *, required: Sequence[str]) -> None:
        self.columns = columns
        self.faults: list[Fault] = []
        rows = enumerate(_rows_of(content), start=1)
        self._rows = rows
        self._places = self._head(rows, required)

    def _head(self, rows: Iterator[tuple[int, list[Any]]], required: Sequence[str]) -> dict:
        missing: list[str] = []
        for number, cells in rows:
            texts = [cell_text(cell).casefold() for cell in cells]
            places = {
                column: next(
                    (texts.index(name.casefold()) for name in names if name.casefold() in texts),
                    -1,
                )
                for column, names in self.columns.items()
            }
            lacking = [self.columns[column][0] for column in required if places[column] < 0]
            if not lacking:
                return {column: place for column, place in places.items() if place >= 0}
            if not missing or len(lacking) < len(missing):
                missing = lacking
            if number == HEAD_WITHIN:
                break
        raise NotAList(
            _("No row holds the headings; these are missing: %(names)s")
            % {"names": "、".join(missing)}
        )

    def has(self, column: str) -> bool:
        """Return whether the file has the column: one that is absent changes nothing."""
        return column in self._places

    def __iter__(self) -> Iterator[Row]:
        for number, cells in self._rows:
            if number > MOST_ROWS:
                raise NotAList(_("The file has more than 20,000 rows."))
            found = {
                column: cells[place] if place < len(cells) else None
                for column, place in self._places.items()
            }
            if any(cell_text(cell) for cell in found.values()):
                yield Row(self, number, found)


def cell_text(cell: Any) -> str:
    """Return a cell as text: whole floats without their ".0", full width as half width."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    return "".join(sign for sign in text if sign.isprintable())


def by_name(rows: Iterable[Any]) -> dict[str, Any]:
    """Return folded name or code → row; a name that two share names nobody: their codes do."""
    found: dict[str, set[Any]] = {}
    for row in rows:
        for name in {row.name_zh, row.name_en, row.code} - {""}:
            found.setdefault(name.casefold(), set()).add(row)
    return {name: each.pop() for name, each in found.items() if len(each) == 1}


def _rows_of(content: bytes) -> Iterator[list[Any]]:
    if len(content) > MOST_BYTES:
        raise NotAList(_("The file is larger than 5 MB."))
    if content[:4] == b"PK\x03\x04":
        check_container(content)
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            return iter(book.get_sheet_by_index(0).to_python(skip_empty_area=False))
        except (CalamineError, OSError, ValueError):
            raise NotAList(_("The Excel file is damaged.")) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return iter(list(csv.reader(io.StringIO(text, newline=""))))
    raise NotAList(_("The file is neither Excel nor CSV."))
