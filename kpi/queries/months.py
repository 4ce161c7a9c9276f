"""Which month a page is about."""

from datetime import date

from kpi.models import Month, MonthState
from targets.months import month_after, parse_month


def months(district_id: int) -> list[Month]:
    """Return every month of the district, the earliest first."""
    return list(
        Month.objects.filter(district_id=district_id)
        .select_related("closed_by", "published_by")
        .order_by("month")
    )


def chosen_month(rows: list[Month], text: str = "") -> Month | None:
    """Return the month asked for as YYYY-MM, else the latest open one, else the latest.

    A month that the district does not have, or no month at all, counts as not asked for.
    """
    asked = _parsed(text)
    wanted = [row for row in rows if row.month == asked]
    still_open = [row for row in rows if row.state == MonthState.OPEN]
    return next(reversed(wanted or still_open or rows), None)


def _parsed(text: str) -> date | None:
    try:
        return parse_month(text)
    except ValueError:
        return None


def next_start(district_id: int, on: date) -> date:
    """Return the month after the latest one that the district has opened; else that of `on`."""
    latest = Month.objects.filter(district_id=district_id).order_by("-month").first()
    return on.replace(day=1) if latest is None else month_after(latest.month)
