"""The demo's gross adds day by day: the weekday shape of the recipe (rules §13.6).

17 March, its day's 196 and the same days of February and of last March are those of example 8.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from kpi.calendars import CalendarUnknown, counted_days
from kpi.rules.pace import Calendar
from portal.demo import UNITS, YEAR, stream
from targets.rules.breakdown import largest_remainder

INDICATOR = "mobile_gross_adds"
_SATURDAY, _SUNDAY, _HOLIDAY = 1.25, 0.9, 1.4
# Month and day: what stood there by unit, or in all.
MARCH_17 = {
    "grid1": 561, "grid2": 486, "grid3": 452, "grid4": 231, "suburban": 812, "group": 445,
}  # fmt: skip
ON_MARCH_17 = 196
FEBRUARY_17 = 2890
LAST_YEAR = {date(YEAR - 1, 3, 17): 2455, date(YEAR - 1, 11, 20): 2980}


def shape(day: date) -> float:
    """Return what a day brings beside an ordinary weekday."""
    try:
        is_workday = counted_days(Calendar.CN_WORKDAYS)(day)
    except CalendarUnknown:
        is_workday = day.weekday() < 5
    if not is_workday and day.weekday() < 5:
        return _HOLIDAY
    return {5: _SATURDAY, 6: _SUNDAY}.get(day.weekday(), 1.0)


def courses(month: date, as_of: date, totals: dict[str, int]) -> dict[str, dict[date, int]]:
    """Return what stood by unit and day; the last day's is the unit's total."""
    random = stream(f"daily/{month.month}")
    stops = _stops(month, totals)
    found: dict[str, dict[date, int]] = {}
    for unit, total in totals.items():
        course: dict[date, int] = {}
        day, stood = month, 0
        for until, mark in (*stops.get(unit, ()), (as_of, total)):
            days = [day + timedelta(days=n) for n in range((until - day).days + 1)]
            weights = [Fraction(shape(each) * random.uniform(0.8, 1.2)) for each in days]
            for each, share in zip(days, largest_remainder(mark - stood, weights), strict=True):
                stood += share
                course[each] = stood
            day = until + timedelta(days=1)
        found[unit] = course
    return found


def last_year() -> dict[date, dict[str, int]]:
    """Return what stood on the days of last year that the bulletins compare with."""
    return {
        day: dict(zip(UNITS, _shared(total, MARCH_17.values()), strict=True))
        for day, total in LAST_YEAR.items()
    }


def _stops(month: date, totals: dict[str, int]) -> dict[str, Sequence[tuple[date, int]]]:
    """Return the days on which a unit's figure is given, and what stood then."""
    if month.month == 3:
        brought = dict(zip(UNITS, _shared(ON_MARCH_17, MARCH_17.values()), strict=True))
        return {
            unit: (
                (month.replace(day=16), stood - brought[unit]),
                (month.replace(day=17), stood),
            )
            for unit, stood in MARCH_17.items()
        }
    if month.month == 2:
        parts = _shared(FEBRUARY_17, totals.values())
        return {
            unit: ((month.replace(day=17), part),) for unit, part in zip(totals, parts, strict=True)
        }
    return {}


def _shared(total: int, weights: Sequence[int]) -> list[int]:
    return largest_remainder(total, [Fraction(weight) for weight in weights])
