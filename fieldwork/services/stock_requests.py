"""Requests to the store: made by a unit, approved by another person, issued by the keeper."""

from collections.abc import Mapping
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import (
    MovementKind,
    RequestState,
    StockItem,
    StockMovement,
    StockRequest,
    StockRequestLine,
)
from fieldwork.rules.warehouse import MOST, postings
from fieldwork.services.warehouse import post
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Person, Unit

LONGEST = 200


@transaction.atomic
def make_request(
    *, unit: Unit, asked: Mapping[StockItem, int], purpose: str, needed_on: date | None,
    by: Person, at: datetime,
) -> StockRequest:  # fmt: skip
    """Ask the store for items. Raises Invalid with a fault at each item's code."""
    faults = []
    wanted = {item: count for item, count in asked.items() if count}
    for item, count in wanted.items():
        if not 0 < count <= MOST:
            faults.append(Fault(f"/{item.code}", _("Write 1 to 1,000,000.")))
        elif item.is_closed:
            faults.append(Fault(f"/{item.code}", _("This item is no longer requested.")))
    if not wanted:
        faults.append(Fault("/", _("Write how many of at least one item.")))
    if not purpose.strip():
        faults.append(Fault("/purpose", _("Write what it is for.")))
    if len(purpose) > LONGEST:
        faults.append(Fault("/purpose", _("At most 200 characters.")))
    if needed_on is not None and needed_on < business_day(at):
        faults.append(Fault("/needed_on", _("The day lies in the past.")))
    if not unit.is_business:
        faults.append(Fault("/unit", _("Requests belong to business units.")))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    row = StockRequest.objects.create(
        district=unit.district, code=token_hex(8), unit=unit, purpose=purpose.strip(),
        needed_on=needed_on, made_by=by, made_at=at,
    )  # fmt: skip
    row.code = f"r{row.pk:04d}"
    row.save(update_fields=["code"])
    StockRequestLine.objects.bulk_create(
        StockRequestLine(request=row, item=item, asked=count) for item, count in wanted.items()
    )
    _note(row, "request.make", by, at, {item.code: count for item, count in wanted.items()})
    return row


@transaction.atomic
def approve_request(
    *, request: StockRequest, version: int, granted: Mapping[int, int], by: Person, at: datetime
) -> StockRequest:
    """Approve, each line in whole or in part: `granted` by line id, the rest as asked.

    Raises Refused for whoever made it, Invalid above what was asked or with nothing granted.
    """
    row = _held(request, version, RequestState.SUBMITTED)
    if row.made_by_id == by.pk:
        raise Refused(_("Whoever made a request does not approve it."))
    lines = list(row.lines.select_related("item"))
    faults = []
    for line in lines:
        line.granted = granted.get(line.pk, line.asked)
        if not 0 <= line.granted <= line.asked:
            text = _("At most what was asked: %(count)s.") % {"count": line.asked}
            faults.append(Fault(f"/{line.item.code}", text))
    if not faults and not any(line.granted for line in lines):
        faults.append(Fault("/", _("Nothing is granted: refuse the request instead.")))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    StockRequestLine.objects.bulk_update(lines, ["granted"])
    _decide(row, RequestState.APPROVED, "", by, at)
    _note(row, "request.approve", by, at, {line.item.code: line.granted for line in lines})
    return row


@transaction.atomic
def refuse_request(
    *, request: StockRequest, version: int, reason: str, by: Person, at: datetime
) -> StockRequest:
    """Refuse with a reason. Raises Refused for whoever made it: that is withdrawing."""
    row = _held(request, version, RequestState.SUBMITTED)
    if row.made_by_id == by.pk:
        raise Refused(_("Whoever made a request withdraws it."))
    if not reason.strip():
        sentence = _("Write the reason.")
        raise Invalid(sentence, [Fault("/reason", sentence)])
    _decide(row, RequestState.REFUSED, reason.strip()[:LONGEST], by, at)
    _note(row, "request.refuse", by, at, "", reason=row.reason)
    return row


@transaction.atomic
def withdraw_request(
    *, request: StockRequest, version: int, by: Person, at: datetime
) -> StockRequest:
    """Take a request back before it is issued; whoever made it only. Raises Refused, Locked."""
    row = _held(request, version, RequestState.SUBMITTED, RequestState.APPROVED)
    if row.made_by_id != by.pk:
        raise Refused(_("Only whoever made a request withdraws it."))
    row.state = RequestState.WITHDRAWN
    row.version += 1
    row.save(update_fields=["state", "version"])
    _note(row, "request.withdraw", by, at, "")
    return row


@transaction.atomic
def issue_request(*, request: StockRequest, version: int, by: Person, at: datetime) -> StockRequest:
    """Issue what was granted from the store to the unit. Raises Refused for whoever made or
    approved it, Locked when the store has too little: then nothing is issued."""
    row = _held(request, version, RequestState.APPROVED)
    if by.pk in (row.made_by_id, row.decided_by_id):
        raise Refused(_("Whoever made or approved a request does not issue it."))
    rows = [
        StockMovement(
            item=line.item, unit=place, other=other, quantity=count, kind=MovementKind.ISSUE,
            on=business_day(at), voucher=row.code,
        )
        for line in row.lines.select_related("item") if line.granted
        for place, other, count in postings(line.granted, source=row.district, target=row.unit)
    ]  # fmt: skip
    post(
        district=row.district, rows=rows, action="request.issue", subject=f"requests/{row.code}",
        request=row, by=by, at=at,
    )  # fmt: skip
    row.state, row.issued_by, row.issued_at = RequestState.ISSUED, by, at
    row.version += 1
    row.save(update_fields=["state", "issued_by", "issued_at", "version"])
    return row


def _decide(row: StockRequest, state: RequestState, reason: str, by: Person, at: datetime) -> None:
    row.state, row.reason, row.decided_by, row.decided_at = state, reason, by, at
    row.version += 1
    row.save(update_fields=["state", "reason", "decided_by", "decided_at", "version"])


def _held(request: StockRequest, version: int, *states: RequestState) -> StockRequest:
    row = (
        StockRequest.objects.select_for_update(of=("self",))
        .select_related("unit__district", "district")
        .get(pk=request.pk)
    )
    if row.state not in states:
        text = _("Request %(code)s is past this step: %(state)s.")
        raise Locked(text % {"code": row.code, "state": row.get_state_display()})
    if row.version != version:
        raise VersionConflict(_("Somebody changed this request meanwhile. Look at it again."))
    return row


def _note(
    row: StockRequest, action: str, by: Person, at: datetime, after: Any, reason: str = ""
) -> None:
    audit.record(
        by=by, at=at, action=action, subject=f"requests/{row.code}", district=row.district,
        unit=row.unit, reason=reason,
        changes=[{"key": {"request": row.code}, "before": None, "after": after}],
    )  # fmt: skip
