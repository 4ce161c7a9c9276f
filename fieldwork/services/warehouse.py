"""The store's ledger: every operation is lines, checked against their sum under a lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from fieldwork.models import (
    ItemKind,
    Measure,
    MovementKind,
    StockItem,
    StockMovement,
    StockRequest,
)
from fieldwork.queries.findings import unit_of_dealer
from fieldwork.queries.warehouse import place_name, stock_of
from fieldwork.rules.warehouse import MOST, below_zero, difference, postings
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Dealer, Person, Unit

# Operations between the outside, the store and the units: which ends are named.
WITH_SOURCE = (
    MovementKind.RETURN, MovementKind.TRANSFER, MovementKind.WRITE_OFF, MovementKind.HAND_OUT,
)  # fmt: skip
WITH_TARGET = (MovementKind.RECEIVE, MovementKind.TRANSFER)
FIELDS = ("code", "name_zh", "name_en", "kind", "measure", "warning_level", "is_closed")


@dataclass(frozen=True, slots=True)
class Move:
    """An operation on one item as typed. A return goes to the store; `source` is where from."""

    kind: str
    item: StockItem
    quantity: int
    on: date
    source: Unit | None = None
    target: Unit | None = None
    dealer: Dealer | None = None
    voucher: str = ""
    note: str = ""


@transaction.atomic
def save_item(
    *, district: Unit, item: StockItem | None, typed: Mapping[str, Any], version: int, by: Person,
    at: datetime,
) -> StockItem:  # fmt: skip
    """Write an item; its code stays. Raises Invalid, VersionConflict."""
    before: dict[str, Any] = {}
    if item is None:
        row = StockItem(district=district, version=0)
    else:
        row = StockItem.objects.select_for_update().get(pk=item.pk)
        if row.version != version:
            raise VersionConflict(_("Somebody changed this item meanwhile. Look at it again."))
        before = {name: getattr(row, name) for name in FIELDS}
    for name in FIELDS:
        if name in typed and not (item is not None and name == "code"):
            setattr(row, name, typed[name])
    if faults := _item_faults(row):
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    row.version += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        sentence = _("Another item has this code.")
        raise Invalid(sentence, [Fault("/code", sentence)]) from None
    audit.record(
        by=by, at=at, action="stock.item", subject=f"stock/{row.code}", district=district,
        changes=[
            {"key": {"field": name}, "before": before.get(name), "after": getattr(row, name)}
            for name in FIELDS if before.get(name) != getattr(row, name)
        ],
    )  # fmt: skip
    return row


def _item_faults(row: StockItem) -> list[Fault]:
    found = []
    if not row.code:
        found.append(Fault("/code", _("Write a code.")))
    if not row.name_zh.strip():
        found.append(Fault("/name_zh", _("Write a name.")))
    if row.kind not in ItemKind.values:
        found.append(Fault("/kind", _("There is no such kind.")))
    if row.measure not in Measure.values:
        found.append(Fault("/measure", _("There is no such measure.")))
    if not 0 <= row.warning_level <= MOST:
        found.append(Fault("/warning_level", _("Write 0 to 1,000,000.")))
    return found


@transaction.atomic
def move_stock(*, district: Unit, move: Move, by: Person, at: datetime) -> list[StockMovement]:
    """Receive, return, transfer, hand out or write off. Raises Invalid, field by field.

    A line may be dated back, never forward; the check is against all lines, whatever their day.
    """
    source = move.source if move.kind in WITH_SOURCE else None
    target = move.target if move.kind in WITH_TARGET else None
    if move.kind == MovementKind.RETURN:
        target = district
    if move.kind == MovementKind.RECEIVE and target is None:
        target = district
    if faults := _move_faults(move, district, source, target, business_day(at)):
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    return post(
        district=district, by=by, at=at, action=f"stock.{move.kind}",
        subject=f"stock/{move.item.code}",
        rows=[
            StockMovement(
                item=move.item, unit=place, other=other, quantity=count, kind=move.kind,
                on=move.on, dealer=move.dealer, voucher=move.voucher.strip(),
                note=move.note.strip(),
            )
            for place, other, count in postings(move.quantity, source=source, target=target)
        ],
    )  # fmt: skip


def _move_faults(
    move: Move, district: Unit, source: Unit | None, target: Unit | None, today: date
) -> list[Fault]:
    found = []
    if move.kind not in MovementKind.values or move.kind in ("issue", "stock_take"):
        found.append(Fault("/kind", _("There is no such operation.")))
    if not 1 <= move.quantity <= MOST:
        found.append(Fault("/quantity", _("Write 1 to 1,000,000.")))
    if move.on > today:
        found.append(Fault("/on", _("The day lies in the future.")))
    if move.kind in WITH_SOURCE and source is None:
        found.append(Fault("/source", _("Say where it comes from.")))
    if move.kind in WITH_TARGET and target is None:
        found.append(Fault("/target", _("Say where it goes.")))
    if source is not None and source == target:
        field = "/source" if move.kind == MovementKind.RETURN else "/target"
        found.append(Fault(field, _("It lies there already.")))
    for field, place in (("/source", source), ("/target", target)):
        if place is not None and place != district and not place.is_business:
            found.append(Fault(field, _("Only the store and business units hold stock.")))
    if move.kind == MovementKind.WRITE_OFF and not move.note.strip():
        found.append(Fault("/note", _("Write why it is written off.")))
    if len(move.note) > 200:
        found.append(Fault("/note", _("At most 200 characters.")))
    if len(move.voucher) > 40:
        found.append(Fault("/voucher", _("At most 40 characters.")))
    if move.dealer is not None and unit_of_dealer(move.dealer, move.on) != source:
        found.append(Fault("/dealer", _("The dealer did not belong to the unit on that day.")))
    voucher = move.voucher.strip()
    if move.kind == MovementKind.RECEIVE and voucher and _is_received(move.item, voucher):
        found.append(Fault("/voucher", _("This voucher has been received already.")))
    return found


def _is_received(item: StockItem, voucher: str) -> bool:
    kind = MovementKind.RECEIVE
    return StockMovement.objects.filter(item=item, kind=kind, voucher=voucher).exists()


@transaction.atomic
def take_stock(
    *, district: Unit, place: Unit, counts: Mapping[StockItem, int], on: date, note: str,
    by: Person, at: datetime,
) -> list[StockMovement]:  # fmt: skip
    """Post what was counted otherwise than booked, item by item; what agrees posts nothing.

    Raises Invalid for counts below zero or a day in the future.
    """
    faults = [
        Fault(f"/{item.code}", _("Write 0 to 1,000,000."))
        for item, count in counts.items() if not 0 <= count <= MOST
    ]  # fmt: skip
    if on > business_day(at):
        faults.append(Fault("/on", _("The day lies in the future.")))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    booked = hold_stock(district, list(counts))
    rows = [
        StockMovement(
            item=item, unit=place, quantity=more, kind=MovementKind.STOCK_TAKE, on=on,
            note=note.strip()[:200],
        )
        for item, count in counts.items()
        if (more := difference(count, booked.get((item.pk, place.pk), 0)))
    ]  # fmt: skip
    return _write(
        rows, district=district, action="stock.stock_take", by=by, at=at,
        subject=f"stock/{place.code}",
    )  # fmt: skip


def post(
    *, district: Unit, rows: Sequence[StockMovement], action: str, subject: str, by: Person,
    at: datetime, request: StockRequest | None = None,
) -> list[StockMovement]:  # fmt: skip
    """Write lines that keep every place at zero or above; in the caller's transaction.

    Raises Invalid with a fault at `/quantity` for each place that has too little.
    """
    booked = hold_stock(district, [row.item for row in rows])
    lacking = below_zero(booked, [((row.item_id, row.unit_id), row.quantity) for row in rows])
    faults = []
    for row in rows:
        if (found := lacking.pop((row.item_id, row.unit_id), None)) is not None:
            there, asked = found
            text = _("%(item)s: %(place)s has %(there)s, %(asked)s are asked.") % {
                "item": row.item.name, "place": place_name(row.unit, district.pk),
                "there": there, "asked": asked,
            }  # fmt: skip
            faults.append(Fault("/quantity", text))
    if faults:
        raise Locked(" ".join(fault.detail for fault in faults), faults)
    for row in rows:
        row.request = request
    return _write(rows, district=district, action=action, subject=subject, by=by, at=at)


def hold_stock(district: Unit, items: Sequence[StockItem]) -> dict[tuple[int, int], int]:
    """Lock the items until the transaction ends and return what lies where of them."""
    keys = sorted({item.pk for item in items})
    # In one order, or two requests of the same items would wait for each other.
    list(StockItem.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    return stock_of(district, None, keys)


def _write(
    rows: Sequence[StockMovement], *, district: Unit, action: str, subject: str, by: Person,
    at: datetime,
) -> list[StockMovement]:  # fmt: skip
    for row in rows:
        row.district, row.by, row.at = district, by, at
    made = StockMovement.objects.bulk_create(rows)
    if made:
        units = {row.unit_id: row.unit for row in made if row.unit_id != district.pk}
        audit.record(
            by=by, at=at, action=action, subject=subject, district=district,
            unit=next(iter(units.values())) if len(units) == 1 else None,
            changes=[
                {"key": {"item": row.item.code, "unit": row.unit.code}, "before": None,
                 "after": row.quantity}
                for row in made
            ],
        )  # fmt: skip
    return made
