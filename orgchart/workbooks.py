"""The organisation's lists as Excel files, print-ready."""

import io
import re
from collections.abc import Iterable
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from orgchart.models import Dealer
from orgchart.queries.affiliations import Statistics

# What XML cannot hold; Excel would call the file damaged.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def dealers_workbook(dealers: Iterable[Dealer]) -> bytes:
    """Return the dealers, each with `current` filled, as one sheet."""
    heads = [
        _("Code"), _("Name"), _("Tier"), _("Kind"), _("Unit"), _("Account manager"),
        _("Commission class"), _("Opened on"), _("Last day"),
    ]  # fmt: skip
    rows = [
        [
            dealer.code,
            dealer.name,
            dealer.get_tier_display(),
            dealer.get_kind_display(),
            dealer.current.unit.name if dealer.current else "",
            dealer.current.account_manager.name
            if dealer.current and dealer.current.account_manager
            else "",
            dealer.commission_class,
            dealer.opened_on.isoformat(),
            dealer.closed_on.isoformat() if dealer.closed_on else "",
        ]
        for dealer in dealers
    ]
    with _Book(_("Dealers"), [14, 24, 12, 18, 18, 16, 12, 12, 12]) as book:
        book.write_row(0, heads, book.head)
        for number, row in enumerate(rows, start=1):
            book.write_row(number, row, book.text)
        book.sheet.freeze_panes(1, 2)
        book.sheet.repeat_rows(0)
        if rows:
            book.sheet.autofilter(0, 0, len(rows), len(heads) - 1)
    return book.content


def affiliations_workbook(title: str, statistics: Statistics) -> bytes:
    """Return appendix 3 as one sheet: managers by unit, sums as formulas with their values."""
    kinds = statistics.columns
    last = 2 + len(kinds)
    with _Book(_("Affiliations"), [18, 16, *[10] * len(kinds), 10]) as book:
        sheet = book.sheet
        sheet.merge_range(0, 0, 0, last, _clean(title), book.title)
        book.write_row(1, [_("Unit"), _("Account manager")], book.head)
        book.write_row(2, ["", ""], book.head)
        column = 2
        for label, width in statistics.tiers:
            if width > 1:
                sheet.merge_range(1, column, 1, column + width - 1, label, book.head)
            else:
                sheet.write_string(1, column, label, book.head)
            column += width
        for place, kind in enumerate(kinds, start=2):
            sheet.write_string(2, place, kind.label, book.head)
        sheet.write_string(1, last, _("Total"), book.head)
        sheet.write_string(2, last, "", book.head)
        row = 3
        for unit in statistics.units:
            for line in unit.lines:
                manager = line.manager or _("No manager")
                book.write_row(row, [unit.unit, manager], book.text)
                book.write_counts(row, line.counts)
                sheet.write_formula(
                    row, last, f"=SUM(C{row + 1}:{_letter(last - 1)}{row + 1})", book.number,
                    line.total,
                )  # fmt: skip
                row += 1
        book.write_row(row, [_("Total"), ""], book.head)
        sums = [*statistics.counts, statistics.total]
        for place, value in enumerate(sums, start=2):
            letter = _letter(place)
            formula = f"=SUM({letter}4:{letter}{max(row, 4)})"
            sheet.write_formula(row, place, formula, book.total, value)
        sheet.freeze_panes(3, 2)
        sheet.repeat_rows(0, 2)
    return book.content


class _Book:
    """One landscape A4 sheet; `content` holds the file once the block has ended."""

    def __init__(self, name: str, widths: list[int]) -> None:
        self._file = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._file, {"in_memory": True})
        self.sheet = self._book.add_worksheet(name)
        for place, width in enumerate(widths):
            self.sheet.set_column(place, place, width)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&C&P / &N")
        frame = {"border": 1, "valign": "vcenter"}
        self.title = self._book.add_format({"bold": True, "font_size": 14, "align": "center"})
        self.head = self._book.add_format(
            {**frame, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#F8F9FB"}
        )
        self.text = self._book.add_format(frame)
        self.number = self._book.add_format({**frame, "num_format": "#,##0"})
        self.total = self._book.add_format({**frame, "num_format": "#,##0", "bold": True})

    def __enter__(self) -> "_Book":
        return self

    def __exit__(self, *failure: Any) -> None:
        self._book.close()

    @property
    def content(self) -> bytes:
        return self._file.getvalue()

    def write_row(self, row: int, texts: list[str], style: Any) -> None:
        """Write texts as texts: one that begins with = + - or @ never becomes a formula."""
        for place, text in enumerate(texts):
            self.sheet.write_string(row, place, _clean(text), style)

    def write_counts(self, row: int, counts: Iterable[int]) -> None:
        for place, count in enumerate(counts, start=2):
            self.sheet.write_number(row, place, count, self.number)


def _clean(text: str) -> str:
    return CONTROL.sub("", text)


def _letter(column: int) -> str:
    return str(xlsxwriter.utility.xl_col_to_name(column))
