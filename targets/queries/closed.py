"""Which months are closed; `targets` lies below the app that closes them and asks by name."""

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.utils.module_loading import import_string


def closed_months(district_id: int, months: Collection[date], *, hold: bool = False) -> set[date]:
    """Return those of the months whose tasks stand; `hold` keeps the others open till commit."""
    query = import_string(settings.CLOSED_MONTHS)
    closed: set[date] = query(district_id=district_id, months=months, hold=hold)
    return closed
