"""A task sheet as an Excel file: frozen head, number formats, totals as formulas with values."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from orgchart.actors import BUSINESS_ZONE
from targets.queries.sheets import Grid, Line

_HEAD_ROW = 2  # after the title and the note
_FIRST_MONTH = 2  # after unit and breakdown
_TOTAL = _FIRST_MONTH + 12


def sheet_workbook(table: Grid, *, at: datetime) -> bytes:
    """Return the xlsx of a grid. Values are exact; each total is a formula with its value."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_safe_name(table.sheet.code))
    title = book.add_format({"bold": True, "font_size": 14})
    grey = book.add_format({"font_color": "#465063"})
    head = book.add_format({"bold": True, "align": "right", "bottom": 1, "bg_color": "#F8F9FB"})
    head_left = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F8F9FB"})
    text = book.add_format({"valign": "top"})

    plan = table.sheet.plan
    sheet.write_string(0, 0, f"{plan.district.name} {plan.year} {table.sheet.code} "
                             f"{table.sheet.name}", title)  # fmt: skip
    measure = table.sheet.indicator.measure if table.sheet.indicator else ""
    sheet.write_string(1, 0, _("Unit: %(unit)s") % {"unit": measure} if measure else "", grey)
    sheet.write_string(1, _FIRST_MONTH, _("As of %(at)s") % {
        "at": f"{at.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}"}, grey)  # fmt: skip
    sheet.write_string(_HEAD_ROW, 0, _("Unit"), head_left)
    sheet.write_string(_HEAD_ROW, 1, _("Part"), head_left)
    for n, month in enumerate(table.months):
        sheet.write_string(_HEAD_ROW, _FIRST_MONTH + n, f"{month:%Y-%m}", head)
    sheet.write_string(_HEAD_ROW, _TOTAL, _("Total"), head)

    formats = {
        (decimals, bold): book.add_format(
            {"num_format": "#,##0" + ("." + "0" * decimals if decimals else ""), "bold": bold,
             **({"top": 1, "bg_color": "#F8F9FB"} if bold else {})}
        )
        for decimals in {line.decimals for line in table.lines} | {0}
        for bold in (False, True)
    }  # fmt: skip
    row = _HEAD_ROW + 1
    for row, line in enumerate(table.lines, start=_HEAD_ROW + 1):
        figure = formats[line.decimals, False]
        sheet.write_string(row, 0, line.unit, text)
        sheet.write_string(row, 1, line.breakdown, text)
        for n, cell in enumerate(line.cells):
            if cell.value is not None:
                sheet.write_number(row, _FIRST_MONTH + n, _number(line, cell.value), figure)
        if line.total is not None:
            first, last = (xl_rowcol_to_cell(row, column) for column in (_FIRST_MONTH, _TOTAL - 1))
            sheet.write_formula(row, _TOTAL, f"=SUM({first}:{last})",
                                formats[line.decimals, True], _value(line.total))  # fmt: skip

    if table.columns is not None and table.lines:
        bold = formats[table.lines[0].decimals, True]
        sheet.write_string(row + 1, 0, _("Total"), head_left)
        sheet.write_string(row + 1, 1, "", head_left)
        for n, value in enumerate([*table.columns, table.total or Decimal(0)]):
            top, bottom = (xl_rowcol_to_cell(line, _FIRST_MONTH + n)
                           for line in (_HEAD_ROW + 1, row))  # fmt: skip
            sheet.write_formula(row + 1, _FIRST_MONTH + n, f"=SUM({top}:{bottom})", bold,
                                _value(value))  # fmt: skip

    sheet.freeze_panes(_HEAD_ROW + 1, _FIRST_MONTH)
    sheet.set_column(0, 1, 16)
    sheet.set_column(_FIRST_MONTH, _TOTAL, 11)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD_ROW)
    book.close()
    return buffer.getvalue()


def _number(line: Line, value: Decimal) -> float:
    """Return what Excel keeps: rates in percent, as the sheet shows them."""
    return float(value * 100 if line.is_percent else value)


def _value(value: Decimal) -> float:
    return float(value)


def _safe_name(code: str) -> str:
    """Return a worksheet name: Excel forbids some characters in it."""
    return "".join("-" if mark in r"[]:*?/\ ".strip() else mark for mark in code)[:31]
