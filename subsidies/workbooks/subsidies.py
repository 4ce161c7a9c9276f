"""The subsidies of a month as one page."""

from decimal import Decimal

from django.utils.translation import gettext as _

from orgchart.book import COUNT, MONEY, RATE, Book
from orgchart.models import Unit
from subsidies.queries.entitlements import SubsidyTable
from subsidies.wording import month_name, subsidy_note


def subsidy_workbook(table: SubsidyTable, district: Unit) -> bytes:
    """Return the table as a workbook; a pending floating part is an empty cell, not a zero."""
    title = _("Monthly subsidies")
    heads = [
        _("No."), _("Unit"), _("Fixed part"), _("Floating base"), _("Total revenue task"),
        _("Total revenue actual"), _("Completion"), _("Floating part"), _("Total"), _("Note"),
    ]  # fmt: skip
    with Book(f"{title} {month_name(table.month)}") as book:
        page = book.page(title, [5, 18, 12, 12, 12, 12, 11, 13, 13, 34], frozen=2)
        page.title(title)
        page.note(
            _("Period: %(month)s") % {"month": month_name(table.month)},
            _("Unit: %(unit)s") % {"unit": district.name},
            _("Amounts in yuan, revenue in CNY 10k"),
        )
        page.head(heads)
        first = page.row
        for number, row in enumerate(table.rows, start=1):
            page.number(0, number, COUNT)
            page.text(1, row.unit.name)
            page.number(2, row.fixed)
            page.number(3, row.policy.floating_base)
            page.number(4, row.task)
            page.number(5, row.actual)
            ratio = row.completion
            if ratio is None or row.task is None or row.actual is None:
                page.number(6, None, RATE)
            else:
                value = Decimal(ratio.numerator) / Decimal(ratio.denominator)
                page.formula(6, f"{page.cell(5)}/{page.cell(4)}", value, RATE)
            page.number(7, row.floating)
            if row.total is None:
                page.number(8, None)
            else:
                page.formula(8, f"{page.cell(2)}+{page.cell(7)}", row.total)
            page.text(9, subsidy_note(row))
            page.row += 1
        page.text(0, _("Total"), bold=True)
        for place in (1, 3, 4, 5, 6, 9):
            page.text(place, "")
        page.total(2, first, sum((row.fixed for row in table.rows), Decimal("0.00")))
        floating = [row.floating for row in table.rows if row.floating is not None]
        page.total(7, first, sum(floating, Decimal("0.00")))
        if table.total is None:
            page.number(8, None, MONEY)
        else:
            page.total(8, first, table.total)
        page.row += 1
        page.print_area()
    return book.content
