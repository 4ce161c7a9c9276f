"""Late corrections as their pages show them, and what can be corrected."""

from collections.abc import Collection

from django.db.models import QuerySet

from kpi.models import Adjustment, AdjustmentState, Month, MonthState
from orgchart.models import Unit
from orgchart.permissions import Actor
from targets.models import Breakdown, Indicator, Rollup


def adjustments(
    district: Unit, unit_ids: Collection[int] | None = None
) -> QuerySet[Adjustment, Adjustment]:
    """Return the corrections of the district, or of some of its units, the newest first."""
    rows = Adjustment.objects.filter(unit__district=district).select_related(
        "unit__district", "indicator", "breakdown", "requested_by", "verified_by", "decided_by"
    )
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def refusing(actor: Actor, found: Adjustment) -> str:
    """Return the capability that refuses a correction: the auditor's before the head's."""
    if found.state == AdjustmentState.REQUESTED:
        return "adjustments.verify"
    if found.state == AdjustmentState.VERIFIED or actor.can("adjustments.approve"):
        return "adjustments.approve"
    return "adjustments.verify"


def correctable_months(district: Unit) -> list[Month]:
    """Return the published months, the latest first."""
    return list(
        Month.objects.filter(district=district, state=MonthState.PUBLISHED).order_by("-month")
    )


def correctable_figures(district: Unit) -> list[tuple[Indicator, Breakdown]]:
    """Return the figures that are added up over months, with every member they are entered by."""
    breakdowns = list(Breakdown.objects.filter(district=district))
    indicators = Indicator.objects.filter(
        district=district, rollup=Rollup.SUM, is_derived=False
    ).exclude(entry="")
    return [
        (indicator, breakdown)
        for indicator in indicators
        for breakdown in breakdowns
        if breakdown.dimension == indicator.entry
    ]
