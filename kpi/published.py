"""What was published of a year: asked by `targets`, which does not know of actuals."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from kpi.history import COUNTED
from kpi.models import Actual, Month, MonthState
from targets.months import months_of


def published_months(*, district_id: int, year: int) -> dict[date, dict[str, Decimal]]:
    """Return month → indicator code → the district's actual, of published months only.

    Units and breakdowns are added up, with the corrections counted in a month. Two queries.
    """
    months = list(
        Month.objects.filter(
            district_id=district_id, month__in=months_of(year), state=MonthState.PUBLISHED
        ).values_list("month", flat=True)
    )
    found: dict[date, dict[str, Decimal]] = {month: {} for month in sorted(months)}
    for month, code, value in (
        Actual.objects.filter(month__in=months, unit__district_id=district_id, value__isnull=False)
        .order_by()
        .values("month", "indicator__code")
        .annotate(total=Sum(COUNTED))
        .values_list("month", "indicator__code", "total")
    ):
        found[month][code] = value
    return found
