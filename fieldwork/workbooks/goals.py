"""The goals of a month as one sheet."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from fieldwork.queries.goals import Standing
from orgchart.book import COUNT, RATE, Book
from orgchart.models import Unit
from targets.months import month_text


def goals_workbook(rows: Iterable[Standing], district: Unit, month: date) -> bytes:
    """Return goals beside what was reached; what is not reported is an empty cell."""
    title = _("Personal goals")
    heads = [
        _("Unit"), _("Name"), _("Due by"), _("Groups to sign"), _("Groups signed"),
        _("Mobile users to win"), _("Mobile users won"), _("Fixed users to win"),
        _("Fixed users won"), _("Completion"), _("Assessment"), _("Remark"), _("Assessed by"),
    ]  # fmt: skip
    with Book(title) as book:
        page = book.page(title, [16, 20, 12, *[9] * 6, 10, 10, 28, 12], frozen=2)
        page.title(f"{title} {month_text(month)}")
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head(heads)
        for each in rows:
            goal, share = each.goal, each.completion
            page.text(0, goal.unit.name)
            page.text(1, (goal.person or goal.dealer).name)
            page.text(2, goal.due_on.isoformat())
            for place, (asked, done) in enumerate(each.parts):
                page.number(3 + 2 * place, asked, COUNT)
                page.number(4 + 2 * place, done, COUNT)
            value = None if share is None else Decimal(share.numerator) / share.denominator
            page.number(9, value, RATE)
            page.text(10, goal.get_verdict_display())
            page.text(11, goal.remark)
            page.text(12, goal.assessed_by.name if goal.assessed_by else "")
            page.row += 1
        page.print_area()
    return book.content
