"""Units whose latest day stands out from last month's."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi.queries.daily import MonthCourse
from kpi.rules.alarms import QUIET_DAYS, Alarm, alarm
from kpi.rules.daily import Course
from orgchart.models import Unit
from targets.months import last_day


@dataclass(frozen=True, slots=True)
class DayAlarm:
    """A unit's latest reported day, what it brought, and last month's daily mean."""

    unit: Unit
    alarm: Alarm
    day: date
    brought: Decimal
    mean: Fraction | None


def day_alarms(current: MonthCourse, before: MonthCourse) -> list[DayAlarm]:
    """Return the business units whose latest day stands out, in their order; no query."""
    earlier = {one.unit.pk: one.course for one in before.units}
    found = []
    for one in current.units:
        last = one.course.last
        if last is None or not one.unit.is_business:
            continue
        day, past = last[0], earlier.get(one.unit.pk, Course())
        week = [day - timedelta(days=n) for n in reversed(range(QUIET_DAYS))]
        brought = [(one.course if each >= current.month else past).brought(each) for each in week]
        mean = _mean(past, before.month)
        kind = alarm(brought, mean)
        if kind is not None and brought[-1] is not None:
            found.append(DayAlarm(one.unit, kind, day, brought[-1], mean))
    return found


def _mean(past: Course, month: date) -> Fraction | None:
    """Return a month's daily mean of natural days, as far as it was reported."""
    if past.last is None:
        return None
    return Fraction(past.last[1]) / last_day(month).day
