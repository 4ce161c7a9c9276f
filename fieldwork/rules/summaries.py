"""When summaries are due and how long they may be written (plan §8.1, 8.4). Values in, out."""

from collections.abc import Callable
from datetime import date, timedelta

CATCH_UP_DAYS = 7  # a day may be written up this long after it
CATCH_UP_WEEKS = 2  # and a week this long after its Monday
SATURDAY = 5  # of the six-day week: summary and report


def monday_of(day: date) -> date:
    """Return the Monday of the day's week, which names the week."""
    return day - timedelta(days=day.weekday())


def last_of_week(first: date) -> date:
    """Return the Saturday of a week, on which its summary is due."""
    return first + timedelta(days=SATURDAY)


def worked_days(first: date, last: date, is_worked: Callable[[date], bool]) -> list[date]:
    """Return the days of a period, both ends included, on which people work."""
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in span if is_worked(day)]


def is_week_due(first: date, is_worked: Callable[[date], bool]) -> bool:
    """Return whether a week has a summary: not one in which nobody works."""
    return bool(worked_days(first, last_of_week(first), is_worked))


def may_write_day(day: date, today: date) -> bool:
    """Return whether a day can be written up: today, or up to seven days ago."""
    return today - timedelta(days=CATCH_UP_DAYS) <= day <= today


def may_write_week(first: date, today: date) -> bool:
    """Return whether a week can be written up: this one, or up to two before it."""
    this = monday_of(today)
    return first.weekday() == 0 and this - timedelta(weeks=CATCH_UP_WEEKS) <= first <= this
