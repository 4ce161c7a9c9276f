"""The workbook underneath: formats, texts that stay texts, sums that carry their value."""

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

# What XML cannot hold: Excel would call the file damaged.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\\t\r\n]")
_LONGEST_SHEET_NAME = 31
A4 = 9

MONEY = "#,##0.00"
COUNT = "#,##0"
FINE = "#,##0.00##"
RATE = "0.00%"
FORMS = (MONEY, COUNT, FINE, RATE)


def clean(text: str) -> str:
    """Return the text without the characters that a workbook cannot hold."""
    return text if text.isprintable() else _CONTROL.sub("", text)


def sheet_names(wanted: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Return a legal worksheet name for each text, all different, also from those `taken`.

    Excel allows 31 UTF-16 units, forbids seven characters, an apostrophe at either end and the
    name History, and does not tell capitals from small letters.
    """
    used = {name.casefold() for name in taken} | {"history"}
    names = []
    for text in wanted:
        base = _NOT_IN_A_SHEET_NAME.sub("", clean(text)).strip().strip("'") or "-"
        name, number = _cut(base, _LONGEST_SHEET_NAME), 1
        while name.casefold() in used:
            number += 1
            suffix = f" ({number})"
            name = _cut(base, _LONGEST_SHEET_NAME - len(suffix)) + suffix
        used.add(name.casefold())
        names.append(name)
    return names


def _cut(text: str, units: int) -> str:
    while len(text.encode("utf-16-le")) // 2 > units:
        text = text[:-1]
    return text.strip().strip("'") or "-"


class Book:
    """A workbook; the file is complete once the block has ended.

    Without a `target` it grows in memory and `content` holds it. With one, every row goes to
    disk as soon as the next begins: rows are then written in order, in as little memory as one.
    """

    def __init__(self, title: str, target: BinaryIO | None = None) -> None:
        self._file = target or io.BytesIO()
        options = {"constant_memory": True} if target else {"in_memory": True}
        self._book = xlsxwriter.Workbook(self._file, options)
        self._book.set_properties({"title": clean(title)})
        self._formats: dict[tuple[Any, ...], Any] = {}

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *failure: Any) -> None:
        self._book.close()

    @property
    def content(self) -> bytes:
        assert isinstance(self._file, io.BytesIO)
        return self._file.getvalue()

    def page(
        self, name: str, widths: Sequence[float], *, landscape: bool = True, frozen: int = 0
    ) -> "Page":
        """Add a worksheet for A4, fitted to the width, with page numbers."""
        sheet = self._book.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        if landscape:
            sheet.set_landscape()
        else:
            sheet.set_portrait()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.center_horizontally()
        sheet.set_footer(f"&L{clean(name).replace('&', '&&')}&R&P / &N")
        return Page(self, sheet, len(widths), frozen)

    def style(self, **options: Any) -> Any:
        key = tuple(sorted(options.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"valign": "vcenter", **options})
        return self._formats[key]


class Page:
    """A worksheet, written from the top; `row` is the next free row, counted from 0."""

    def __init__(self, book: Book, sheet: Any, columns: int, frozen: int) -> None:
        self.book, self.sheet, self.columns = book, sheet, columns
        self._frozen = frozen
        self.row = 0
        self._plain = book.style(border=1)
        self._numbers = {form: book.style(border=1, num_format=form) for form in FORMS}

    def title(self, text: str) -> None:
        style = self.book.style(bold=True, font_size=16, align="center")
        self.sheet.merge_range(self.row, 0, self.row, self.columns - 1, "", style)
        self.sheet.write_string(self.row, 0, clean(text), style)
        self.sheet.set_row(self.row, 28)
        self.row += 1

    def note(self, *texts: str) -> None:
        """Write texts side by side without a frame: period, unit, scheme."""
        self.sheet.merge_range(self.row, 0, self.row, self.columns - 1, "", self.book.style())
        self.sheet.write_string(
            self.row, 0, clean("    ".join(texts)), self.book.style(font_color="#465063")
        )
        self.row += 1

    def head(self, texts: Sequence[str]) -> None:
        """Write the column heads; they stay on screen and are printed on every page."""
        style = self.book.style(
            bold=True, text_wrap=True, align="center", border=1, bg_color="#F1F3F7"
        )
        for place, text in enumerate(texts):
            self.sheet.write_string(self.row, place, clean(text), style)
        self.sheet.set_row(self.row, 34)
        self.sheet.repeat_rows(0, self.row)
        self.row += 1
        self.sheet.freeze_panes(self.row, self._frozen)

    def text(self, column: int, text: str, **options: Any) -> None:
        """Write a text as a text: one that begins with = + - or @ never becomes a formula."""
        style = self.book.style(border=1, **options) if options else self._plain
        self.sheet.write_string(self.row, column, clean(text), style)

    def _number_style(self, form: str, options: dict[str, Any]) -> Any:
        if options or form not in self._numbers:
            return self.book.style(border=1, num_format=form, **options)
        return self._numbers[form]

    def number(
        self, column: int, value: Decimal | int | None, form: str = MONEY, **options: Any
    ) -> None:
        """Write an exact number; None leaves a framed empty cell."""
        style = self._number_style(form, options)
        if value is None:
            self.sheet.write_blank(self.row, column, None, style)
        else:
            self.sheet.write_number(self.row, column, value, style)

    def formula(
        self, column: int, formula: str, value: Decimal | int, form: str = MONEY, **options: Any
    ) -> None:
        """Write a formula with the value that it has: readers without a calculator see it too."""
        style = self._number_style(form, options)
        self.sheet.write_formula(self.row, column, f"={formula}", style, value)

    def total(self, column: int, first_row: int, value: Decimal | int, form: str = MONEY) -> None:
        """Write the sum of the column from `first_row` to the row above."""
        if self.row == first_row:  # nothing to add up
            self.number(column, value, form, bold=True)
            return
        letter = xl_col_to_name(column)
        self.formula(
            column, f"SUM({letter}{first_row + 1}:{letter}{self.row})", value, form, bold=True
        )

    def cell(self, column: int, row: int | None = None) -> str:
        """Return the address of a cell, of the present row unless told."""
        return str(xl_rowcol_to_cell(self.row if row is None else row, column))

    def print_area(self) -> None:
        self.sheet.print_area(0, 0, max(self.row - 1, 0), self.columns - 1)
