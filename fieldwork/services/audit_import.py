"""Importing what the auditor compares: all of a list or nothing; again, it changes nothing."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from fieldwork.models import DayTakings, DealerStatement, ItemKind, StockItem
from fieldwork.queries.audit import Belonging
from fieldwork.queries.warehouse import items_of
from fieldwork.services.account_import import LANGUAGES, Imported, NotImported
from fieldwork.workbooks.audit import STATEMENTS, STATEMENTS_REQUIRED, TAKINGS
from fieldwork.workbooks.tables import Row, Table
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Invalid
from orgchart.models import Dealer, Person, Unit
from targets.months import last_day, month_text

SIDES = ("system", "receipts")
_COUNTS = ("opening", "taken", "sold", "returned", "balance")


@transaction.atomic
def import_takings(
    *, district: Unit, side: str, content: bytes, by: Person, at: datetime
) -> Imported:
    """Take one side's takings per dealer and day: what the system booked, or what was paid in.

    Another amount for a known day changes it, and a difference that was settled is open again.
    Raises NotAList, NotImported with every fault.
    """
    assert side in SIDES
    _hold(district)
    table = Table(content, TAKINGS, required=list(TAKINGS))
    known, units = named_dealers(district), Belonging(district)
    today = business_day(at)
    read: dict[tuple[int, date], tuple[Dealer, Unit, Decimal]] = {}
    lines: dict[tuple[int, date], int] = {}
    for row in table:
        dealer: Dealer | None = row.one_of("dealer", known, is_required=True)
        day, amount = needed(row, "day", row.day("day")), row.amount("amount")
        needed(row, "amount", amount)
        if day is not None and day > today:
            row.fault("day", _("The day lies in the future."))
        if not row.is_sound or dealer is None or day is None or amount is None:
            continue
        unit, key = unit_or_fault(row, units, dealer, day), (dealer.pk, day)
        if key in lines:
            text = _("The dealer and the day stand in row %(row)s already.")
            row.fault("day", text % {"row": lines[key]})
        lines.setdefault(key, row.number)
        if row.is_sound and unit is not None:
            read[key] = (dealer, unit, amount)
    demand_no_faults(table)

    days = [day for _dealer, day in read]
    there = {
        (row.dealer_id, row.day): row
        for row in DayTakings.objects.filter(
            district=district, day__gte=min(days), day__lte=max(days)
        )
    } if days else {}  # fmt: skip
    made, changed, reopened = [], [], 0
    for key, (dealer, unit, amount) in read.items():
        known_row = there.get(key)
        if known_row is None:
            made.append(
                DayTakings(
                    district=district, dealer=dealer, unit=unit, day=key[1], **{side: amount}
                )
            )
        elif getattr(known_row, side) != amount:
            setattr(known_row, side, amount)
            reopened += known_row.settled_at is not None
            known_row.settled_at, known_row.settled_by, known_row.note = None, None, ""
            known_row.version += 1
            changed.append(known_row)
    DayTakings.objects.bulk_create(made, batch_size=500)
    DayTakings.objects.bulk_update(
        changed, [side, "settled_at", "settled_by", "note", "version"], batch_size=500
    )
    after = {"new": len(made), "changed": len(changed), "reopened": reopened}
    _note(district, f"takings/{side}", after, bool(made or changed), by, at)
    return Imported(len(made), len(changed), len(read) - len(made) - len(changed))


@transaction.atomic
def import_statements(
    *, district: Unit, month: date, content: bytes, by: Person, at: datetime
) -> Imported:
    """Take a month's statements of dealers: of phone numbers (no item named), cards, terminals.

    Raises NotAList, NotImported with every fault, Invalid for a month that has not begun.
    """
    if month > business_day(at):
        raise Invalid(_("%(month)s has not begun.") % {"month": month_text(month)})
    _hold(district)
    table = Table(content, STATEMENTS, required=STATEMENTS_REQUIRED)
    known, units, items = named_dealers(district), Belonging(district), _items(district)
    there = {
        (row.dealer_id, row.item_id): row
        for row in DealerStatement.objects.filter(district=district, month=month)
    }
    made, changed, same = [], [], 0
    lines: dict[tuple[int, int | None], int] = {}
    for row in table:
        dealer: Dealer | None = row.one_of("dealer", known, is_required=True)
        item: StockItem | None = row.one_of("item", items)
        counts = {name: row.whole(name) for name in _COUNTS}
        for name in ("taken", "sold", "balance"):
            needed(row, name, counts[name])
        if not row.is_sound or dealer is None:
            continue
        unit = unit_or_fault(row, units, dealer, last_day(month), month)
        key = (dealer.pk, item.pk if item else None)
        if key in lines:
            text = _("The dealer and the item stand in row %(row)s already.")
            row.fault("item" if table.has("item") else "dealer", text % {"row": lines[key]})
        lines.setdefault(key, row.number)
        if not row.is_sound or unit is None:
            continue
        statement = there.get(key) or DealerStatement(
            district=district, dealer=dealer, unit=unit, month=month, item=item
        )
        typed = {name: counts[name] or 0 for name in _COUNTS}
        if statement.pk is not None and all(
            getattr(statement, name) == count for name, count in typed.items()
        ):
            same += 1
            continue
        for name, count in typed.items():
            setattr(statement, name, count)
        if statement.pk is None:
            made.append(statement)
        else:
            statement.version += 1
            changed.append(statement)
    demand_no_faults(table)
    DealerStatement.objects.bulk_create(made, batch_size=500)
    DealerStatement.objects.bulk_update(changed, [*_COUNTS, "version"], batch_size=500)
    after = {"new": len(made), "changed": len(changed)}
    subject = f"statements/{month_text(month)}"
    _note(district, subject, after, bool(made or changed), by, at)
    return Imported(len(made), len(changed), same)


def named_dealers(district: Unit) -> Mapping[str, Dealer]:
    """Return name or code → dealer; a name that two share names nobody."""
    found: dict[str, set[Dealer]] = {}
    for dealer in Dealer.objects.filter(district=district):
        for name in {dealer.name_zh, dealer.name_en, dealer.code} - {""}:
            found.setdefault(name.casefold(), set()).add(dealer)
    return {name: each.pop() for name, each in found.items() if len(each) == 1}


def unit_or_fault(
    row: Row, units: Belonging, dealer: Dealer, day: date, first: date | None = None
) -> Unit | None:
    """Return the dealer's unit of the day (else of `first`); a fault at the dealer without."""
    unit = units.unit(dealer.pk, day) or (units.unit(dealer.pk, first) if first else None)
    if unit is None:
        row.fault("dealer", _("The dealer belonged to no unit then."))
    return unit


