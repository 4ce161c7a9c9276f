"""Events that scorecards count: noted by clerk and auditor, voided when mistaken."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kpi.models import Event, EventKind
from kpi.services.months import hold_open
from orgchart import audit, jobs
from orgchart.errors import Fault, Invalid, Locked
from orgchart.models import Person, Unit
from targets.months import last_day, month_text

MOST = 1000  # of one kind in a month: more is a slip


@transaction.atomic
def note_event(
    *,
    unit: Unit,
    month: date,
    kind: str,
    count: int,
    by: Person | None,
    at: datetime,
    note: str = "",
    occurred_on: date | None = None,
) -> Event:
    """Note `count` events of a kind in an open month. Raises Locked and Invalid.

    A veto says in its note what happened: it takes the whole score or the award.
    """
    faults = []
    if kind not in EventKind.values:
        faults.append(Fault("/kind", _("There is no such kind of event.")))
    if not 1 <= count <= MOST:
        faults.append(Fault("/count", _("The count lies between 1 and 1,000.")))
    if kind in {EventKind.VETO, EventKind.AWARD_VETO} and not note.strip():
        faults.append(Fault("/note", _("Write what the veto is for.")))
    if occurred_on and not month <= occurred_on <= last_day(month):
        text = _("The date lies outside the month: write a day of %(month)s.")
        faults.append(Fault("/occurred_on", text % {"month": month_text(month)}))
    if len(note) > 200:
        faults.append(Fault("/note", _("At most 200 characters.")))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    hold_open(district_id=unit.district_id, month=month)

    event = Event.objects.create(
        unit=unit,
        month=month,
        kind=kind,
        count=count,
        note=note.strip(),
        occurred_on=occurred_on,
        noted_at=at,
        noted_by=by,
    )
    _record(event, "note", by=by, at=at, before=None, after=str(count), reason=note)
    jobs.request("rescore", district_id=unit.district_id, month=month)
    return event


@transaction.atomic
def void_event(*, event: Event, by: Person | None, at: datetime, reason: str) -> Event:
    """Take a mistaken event out of the count; it stays visible. Raises Locked and Invalid."""
    if not reason.strip():
        detail = _("Write why the event does not count.")
        raise Invalid(detail, [Fault("/reason", detail)])
    hold_open(district_id=event.unit.district_id, month=event.month)
    if not Event.objects.filter(pk=event.pk, voided_at=None).update(voided_at=at):
        raise Locked(_("The event is voided already."))
    event.voided_at = at
    _record(event, "void", by=by, at=at, before=str(event.count), after=None, reason=reason)
    jobs.request("rescore", district_id=event.unit.district_id, month=event.month)
    return event


def _record(
    event: Event,
    verb: str,
    *,
    by: Person | None,
    at: datetime,
    before: str | None,
    after: str | None,
    reason: str,
) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"event.{verb}",
        subject=f"events/{event.unit.code}/{month_text(event.month)}",
        district=event.unit.district,
        unit=event.unit,
        changes=[
            {"key": {"event": event.pk, "kind": event.kind}, "before": before, "after": after}
        ],
        reason=reason,
    )
