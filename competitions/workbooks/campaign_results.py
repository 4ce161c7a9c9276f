"""Results of a campaign from an Excel file: the export with its result column filled in."""

import io
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from orgchart.errors import Fault, Invalid
from orgchart.uploads import check_container
from targets.amounts import parse_amount

HEAD_WITHIN = 10  # rows: title and notes stand above the head
MOST_ROWS = 5000
CODES, RESULTS = ("编码", "code"), ("成绩", "result")  # a heading begins with one of them


@dataclass(frozen=True, slots=True)
class Line:
    """A filled-in row: its number in the file, the contestant's code, the result."""

    number: int
    code: str
    value: Decimal


def read_results(content: bytes) -> list[Line]:
    """Return the rows that have a code and a result. Raises Invalid with a fault a row."""
    check_container(content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        raise Invalid(_("The Excel file is damaged.")) from None
    head, code_at, result_at = _head(rows)
    lines, faults = [], []
    for number, cells in enumerate(rows[head + 1 :], start=head + 2):
        code, cell = (cells[at] if at < len(cells) else "" for at in (code_at, result_at))
        code, text = _text(code), _text(cell)
        if not code or not text:
            continue
        try:
            lines.append(Line(number, code, parse_amount(text.replace(",", ""))))
        except ValueError:
            place = _("row %(row)s") % {"row": number}
            faults.append(Fault(place, _("“%(text)s” is no number.") % {"text": text[:40]}))
    if faults:
        raise Invalid(_("Nothing was stored: %(what)s") % {"what": faults[0].detail}, faults)
    if len(lines) > MOST_ROWS:
        raise Invalid(_("The file has more than 5,000 results."))
    return lines


def _head(rows: list[list[Any]]) -> tuple[int, int, int]:
    for number, cells in enumerate(rows[:HEAD_WITHIN]):
        texts = [_text(cell).casefold() for cell in cells]
        found = [
            next((at for at, text in enumerate(texts) if text.startswith(names)), -1)
            for names in (CODES, RESULTS)
        ]
        if min(found) >= 0:
            return number, found[0], found[1]
    raise Invalid(_("No row holds the headings of code and result: use the export."))


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return unicodedata.normalize("NFKC", str(cell if cell is not None else "")).strip()
