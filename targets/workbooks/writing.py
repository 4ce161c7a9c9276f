"""Task sheets in the plan's own layout, print-ready, with keys and their base inside.

Hidden, so that Excel, LibreOffice and WPS keep them: column A with the key of each row, a row
with the months, and the sheet `_base` with the figures as they were exported.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from orgchart.actors import BUSINESS_ZONE
from targets.amounts import plain
from targets.models import Plan
from targets.months import month_text
from targets.queries.sheets import Grid, Line

MARK = "district-plan"  # in A of the row that names the months
BASE = "_base"
TOTAL_KEY = "="  # in A of a row of sums
_KEYS, _HEAD = 2, 3  # rows: hidden names, visible heads
_FIRST_MONTH = 3  # columns: key (hidden), unit, part, then the months
_TOTAL = _FIRST_MONTH + 12


def line_key(line: Line) -> str:
    """Return "unit|breakdown|indicator", as in a release; segments have no unit."""
    return f"{line.unit_code}|{line.breakdown_code}|{line.indicator_code}"


def shown(line: Line, value: Decimal | None) -> Decimal | None:
    """Return the figure as the sheet shows it: rates in percent."""
    return value * 100 if value is not None and line.is_percent else value


def plan_workbook(plan: Plan, tables: Sequence[Grid], *, at: datetime) -> bytes:
    """Return the xlsx of grids, a worksheet each. Totals are formulas with their values."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    formats = _Formats(book)
    for table in tables:
        _write(book.add_worksheet(_safe_name(table.sheet.code)), formats, plan, table, at)
    _write_base(book, plan, tables, at)
    book.close()
    return buffer.getvalue()


class _Formats:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._numbers: dict[tuple[int, bool], Any] = {}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.grey = book.add_format({"font_color": "#465063"})
        grey = {"bold": True, "bottom": 1, "bg_color": "#F8F9FB"}
        self.head = book.add_format({**grey, "align": "right"})
        self.head_left = book.add_format(grey)
        self.text = book.add_format({"valign": "top"})

    def number(self, decimals: int, bold: bool = False) -> Any:
        key = (decimals, bold)
        if key not in self._numbers:
            self._numbers[key] = self._book.add_format(
                {"num_format": "#,##0" + ("." + "0" * decimals if decimals else ""), "bold": bold,
                 **({"top": 1, "bg_color": "#F8F9FB"} if bold else {})}
            )  # fmt: skip
        return self._numbers[key]


def _write(sheet: Any, formats: _Formats, plan: Plan, table: Grid, at: datetime) -> None:
    code = table.sheet.code
    sheet.write_string(
        0, 1, f"{plan.district.name} {plan.year} {code} {table.sheet.name}", formats.title
    )
    measure = table.sheet.indicator.measure if table.sheet.indicator else ""
    note = _("Unit: %(unit)s") % {"unit": measure} if measure else ""
    sheet.write_string(1, 1, note, formats.grey)
    sheet.write_string(1, _FIRST_MONTH, f"v{plan.version} · " + _("As of %(at)s") % {
        "at": f"{at.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}"}, formats.grey)  # fmt: skip
    sheet.write_string(_KEYS, 0, MARK)
    sheet.write_string(_KEYS, 1, code)
    sheet.set_row(_KEYS, None, None, {"hidden": True})
    sheet.write_string(_HEAD, 1, _("Unit"), formats.head_left)
    sheet.write_string(_HEAD, 2, _("Part"), formats.head_left)
    for n, month in enumerate(table.months):
        sheet.write_string(_KEYS, _FIRST_MONTH + n, month_text(month))
        sheet.write_string(_HEAD, _FIRST_MONTH + n, _("Month %(n)s") % {"n": month.month},
                           formats.head)  # fmt: skip
    sheet.write_string(_HEAD, _TOTAL, _("Total"), formats.head)

    row = _HEAD
    for row, line in enumerate(table.lines, start=_HEAD + 1):
        sheet.write_string(row, 0, line_key(line))
        sheet.write_string(row, 1, line.unit, formats.text)
        sheet.write_string(row, 2, line.breakdown, formats.text)
        for n, cell in enumerate(line.cells):
            figure = shown(line, cell.value)
            if figure is None:
                sheet.write_blank(row, _FIRST_MONTH + n, None, formats.number(line.decimals))
            else:
                sheet.write_number(row, _FIRST_MONTH + n, float(figure),
                                   formats.number(line.decimals))  # fmt: skip
        if line.total is not None:
            first, last = (xl_rowcol_to_cell(row, column) for column in (_FIRST_MONTH, _TOTAL - 1))
            sheet.write_formula(row, _TOTAL, f"=SUM({first}:{last})",
                                formats.number(line.decimals, True), float(line.total))  # fmt: skip
    if table.columns is not None and table.lines:
        _write_sums(sheet, formats, table, row + 1)

    sheet.freeze_panes(_HEAD + 1, _FIRST_MONTH)
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 2, 16)
    sheet.set_column(_FIRST_MONTH, _TOTAL, 10)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD)
    sheet.set_footer("&L&A&R&P / &N")


def _write_sums(sheet: Any, formats: _Formats, table: Grid, row: int) -> None:
    bold = formats.number(table.lines[0].decimals, True)
    sheet.write_string(row, 0, TOTAL_KEY)
    sheet.write_string(row, 1, _("Total"), formats.head_left)
    sheet.write_string(row, 2, "", formats.head_left)
    for n, value in enumerate([*(table.columns or []), table.total or Decimal(0)]):
        top, bottom = (xl_rowcol_to_cell(line, _FIRST_MONTH + n) for line in (_HEAD + 1, row - 1))
        sheet.write_formula(row, _FIRST_MONTH + n, f"=SUM({top}:{bottom})", bold, float(value))


def _write_base(book: Any, plan: Plan, tables: Sequence[Grid], at: datetime) -> None:
    """Write what an upload is compared with: the figures and the version of the export."""
    sheet = book.add_worksheet(BASE)
    head = [MARK, plan.district.code, str(plan.year), str(plan.version), at.isoformat()]
    for column, text in enumerate(head):
        sheet.write_string(0, column, text)
    row = 1
    for table in tables:
        for line in table.lines:
            sheet.write_string(row, 0, table.sheet.code)
            sheet.write_string(row, 1, line_key(line))
            for n, cell in enumerate(line.cells):
                sheet.write_string(row, 2 + n, plain(shown(line, cell.value), line.decimals) or "")
            row += 1
    sheet.hide()
    book.define_name("plan_version", f"={BASE}!$D$1")


def _safe_name(code: str) -> str:
    """Return a worksheet name: Excel forbids some characters in it."""
    return "".join("-" if mark in r"[]:*?/\ ".strip() else mark for mark in code)[:31]
