"""The work calendar: duties of the plan, a month filled from them, entries, ticks, feed links."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import Audience, CalendarEntry, CalendarLink, Duty, Repeat
from fieldwork.queries.calendar import duties, link_of
from fieldwork.rules.calendar import PLAN_DUTIES, occurrences
from orgchart import audit
from orgchart.errors import Fault, Invalid, VersionConflict
from orgchart.models import Person, Unit
from targets.months import last_day, month_text

LONGEST_SPAN = 62  # days of an entry
SINCE, UNTIL = date(2000, 1, 1), date(2100, 1, 1)


@transaction.atomic
def adopt_plan(*, district: Unit, by: Person | None, at: datetime) -> int:
    """Add the plan's dated duties that the district lacks; return how many are new."""
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)  # two at once
    known = set(duties(district).values_list("code", flat=True))
    added = [
        Duty(
            district=district, code=each.code, name_zh=each.zh, name_en=each.en,
            repeat=each.repeat, month=each.month, day=each.day, days=each.days,
            audience=each.audience, clause=each.clause,
        )
        for each in PLAN_DUTIES
        if each.code not in known
    ]  # fmt: skip
    Duty.objects.bulk_create(added)
    if added:
        _note("duty.adopt", f"duties/{district.code}", district, by=by, at=at,
              before=len(known), after=len(known) + len(added))  # fmt: skip
    return len(added)


@transaction.atomic
def save_duty(
    *, district: Unit, duty: Duty | None, version: int, fields: Mapping[str, Any], by: Person,
    at: datetime,
) -> Duty:  # fmt: skip
    """Write a duty: name_zh, name_en, repeat, month, day, days, audience, clause, is_active.

    Entries that were made of it stay as they are. Raises Invalid with pointers, VersionConflict.
    """
    row = Duty(district=district, version=0)
    if duty is not None:
        row = Duty.objects.select_for_update().get(pk=duty.pk)
        _same(row.version, version)
    if faults := _duty_faults(fields):
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    before = None if duty is None else _words_of(row)
    for name, value in fields.items():
        setattr(row, name, value)
    row.month = row.month if row.repeat == Repeat.YEARLY else None
    row.code = row.code or f"d-{secrets.token_hex(4)}"
    row.version += 1
    row.save()
    _note("duty.save", f"duties/{row.code}", district, by=by, at=at, before=before,
          after=_words_of(row))  # fmt: skip
    return row


@transaction.atomic
def fill_month(*, district: Unit, month: date, by: Person, at: datetime) -> int:
    """Make the entries of a month from the duties in use; return how many are new.

    Each business unit open on the day has its own, or the district one for all. Again, it adds
    what is missing only.
    """
    if not SINCE <= month < UNTIL:
        raise Invalid(_("Write the month as 2026-03."), [Fault("/month", "2026-03")])
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)  # two who fill at once
    units = list(Unit.objects.of(district).business().order_by("position", "pk"))
    present = set(
        CalendarEntry.objects.filter(
            district=district, duty__isnull=False, first__gte=month, first__lte=last_day(month)
        ).values_list("duty_id", "unit_id", "first")
    )
    added = [
        CalendarEntry(
            district=district, duty=duty, unit=unit, first=first, last=last, made_by=by,
            made_at=at, name_zh=duty.name_zh, name_en=duty.name_en,
        )
        for duty in duties(district).filter(is_active=True)
        for first, last in occurrences(
            duty.repeat, month, day=duty.day, days=duty.days, of_month=duty.month
        )
        for unit in (units if duty.audience == Audience.UNITS else [district])
        if unit.is_open_on(first) and (duty.pk, unit.pk, first) not in present
    ]  # fmt: skip
    CalendarEntry.objects.bulk_create(added, batch_size=500)
    if added:
        _note("calendar.fill", f"calendar/{month_text(month)}", district, by=by, at=at,
              before=len(present), after=len(present) + len(added))  # fmt: skip
    return len(added)


@transaction.atomic
def save_entry(
    *, district: Unit, entry: CalendarEntry | None, version: int, text: str, first: date,
    last: date | None, note: str, unit: Unit | None, by: Person, at: datetime,
) -> CalendarEntry:  # fmt: skip
    """Write an entry, of a unit or, without one, of the writer alone; whose it is stays.

    Whether one may is asked before. Raises Invalid with pointers, VersionConflict.
    """
    row = CalendarEntry(
        district=district, unit=unit, person=None if unit else by, made_by=by, made_at=at,
        version=0,
    )  # fmt: skip
    if entry is not None:
        row = _held(entry, version)
    last = last or first
    faults = []
    if not 0 < len(text.strip()) <= 100:
        faults.append(Fault("/text", _("Write a text of at most %(count)s characters.")
                            % {"count": 100}))  # fmt: skip
    if len(note) > 500:
        faults.append(Fault("/note", _("At most %(count)s characters.") % {"count": 500}))
    if not SINCE <= first < UNTIL:
        faults.append(Fault("/first", _("Write the day as 2026-03-17.")))
    if not first <= last or (last - first).days >= LONGEST_SPAN:
        faults.append(Fault("/last", _("The last day lies before the first, or too far after.")))
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    before = None if entry is None else row.first.isoformat()
    if row.name_zh != text.strip():
        row.name_zh, row.name_en = text.strip(), ""
    row.first, row.last, row.note, row.version = first, last, note.strip(), row.version + 1
    row.save()
    _note_entry("calendar.save", row, by=by, at=at, before=before, after=first.isoformat())
    return row


