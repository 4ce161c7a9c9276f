"""The demo's work calendar: the plan's duties, three months filled, what is over ticked."""

from collections.abc import Callable
from datetime import datetime, time

from fieldwork.models import CalendarEntry
from fieldwork.services.calendar import adopt_plan, fill_month
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Person, Unit
from portal.demo.fieldwork.calendar import MONTHS, is_done


def live_calendar(*, district: Unit, person: Callable[[str], Person], at: datetime) -> None:
    """The head takes over the plan's duties and fills months; units tick what they did."""
    head = person("head")
    adopt_plan(district=district, by=head, at=at)
    for month in MONTHS:
        fill_month(district=district, month=month, by=head, at=at)
    ticked = []
    for row in CalendarEntry.objects.filter(district=district).select_related("duty", "unit"):
        if is_done(row.duty.code, row.unit.code, row.first, row.last):
            row.done_by = person("clerk" if row.unit == district else row.unit.code)
            row.done_at = datetime.combine(row.last, time(17, 10), tzinfo=BUSINESS_ZONE)
            row.version += 1
            ticked.append(row)
    CalendarEntry.objects.bulk_update(ticked, ["done_by", "done_at", "version"], batch_size=500)
