"""What stands in somebody's calendar: entries, and what other modules lend.

Another module adds its dates by `lend(source)`, once, when the routes are made.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from fieldwork.models import CalendarEntry, CalendarLink, Duty
from orgchart.models import Unit
from orgchart.permissions import Actor


@dataclass(frozen=True, slots=True)
class Item:
    """Something with a day that another module keeps.

    `key` stays the same while the thing does; `is_done` None: it cannot be done. An item with the
    `code` of a duty that stands on the same day is not shown beside it: the duty leads to `url`.
    A routine is left out of months and feeds.
    """

    key: str
    kind: str
    first: date
    last: date
    text: str
    url: str
    is_done: bool | None = None
    code: str = ""
    is_routine: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What a view shows: an entry or an item; `done` of `parts` entries when some stand in one."""

    key: str
    kind: str
    first: date
    last: date
    text: str
    url: str
    is_done: bool | None
    entry: CalendarEntry | None = None
    done: int = 0
    parts: int = 1


Source = Callable[[Actor, date, date], Iterable[Item]]
SOURCES: list[Source] = []


def lend(source: Source) -> None:
    """Let a source add its items to everybody's calendar; again, it changes nothing."""
    if source not in SOURCES:
        SOURCES.append(source)


def entries_of(actor: Actor) -> QuerySet[CalendarEntry]:
    """Return the actor's own entries, the district's, and those of the units the actor reads."""
    scope = actor.unit_ids("field.read")
    shared = Q(unit__isnull=False) if scope is None else Q(unit_id__in=scope)
    rows = CalendarEntry.objects.filter(district_id=actor.district_id).filter(
        shared | Q(unit_id=actor.district_id) | Q(person=actor.person)
    )
    return rows.select_related("duty", "unit", "person", "done_by", "made_by")


def within(rows: QuerySet[CalendarEntry], first: date, last: date) -> QuerySet[CalendarEntry]:
    """Return the entries that fall into a period."""
    return rows.filter(first__lte=last, last__gte=first)


def items_of(actor: Actor, first: date, last: date) -> list[Item]:
    """Return what the other modules keep for the actor in a period."""
    return [item for source in SOURCES for item in source(actor, first, last)]


def events(
    actor: Actor, first: date, last: date, *, unit: Unit | None = None, in_one: bool = True,
    routines: bool = True,
) -> list[Event]:  # fmt: skip
    """Return what stands in the actor's calendar in a period, by day.

    With `unit` only its entries, the district's and the actor's own. `in_one`: a duty that several
    units have on a day is one event, with how many of them did it.
    """
    rows = within(entries_of(actor), first, last)
    if unit is not None:
        rows = rows.filter(Q(unit=unit) | Q(unit_id=actor.district_id) | Q(person=actor.person))
    items = [item for item in items_of(actor, first, last) if routines or not item.is_routine]
    lent = {(item.code, item.first): item for item in items if item.code}
    found: list[Event] = []
    standing = set()
    groups: dict[tuple[int | None, date, int], list[CalendarEntry]] = {}
    for row in rows:
        is_alone = not in_one or row.duty_id is None
        groups.setdefault((row.duty_id, row.first, row.pk if is_alone else 0), []).append(row)
    for group in groups.values():
        row = group[0]
        place = (row.duty.code, row.first) if row.duty else ("", row.first)
        standing.add(place)
        done = sum(each.done_at is not None for each in group)
        item = lent.get(place)
        is_done = done == len(group) or (item is not None and len(group) == 1 and item.is_done)
        found.append(
            Event(
                f"entry-{row.pk}", "own" if row.person_id else "duty" if row.duty else "unit",
                row.first, row.last, row.name, item.url if item else "", bool(is_done),
                row if len(group) == 1 else None, done, len(group),
            )
        )  # fmt: skip
    found += [
        Event(item.key, item.kind, item.first, item.last, item.text, item.url, item.is_done)
        for item in items
        if not item.code or (item.code, item.first) not in standing
    ]
    return sorted(found, key=lambda one: (one.first, one.kind, one.key))


def duties(district: Unit) -> QuerySet[Duty]:
    """Return the district's duties, those in use first."""
    return Duty.objects.filter(district=district).order_by("-is_active", *Duty._meta.ordering)


def link_of(digest: str) -> CalendarLink | None:
    """Return the link that still opens a feed."""
    rows = CalendarLink.objects.filter(digest=digest, revoked_at=None)
    return rows.select_related("person__district", "person__user").first()


def present_link(actor: Actor) -> CalendarLink | None:
    """Return the actor's link in use."""
    return CalendarLink.objects.filter(person=actor.person, revoked_at=None).first()
