"""The winners' wall as its page and workbook show it: finished texts."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competitions.campaign_words import CHIPS as CAMPAIGN_CHIPS
from competitions.campaign_words import span
from competitions.models import Award, Contestants, Phase
from competitions.present import CHIPS, award_panel
from competitions.queries.honours import CampaignWon, Honours, Won
from competitions.wording import join, month_name, words_of, yuan
from targets.months import month_text

PRIZES_SHOWN = 5


def tile(won: Won, today: date) -> dict[str, Any]:
    """Return a month of the competition: who won how much and why, or why nobody did."""
    contest, words = won.contest, words_of(won.contest)
    panel = award_panel(contest, today)
    decided = contest.round
    assert decided is not None
    return {
        "won": panel["won"],
        "seal": panel["seal"],
        "title": words.units(list(contest.winners)) or _("No award"),
        "about": _("Competition of %(month)s") % {"month": month_name(contest.month)},
        "amount": join([yuan(each) for each in contest.winners.values()]),
        "sentence": panel["sentence"],
        "conditions": panel["conditions"],
        "why": [] if panel["won"] else panel["why"],
        "runs": [
            ngettext("%(unit)s: %(months)s month", "%(unit)s: %(months)s months in a row", months)
            % {"unit": words.units([code]), "months": months}
            for code, months in won.runs.items()
            if months > 1
        ],
        "state": decided.get_state_display(),
        "chip": CHIPS.get(decided.state, ""),
        "notice": panel["notice"],
        "url": f"{reverse('competition')}?month={month_text(contest.month)}",
    }


def campaign_tile(won: CampaignWon) -> dict[str, Any]:
    """Return a settled campaign: who won what, the first places by name."""
    row = won.campaign
    phase = Phase(row.state)
    more = len(won.prizes) - PRIZES_SHOWN
    return {
        "title": row.name,
        "about": span(row),
        "amount": yuan(won.total) if won.prizes else "",
        "prizes": [
            {"rank": each.rank, "who": each.who, "amount": yuan(each.amount),
             "unit": "" if row.contestants == Contestants.UNITS else each.unit.short}
            for each in won.prizes[:PRIZES_SHOWN]
        ],
        "more": ngettext("and %(count)s more winner", "and %(count)s more winners", more)
        % {"count": more}
        if more > 0
        else "",
        "state": phase.label,
        "chip": CAMPAIGN_CHIPS[phase],
        "url": reverse("campaign", args=[row.code]),
    }  # fmt: skip


def standing(found: Sequence[Honours]) -> list[dict[str, Any]]:
    """Return the units that won, most awards first: times, yuan, runs, the last month."""
    return [
        {
            "unit": each.unit.short,
            "times": each.times,
            "amount": yuan(each.amount),
            "longest": each.longest,
            "running": each.running,
            "last": date_format(each.last, "YEAR_MONTH_FORMAT") if each.last else "",
        }
        for each in found
        if each.times
    ]


def never(found: Sequence[Honours]) -> str:
    """Return the units that no round has awarded yet; blank if every one was."""
    return join([each.unit.short for each in found if not each.times])


def sentence(year: int, months: Sequence[Won], contests: Sequence[CampaignWon]) -> str:
    """Return the one sentence that judges a year."""
    awarded = [each for each in months if each.contest.winners]
    given = [won for each in awarded for won in each.contest.winners.values()]
    total = sum([*given, *(each.total for each in contests)], Decimal(0))
    units = len({code for each in awarded for code in each.contest.winners})
    return _(
        "%(year)s: %(awarded)s of %(months)s months awarded, to %(units)s units; with campaigns "
        "CNY %(total)s."
    ) % {
        "year": year,
        "awarded": len(awarded),
        "months": len(months),
        "units": units,
        "total": yuan(total),
    }


def latest(awards: Sequence[Award]) -> dict[str, str]:
    """Return the latest month's awards as Today tells them: month, who, yuan; empty if none."""
    if not awards:
        return {}
    return {
        "month": month_name(awards[0].round.month),
        "who": join([award.unit.short for award in awards]),
        "amount": join([yuan(award.amount) for award in awards]),
    }
