"""The people of a district with the posts they hold on a day."""

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from orgchart.models import Person, Supervision, Tenure, Unit


def people(
    district: Unit, on: date, unit_ids: Collection[int] | None = None
) -> QuerySet[Person, Person]:
    """Return people, each with `present_tenures` and `present_supervisions` of the day.

    With `unit_ids`, those who hold a post in one of the units or supervise it. Two further
    queries fill the lists, whatever the number of people.
    """
    rows = (
        Person.objects.filter(district=district)
        .select_related("user")
        .prefetch_related(
            Prefetch(
                "tenures",
                Tenure.objects.on(on).select_related("post", "unit"),
                to_attr="present_tenures",
            ),
            Prefetch(
                "supervisions",
                Supervision.objects.on(on).select_related("unit"),
                to_attr="present_supervisions",
            ),
        )
        .order_by("code", "pk")
    )
    return rows if unit_ids is None else rows.filter(in_units(unit_ids, on))


def in_units(unit_ids: Collection[int], on: date) -> Q:
    """Return the condition of holding a post in one of the units or supervising it."""
    mine = {"person": OuterRef("pk"), "unit__in": unit_ids}
    return Q(Exists(Tenure.objects.on(on).filter(**mine))) | Q(
        Exists(Supervision.objects.on(on).filter(**mine))
    )
