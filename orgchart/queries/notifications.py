"""What somebody was told, and who is to be told."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet

from orgchart.models import Notification, Person, Tenure, Unit


def notifications(person: Person) -> QuerySet[Notification, Notification]:
    """Return everything a person was told, the newest first."""
    return Notification.objects.filter(person=person)


def unread(person: Person) -> int:
    """Return how many notifications the person has not read."""
    return notifications(person).filter(read_at__isnull=True).count()


def holders(
    district: Unit, roles: Collection[str], on: date, unit_ids: Collection[int] | None = None
) -> list[Person]:
    """Return the people with an account who hold a post of one of the roles on a day.

    With `unit_ids`: in one of these units. One query.
    """
    tenures = Tenure.objects.on(on).filter(
        person__district=district, person__user__isnull=False, post__role__in=roles
    )
    if unit_ids is not None:
        tenures = tenures.filter(unit_id__in=unit_ids)
    return list(Person.objects.filter(pk__in=tenures.values("person_id")).order_by("pk"))
