"""The promotions that are to fill a month's gap, as pace and the unit's plan show them."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from kpi.present import pace as present
from kpi.queries.promotions import plan_url, planned
from orgchart.permissions import Actor
from targets.months import last_day


def filling(
    actor: Actor, unit_ids: Collection[int] | None, unit: str, as_of: date,
    gap: Decimal | None, per_promotion: int,
) -> dict[str, Any] | None:  # fmt: skip
    """Return what the promotions after a day make of its month's gap; None for who sees none.

    Whoever plans promotions gets the address of a form filled in, while a day is left.
    """
    if not actor.can("promotions.read"):
        return None
    last = last_day(as_of)
    rows = planned(actor.district, unit_ids, as_of, last)
    first = max(actor.on, as_of + timedelta(days=1))
    may_plan = first <= last and actor.can("promotions.write")
    url = plan_url(unit, first, per_promotion) if may_plan else ""
    return present.filling(gap, per_promotion, rows, url)
