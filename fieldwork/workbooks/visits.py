"""Visits as one sheet."""

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fieldwork.models import Activity
from orgchart.actors import BUSINESS_ZONE
from orgchart.book import Book
from orgchart.models import Unit


def visits_workbook(visits: Iterable[Activity], district: Unit) -> bytes:
    """Return the visits with what was found; the check-list in one cell."""
    title = _("Channel visits")
    heads = [
        _("Planned for"), _("Unit"), _("Outlet"), _("Tier"), _("Visitor"), _("State"),
        _("Done at"), _("Position"), _("Check-list"), _("Stock"), _("Competitor news"),
        _("Problem"), _("What is done"), _("Follow up on"), _("How it was solved"),
    ]  # fmt: skip
    widths = [12, 14, 22, 8, 12, 9, 16, 18, 30, 18, 24, 24, 24, 12, 20]
    with Book(title) as book:
        page = book.page(title, widths, frozen=3)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head(heads)
        for row in visits:
            done = row.done_at
            place = row.latitude is not None and row.longitude is not None
            texts = [
                row.planned_on.isoformat(), row.unit.name, row.dealer.name if row.dealer else "",
                row.dealer.get_tier_display() if row.dealer else "",
                row.person.name if row.person else "", row.get_state_display(),
                f"{done.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}" if done else "",
                f"{row.latitude}, {row.longitude}" if place else "", checked(row), row.stock,
                row.rivals, row.problem, row.measure,
                row.follow_up_on.isoformat() if row.follow_up_on else "", row.closing_note,
            ]  # fmt: skip
            for column, text in enumerate(texts):
                page.text(column, text)
            page.row += 1
        page.print_area()
    return book.content


def checked(row: Activity) -> str:
    """Return the answers in one line: ✓ what was found, ✗ what was missing."""
    is_english = (get_language() or "").startswith("en")
    found = []
    for field in row.form.fields if row.form else []:
        value = row.answers.get(field["code"])
        name = (field["en"] if is_english else "") or field["zh"]
        if field["type"] == "check":
            found.append(f"{'✓' if value else '✗'} {name}")
        elif value not in (None, ""):
            found.append(f"{name}: {value}")
    return "  ".join(found) if row.done_at else ""