def needed(row: Row, column: str, value: Any) -> Any:
    """Return the value; a fault when the cell was empty and nothing else is wrong there."""
    if value is None and row.is_sound:
        row.fault(column, _("This cell must be filled in."))
    return value


def demand_no_faults(table: Table) -> None:
    """Raise NotImported with every fault of the rows that were read."""
    if table.faults:
        text = _("%(count)s faults; nothing was imported.") % {"count": len(table.faults)}
        raise NotImported(text, table.faults)


def _items(district: Unit) -> dict[str, StockItem | None]:
    """Return name or code → item; "numbers" in either language names none."""
    kinds = (ItemKind.CARD, ItemKind.TERMINAL)
    found: dict[str, StockItem | None] = {
        name.casefold(): item
        for item in items_of(district).filter(kind__in=kinds)
        for name in (item.name_en, item.name_zh, item.code) if name
    }  # fmt: skip
    for language in LANGUAGES:
        with override(language):
            found[str(_("Phone numbers")).casefold()] = None
    return found


def _hold(district: Unit) -> None:
    """One import of a district at a time."""
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)


def _note(
    district: Unit, subject: str, after: Mapping[str, int], is_new: bool, by: Person, at: datetime
) -> None:
    if is_new:
        changes: Iterable[dict[str, Any]] = [
            {"key": name, "before": None, "after": count} for name, count in after.items() if count
        ]
        audit.record(
            by=by, at=at, action="audit.import", subject=subject, district=district,
            source="file", changes=list(changes),
        )  # fmt: skip
