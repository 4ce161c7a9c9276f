"""Dealers with the unit and the account manager of a day."""

from collections.abc import Collection
from datetime import date

from django.db.models import F, FilteredRelation, Q, QuerySet

from orgchart.models import Dealer, Unit


def dealers(
    district: Unit, on: date, unit_ids: Collection[int] | None = None
) -> QuerySet[Dealer, Dealer]:
    """Return the district's dealers, each with `current`, its affiliation of the day or None.

    A closed dealer is shown where it belonged last. With `unit_ids`, those of these units only.
    """
    in_force = Q(affiliations__valid_from__lte=on) & (
        Q(affiliations__valid_to__isnull=True)
        | Q(affiliations__valid_to__gte=on)
        | Q(affiliations__valid_to=F("closed_on"))
    )
    rows = (
        Dealer.objects.filter(district=district)
        .annotate(current=FilteredRelation("affiliations", condition=in_force))
        .select_related("current__unit", "current__account_manager")
        .order_by("code", "pk")
    )
    return rows if unit_ids is None else rows.filter(current__unit__in=unit_ids)