@transaction.atomic
def remove_entry(*, entry: CalendarEntry, version: int, by: Person, at: datetime) -> None:
    """Remove an entry; filling the month again brings a duty's back."""
    row = _held(entry, version)
    _note_entry("calendar.remove", row, by=by, at=at, before=row.first.isoformat(), after=None)
    row.delete()


@transaction.atomic
def tick_entry(
    *, entry: CalendarEntry, version: int, is_done: bool, by: Person, at: datetime
) -> CalendarEntry:
    """Note that an entry is done, or take that back; the same again changes nothing."""
    row = CalendarEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if (row.done_at is not None) == is_done:
        return row
    _same(row.version, version)
    row.done_by, row.done_at = (by, at) if is_done else (None, None)
    row.version += 1
    row.save(update_fields=["done_by", "done_at", "version"])
    _note_entry("calendar.tick", row, by=by, at=at, before=not is_done, after=is_done)
    return row


@transaction.atomic
def make_link(*, by: Person, at: datetime) -> str:
    """Make the person's feed link and return its token, shown once; an earlier one ends."""
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once
    _end_links(by, at)
    token = secrets.token_urlsafe(32)
    link = CalendarLink.objects.create(person=by, digest=digest_of(token), created_at=at)
    _note("calendar_link.create", f"calendar-link/{link.pk}", by.district, by=by, at=at,
          before=None, after="made")  # fmt: skip
    return token


@transaction.atomic
def revoke_link(*, by: Person, at: datetime) -> None:
    """End the person's link: calendars that used it get nothing more."""
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    if _end_links(by, at):
        _note("calendar_link.revoke", f"calendar-link/{by.code}", by.district, by=by, at=at,
              before="made", after=None)  # fmt: skip


def used_link(token: str, on: date) -> CalendarLink | None:
    """Return the link of a token in use, and remember the day; at most one write a day."""
    link = link_of(digest_of(token))
    if link is not None and link.used_on != on:
        CalendarLink.objects.filter(pk=link.pk).update(used_on=on)
    return link


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _end_links(person: Person, at: datetime) -> int:
    return CalendarLink.objects.filter(person=person, revoked_at=None).update(revoked_at=at)


def _held(entry: CalendarEntry, version: int) -> CalendarEntry:
    row = (
        CalendarEntry.objects.select_for_update(of=("self",))
        .select_related("district")
        .get(pk=entry.pk)
    )
    _same(row.version, version)
    return row


def _same(present: int, version: int) -> None:
    if present != version:
        raise VersionConflict(
            _("Somebody changed this meanwhile. Compare and save again."),
            extra={"version": present},
        )


def _duty_faults(fields: Mapping[str, Any]) -> list[Fault]:
    faults = []
    if not fields["name_zh"].strip():
        faults.append(Fault("/name_zh", _("This field must be filled in.")))
    repeat, day, month = fields["repeat"], fields["day"], fields.get("month")
    most = 7 if repeat == Repeat.WEEKLY else 31
    if not 1 <= day <= most:
        faults.append(Fault("/day", _("Write a day from 1 to %(most)s.") % {"most": most}))
    if repeat == Repeat.YEARLY and not (month and 1 <= month <= 12):
        faults.append(Fault("/month", _("Write the month of the year, 1 to 12.")))
    if not 1 <= fields["days"] <= 31:
        faults.append(Fault("/days", _("Write a number of days from 1 to 31.")))
    return faults


def _words_of(row: Duty) -> str:
    when = f"{row.month}-{row.day}" if row.month else str(row.day)
    state = "" if row.is_active else " off"
    return f"{row.name_zh} {row.repeat} {when}+{row.days} {row.audience}{state}"


def _note_entry(
    action: str, row: CalendarEntry, *, by: Person, at: datetime, before: Any, after: Any
) -> None:
    # Of one's own entries the trail has the day, not the text.
    audit.record(
        by=by, at=at, action=action, subject=f"calendar/{row.pk}", district=by.district,
        unit=row.unit,
        changes=[{"key": row.name_zh if row.unit_id else "", "before": before, "after": after}],
    )  # fmt: skip


def _note(
    action: str, subject: str, district: Unit, *, by: Person | None, at: datetime, before: Any,
    after: Any,
) -> None:  # fmt: skip
    audit.record(
        by=by, at=at, action=action, subject=subject, district=district,
        changes=[{"key": "", "before": before, "after": after}],
    )  # fmt: skip
