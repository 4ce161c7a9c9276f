"""Summaries as two sheets: days and weeks, each with its questions and figures."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.models import DayQuestion, Summary, SummaryKind, WeekQuestion
from fieldwork.present.summaries import answered, figure_rows
from orgchart.actors import BUSINESS_ZONE
from orgchart.book import Book
from orgchart.models import Unit


def summaries_workbook(rows: Iterable[Summary], district: Unit) -> bytes:
    """Return the summaries with the figures as they stood."""
    found = list(rows)
    with Book(_("Summaries")) as book:
        for kind, asked in ((SummaryKind.DAILY, DayQuestion), (SummaryKind.WEEKLY, WeekQuestion)):
            title = _("Daily summaries") if kind == SummaryKind.DAILY else _("Weekly summaries")
            day = _("Day") if kind == SummaryKind.DAILY else _("Week from")
            heads = [
                day, _("Unit"), _("Writer"), pgettext("summary", "Sent at"),
                *(str(each.label) for each in asked), _("Figures as they stood"), _("Answer"),
                _("Answered by"),
            ]  # fmt: skip
            page = book.page(title, [12, 14, 12, 16, *([28] * len(asked)), 40, 28, 12], frozen=3)
            page.title(title)
            page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
            page.head(heads)
            for row in found:
                if row.kind != kind:
                    continue
                figures = "\n".join(
                    " ".join(part for part in (each["label"], each["text"], each["note"]) if part)
                    for each in figure_rows(row.figures, kind)
                )
                texts = [
                    row.first.isoformat(), row.unit.name, row.person.name,
                    f"{row.sent_at.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}",
                    *(text for _question, text in answered(row)), figures, row.reply,
                    row.replied_by.name if row.replied_by else "",
                ]  # fmt: skip
                for column, text in enumerate(texts):
                    page.text(column, text, text_wrap=True, valign="top")
                page.row += 1
            page.print_area()
    return book.content
