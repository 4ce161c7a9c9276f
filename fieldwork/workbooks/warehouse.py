"""The store's lists as Excel: stock by item and place, the ledger, receipts to take in."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.models import StockMovement, StockRequestLine
from fieldwork.queries.warehouse import Flow, Shelf, place_name
from orgchart.actors import business_day
from orgchart.book import COUNT, Book
from orgchart.models import Unit
from targets.months import month_text

COLUMNS = {
    "item": ("物品", "Item"),
    "quantity": ("数量", "Quantity"),
    "on": ("入库日期", "Received on"),
    "voucher": ("单据号", "Voucher"),
    "note": ("备注", "Note"),
}
REQUIRED = ("item", "quantity", "on", "voucher")
_LEDGER_WIDTHS = [12, 18, 12, 10, 12, 12, 22, 14, 26, 10, 10]


def stock_workbook(shelves: Iterable[Shelf], places: Sequence[Unit], district: Unit) -> bytes:
    """Return the stock as one sheet: items down, places across."""
    title = _("Stock")
    heads = [
        _("Code"), pgettext("stock", "Item"), _("Kind"), _("Counted in"), _("Warning level"),
        *(place_name(place, district.pk) for place in places), _("Total"), _("Promised"),
        _("Free in the store"),
    ]  # fmt: skip
    with Book(title) as book:
        page = book.page(title, [12, 20, 10, 8, 10, *[10] * (len(places) + 3)], frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head(heads)
        for shelf in shelves:
            item = shelf.item
            for column, text in enumerate(
                (item.code, item.name, item.get_kind_display(), item.get_measure_display())
            ):
                page.text(column, text)
            counts = [shelf.counts.get(place.pk, 0) for place in places]
            numbers = [item.warning_level, *counts, shelf.total, shelf.promised, shelf.free]
            for column, number in enumerate(numbers, start=4):
                page.number(column, number, COUNT)
            page.row += 1
        page.print_area()
    return book.content


def ledger_workbook(rows: Iterable[StockMovement], district: Unit) -> bytes:
    """Return lines of the ledger as one sheet; what leaves is negative."""
    title = _("Store ledger")
    with Book(title) as book:
        page = book.page(title, _LEDGER_WIDTHS, frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([
            _("Day"), pgettext("stock", "Item"), _("Operation"), _("Quantity"),
            pgettext("stock", "Place"), _("From / to"), _("Dealer"), _("Voucher"), _("Note"),
            _("Request"), _("By"),
        ])  # fmt: skip
        for row in rows:
            texts = {
                0: row.on.isoformat(), 1: row.item.name, 2: row.get_kind_display(),
                4: place_name(row.unit, district.pk),
                5: place_name(row.other, district.pk) if row.other else "",
                6: row.dealer.name if row.dealer else "", 7: row.voucher, 8: row.note,
                9: row.request.code if row.request else "", 10: row.by.name,
            }  # fmt: skip
            for column, text in texts.items():
                page.text(column, text)
            page.number(3, row.quantity, COUNT)
            page.row += 1
        page.print_area()
    return book.content


def flows_workbook(flows: Iterable[Flow], district: Unit, month: date) -> bytes:
    """Return a month's coming and going as one sheet: in = out + balance."""
    title = _("Monthly stock report")
    with Book(title) as book:
        page = book.page(title, [20, 14, 12, 12, 12, 12], frozen=1)
        page.title(f"{title} {month_text(month)}")
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([
            pgettext("stock", "Item"), pgettext("stock", "Place"), _("Brought forward"),
            pgettext("stock", "Came"), pgettext("stock", "Left"), _("In stock"),
        ])  # fmt: skip
        for flow in flows:
            page.text(0, flow.item.name)
            page.text(1, place_name(flow.unit, district.pk))
            numbers = (flow.opening, flow.came, flow.left, flow.closing)
            for column, number in enumerate(numbers, start=2):
                page.number(column, number, COUNT)
            page.row += 1
        page.print_area()
    return book.content


def requests_workbook(lines: Iterable[StockRequestLine], district: Unit) -> bytes:
    """Return requests as one sheet, a row for each item."""
    title = _("Requests to the store")
    with Book(title) as book:
        page = book.page(title, [10, 12, 12, 30, 18, 10, 10, 12, 10, 10, 24], frozen=1)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([
            _("Request"), _("Made on"), _("Unit"), _("Purpose"), pgettext("stock", "Item"),
            _("Asked"), pgettext("stock", "Granted"), _("State"), pgettext("stock", "Made by"),
            _("Decided by"), _("Reason"),
        ])  # fmt: skip
        for line in lines:
            row = line.request
            texts = {
                0: row.code, 1: business_day(row.made_at).isoformat(), 2: row.unit.name,
                3: row.purpose, 4: line.item.name, 7: row.get_state_display(),
                8: row.made_by.name, 9: row.decided_by.name if row.decided_by else "",
                10: row.reason,
            }  # fmt: skip
            for column, text in texts.items():
                page.text(column, text)
            page.number(5, line.asked, COUNT)
            page.number(6, line.granted, COUNT)
            page.row += 1
        page.print_area()
    return book.content
