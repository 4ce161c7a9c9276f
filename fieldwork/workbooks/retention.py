"""The list of warned users: read from Excel or CSV, written with masked numbers."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.models import WarnedUser
from orgchart.book import COUNT, MONEY, Book
from orgchart.models import Unit

COLUMNS = {
    "number": ("用户号码", "User number"),
    "name": ("姓名", "Name"),
    "kind": ("预警类型", "Warning"),
    "dealer": ("归属点", "Outlet"),
    "unit": ("业务单元", "Unit"),
    "person": ("经理", "Manager"),
    "revenue": ("近三月均收入(元)", "Mean revenue of three months, yuan"),
    "is_billed": ("下月是否出账", "Billed next month"),
}
REQUIRED = ("number", "kind")
_WIDTHS = [9, 14, 8, 12, 20, 14, 12, 12, 12, 12, 14, 16, 24, 8, 12]


def retention_workbook(rows: Iterable[WarnedUser], district: Unit) -> bytes:
    """Return the users as one sheet; numbers and names masked, whoever asks."""
    title = _("Call-backs")
    heads = [
        _("Month"), _("User number"), pgettext("person", "Name"), _("Warning"), _("Outlet"),
        _("Unit"), _("Manager"),
        _("Mean revenue"), _("First call by"), _("First call"), _("Result"),
        _("Reason of leaving"), _("What is offered"), _("Calls"), _("Billed next month"),
    ]  # fmt: skip
    billed = {True: _("Yes"), False: _("No"), None: ""}
    with Book(title) as book:
        page = book.page(title, _WIDTHS, frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head(heads)
        for row in rows:
            first = row.first_call_at
            texts = {
                0: f"{row.month:%Y-%m}", 1: row.masked, 2: row.masked_name,
                3: row.get_kind_display(), 4: row.dealer.name if row.dealer else "",
                5: row.unit.name, 6: row.person.name if row.person else "",
                8: row.due_on.isoformat(), 9: first.date().isoformat() if first else "",
                10: row.get_result_display(), 11: row.get_reason_display(), 12: row.measure,
                14: billed[row.is_billed],
            }  # fmt: skip
            for column, text in texts.items():
                page.text(column, text)
            page.number(7, row.revenue, MONEY)
            page.number(13, row.calls_made, COUNT)
            page.row += 1
        page.print_area()
    return book.content
