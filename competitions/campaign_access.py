"""Which campaigns a person sees, and whose results he enters, beyond the table of capabilities."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from competitions.models import Campaign, CampaignState
from competitions.queries.campaigns import Contestant, campaigns_of, contestants
from orgchart.permissions import Actor


def visible_campaigns(actor: Actor) -> QuerySet[Campaign]:
    """Return the campaigns that a person sees: drafts are for who writes and announces them."""
    rows = campaigns_of(actor.district)
    if actor.can("competition.propose") or actor.can("competition.approve"):
        return rows
    return rows.exclude(state=CampaignState.DRAFT)


def campaign_of(actor: Actor, code: str) -> Campaign:
    """Return a campaign that the person sees, or 404."""
    return get_object_or_404(visible_campaigns(actor), code=code)


def reportable(actor: Actor, row: Campaign) -> list[Contestant]:
    """Return the contestants whose results a person enters: those of the own units."""
    ids = actor.unit_ids("campaigns.report")
    return [each for each in contestants(row) if ids is None or each.unit.pk in ids]
