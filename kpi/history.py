"""What was reported before: asked by `targets`, which does not know of actuals."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db.models import ExpressionWrapper, F, Sum

from kpi.models import Actual, Month, MonthState
from targets.amounts import AmountField

# What a cell counts for: the figure reported and the corrections posted to its month.
COUNTED = ExpressionWrapper(F("value") + F("adjustment"), output_field=AmountField())
Cell = tuple[date, int, int, int]  # month, unit, indicator, breakdown


def published_by_unit(
    *, district_id: int, indicator_id: int, before: date
) -> dict[tuple[int, date], Decimal]:
    """Return (unit, month) → actual of the published months before a day; breakdowns added."""
    published = Month.objects.filter(
        district_id=district_id, state=MonthState.PUBLISHED, month__lt=before
    )
    rows = (
        Actual.objects.filter(
            unit__district_id=district_id,
            indicator_id=indicator_id,
            value__isnull=False,
            month__in=published.values("month"),
        )
        .order_by()
        .values("unit_id", "month")
        .annotate(total=Sum(COUNTED))
    )
    return {(row["unit_id"], row["month"]): row["total"] for row in rows}


def reported_cells(
    *, district_id: int, indicator_ids: Collection[int], months: Collection[date]
) -> dict[Cell, Decimal]:
    """Return cell → actual of those of the months that are published."""
    published = Month.objects.filter(
        district_id=district_id, state=MonthState.PUBLISHED, month__in=months
    )
    rows = (
        Actual.objects.filter(
            unit__district_id=district_id,
            indicator_id__in=indicator_ids,
            value__isnull=False,
            month__in=published.values("month"),
        )
        .annotate(counted=COUNTED)
        .values_list("month", "unit_id", "indicator_id", "breakdown_id", "counted")
    )
    return {(month, unit, indicator, part): value for month, unit, indicator, part, value in rows}
