"""The users who joined in a month by the billing ledger, as the audit draws them."""

from datetime import date

from fieldwork.services.samples import Joined
from orgchart.models import Unit
from subsidies.models import LedgerBatch, LedgerRow
from targets.months import last_day


def joined_users(district: Unit, month: date) -> list[Joined] | None:
    """Return who joined in the month, None while it has no ledger in force. Two queries."""
    batch = LedgerBatch.objects.filter(
        district=district, month=month, withdrawn_at=None
    ).first()  # fmt: skip
    if batch is None:
        return None
    rows = LedgerRow.objects.filter(
        batch=batch, joined_on__gte=month, joined_on__lte=last_day(month)
    ).select_related("dealer")
    return [Joined(row.dealer, row.user, row.joined_on) for row in rows]
