"""Alarms: made by the clock, looked into by whoever has the outlet, turned into a visit, closed."""

from dataclasses import dataclass, field
from datetime import date, datetime

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
from orgchart.models import Dealer, Person, Unit, UnitKind

LONGEST = 200
# Reasons that a person can give.
GIVEN = tuple(reason for reason in AlarmReason if reason != AlarmReason.GONE)


@dataclass(slots=True)
class _Due:
    """What a district's alarms need: new ones, others changed, days judged."""

    made: list[Alarm] = field(default_factory=list)
    moved: list[Alarm] = field(default_factory=list)
    gone: list[Alarm] = field(default_factory=list)
    judged: list[date] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.made or self.moved or self.gone or self.judged)


def make_alarms(*, at: datetime) -> int:
    """Make what is due in every district; runs by the clock. Return how many alarms were made.

    Where nothing is due nothing is locked.
    """
    districts = Unit.objects.filter(kind=UnitKind.DISTRICT)
    return sum(_make(district, at) for district in districts if _due(district, at))


@transaction.atomic
def _make(district: Unit, at: datetime) -> int:
    """Make the alarms of the days that nobody judged yet, close those that no longer hold.

    One at a time a district: the second finds nothing left. A fixed number of statements.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    due = _due(district, at)
    Alarm.objects.bulk_create(due.made, batch_size=500)
    Alarm.objects.bulk_update(
        [*due.moved, *due.gone], ["state", "reason", "closed_at", "unit", "person", "version"],
        batch_size=500,
    )  # fmt: skip
    ReportedDay.objects.filter(district=district, judged_at=None).update(judged_at=at)
    if due.made or due.gone:
        audit.record(
            by=None, at=at, action="alarm.make", subject="alarms/days", district=district,
            source="clock",
            changes=[{"key": "alarms", "before": len(due.gone), "after": len(due.made)}],
        )  # fmt: skip
    return len(due.made)


def _due(district: Unit, at: datetime) -> _Due:
    outlets = running(district, business_day(at))
    wanted = {reason.key: reason for reason in without_manager(outlets)}
    free = {reason.dealer.pk for reason in wanted.values()}
    due = _Due(judged=days_to_judge(district))
    first = due.judged[0] if due.judged else date.max
    if due.judged:
        found = out_of_the_ordinary(district, outlets, due.judged)
        wanted |= {reason.key: reason for reason in found}
    for row in known_alarms(district, first, free):
        key = (row.dealer_id, row.kind, row.day)
        reason = wanted.pop(key, None)
        if row.state == AlarmState.CLOSED:
            continue
        outlet = outlets.get(row.dealer_id)
        is_judged = row.kind == AlarmKind.FREE or row.day >= first
        if outlet is None or (is_judged and reason is None):
            row.state, row.reason, row.closed_at = AlarmState.CLOSED, AlarmReason.GONE, at
            due.gone.append(row)
        elif (row.unit_id, row.person_id) != _holder(outlet):
            row.unit_id, row.person_id = _holder(outlet)
            due.moved.append(row)
        else:
            continue
        row.version += 1
    for reason in wanted.values():
        unit, person = _holder(reason.dealer)
        due.made.append(
            Alarm(
                district=district, dealer=reason.dealer, kind=reason.kind, day=reason.day,
                users=reason.users, base_users=reason.base_users, base_days=reason.base_days,
                made_at=at, unit_id=unit, person_id=person,
            )
        )  # fmt: skip
    return due


def _holder(outlet: Dealer) -> tuple[int | None, int | None]:
    """Return the ids of the outlet's unit and of its manager."""
    held = outlet.current
    return (held.unit_id, held.account_manager_id) if held else (None, None)


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
