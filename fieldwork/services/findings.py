"""Findings: noted by the auditor, counted at once, put right by a day, voided when mistaken."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import Finding, FindingArea, FindingLevel
from fieldwork.queries.accounts import open_months
from fieldwork.queries.findings import unit_of_dealer
from fieldwork.rules.accounts import counted_month
from kpi.models import EventKind, Month, MonthState
from kpi.services.events import note_event, void_event
from kpi.services.months import hold_open
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Dealer, Person, Unit

MOST = Decimal(1_000_000)
# What a level counts as in the score; the other levels leave it alone.
EVENTS = {FindingLevel.POINTS: EventKind.AUDIT_FINDING, FindingLevel.VETO: EventKind.VETO}


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """A finding as typed; `amount` in yuan, taken from the dealer's commission."""

    unit: Unit
    area: str
    level: str
    text: str
    found_on: date
    dealer: Dealer | None = None
    amount: Decimal | None = None
    deadline: date | None = None


def faults_of(entry: FindingEntry, today: date) -> list[Fault]:
    """Return what is wrong with a finding, field by field."""
    found = []
    if entry.area not in FindingArea.values:
        found.append(Fault("/area", _("There is no such field of audit.")))
    if entry.level not in FindingLevel.values:
        found.append(Fault("/level", _("There is no such level.")))
    if not entry.text.strip():
        found.append(Fault("/text", _("Write what was found.")))
    if len(entry.text) > 200:
        found.append(Fault("/text", _("At most 200 characters.")))
    if not entry.unit.is_business:
        found.append(Fault("/unit", _("Findings belong to business units.")))
    if entry.found_on > today:
        found.append(Fault("/found_on", _("The day lies in the future.")))
    if entry.deadline is not None and entry.deadline < entry.found_on:
        found.append(Fault("/deadline", _("The deadline lies before the finding.")))
    if entry.level == FindingLevel.MONEY and (entry.dealer is None or not entry.amount):
        found.append(Fault("/amount", _("Money off needs a dealer and an amount.")))
    if entry.amount is not None:
        if not 0 < entry.amount <= MOST or entry.amount != entry.amount.quantize(Decimal("0.01")):
            found.append(Fault("/amount", _("Write whole cents, more than 0, at most 1,000,000.")))
        if entry.dealer is None or entry.level == FindingLevel.HINT:
            text = _("An amount is taken from a dealer, and never by a hint.")
            found.append(Fault("/amount", text))
    if entry.dealer is not None and unit_of_dealer(entry.dealer, entry.found_on) != entry.unit:
        found.append(Fault("/dealer", _("The dealer did not belong to the unit on that day.")))
    return found


@transaction.atomic
def note_finding(*, district: Unit, entry: FindingEntry, by: Person, at: datetime) -> Finding:
    """Note a finding and count it: an event for points or veto, a penalty for money.

    It counts in the month of its day while that is open, else in the earliest open month after
    it; with none open it is owed and counted as soon as one is. Raises Invalid.
    """
    if faults := faults_of(entry, business_day(at)):
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    row = Finding.objects.create(
        district=district, code=token_hex(8), unit=entry.unit,
        dealer=entry.dealer, area=entry.area, level=entry.level, text=entry.text.strip(),
        amount=entry.amount, found_on=entry.found_on, found_by=by, deadline=entry.deadline,
    )  # fmt: skip
    row.code = f"f{row.pk:04d}"
    row.save(update_fields=["code"])
    if row.level != FindingLevel.HINT:
        _count(row, by=by, at=at)
    after = {"level": row.level, "amount": _text(row.amount), "text": row.text}
    _note(row, "finding.note", by=by, at=at, before=None, after=after)
    return row


@transaction.atomic
def close_finding(
    *, finding: Finding, version: int, remark: str, by: Person, at: datetime
) -> Finding:
    """Say how a finding was put right; what it counted stays. Raises Invalid, Locked."""
    row = _held(finding, version)
    if not remark.strip():
        sentence = _("Write how it was put right.")
        raise Invalid(sentence, [Fault("/remark", sentence)])
    row.closed_at, row.closed_by, row.closing_note = at, by, remark.strip()[:200]
    row.version += 1
    row.save(update_fields=["closed_at", "closed_by", "closing_note", "version"])
    _note(row, "finding.close", by=by, at=at, before=None, after=row.closing_note)
    return row


@transaction.atomic
def void_finding(
    *, finding: Finding, version: int, reason: str, by: Person, at: datetime
) -> Finding:
    """Take a mistaken finding back with its event and its penalty. Raises Invalid, and Locked
    when a closed month counted it."""
    row = _held(finding, version)
    if not reason.strip():
        sentence = _("Write why the finding does not stand.")
        raise Invalid(sentence, [Fault("/reason", sentence)])
    if row.month is not None:
        month = Month.objects.filter(district=row.district_id, month=row.month).first()
        if month is None or month.state != MonthState.OPEN:
            raise Locked(_("A closed month counted this finding: enter a correction instead."))
        hold_open(district_id=row.district_id, month=row.month)
    if row.event is not None:
        void_event(event=row.event, by=by, at=at, reason=reason)
    row.voided_at, row.void_reason, row.is_owed = at, reason.strip()[:200], False
    row.version += 1
    row.save(update_fields=["voided_at", "void_reason", "is_owed", "version"])
    _note(row, "finding.void", by=by, at=at, before=row.text, after=None, reason=reason)
    return row


def count_owed(*, at: datetime) -> int:
    """Count the findings that waited for a month to open; return how many. Runs by the clock."""
    counted = 0
    for found in Finding.objects.filter(is_owed=True).order_by("pk"):
        if counted_month(found.found_on, open_months(found.district_id)) is None:
            continue
        with transaction.atomic():
            row = (
                Finding.objects.select_for_update(of=("self",))
                .select_related("unit__district", "found_by")
                .filter(pk=found.pk, is_owed=True)
                .first()
            )
            if row is not None:
                _count(row, by=row.found_by, at=at)
                counted += 1
    return counted


def _count(row: Finding, *, by: Person, at: datetime) -> None:
    """Let the finding count in a month, or owe it."""
    row.month = counted_month(row.found_on, open_months(row.district_id))
    row.is_owed = row.month is None
    if row.month is not None:
        hold_open(district_id=row.district_id, month=row.month)
        kind = EVENTS.get(FindingLevel(row.level))
        if kind is not None:
            is_own = row.month == row.found_on.replace(day=1)
            row.event = note_event(
                unit=row.unit, month=row.month, kind=kind, count=1, by=by, at=at,
                note=f"{row.code} {row.text}"[:200], occurred_on=row.found_on if is_own else None,
            )  # fmt: skip
    row.save(update_fields=["month", "is_owed", "event"])


def _held(finding: Finding, version: int) -> Finding:
    row = (
        Finding.objects.select_for_update(of=("self",))
        .select_related("unit__district", "district", "event__unit__district")
        .get(pk=finding.pk)
    )
    if not row.is_open:
        raise Locked(_("The finding is closed or void already."))
    if row.version != version:
        raise VersionConflict(_("Somebody changed this finding meanwhile. Look at it again."))
    return row


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _note(
    row: Finding, action: str, *, by: Person, at: datetime, before: Any, after: Any,
    reason: str = "",
) -> None:  # fmt: skip
    audit.record(
        by=by, at=at, action=action, subject=f"findings/{row.code}", district=row.district,
        unit=row.unit, reason=reason,
        changes=[{"key": {"finding": row.code}, "before": before, "after": after}],
    )  # fmt: skip
