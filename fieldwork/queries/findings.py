"""Findings as people see them, and what they take from the commissions of a month."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from fieldwork.models import Finding
from orgchart.models import Dealer, DealerAffiliation, Unit


def findings_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[Finding]:
    """Return the findings of the units (None: all), the latest first."""
    rows = Finding.objects.filter(district=district).select_related("unit", "dealer", "found_by")
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def overdue(rows: QuerySet[Finding], on: date) -> QuerySet[Finding]:
    """Return those that should have been put right before the day."""
    return rows.filter(closed_at=None, voided_at=None, deadline__lt=on)


def unit_of_dealer(dealer: Dealer, on: date) -> Unit | None:
    """Return the unit that a dealer belongs to on a day."""
    row = DealerAffiliation.objects.on(on).filter(dealer=dealer).select_related("unit").first()
    return row.unit if row else None


def penalties(*, district_id: int, month: date) -> Mapping[int, list[tuple[str, Decimal]]]:
    """Return what the findings counted in a month take, as (finding, yuan) by dealer id."""
    found: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    rows = Finding.objects.filter(
        district_id=district_id, month=month, voided_at=None, dealer__isnull=False
    ).order_by("pk")
    for dealer_id, code, amount in rows.values_list("dealer", "code", "amount"):
        if amount:
            found[dealer_id].append((code, amount))
    return found
