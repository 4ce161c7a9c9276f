"""Importing receipts into the store: all of a list or nothing; again, it changes nothing."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import MovementKind, StockItem, StockMovement
from fieldwork.queries.warehouse import items_of
from fieldwork.rules.warehouse import MOST
from fieldwork.services.account_import import Imported, NotImported
from fieldwork.services.warehouse import post
from fieldwork.workbooks.tables import Row, Table
from fieldwork.workbooks.warehouse import COLUMNS, REQUIRED
from orgchart.actors import business_day
from orgchart.models import Person, Unit


@transaction.atomic
def import_receipts(*, district: Unit, content: bytes, by: Person, at: datetime) -> Imported:
    """Take receipts over: an item stands once on a voucher, and again is the same receipt.

    Another quantity under a known voucher is a fault: the ledger is never changed. Raises
    NotAList, NotImported with every fault.
    """
    # One import of a district at a time.
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    table = Table(content, COLUMNS, required=REQUIRED)
    items = {
        name.casefold(): item
        for item in items_of(district).filter(is_closed=False)
        for name in (item.name_en, item.name_zh, item.code)
        if name
    }
    there = {
        (row.item_id, row.voucher): row.quantity
        for row in StockMovement.objects.filter(
            district=district, kind=MovementKind.RECEIVE
        ).exclude(voucher="")
    }
    seen: dict[tuple[int, str], int] = {}
    rows: list[StockMovement] = []
    same = 0
    for line in table:
        found = _read(line, items, there, seen, business_day(at))
        if found is None:
            continue
        if (found.item_id, found.voucher) in there:
            same += 1
            continue
        found.unit = district
        rows.append(found)
    if table.faults:
        text = _("%(count)s faults; nothing was imported.") % {"count": len(table.faults)}
        raise NotImported(text, table.faults)
    post(
        district=district, rows=rows, action="stock.import", subject="stock/receipts", by=by, at=at
    )
    return Imported(len(rows), 0, same)


def _read(
    row: Row, items: dict[str, StockItem], there: dict[tuple[int, str], int],
    seen: dict[tuple[int, str], int], today: date,
) -> StockMovement | None:  # fmt: skip
    """Return the receipt of a row, None if wrong."""
    item = row.one_of("item", items, is_required=True)
    quantity, on = row.whole("quantity"), row.day("on")
    voucher, note = row.text("voucher", longest=40), row.text("note", longest=200)
    if row.is_sound and (quantity is None or not 1 <= quantity <= MOST):
        row.fault("quantity", _("Write 1 to 1,000,000."))
    if row.is_sound and on is None:
        row.fault("on", _("This cell must be filled in."))
    if on is not None and on > today:
        row.fault("on", _("The day lies in the future."))
    if not voucher:
        row.fault("voucher", _("This cell must be filled in."))
    if not row.is_sound:
        return None
    key = (item.pk, voucher)
    if key in seen:
        text = _("The item stands on this voucher in row %(row)s already.")
        row.fault("voucher", text % {"row": seen[key]})
    elif there.get(key, quantity) != quantity:
        text = _("This voucher was received with %(count)s.") % {"count": there[key]}
        row.fault("quantity", text)
    seen.setdefault(key, row.number)
    return StockMovement(
        item=item, kind=MovementKind.RECEIVE, quantity=quantity, on=on, voucher=voucher, note=note
    )
