"""An exported file as it came back: each month cell with its key, base and place."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from orgchart.uploads import MOST_BYTES, NotAWorkbook, check_container
from targets.months import parse_month
from targets.workbooks.writing import BASE, MARK, TOTAL_KEY

_COMMENT_BY = "portal"
_FAULTY = PatternFill("solid", fgColor="FCECEA")


@dataclass(frozen=True, slots=True)
class FileCell:
    """A figure in a file, as shown (rates in percent); `base` is what was exported there."""

    sheet: str
    key: str
    month: date
    value: Decimal
    base: Decimal | None
    place: str  # 4-2!F7


@dataclass(slots=True)
class SheetFile:
    """A file that was read: what it belongs to, its figures, and what is wrong where."""

    content: bytes
    district: str
    year: int
    version: int
    cells: list[FileCell] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)  # (place, sentence)


def read_sheets(file: IO[bytes]) -> SheetFile:
    """Read an exported file. Raises NotAWorkbook when it is none; cells' faults are inside.

    Rows and sheets may be missing, moved or sorted; empty cells say nothing.
    """
    content = file.read(MOST_BYTES + 1)
    check_container(content)
    try:
        book = openpyxl.load_workbook(BytesIO(content))
    except Exception as error:  # openpyxl raises whatever the damaged part provokes
        raise NotAWorkbook(_("This file is not an Excel workbook (.xlsx).")) from error
    lost = _("The file lacks its hidden sheet %(name)s. Export it anew and copy your figures in.")
    if BASE not in book.sheetnames:
        raise NotAWorkbook(lost % {"name": BASE})
    base = list(book[BASE].iter_rows(values_only=True))
    try:
        mark, district, year, version = (str(value) for value in base[0][:4])
        found = SheetFile(content, district, int(year), int(version))
    except (IndexError, ValueError, TypeError) as error:
        raise NotAWorkbook(lost % {"name": BASE}) from error
    if mark != MARK:
        raise NotAWorkbook(lost % {"name": BASE})
    bases = {
        (str(row[0]), str(row[1])): [_figure(value) for value in (*row[2:14], *[None] * 12)][:12]
        for row in base[1:] if len(row) > 2
    }  # fmt: skip
    for page in book.worksheets:
        if page.title != BASE:
            _read_page(page, bases, found)
    return found


def _figure(value: Any) -> Decimal | None:
    try:
        return None if value in (None, "") else Decimal(str(value))
    except ArithmeticError:
        return None


def _read_page(
    page: Any, bases: dict[tuple[str, str], list[Decimal | None]], found: SheetFile
) -> None:
    """Note the month cells of a worksheet; one without the row of names is somebody's notes."""
    rows = list(page.iter_rows())
    start = next((n for n, row in enumerate(rows) if row and row[0].value == MARK), None)
    if start is None:
        return
    code = str(rows[start][1].value) if len(rows[start]) > 1 else ""
    months = {}
    for cell in rows[start][2:]:
        try:
            months[cell.column] = parse_month(str(cell.value))
        except ValueError:
            continue
    seen = set()
    for row in rows[start + 2 :]:
        key = row[0].value
        if key in (TOTAL_KEY, MARK):
            continue
        filled = [cell for cell in row if cell.column in months and cell.value not in (None, "")]
        if not filled:
            continue
        if (code, str(key)) not in bases or key in seen:
            sentence = (
                _("This row is there twice.") if key in seen
                else _("The plan knows no such row; rows are added in the portal.")
            )  # fmt: skip
            found.faults.append((_place(page, filled[0]), sentence))
            continue
        seen.add(key)
        for cell in filled:
            place, sentence = _place(page, cell), _cell_fault(cell)
            if sentence:
                found.faults.append((place, sentence))
                continue
            month = months[cell.column]
            base = bases[code, str(key)][month.month - 1]
            # Excel keeps doubles: 6.47 may come back as 6.470000000000001.
            value = Decimal(str(round(cell.value, 6)))
            found.cells.append(FileCell(code, str(key), month, value, base, place))


def _cell_fault(cell: Any) -> str:
    """Return what is wrong with a cell's kind, "" for a number."""
    if cell.data_type == "f":
        return _("There is a formula here; paste its value.")
    if cell.data_type == "e":
        return _("There is an error here: %(text)s.") % {"text": str(cell.value)[:20]}
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return _("“%(text)s” is no number.") % {"text": str(cell.value)[:20]}
    if abs(cell.value) >= 10**8:
        return _("The figure is too large.")
    return ""


def _place(page: Any, cell: Any) -> str:
    return f"{page.title}!{get_column_letter(cell.column)}{cell.row}"


def annotated(content: bytes, faults: list[tuple[str, str]]) -> bytes:
    """Return the same file with the faulty cells coloured and commented."""
    book = openpyxl.load_workbook(BytesIO(content))
    for place, sentence in faults:
        title, _mark, reference = place.rpartition("!")
        cell = book[title][reference]
        cell.fill = _FAULTY
        cell.comment = Comment(sentence, _COMMENT_BY, width=260, height=80)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()
