"""Alarms: made by the clock, looked into by whoever has the outlet, turned into a visit, closed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import Activity, Alarm, AlarmKind, AlarmReason, AlarmState, ReportedDay
from fieldwork.queries.alarms import (
    days_to_judge,
    known_alarms,
    out_of_the_ordinary,
    running,
    without_manager,
)
from fieldwork.services.visits import add_visit
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Person, Unit, UnitKind

LONGEST = 200
# Reasons that a person can give.
GIVEN = tuple(reason for reason in AlarmReason if reason != AlarmReason.GONE)


def make_alarms(*, at: datetime) -> int:
    """Make what is due in every district; runs by the clock. Return how many alarms were made."""
    return sum(_make(district, at) for district in Unit.objects.filter(kind=UnitKind.DISTRICT))


@transaction.atomic
def _make(district: Unit, at: datetime) -> int:
    """Make the alarms of the days that nobody judged yet, close those that no longer hold.

    One at a time a district: the second finds nothing left. A fixed number of statements.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    outlets = running(district, business_day(at))
    wanted = {reason.key: reason for reason in without_manager(outlets)}
    free = {reason.dealer.pk for reason in wanted.values()}
    judged = days_to_judge(district)
    if judged:
        wanted |= {each.key: each for each in out_of_the_ordinary(district, outlets, judged)}
    moved, gone, there = [], [], set()
    for row in known_alarms(district, judged, free):
        key = (row.dealer_id, row.kind, row.day)
        there.add(key)
        if row.state == AlarmState.CLOSED:
            continue
        outlet = outlets.get(row.dealer_id)
        is_judged = row.kind == AlarmKind.FREE or bool(judged and row.day >= judged[0])
        if outlet is None or (is_judged and key not in wanted):
            row.state, row.reason, row.closed_at = AlarmState.CLOSED, AlarmReason.GONE, at
            row.version += 1
            gone.append(row)
            continue
        whose = outlet.current.unit_id if outlet.current else None
        who = outlet.current.account_manager_id if outlet.current else None
        if (row.unit_id, row.person_id) != (whose, who):
            row.unit_id, row.person_id, row.version = whose, who, row.version + 1
            moved.append(row)
    made = [
        Alarm(
            district=district, dealer=one.dealer, kind=one.kind, day=one.day, users=one.users,
            base_users=one.base_users, base_days=one.base_days, made_at=at,
            unit_id=one.dealer.current.unit_id if one.dealer.current else None,
            person_id=one.dealer.current.account_manager_id if one.dealer.current else None,
        )
        for key, one in wanted.items()
        if key not in there
    ]  # fmt: skip
    Alarm.objects.bulk_create(made, batch_size=500)
    Alarm.objects.bulk_update(
        [*moved, *gone], ["state", "reason", "closed_at", "unit", "person", "version"],
        batch_size=500,
    )  # fmt: skip
    ReportedDay.objects.filter(district=district, judged_at=None).update(judged_at=at)
    if made or gone:
        audit.record(
            by=None, at=at, action="alarm.make", subject="alarms/days", district=district,
            source="clock",
            changes=[{"key": "alarms", "before": len(gone), "after": len(made)}],
        )  # fmt: skip
    return len(made)


@transaction.atomic
def answer_alarm(
    *, alarm: Alarm, version: int, reason: str, remark: str, by: Person, at: datetime,
    may_stand_in: bool = False, source: str = "web",
) -> Alarm:  # fmt: skip
    """Say what was behind an alarm: the outlet's manager, or with `may_stand_in` the unit's.

    Raises Invalid with pointers, Refused, Locked once closed, VersionConflict.
    """
    row = _held(alarm, version)
    if row.person_id not in (None, by.pk) and not may_stand_in:
        raise Refused(_("This outlet is looked after by somebody else."))
    faults = []
    if reason not in GIVEN:
        faults.append(Fault("/reason", _("Choose what was behind it.")))
    if not remark.strip():
        faults.append(Fault("/remark", _("Write a few words.")))
    elif len(remark.strip()) > LONGEST:
        text = _("At most %(count)s characters.") % {"count": LONGEST}
        faults.append(Fault("/remark", text))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    before = row.state
    row.state, row.reason, row.remark = AlarmState.SEEN, reason, remark.strip()
    row.seen_by, row.seen_at, row.version = by, at, row.version + 1
    row.save()
    _note(row, "alarm.answer", by=by, at=at, before=before, source=source)
    return row


@transaction.atomic
def close_alarm(
    *, alarm: Alarm, version: int, by: Person, at: datetime, source: str = "web"
) -> Alarm:
    """Close an alarm that was looked into. Raises Locked in another state, VersionConflict."""
    row = _held(alarm, version)
    if row.state != AlarmState.SEEN:
        raise Locked(_("Nobody has looked into this alarm yet."))
    row.state, row.closed_by, row.closed_at = AlarmState.CLOSED, by, at
    row.version += 1
    row.save()
    _note(row, "alarm.close", by=by, at=at, before=AlarmState.SEEN, source=source)
    return row


@transaction.atomic
def visit_alarm(*, alarm: Alarm, by: Person, at: datetime, source: str = "web") -> Activity:
    """Plan a visit of the outlet for today, for its manager, else for whoever asks.

    The same visit again where the alarm has one. Raises Locked once closed, or without a unit.
    """
    row = _held(alarm, None)
    if row.visit is not None:
        return row.visit
    if row.unit is None:
        raise Locked(_("The outlet belongs to no unit: nobody can be sent there."))
    row.visit = add_visit(
        unit=row.unit, dealer=row.dealer, person=row.person or by, on=business_day(at), by=by, at=at
    )
    row.version += 1
    row.save(update_fields=["visit", "version"])
    _note(row, "alarm.visit", by=by, at=at, before=row.state, source=source)
    return row.visit


def _held(alarm: Alarm, version: int | None) -> Alarm:
    row = (
        Alarm.objects.select_for_update(of=("self",))
        .select_related("unit__district", "district", "dealer", "person", "visit")
        .get(pk=alarm.pk)
    )
    if row.state == AlarmState.CLOSED:
        raise Locked(_("The alarm is closed already."))
    if version is not None and row.version != version:
        raise VersionConflict(
            _("Somebody answered this alarm meanwhile. Look at it again."),
            extra={"version": row.version},
        )
    return row


def _note(row: Alarm, action: str, *, by: Person, at: datetime, before: str, source: str) -> None:
    audit.record(
        by=by, at=at, action=action, subject=f"alarms/{row.pk}", district=row.district,
        unit=row.unit, source=source,
        changes=[{"key": {"dealer": row.dealer.code}, "before": before,
                  "after": f"{row.state} {row.reason} {row.remark}".strip()}],
    )  # fmt: skip
