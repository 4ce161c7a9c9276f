"""Which months no longer take tasks: asked by `targets`, which does not know of closing."""

from collections.abc import Collection
from datetime import date

from django.db import connection

from kpi.models import Month, MonthState


def closed_months(*, district_id: int, months: Collection[date], hold: bool = False) -> set[date]:
    """Return those of the months that are closed or published.

    With `hold`, inside a transaction, they stay as they are until it ends: the closer waits, the
    re-scoring of a job that was owed before does not (it would be waited for in turn).
    """
    if not months:
        return set()
    rows = Month.objects.filter(district_id=district_id, month__in=months).order_by("month")
    if hold and connection.vendor == "postgresql":
        sql, params = rows.values("month", "state").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} FOR KEY SHARE", params)
            found = cursor.fetchall()
    else:
        found = list(rows.values_list("month", "state"))
    return {month for month, state in found if state != MonthState.OPEN}
