"""What the other apps lend to the work calendar: reports, claims, awards, campaigns."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from competitions.models import CampaignState, Round, RoundState
from competitions.queries.campaigns import campaigns_of
from competitions.wording import month_name
from fieldwork.queries import calendar, calendar_items
from fieldwork.queries.calendar import Item
from kpi.models import Month, MonthState
from orgchart.permissions import Actor
from subsidies.rules.claims import LAST_DAY
from targets.months import month_after, month_text

NOTICED = (RoundState.DECIDED, RoundState.APPROVED, RoundState.PAID)


def lend() -> None:
    """Add the dates of every app; called once, when the apps are loaded."""
    for source in (
        calendar_items.visit_items, calendar_items.summary_items, calendar_items.deadline_items,
        calendar_items.survey_items, calendar_items.promotion_items, deadline_items,
    ):  # fmt: skip
        calendar.lend(source)


def deadline_items(actor: Actor, first: date, last: date) -> Iterator[Item]:
    """Yield the days on which reports and claims are due, notices end and campaigns stop."""
    if actor.can("actuals.read"):
        rows = Month.objects.filter(district_id=actor.district_id)
        for row in rows.filter(due_on__gte=first, due_on__lte=last):
            yield _due(
                f"reports-{month_text(row.month)}", row.due_on,
                _("Reports of %(month)s are due") % {"month": month_name(row.month)},
                f"{reverse('actuals')}?month={month_text(row.month)}",
                row.state != MonthState.OPEN,
            )  # fmt: skip
    if actor.can("claims.open"):
        month = first.replace(day=1)
        while month <= last:
            day = month.replace(day=LAST_DAY)
            if first <= day <= last:
                text = _("Claims of %(month)s are due") % {"month": month_name(month)}
                key = f"claims-{month_text(month)}"
                yield _due(key, day, text, reverse("claims"), None, "claims")
            month = month_after(month, 1)
    if actor.can("competition.read"):
        rounds = Round.objects.filter(competition__district_id=actor.district_id)
        for each in rounds.filter(state__in=NOTICED).select_related("policy"):
            if first <= each.notice_ends_on <= last:
                yield _due(
                    f"notice-{each.pk}", each.notice_ends_on,
                    _("Notice of the %(month)s award ends") % {"month": month_name(each.month)},
                    f"{reverse('competition')}?month={month_text(each.month)}", None,
                )  # fmt: skip
        campaigns = campaigns_of(actor.district).exclude(
            state__in=[CampaignState.DRAFT, CampaignState.VOID]
        )
        for campaign in campaigns.filter(ends_on__gte=first, ends_on__lte=last):
            yield _due(
                f"campaign-{campaign.pk}", campaign.ends_on,
                _("Campaign ends: %(name)s") % {"name": campaign.name},
                reverse("campaign", kwargs={"code": campaign.code}), None,
            )  # fmt: skip


def _due(key: str, day: date, text: str, url: str, is_done: bool | None, code: str = "") -> Item:
    return Item(key, "deadline", day, day, text, url, is_done, code)
