"""What a sheet's weights and season can be drawn from: history, channels, working days."""

import calendar
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count
from django.utils.module_loading import import_string

from orgchart.models import DealerAffiliation
from targets.models import TaskSheet
from targets.months import months_of
from targets.rules.breakdown import MONTHS

Cell = tuple[date, int, int, int]


def history_by_unit(sheet: TaskSheet) -> dict[int, Decimal]:
    """Return each unit's actuals of the last twelve months published before the plan's year,
    or, in a first year, of those published since."""
    found = _published(sheet, date(sheet.plan.year, 1, 1))
    if not found:
        found = _published(sheet, date(sheet.plan.year + 1, 1, 1))
    latest = sorted({month for _unit, month in found})[-MONTHS:]
    totals: Counter[int] = Counter()
    for (unit_id, month), value in found.items():
        if month in latest:
            totals[unit_id] += value  # type: ignore[assignment]
    return {unit_id: Decimal(value) for unit_id, value in totals.items()}


def whole_years(sheet: TaskSheet) -> list[list[Decimal]]:
    """Return the district's months of each year before the plan's that is wholly published."""
    found = _published(sheet, date(sheet.plan.year, 1, 1))
    months: Counter[date] = Counter()
    for (_unit, month), value in found.items():
        months[month] += value  # type: ignore[assignment]
    years = sorted({month.year for month in months})
    return [
        [Decimal(months[month]) for month in months_of(year)]
        for year in years
        if all(month in months for month in months_of(year))
    ]


def _published(sheet: TaskSheet, before: date) -> dict[tuple[int, date], Decimal]:
    query = import_string(settings.UNIT_HISTORY)
    found: dict[tuple[int, date], Decimal] = query(
        district_id=sheet.plan.district_id, indicator_id=sheet.indicator_id, before=before
    )
    return found


def reported_cells(sheet: TaskSheet, indicator_ids: Collection[int]) -> dict[Cell, Decimal]:
    """Return the published actuals of the plan's year by cell."""
    query = import_string(settings.REPORTED_CELLS)
    found: dict[Cell, Decimal] = query(
        district_id=sheet.plan.district_id,
        indicator_ids=indicator_ids,
        months=months_of(sheet.plan.year),
    )
    return found


def channels_by_unit(sheet: TaskSheet, on: date) -> dict[int, int]:
    """Return how many dealers are affiliated with each unit on a day."""
    rows = (
        DealerAffiliation.objects.on(on)
        .filter(dealer__district_id=sheet.plan.district_id)
        .order_by()
        .values("unit_id")
        .annotate(count=Count("dealer_id", distinct=True))
    )
    return {row["unit_id"]: row["count"] for row in rows}


def working_days(year: int) -> Sequence[int]:
    """Return the working days of each month by the statutory calendar.

    Raises what the calendar raises for a year that it does not know.
    """
    counts = import_string(settings.WORKING_DAYS)
    found = []
    for month in range(1, MONTHS + 1):
        first = date(year, month, 1)
        length = calendar.monthrange(year, month)[1]
        found.append(sum(bool(counts(first + timedelta(days=n))) for n in range(length)))
    return found
