"""Call-backs: reading a number, noting a call, giving a user to somebody, removing what is old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import (
    NOT_REACHED,
    Call,
    CallResult,
    LeavingReason,
    WarnedUser,
)
from fieldwork.queries.retention import teams
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Person, Unit

LONGEST = 200
MOST_GIVEN = 200
FURTHEST = timedelta(days=60)  # the latest day of another call
# What a result says by itself, where nobody chose a reason.
IMPLIED = {
    CallResult.POOR_NETWORK: LeavingReason.NETWORK,
    CallResult.SUSPENDED: LeavingReason.DEBT,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call found."""

    result: str
    reason: str = ""
    measure: str = ""
    again_on: date | None = None


def read_number(*, user: WarnedUser, by: Person, at: datetime, source: str = "web") -> str:
    """Return the full number and note that it was read; whether one may is asked before."""
    if user.number:
        note(user, "warned.read", by=by, at=at, changes=[], source=source)
    return user.number


@transaction.atomic
def note_call(
    *, user: WarnedUser, version: int, answer: Answer, by: Person, at: datetime,
    may_stand_in: bool = False, source: str = "web",
) -> Call:  # fmt: skip
    """Add a call; the user shows what the last one found. By the person given, or a manager.

    Raises Invalid with pointers, Refused, Locked once the number was removed, VersionConflict.
    """
    row = held(user, version)
    if row.person_id != by.pk and not may_stand_in:
        raise Refused(_("This user is given to somebody else."))
    if faults := _faults(row, answer, business_day(at)):
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    before = row.result or None
    row.result = answer.result
    row.reason = answer.reason or IMPLIED.get(CallResult(answer.result), "")
    row.measure, row.again_on = answer.measure.strip(), answer.again_on
    row.first_call_at = row.first_call_at or at
    row.last_call_at, row.version = at, row.version + 1
    row.save()
    call = Call.objects.create(
        user=row, at=at, by=by, result=row.result, reason=row.reason, measure=row.measure,
        again_on=row.again_on,
    )  # fmt: skip
    # Codes only: the trail stays for ever, what was said does not.
    note(
        row, "warned.call", by=by, at=at, source=source,
        changes=[{"key": "result", "before": before, "after": row.result}],
    )  # fmt: skip
    return call


@transaction.atomic
def give_user(
    *, user: WarnedUser, version: int, person: Person, by: Person, at: datetime,
    source: str = "web",
) -> WarnedUser:  # fmt: skip
    """Give a user to somebody of its unit; the form offers nobody else."""
    row = held(user, version)
    before = row.person.code if row.person else None
    row.person, row.version = person, row.version + 1
    row.save(update_fields=["person", "version"])
    note(
        row, "warned.assign", by=by, at=at, source=source,
        changes=[{"key": "person", "before": before, "after": person.code}],
    )  # fmt: skip
    return row


@transaction.atomic
def give_users(
    *, users: Sequence[tuple[WarnedUser, int]], person: Person, by: Person, at: datetime,
    source: str = "web",
) -> int:  # fmt: skip
    """Give several users, each with the version read, to one person: all of them or none.

    Return how many changed hands. Raises Invalid unless the person works in every user's unit,
    Locked and VersionConflict as `give_user`.
    """
    if not 1 <= len(users) <= MOST_GIVEN:
        text = _("Choose 1 to %(count)s users.") % {"count": MOST_GIVEN}
        raise Invalid(text, [Fault("/users", text)])
    found = teams(users[0][0].district, business_day(at))
    for user, _version in users:
        if user.unit_id not in found or person.pk not in found[user.unit_id].members:
            text = _("%(who)s does not work in %(unit)s.")
            text %= {"who": person.name, "unit": user.unit.name}
            raise Invalid(text, [Fault("/person", text)])
    # In one order, so that two who hand over the same users wait for each other.
    for user, version in sorted(users, key=lambda one: one[0].pk):
        give_user(user=user, version=version, person=person, by=by, at=at, source=source)
    return len(users)


def kept_until(user: WarnedUser) -> date:
    """Return the last day on which the number is kept."""
    return user.listed_on + timedelta(days=settings.PERSONAL_DATA_DAYS)


@transaction.atomic
def purge_personal_data(*, at: datetime) -> int:
    """Remove numbers, names and texts of lists that are too old; runs by the clock.

    Results, reasons and counts stay. Return how many users lost their number.
    """
    last = business_day(at) - timedelta(days=settings.PERSONAL_DATA_DAYS)
    old = WarnedUser.objects.select_for_update().filter(listed_on__lt=last).exclude(number="")
    ids: dict[int, list[int]] = {}
    for pk, district_id in old.order_by("pk").values_list("pk", "district_id"):
        ids.setdefault(district_id, []).append(pk)
    for district_id, found in ids.items():
        for first in range(0, len(found), 500):
            part = found[first : first + 500]
            Call.objects.filter(user__in=part).exclude(measure="").update(measure="")
            WarnedUser.objects.filter(pk__in=part).update(
                number="", name="", measure="", again_on=None
            )
        audit.record(
            by=None, at=at, action="warned.purge", subject="retention/purge",
            district=Unit.objects.get(pk=district_id), source="clock",
            changes=[{"key": "users", "before": len(found), "after": 0}],
        )  # fmt: skip
    return sum(map(len, ids.values()))


def held(user: WarnedUser, version: int) -> WarnedUser:
    """Return the user, locked, as it was read. Raises Locked without a number, VersionConflict."""
    row = (
        WarnedUser.objects.select_for_update(of=("self",))
        .select_related("unit__district", "district", "person")
        .get(pk=user.pk)
    )
    if not row.number:
        raise Locked(_("The number was removed: the time for which it is kept is over."))
    if row.version != version:
        raise VersionConflict(
            _("Somebody called this user meanwhile. Look at the last call and save again."),
            extra={"version": row.version},
        )
    return row


def _faults(row: WarnedUser, answer: Answer, today: date) -> list[Fault]:
    found = []
    if answer.result not in CallResult.values:
        found.append(Fault("/result", _("Choose what the call found.")))
    elif answer.result == CallResult.RETURNED and not row.is_left:
        found.append(Fault("/result", _("Only a user who left can come back.")))
    if answer.reason and answer.reason not in LeavingReason.values:
        found.append(Fault("/reason", _("There is no such reason.")))
    if answer.result == CallResult.DECLINED and not answer.reason:
        found.append(Fault("/reason", _("Choose why the user does not want to.")))
    if len(answer.measure.strip()) > LONGEST:
        found.append(Fault("/measure", _("At most %(count)s characters.") % {"count": LONGEST}))
    if answer.again_on is not None:
        if answer.again_on < today:
            found.append(Fault("/again_on", _("The day lies in the past.")))
        elif answer.again_on > today + FURTHEST:
            found.append(Fault("/again_on", _("Call again within sixty days.")))
    return found


def note(
    row: WarnedUser, action: str, *, by: Person, at: datetime, changes: list[dict],
    source: str = "web",
) -> None:  # fmt: skip
    """Append the trail's row about a user: by key, never by number."""
    audit.record(
        by=by, at=at, action=action, subject=f"retention/{row.pk}", district=row.unit.district,
        unit=row.unit, changes=changes, source=source,
    )  # fmt: skip


def is_not_reached(result: str) -> bool:
    """Return whether the call reached nobody."""
    return result in NOT_REACHED
