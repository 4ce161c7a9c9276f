"""Days as they are written outside: YYYY-MM-DD."""

from datetime import date

YEARS = range(1900, 2200)  # another year is a slip, and its neighbours may not exist


def parse_day(text: str) -> date:
    """Return the day "YYYY-MM-DD". Raises ValueError for anything else."""
    day = date.fromisoformat(text)
    if len(text) != 10 or day.year not in YEARS:
        raise ValueError(f"{text!r} is not a day; write it as 2026-03-31")
    return day
