"""Where units stand on the leaderboard, for their own people; totals are open to everybody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kpi.models import Event, EventKind, Score, ScoreLine
from kpi.models.scores import LineState
from orgchart.models import Unit


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's rank and score, and the points to the next better total; None while pending."""

    unit: Unit
    rank: int | None
    of: int
    total: Decimal | None
    gap: Decimal | None


def places(district_id: int, month: date, unit_ids: Collection[int]) -> list[Place]:
    """Return the places of those of the units that are scored; one query."""
    if not unit_ids:
        return []
    scores = list(
        Score.objects.filter(month=month, unit__district_id=district_id).select_related("unit")
    )
    totals = [score.total for score in scores if score.total is not None]
    found = []
    for score in scores:
        if score.unit_id not in unit_ids:
            continue
        above = [total for total in totals if score.total is not None and total > score.total]
        gap = min(above) - score.total if above and score.total is not None else None
        found.append(Place(score.unit, score.rank, len(scores), score.total, gap))
    return found


def vetoes(month: date, unit_ids: Collection[int]) -> list[Event]:
    """Return the vetoes in force of a month."""
    return list(
        Event.objects.filter(
            month=month,
            unit_id__in=unit_ids,
            kind__in=[EventKind.VETO, EventKind.AWARD_VETO],
            voided_at__isnull=True,
        ).select_related("unit")
    )


def missing_tasks(month: date, unit_ids: Collection[int]) -> dict[Unit, list[str]]:
    """Return the scored items without a task by unit, in the units' order; one query."""
    lines = ScoreLine.objects.filter(month=month, unit_id__in=unit_ids, state=LineState.NO_TARGET)
    found: dict[Unit, list[str]] = {}
    for line in lines.select_related("unit", "item").order_by("unit__position", "item__position"):
        found.setdefault(line.unit, []).append(line.item.short)
    return found
