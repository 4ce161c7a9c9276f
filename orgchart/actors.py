"""From an account to the actor: person, roles and units on a day, in three queries."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from orgchart.models import Person, Role, Supervision, Tenure
from orgchart.permissions import Actor

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def business_day(at: datetime) -> date:
    """Return the day of an instant in the business time zone."""
    return at.astimezone(BUSINESS_ZONE).date()


def actor_of(user: User, *, on: date) -> Actor:
    """Return the actor behind an account. Raises PermissionDenied when no person holds a post."""
    try:
        person = Person.objects.select_related("district").get(user=user)
    except Person.DoesNotExist:
        raise PermissionDenied from None
    return actor_for(person, on=on)


def actor_for(person: Person, *, on: date) -> Actor:
    """Return the actor for a person on a day; without a post or supervision, PermissionDenied."""
    tenures = list(Tenure.objects.on(on).filter(person=person).select_related("post", "unit"))
    supervised = frozenset(
        Supervision.objects.on(on).filter(person=person).values_list("unit_id", flat=True)
    )
    roles = {tenure.post.role for tenure in tenures}
    if supervised:
        roles.add(Role.SUPERVISOR)
    if not roles:
        raise PermissionDenied
    return Actor(
        person=person,
        district=person.district,
        roles=frozenset(roles),
        own_unit_ids=frozenset(tenure.unit_id for tenure in tenures),
        supervised_unit_ids=supervised,
        unit=tenures[0].unit if tenures else None,
        post_name=tenures[0].post.name if tenures else "",
        on=on,
    )
