"""The demo's work calendar: the months that are filled, and which entries were done."""

from datetime import date, timedelta

from portal.demo import stream
from portal.demo.year import AS_OF

MONTHS = (date(2026, 3, 1), date(2026, 11, 1), date(2026, 12, 1))


def is_done(duty: str, unit: str, first: date, last: date) -> bool:
    """Return whether a unit ticked a duty: nine in ten that were over, none of the last days."""
    if last > AS_OF - timedelta(days=2):
        return False
    return stream(f"calendar/{duty}/{unit}/{first}").random() < 0.9
