"""Findings as a list for people."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from fieldwork.models import Finding
from orgchart.book import MONEY, Book
from orgchart.models import Unit
from targets.months import month_text

_WIDTHS = [9, 12, 16, 22, 20, 10, 40, 12, 12, 12, 10, 30]


def findings_workbook(findings: Iterable[Finding], district: Unit) -> bytes:
    """Return the findings as one sheet."""
    title = _("Audit findings")
    with Book(title) as book:
        page = book.page(title, _WIDTHS, frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([
            _("Number"), _("Found on"), _("Unit"), _("Dealer"), _("Audit of"), _("Level"),
            _("Finding"), _("Penalty, yuan"), _("Put right by"), _("Put right on"),
            _("Counts in"), _("How it was put right"),
        ])  # fmt: skip
        for row in findings:
            texts = [
                row.code, row.found_on.isoformat(), row.unit.name,
                row.dealer.name if row.dealer else "", row.get_area_display(),
                row.get_level_display(), row.text, None,
                row.deadline.isoformat() if row.deadline else "",
                row.closed_at.date().isoformat() if row.closed_at else "",
                month_text(row.month) if row.month and not row.voided_at else "",
                row.closing_note or row.void_reason,
            ]  # fmt: skip
            for place, text in enumerate(texts):
                if text is None:
                    page.number(place, row.amount, MONEY)
                else:
                    page.text(place, text)
            page.row += 1
        page.print_area()
    return book.content
