"""What units brought in between two days, across the end of a month too."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from kpi.queries.daily import MonthCourse, month_course
from kpi.rules.daily import Course
from orgchart.models import Unit
from targets.models import Indicator
from targets.months import last_day

Courses = Mapping[date, Course]  # of a unit, by month


def weeks(
    indicator: Indicator, units: Sequence[Unit], first: date, known: Sequence[MonthCourse] = ()
) -> dict[int, tuple[Decimal | None, Decimal | None]]:
    """Return what each unit brought in the seven days from `first`, and in the seven before.

    None where a figure at either end is not known. `known` are months read already; five
    queries for each other month that the two weeks touch, however many units.
    """
    until, eve = first + timedelta(days=6), first - timedelta(days=1)
    before = first - timedelta(days=8)
    read = {one.month: one for one in known}
    for month in {until.replace(day=1), eve.replace(day=1), before.replace(day=1)} - read.keys():
        read[month] = month_course(indicator, month, units)
    courses: dict[int, dict[date, Course]] = {unit.pk: {} for unit in units}
    for month, found in read.items():
        for one in found.units:
            courses[one.unit.pk][month] = one.course
    return {
        pk: (between(by_month, eve, until), between(by_month, before, eve))
        for pk, by_month in courses.items()
    }


def between(courses: Courses, after: date, until: date) -> Decimal | None:
    """Return what was brought after one day up to another, at most a month later.

    None where nothing was reported in between: that is not zero.
    """
    stood, points = _stood(courses, until), courses.get(until.replace(day=1), Course()).points
    if stood is None or not any(after < day <= until for day, _ in points):
        return None
    if after == last_day(after):
        return stood
    base = _stood(courses, after)
    if base is None:
        return None
    if after.month == until.month:
        return stood - base
    whole = _stood(courses, last_day(after))
    return None if whole is None else whole - base + stood


def _stood(courses: Courses, day: date) -> Decimal | None:
    course = courses.get(day.replace(day=1))
    return course.on(day) if course else None
