"""The month's reconciliation as Excel: by kind, by unit, sums as formulas."""

from decimal import Decimal

from django.utils.translation import gettext as _

from orgchart.book import Book
from orgchart.models import Unit
from portal.queries.money import COLUMNS, Line, Money
from subsidies.wording import month_name


def kind_names() -> dict[str, str]:
    """Return what the kinds of money are called."""
    return {
        "subsidies": _("Subsidies"),
        "claims": _("Expense claims"),
        "commissions": _("Dealer commissions"),
        "staff": _("Staff commissions"),
        "awards": _("Awards"),
    }


def reconciliation_workbook(found: Money, district: Unit) -> bytes:
    """Return one sheet: a row per unit, four columns per kind; a total row of formulas."""
    names = kind_names()
    steps = {
        "due": _("due"), "approved": _("approved"), "paid": _("paid"), "carried": _("carried")
    }  # fmt: skip
    title = _("Reconciliation")
    with Book(f"{title} {month_name(found.month)}") as book:
        page = book.page(title, [20, *[13] * (len(names) * len(COLUMNS))], frozen=1)
        page.title(title)
        page.note(
            _("Period: %(month)s") % {"month": month_name(found.month)},
            _("Unit: %(unit)s") % {"unit": district.name},
            _("Amounts in yuan"),
        )
        page.head(
            [_("Unit"), *[f"{name} {steps[step]}" for name in names.values() for step in COLUMNS]]
        )
        first = page.row
        for unit in found.units:
            page.text(0, unit.name)
            for place, kind in enumerate(names):
                row = found.lines[kind].get(unit.pk, Line())
                for offset, step in enumerate(COLUMNS):
                    page.number(1 + place * len(COLUMNS) + offset, getattr(row, step))
            page.row += 1
        page.text(0, _("Total"), bold=True)
        for place, kind in enumerate(names):
            total = found.total(kind)
            for offset, step in enumerate(COLUMNS):
                value = getattr(total, step)
                page.total(1 + place * len(COLUMNS) + offset, first, value or Decimal("0.00"))
        page.row += 1
        page.print_area()
    return book.content
