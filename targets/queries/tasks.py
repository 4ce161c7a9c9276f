"""Tasks as a flat list, for programs."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from orgchart.models import Unit
from targets.models import Task
from targets.months import months_of


def tasks_of_year(
    district: Unit,
    year: int,
    unit_ids: Iterable[int] | None,
    *,
    indicator: str = "",
    unit: str = "",
    month: date | None = None,
) -> QuerySet[Task]:
    """Return the tasks of a year in a fixed order, narrowed to units and codes."""
    tasks = Task.objects.filter(
        unit__district=district, month__in=[month] if month else months_of(year)
    )
    if unit_ids is not None:
        tasks = tasks.filter(unit_id__in=list(unit_ids))
    if indicator:
        tasks = tasks.filter(indicator__code=indicator)
    if unit:
        tasks = tasks.filter(unit__code=unit)
    return tasks.select_related("unit", "indicator", "breakdown").order_by(
        "month", "unit__position", "unit_id", "indicator__position", "indicator_id",
        "breakdown__position", "breakdown_id",
    )  # fmt: skip
