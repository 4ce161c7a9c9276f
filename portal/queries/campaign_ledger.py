"""What dealers brought in a campaign, read from their returns and the billing ledger."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Count

from competitions.models import Campaign, Source
from competitions.queries.campaign_sources import LENT, Reading, months_between
from competitions.queries.campaigns import contestants
from subsidies.models import DealerReturn, LedgerBatch, LedgerRow
from targets.months import last_day

NOTHING: Mapping[str, int] = {}


def lend() -> None:
    """Let campaigns read the ledger; called once, when the apps are loaded."""
    LENT[Source.LEDGER] = dealers_brought


def dealers_brought(campaign: Campaign, today: date) -> dict[str, Reading]:
    """Return each dealer's new users over the span so far.

    A whole month counts the dealer's return; without one the dealer is unreported. Of a part of
    a month the users of the ledger in force who joined in it are counted; without a ledger
    everybody is unreported, with one nobody is. Two queries a month.
    """
    until = min(campaign.ends_on, today)
    if until < campaign.starts_on:
        return {}
    codes = [each.code for each in contestants(campaign)]
    found: dict[str, Decimal] = {}
    missing: set[str] = set()
    for month in months_between(campaign.starts_on, until):
        first, last = max(campaign.starts_on, month), min(campaign.ends_on, last_day(month))
        if (first, last) == (month, last_day(month)):
            brought, has_all = _returned(campaign, month), False
        else:
            brought, has_all = _joined(campaign, month, first, last)
        for code in codes:
            if code in brought or has_all:
                found[code] = found.get(code, Decimal(0)) + brought.get(code, 0)
            else:
                missing.add(code)
    is_over = until == campaign.ends_on
    return {
        code: Reading(value, is_whole=is_over and code not in missing)
        for code, value in found.items()
    }


def _returned(campaign: Campaign, month: date) -> Mapping[str, int]:
    rows = DealerReturn.objects.filter(dealer__district=campaign.district_id, month=month)
    return dict(rows.values_list("dealer__code", "gross"))


def _joined(
    campaign: Campaign, month: date, first: date, last: date
) -> tuple[Mapping[str, int], bool]:
    batch = LedgerBatch.objects.filter(
        district=campaign.district_id, month=month, withdrawn_at=None
    ).first()
    if batch is None:
        return NOTHING, False
    rows = LedgerRow.objects.filter(batch=batch, joined_on__range=(first, last)).order_by()
    counted = rows.values("dealer__code").annotate(users=Count("pk"))
    return {row["dealer__code"]: row["users"] for row in counted}, True
