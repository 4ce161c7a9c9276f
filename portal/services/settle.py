"""What follows when a month is published, and what is undone when it is reopened."""

from datetime import date

from django.utils import timezone

from competitions.queries import round_in_force
from competitions.services import decide_round, void_round
from kpi.models import Month, MonthState
from subsidies.services.entitlements import compute_entitlements


def settle_published_month(*, district_id: int, month: date) -> None:
    """Compute the entitlements and decide the competition; void the award of a reopened month.

    Runs as the job "settle". It follows the month's state, not the event that asked for it, and
    is dated by the publication: delivered twice, or late, it leaves the same.
    """
    settled = Month.objects.get(district_id=district_id, month=month)
    if settled.state == MonthState.PUBLISHED and settled.published_at is not None:
        compute_entitlements(district_id=district_id, month=month, at=settled.published_at)
        decide_round(district_id=district_id, month=month, at=settled.published_at)
        return
    decided = round_in_force(district_id, month)
    if decided is not None:
        void_round(round=decided, by=None, at=timezone.now())
