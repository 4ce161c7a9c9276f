"""Summaries as people see them, who is to write one, and who has not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from fieldwork.models import Activity, ActivityKind, ActivityState, Summary, SummaryKind
from fieldwork.queries.visits import OPEN
from fieldwork.rules.summaries import is_week_due, last_of_week, worked_days
from kpi.calendars import is_worked
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Person, Role, Tenure, Unit
from orgchart.models.units import BUSINESS_KINDS

WRITING_ROLES = (Role.MANAGER, Role.STAFF)


@dataclass(frozen=True, slots=True)
class Missing:
    """A day on which somebody has not written, or the Monday of a week for a unit."""

    first: date
    unit: Unit
    person: Person | None = None


def summaries_of(
    district: Unit, unit_ids: Collection[int] | None, *, person: Person | None = None,
    team_ids: Collection[int] = (),
) -> QuerySet[Summary]:  # fmt: skip
    """Return the summaries of the units (None: all), the person's own, the teams' weeks."""
    rows = Summary.objects.filter(unit__district=district)
    if unit_ids is not None:
        rows = rows.filter(
            Q(unit_id__in=unit_ids)
            | Q(person=person, person__isnull=False)
            | Q(unit_id__in=team_ids, kind=SummaryKind.WEEKLY)
        )
    return rows.select_related("unit__district", "person", "replied_by")


def leaders(district: Unit, on: date) -> dict[int, int]:
    """Return unit id → id of whoever leads it on a day: of its managers the first post's."""
    rows = Tenure.objects.on(on).filter(unit__district=district, post__role=Role.MANAGER)
    found: dict[int, int] = {}
    for unit, person in rows.values_list("unit_id", "person_id"):
        found.setdefault(unit, person)
    return found


def unanswered(rows: QuerySet[Summary], led: Mapping[int, int], by: Person | None) -> QuerySet:
    """Return what waits for an answer: by a leader the days of the unit's other people; by the
    head (None) the teams' weeks and the leaders' days. `led` is what `leaders` says.
    """
    waiting = rows.filter(reply="")
    of_leads = Q(kind=SummaryKind.WEEKLY) | Q(person__in=led.values())
    if by is None:
        return waiting.filter(of_leads)
    mine = [unit for unit, person in led.items() if person == by.pk]
    return waiting.filter(~of_leads, unit_id__in=mine)


def writing_posts(district: Unit, first: date, last: date) -> QuerySet[Tenure]:
    """Return by which posts summaries are owed in a period: managers and staff of the units."""
    return Tenure.objects.meeting(first, last).filter(
        unit__district=district, unit__kind__in=BUSINESS_KINDS, post__role__in=WRITING_ROLES
    )


def writing_unit(person: Person, on: date) -> Unit | None:
    """Return for which unit a person writes on a day; None for whoever writes none."""
    rows = writing_posts(person.district, on, on).filter(person=person)
    row = rows.select_related("unit__district").first()
    return row.unit if row else None


def missing_days(
    district: Unit, first: date, last: date, unit_ids: Collection[int] | None,
    person: Person | None = None,
) -> list[Missing]:  # fmt: skip
    """Return who has not written on which worked day of a period, the latest day first.

    With `person`, of that one only. Two queries. Of two posts on a day the first counts.
    """
    days = worked_days(first, last, is_worked)
    rows = Summary.objects.filter(kind=SummaryKind.DAILY, first__in=days, unit__district=district)
    written = set(rows.values_list("person_id", "first"))
    owed: dict[tuple[date, int], Missing] = {}
    posts = writing_posts(district, first, last)
    if unit_ids is not None:
        posts = posts.filter(unit_id__in=unit_ids)
    if person is not None:
        posts = posts.filter(person=person)
    for post in posts.select_related("person", "unit"):
        for day in days:
            is_held = post.valid_from <= day and (post.valid_to is None or post.valid_to >= day)
            if is_held and (post.person_id, day) not in written:
                owed.setdefault((day, post.person_id), Missing(day, post.unit, post.person))
    return sorted(owed.values(), key=lambda one: one.first, reverse=True)


def missing_weeks(district: Unit, first: date, unit_ids: Collection[int] | None) -> list[Missing]:
    """Return the business units whose week from a Monday on has no summary; two queries."""
    if not is_week_due(first, is_worked):
        return []
    units = Unit.objects.of(district).business().open_on(last_of_week(first))
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    rows = Summary.objects.filter(kind=SummaryKind.WEEKLY, first=first, unit__in=units)
    written = set(rows.values_list("unit_id", flat=True))
    return [
        Missing(first, unit) for unit in units.order_by("position", "pk") if unit.pk not in written
    ]


def sent(kind: str, first: date, *, person: Person, unit: Unit) -> Summary | None:
    """Return what a person sent of a day, or anybody of a unit's week."""
    rows = Summary.objects.filter(kind=kind, first=first)
    rows = rows.filter(person=person) if kind == SummaryKind.DAILY else rows.filter(unit=unit)
    return rows.select_related("unit__district", "person", "replied_by").first()


def outlets_of_day(person: Person, day: date) -> tuple[list[str], list[str]]:
    """Return the outlets that a person visited on a day, and those to visit on the next worked."""
    # No holiday is longer than a fortnight.
    following = worked_days(day + timedelta(days=1), day + timedelta(days=15), is_worked)[0]
    rows = Activity.objects.filter(kind=ActivityKind.VISIT, dealer__isnull=False)
    done = rows.filter(done_in_day(day), done_by=person)
    planned = rows.filter(person=person, planned_on=following, state__in=OPEN)
    done_names, planned_names = (
        [row.dealer.name for row in found.select_related("dealer")] for found in (done, planned)
    )
    return done_names, planned_names


def done_in_day(day: date) -> Q:
    """Return the condition of an activity being done on a business day."""
    begin = datetime.combine(day, time(), tzinfo=BUSINESS_ZONE)
    return Q(state=ActivityState.DONE, done_at__gte=begin, done_at__lt=begin + timedelta(days=1))
