"""A month of the calendar: as a sheet, and as a feed by RFC 5545."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from icalendar import Calendar
from icalendar import Event as FeedEvent

from fieldwork.queries.calendar import Event
from fieldwork.wording import day_text, event_kind
from orgchart.actors import BUSINESS_ZONE
from orgchart.book import Book
from orgchart.models import Unit


def calendar_workbook(events: Iterable[Event], district: Unit, month: str) -> bytes:
    """Return the events of a month, a line each."""
    title = f"{_('Work calendar')} {month}"
    heads = [
        _("Day"), _("Until"), pgettext("calendar", "What"), _("Kind"), _("Unit"), _("State"),
        _("Done by"), _("Done at"), _("Note"),
    ]  # fmt: skip
    with Book(title) as book:
        page = book.page(title, [18, 18, 40, 10, 16, 10, 12, 16, 30], frozen=1)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head(heads)
        for each in events:
            row = each.entry
            done = row.done_at if row else None
            state = {True: _("Done"), False: _("Open"), None: ""}[each.is_done]
            texts = [
                day_text(each.first), day_text(each.last), each.text, event_kind(each.kind),
                row.unit.name if row and row.unit else "", state,
                row.done_by.name if row and row.done_by else "",
                f"{done.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}" if done else "",
                row.note if row else "",
            ]  # fmt: skip
            for column, text in enumerate(texts):
                page.text(column, text)
            page.row += 1
        page.print_area()
    return book.content


def calendar_feed(
    events: Iterable[Event], *, name: str, host: str, at: datetime, address: Callable[[str], str]
) -> bytes:
    """Return a feed of whole days; `address` makes a path of the portal a full one."""
    feed = Calendar()
    feed.add("prodid", "-//District portal//Work calendar//ZH")
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", name)
    feed.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for each in events:
        event = FeedEvent()
        event.add("uid", f"{each.key}@{host}")
        event.add("dtstamp", at)
        event.add("dtstart", each.first)
        event.add("dtend", each.last + timedelta(days=1))
        event.add("summary", f"✓ {each.text}" if each.is_done else each.text)
        event.add("transp", "TRANSPARENT")
        event.add("categories", [event_kind(each.kind)])
        if each.entry is not None:
            event.add("sequence", each.entry.version - 1)
            if each.entry.note:
                event.add("description", each.entry.note)
        if each.url:
            event.add("url", address(each.url))
        feed.add_component(event)
    return bytes(feed.to_ical())
