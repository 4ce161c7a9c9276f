"""Calendar months, written YYYY-MM outside and kept as their first day inside."""

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

from django.db import models
from django.urls import register_converter

from orgchart.days import YEARS, parse_day

PATTERN = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def parse_month(text: str) -> date:
    """Return the first day of the month "YYYY-MM". Raises ValueError for anything else."""
    match = PATTERN.fullmatch(text)
    if match is None or int(match[1]) not in YEARS:
        raise ValueError(f"{text!r} is not a month; write it as 2026-03")
    return date(int(match[1]), int(match[2]), 1)


def month_text(month: date) -> str:
    """Return the month as YYYY-MM."""
    return month.isoformat()[:7]


def months_of(year: int) -> list[date]:
    """Return the twelve months of a plan year."""
    return [date(year, number, 1) for number in range(1, 13)]


def month_after(month: date, steps: int = 1) -> date:
    """Return the month `steps` later, earlier when negative."""
    index = month.year * 12 + month.month - 1 + steps
    return date(index // 12, index % 12 + 1, 1)


@lru_cache(maxsize=1000)  # asked of every figure of a month
def last_day(month: date) -> date:
    """Return the last day of the month: the day on which affiliations are read (rules §6)."""
    return month.replace(day=monthrange(month.year, month.month)[1])


class MonthField(models.DateField):
    """A month: a date that is always the first of it (a constraint says so on each table)."""


def first_day_constraint(name: str) -> models.CheckConstraint:
    """Return the constraint that keeps a model's `month` on the first day."""
    return models.CheckConstraint(condition=models.Q(month__day=1), name=name)


class MonthConverter:
    """Path converter for YYYY-MM."""

    regex = r"\d{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        return parse_month(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else month_text(value)


class DayConverter:
    """Path converter for YYYY-MM-DD; a day that no month has is no such page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return parse_day(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


# Here, so that they exist before any module of routes that imports from this one.
register_converter(MonthConverter, "month")
register_converter(DayConverter, "day")
