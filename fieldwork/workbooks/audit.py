"""Lists of the audit: read from Excel or CSV, written with numbers of users masked."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.models import DayTakings, DealerStatement, SampledUser
from fieldwork.rules.audit import difference
from orgchart.actors import business_day
from orgchart.book import COUNT, MONEY, Book
from orgchart.models import Unit
from targets.months import month_text

TAKINGS = {
    "dealer": ("经销商", "Dealer"),
    "day": ("日期", "Day"),
    "amount": ("金额(元)", "Amount, yuan"),
}
STATEMENTS = {
    "dealer": ("经销商", "Dealer"),
    "item": ("物品", "Item"),
    "opening": ("期初", "Brought forward"),
    "taken": ("本月分配", "Taken"),
    "sold": ("本月售出", "Sold"),
    "returned": ("本月退回", "Returned"),
    "balance": ("期末结存", "In stock"),
}
STATEMENTS_REQUIRED = ("dealer", "taken", "sold", "balance")
JOINED = {
    "number": ("用户号码", "User number"),
    "dealer": ("经销商", "Dealer"),
    "joined_on": ("入网日期", "Joined on"),
}
_MARKS = {True: "✓", False: "✗", None: ""}


def takings_workbook(rows: Iterable[DayTakings], district: Unit) -> bytes:
    """Return takings with their differences as one sheet."""
    title = _("Receipts against the system")
    with Book(title) as book:
        page = book.page(title, [12, 24, 12, 14, 14, 12, 10, 28, 12], frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([
            _("Day"), _("Dealer"), _("Unit"), _("System, yuan"), _("Paid in, yuan"),
            _("Difference, yuan"), _("Finding"), _("How it was settled"), _("Settled on"),
        ])  # fmt: skip
        for row in rows:
            settled = row.settled_at
            texts = {
                0: row.day.isoformat(), 1: row.dealer.name, 2: row.unit.name,
                6: row.finding.code if row.finding and row.has_finding else "", 7: row.note,
                8: business_day(settled).isoformat() if settled else "",
            }  # fmt: skip
            for column, text in texts.items():
                page.text(column, text)
            amounts = (row.system, row.receipts, difference(row.system, row.receipts))
            for column, amount in enumerate(amounts, start=3):
                page.number(column, amount, MONEY)
            page.row += 1
        page.print_area()
    return book.content


def statements_workbook(rows: Iterable[DealerStatement], district: Unit, month: date) -> bytes:
    """Return a month's statements as one sheet; `handed` of numbers stays empty."""
    title = _("Dealers’ statements")
    with Book(title) as book:
        page = book.page(title, [24, 12, 14, *[10] * 7, 10], frozen=1)
        page.title(f"{title} {month_text(month)}")
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([
            _("Dealer"), _("Unit"), pgettext("stock", "Item"), _("Brought forward"),
            pgettext("statement", "Taken"), _("Handed out by the ledger"),
            pgettext("statement", "Sold"), pgettext("statement", "Returned"), _("In stock"),
            _("Imbalance"), _("Finding"),
        ])  # fmt: skip
        for row in rows:
            page.text(0, row.dealer.name)
            page.text(1, row.unit.name)
            page.text(2, row.item.name if row.item else _("Phone numbers"))
            handed = row.handed if row.item_id else None
            numbers = (
                row.opening, row.taken, handed, row.sold, row.returned, row.balance,
                row.gap,
            )  # fmt: skip
            for column, number in enumerate(numbers, start=3):
                page.number(column, number, COUNT)
            page.text(10, row.finding.code if row.finding and row.has_finding else "")
            page.row += 1
        page.print_area()
    return book.content


def sample_workbook(rows: Iterable[SampledUser], district: Unit, month: date) -> bytes:
    """Return a sample as one sheet; numbers as lists show them."""
    title = _("Sampled papers")
    with Book(title) as book:
        page = book.page(title, [16, 24, 12, 12, 8, 8, 8, 28, 12, 10], frozen=1)
        page.title(f"{title} {month_text(month)}")
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([
            pgettext("sample", "User"), _("Dealer"), _("Unit"), _("Joined on"), _("Contract"),
            _("ID copy"), _("Signature"), _("Note"), _("Checked by"), _("Finding"),
        ])  # fmt: skip
        for row in rows:
            texts = [
                row.mark, row.dealer.name, row.unit.name, row.joined_on.isoformat(),
                _MARKS[row.contract], _MARKS[row.id_copy], _MARKS[row.signature], row.note,
                row.checked_by.name if row.checked_by else "",
                row.finding.code if row.finding and row.has_finding else "",
            ]  # fmt: skip
            for column, text in enumerate(texts):
                page.text(column, text)
            page.row += 1
        page.print_area()
    return book.content
