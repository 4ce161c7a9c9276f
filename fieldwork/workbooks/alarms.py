"""Days of outlets as a list that is read, alarms as a list for people."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.models import Alarm
from fieldwork.wording import mean_text
from orgchart.book import COUNT, Book
from orgchart.models import Unit

COLUMNS = {
    "day": ("日期", "Day"),
    "dealer": ("网点", "Outlet"),
    "users": ("激活户数", "Activated"),
}
REQUIRED = ("day", "dealer", "users")
_WIDTHS = [12, 22, 14, 12, 14, 9, 11, 9, 16, 30, 12, 12]


def alarms_workbook(alarms: Iterable[Alarm], district: Unit) -> bytes:
    """Return the alarms as one sheet."""
    title = _("Outlet alarms")
    with Book(title) as book:
        page = book.page(title, _WIDTHS, frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([
            pgettext("alarm", "Day"), _("Outlet"), _("Unit"), _("Manager"), _("Alarm"),
            _("Activated"), _("Mean of last month"), _("State"), _("What was behind it"),
            pgettext("alarm", "What was found"), _("Looked into by"), _("Visit"),
        ])  # fmt: skip
        for row in alarms:
            texts = {
                0: row.day.isoformat(), 1: row.dealer.name, 2: row.unit.name if row.unit else "",
                3: row.person.name if row.person else "", 4: row.get_kind_display(),
                6: mean_text(row), 7: row.get_state_display(), 8: row.get_reason_display(),
                9: row.remark, 10: row.seen_by.name if row.seen_by else "",
                11: row.visit.get_state_display() if row.visit else "",
            }  # fmt: skip
            for place, text in texts.items():
                page.text(place, text)
            page.number(5, row.users, COUNT)
            page.row += 1
        page.print_area()
    return book.content
