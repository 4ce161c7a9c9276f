"""What can be wrong with campaigns in a Book."""

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from competitions.models import Campaign as StoredCampaign
from competitions.models import CampaignState
from competitions.rules.campaigns import Level, Prize, Terms, Tie
from portal.book.campaigns import Campaign

if TYPE_CHECKING:
    from portal.book.checks import Context

_OPEN = (CampaignState.DRAFT, CampaignState.ANNOUNCED)
_SOURCES = {"reported": "units", "ledger": "dealers"}
Found = Iterator[tuple[int, str, str]]  # index of the row, column, sentence


def terms_of(row: Campaign, less_is_better: bool = False) -> Terms:
    """Return the terms of a row. Raises ValueError whose message begins with the column."""
    try:
        prizes = tuple(Prize(int(places), Decimal(amount)) for places, amount in row.prizes)
    except (TypeError, ValueError, InvalidOperation):
        raise ValueError("prizes: shape") from None
    try:
        levels = tuple(Level(Decimal(at), Decimal(amount)) for at, amount in row.levels)
    except (TypeError, ValueError, InvalidOperation):
        raise ValueError("levels: shape") from None
    return Terms(prizes, levels, row.threshold, Tie(row.tie), less_is_better)


def campaign_flaws(context: "Context") -> Found:
    """Yield what is wrong with new or changed campaigns; announced ones do not change here."""
    for index, row in context.rows("campaigns"):
        was = context.stored.row("campaigns", (row.code,))
        if was == row:
            continue
        if was is not None and was.is_announced:
            changed = next(
                f.name for f in fields(row) if getattr(row, f.name) != getattr(was, f.name)
            )
            yield index, changed, _("This campaign is announced; change it in the portal.")
            continue
        if row.is_announced and not context.may_write("competition.approve"):
            yield index, "is_announced", _("The head announces it in the portal.")
        if row.ends_on < row.starts_on:
            yield index, "ends_on", _("The last day lies before the first.")
        if _SOURCES.get(row.source, row.contestants) != row.contestants:
            yield index, "source", _("Nobody reports this of them; enter it instead.")
        if row.source == "reported" and row.indicator is None:
            yield index, "indicator", _("Choose the indicator whose figures count.")
        if row.indicator is None and not row.measure:
            yield index, "measure", _("Say what is counted, such as users or yuan.")
        indicator = context.indicator(row.indicator) if row.indicator else None
        try:
            terms_of(row, indicator is not None and indicator.direction == "down")
        except ValueError as error:
            column = str(error).partition(":")[0]
            yield index, column, _("Write pairs of a number and yuan, the best prize first.")


def result_flaws(context: "Context") -> Found:
    """Yield what is wrong with new or changed results; of decided campaigns none changes."""
    campaigns: dict[str, Any] = {
        key[0]: row for key, (_pk, row) in context.stored.rows.get("campaigns", {}).items()
    }
    campaigns |= {row.code: row for row in context.book.campaigns}
    pks = context.stored.index.pks.get("campaigns", {})
    decided = set(
        StoredCampaign.objects.filter(pk__in=pks.values())
        .exclude(state__in=_OPEN)
        .values_list("code", flat=True)
    ) if pks and context.book.campaign_results else set()  # fmt: skip
    for index, row in context.rows("campaign_results"):
        campaign = campaigns.get(row.campaign)
        key = (row.campaign, row.contestant, row.day)
        if campaign is None or context.stored.row("campaign_results", key) == row:
            continue
        if row.campaign in decided or campaign.source != "entered":
            yield index, "value", _("No results are entered for this campaign any more.")
        elif not campaign.starts_on <= row.day <= campaign.ends_on:
            yield index, "day", _("The day lies outside the campaign.")
        elif not _is_known(context, campaign.contestants, row.contestant):
            yield index, "contestant", _("Nobody of this code takes part.")
        elif row.value < 0:
            yield index, "value", _("This cannot be negative.")


def _is_known(context: "Context", kind: str, code: str) -> bool:
    if (code,) in context.seen.get(kind, ()) or context.stored.has(kind, (code,)):
        return True
    return any(row.code == code for row in getattr(context.book, kind))
