"""The district workbook as an xlsx file: written, and read with every fault located.

A sheet per kind: the first row has headings in the reader's language, the second (hidden) the
names by which columns are recognised, then one row per fact.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from orgchart.errors import Fault
from orgchart.uploads import MOST_BYTES, NotAWorkbook, check_container
from portal.book.book import KIND, KINDS, Book, Kind
from portal.book.checks import Flaw
from portal.book.columns import Column, plain_text

HEAD_ROWS = 2  # headings, names
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(slots=True)
class Reading:
    """A workbook that was read: the Book of its sound rows, and where everything stood."""

    book: Book
    flaws: tuple[Flaw, ...] = ()
    seen: dict[str, set[Any]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)  # kind → sheet title in the file
    rows: dict[str, list[int]] = field(default_factory=dict)  # kind → row number of each row
    letters: dict[str, dict[str, str]] = field(default_factory=dict)  # kind → column → letter

    def faults(self, flaws: Iterable[Flaw]) -> list[Fault]:
        """Return the flaws with their places (任务!E17), in the order of the file."""
        order = {kind.code: n for n, kind in enumerate(KINDS)}
        placed = []
        for flaw in flaws:
            numbers = self.rows.get(flaw.kind, [])
            number = numbers[flaw.index] if flaw.index < len(numbers) else HEAD_ROWS + 1
            letter = self.letters.get(flaw.kind, {}).get(flaw.column, "A")
            title = self.titles.get(flaw.kind) or str(KIND[flaw.kind].title)
            place = (order[flaw.kind], number, len(letter), letter)
            placed.append((place, Fault(f"{title}!{letter}{number}", flaw.sentence)))
        placed.sort(key=lambda pair: pair[0])
        return [fault for _place, fault in placed]


# --- Writing -------------------------------------------------------------------------------


def write_book(book: Book, kinds: frozenset[str] | None = None) -> bytes:
    """Return the Book as an xlsx file in the active language."""
    stream = BytesIO()
    workbook = Workbook(stream, {"in_memory": True, "strings_to_formulas": False,
                                 "strings_to_urls": False})  # fmt: skip
    formats = {
        "head": workbook.add_format(
            {"bold": True, "bg_color": "#F4F5F7", "bottom": 1, "text_wrap": True, "valign": "top"}
        ),
        "name": workbook.add_format({"font_color": "#667085"}),
        "date": workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "text": workbook.add_format({"num_format": "@"}),
        "number": workbook.add_format({"num_format": "General"}),
    }
    for kind in KINDS:
        if kinds is None or kind.code in kinds or kind.code == "covers":
            _write_sheet(workbook, formats, kind, book.rows(kind))
    workbook.close()
    return stream.getvalue()


def _write_sheet(workbook: Any, formats: dict[str, Any], kind: Kind, rows: Any) -> None:
    sheet = workbook.add_worksheet(str(kind.title))
    columns = kind.columns
    for number, column in enumerate(columns):
        title = str(column.title)
        sheet.write_string(0, number, title, formats["head"])
        sheet.write_string(1, number, column.name, formats["name"])
        sheet.set_column(number, number, max(10, min(40, 2 * len(title) + 2)))
    sheet.set_row(1, None, None, {"hidden": True})
    sheet.freeze_panes(HEAD_ROWS, sum(1 for column in columns if column.is_key))
    for index, row in enumerate(rows, start=HEAD_ROWS):
        for number, column in enumerate(columns):
            cell = column.show(getattr(row, column.name))
            if cell is None:
                continue
            if isinstance(cell, date):
                sheet.write_datetime(index, number, cell, formats["date"])
            elif isinstance(cell, str):
                sheet.write_string(index, number, _CONTROLS.sub("", cell), formats["text"])
            else:
                sheet.write_number(index, number, cell, formats["number"])


# --- Reading -------------------------------------------------------------------------------


def read_book(file: IO[bytes]) -> Reading:
    """Read an xlsx file. Raises NotAWorkbook; faults of cells are in the Reading."""
    content = file.read(MOST_BYTES + 1)
    check_container(content)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
        sheets = {name: workbook.get_sheet_by_name(name) for name in workbook.sheet_names}
        cells = {name: sheet.to_python(skip_empty_area=False) for name, sheet in sheets.items()}
    except (CalamineError, ValueError, OSError):
        raise NotAWorkbook(_("This file is not an Excel workbook (.xlsx).")) from None

    by_title = {title: kind for kind in KINDS for title in _titles(kind)}
    reading = Reading(Book(covers=()))
    rows: dict[str, tuple[Any, ...]] = {}
    flaws: list[Flaw] = []
    for title, table in cells.items():
        kind = by_title.get(title.strip())
        if kind is None:
            raise NotAWorkbook(
                _("The sheet “%(sheet)s” is none of the workbook's; rename or delete it.")
                % {"sheet": title[:60]}
            )
        if kind.code in reading.titles:
            raise NotAWorkbook(_("The sheet “%(sheet)s” is there twice.") % {"sheet": title})
        reading.titles[kind.code] = title
        rows[kind.code] = tuple(_read_sheet(kind, table, reading, flaws))
    reading.book = Book(**({"covers": ()} | rows))
    reading.flaws = tuple(flaws)
    return reading


def _titles(kind: Kind) -> set[str]:
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(str(kind.title))
    return found


def _read_sheet(
    kind: Kind, table: list[list[Any]], reading: Reading, flaws: list[Flaw]
) -> Iterator[Any]:
    """Yield the sound rows of a sheet; note flaws, keys and places on the way."""
    numbers = reading.rows.setdefault(kind.code, [])
    names = [plain_text(cell) for cell in table[1]] if len(table) > 1 else []
    letters = {name: xl_col_to_name(n) for n, name in enumerate(names) if name}
    reading.letters[kind.code] = letters
    heads = _head_faults(kind, names, letters)
    if any(column.name not in names and not column.is_optional for column in kind.columns):
        _note_heads(kind, heads, numbers, flaws)
        return
    place = {name: n for n, name in enumerate(names) if name}
    sound = []
    faulty: list[tuple[int, list[tuple[str, str]]]] = []
    for number, cells in enumerate(table[HEAD_ROWS:], start=HEAD_ROWS + 1):
        if all(cell in (None, "") for cell in cells):
            continue
        values, wrong = _read_row(kind, cells, place)
        if wrong:
            faulty.append((number, wrong))
            key = tuple(values.get(column.name) for column in kind.columns if column.is_key)
            reading.seen.setdefault(kind.code, set()).add(key)
        else:
            sound.append((number, kind.row_class(**values)))
    numbers.extend(number for number, _row in sound)
    for number, wrong in faulty:
        flaws += [Flaw(kind.code, len(numbers), name, why) for name, why in wrong]
        numbers.append(number)
    _note_heads(kind, heads, numbers, flaws)
    for _number, row in sound:
        yield row


def _read_row(
    kind: Kind, cells: list[Any], place: dict[str, int]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    values: dict[str, Any] = {}
    wrong = []
    for column in kind.columns:
        position = place.get(column.name)
        cell = cells[position] if position is not None and position < len(cells) else None
        try:
            values[column.name] = column.read(cell)
        except ValueError as error:
            wrong.append((column.name, str(error)))
    return values, wrong


def _head_faults(kind: Kind, names: list[str], letters: dict[str, str]) -> list[tuple[str, str]]:
    """Return unknown, double and missing columns, with their sentences."""
    known: dict[str, Column] = {column.name: column for column in kind.columns}
    wrong = []
    for number, name in enumerate(names):
        if name and (name not in known or name in names[:number]):
            letter = f"{xl_col_to_name(number)}"
            letters[f"#{letter}"] = letter
            wrong.append((f"#{letter}", _("Nobody knows this column; delete it.")))
    for column in kind.columns:
        if column.name not in names and not column.is_optional:
            wrong.append(
                (column.name, _("The column “%(name)s” is missing.") % {"name": column.name})
            )
    return wrong


def _note_heads(
    kind: Kind, wrong: list[tuple[str, str]], numbers: list[int], flaws: list[Flaw]
) -> None:
    """Note faults of the headings after those of the rows, whose indexes begin with 0."""
    for name, why in wrong:
        flaws.append(Flaw(kind.code, len(numbers), name, why))
        numbers.append(HEAD_ROWS)
