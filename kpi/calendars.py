"""Which days a calendar counts; the statutory one comes from the `chinesecalendar` library."""

from datetime import date

import chinese_calendar

from kpi.rules.pace import Calendar, Counts, every_day, monday_to_friday, monday_to_saturday


class CalendarUnknown(ValueError):
    """The statutory holidays of the year are not published yet, or not in the library."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the statutory working days of {year} are not known")
        self.year = year


def counted_days(calendar: Calendar) -> Counts:
    """Return the predicate of the calendar's days.

    The statutory one raises CalendarUnknown for a year that the library does not hold.
    """
    return _CALENDARS[calendar]


def is_statutory_workday(day: date) -> bool:
    """Return whether the day is worked in China: holidays are not, make-up days are.

    Raises CalendarUnknown for a year that the library does not hold.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise CalendarUnknown(day.year) from error


def is_worked(day: date) -> bool:
    """Return whether the day is worked; Monday to Friday of a year not published yet."""
    try:
        return is_statutory_workday(day)
    except CalendarUnknown:
        return monday_to_friday(day)


_CALENDARS: dict[Calendar, Counts] = {
    Calendar.NATURAL: every_day,
    Calendar.MON_SAT: monday_to_saturday,
    Calendar.MON_FRI: monday_to_friday,
    Calendar.CN_WORKDAYS: is_statutory_workday,
}
