"""Campaigns as pages and workbooks show them: finished texts."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from competitions.models import Campaign, Phase
from competitions.queries.campaigns import Row, Table
from competitions.rules.campaigns import Aim
from competitions.wording import join, yuan
from orgchart.actors import business_day
from orgchart.models import Person
from targets.measures import measured
from targets.templatetags.amounts import amount, percent

CHIPS = {
    Phase.DRAFT: "", Phase.ANNOUNCED: "wait", Phase.RUNNING: "accent", Phase.CLOSED: "warn",
    Phase.DECIDED: "honour", Phase.APPROVED: "honour", Phase.PAID: "good", Phase.VOID: "bad",
}  # fmt: skip


def measure_of(row: Campaign) -> str:
    """Return what results are counted in."""
    return row.measure if row.indicator is None else row.indicator.measure


def figure(row: Campaign, value: Decimal | None) -> str:
    """Return a result as it is written; percentages are kept as ratios."""
    if value is not None and row.indicator is not None and row.indicator.is_percent:
        return percent(value, row.indicator.decimals)
    return amount(value, row.result_decimals)


def _measured(row: Campaign, value: Decimal | None) -> str:
    if row.indicator is not None:
        return measured(value, row.indicator)
    return f"{figure(row, value)} {row.measure}"


def span(row: Campaign) -> str:
    return f"{row.starts_on.isoformat()} – {row.ends_on.isoformat()}"


def listed(row: Campaign, today: date) -> dict[str, Any]:
    """Return what the list says of a campaign."""
    phase = row.phase(today)
    days = (row.ends_on - today).days + 1
    return {
        "code": row.code,
        "name": row.name,
        "who": row.get_contestants_display(),
        "what": row.indicator.short if row.indicator else row.measure,
        "span": span(row),
        "chip": CHIPS[phase],
        "phase": phase.label,
        "left": ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
        if phase == Phase.RUNNING
        else "",
        "won": yuan(row.awarded) if row.standings is not None and row.awarded else "",
    }


def sentence(found: Table) -> str:
    """Return the one sentence that judges a campaign."""
    row, phase = found.campaign, found.phase
    if phase == Phase.DRAFT:
        return _("A draft: nobody else sees it before the head announces it.")
    if phase == Phase.ANNOUNCED:
        return _("Begins on %(day)s.") % {"day": row.starts_on.isoformat()}
    if phase == Phase.VOID:
        return _("Void: %(reason)s") % {"reason": row.void_reason}
    leaders = [each for each in found.rows if each.standing.rank == 1]
    if not leaders:
        return _("No results yet.")
    names = join([each.contestant.name for each in leaders[:3]])
    best = _measured(row, leaders[0].standing.value)
    if phase == Phase.RUNNING:
        days = found.pace.remaining + 1
        return ngettext(
            "%(who)s leads with %(result)s; %(days)s day left.",
            "%(who)s leads with %(result)s; %(days)s days left.",
            days,
        ) % {"who": names, "result": best, "days": days}
    if phase == Phase.CLOSED:
        return _("Over; %(who)s is first with %(result)s. To be decided.") % {
            "who": names,
            "result": best,
        }
    winners = sum(1 for each in found.rows if each.standing.amount)
    if not winners:
        return _("Nobody reached a prize.")
    return ngettext(
        "%(who)s is first with %(result)s; CNY %(sum)s for %(count)s winner.",
        "%(who)s is first with %(result)s; CNY %(sum)s for %(count)s winners.",
        winners,
    ) % {"who": names, "result": best, "sum": yuan(found.payable), "count": winners}


def terms(row: Campaign) -> list[dict[str, str]]:
    """Return the terms: label and text."""
    lines = []
    first = 1
    for places, each in row.prizes:
        last = first + places - 1
        name = (
            _("Place %(first)s") % {"first": first}
            if places == 1
            else _("Places %(first)s–%(last)s") % {"first": first, "last": last}
        )
        lines.append({"label": name, "text": _("CNY %(amount)s") % {"amount": yuan(Decimal(each))}})
        first = last + 1
    for at, each in row.levels:
        reached = _measured(row, Decimal(at))
        lines.append(
            {
                "label": _("Everybody who reaches %(level)s") % {"level": reached},
                "text": _("CNY %(amount)s") % {"amount": yuan(Decimal(each))},
            }
        )
    if row.threshold is not None:
        least = _measured(row, row.threshold)
        lines.append({"label": _("Least result for a place"), "text": least})
    lines += [
        {"label": _("Equal results"), "text": row.get_tie_display()},
        {"label": _("Who competes"), "text": row.get_contestants_display()},
        {"label": pgettext("campaign", "Results"), "text": row.get_source_display()},
        {
            "label": _("Notice"),
            "text": ngettext("%(days)s day", "%(days)s days", row.notice_days)
            % {"days": row.notice_days},
        },
    ]
    return lines


def stats(found: Table) -> list[dict[str, Any]]:
    """Return the key figures: the common goal, the time, what is at stake."""
    row, pace = found.campaign, found.pace
    shown: list[dict[str, Any]] = []
    total = found.total
    facts = []
    if row.goal is not None and total is not None:
        gap = row.goal - total
        if gap > 0:
            facts.append(_("%(gap)s to go") % {"gap": figure(row, gap)})
            if found.phase == Phase.RUNNING and (per_day := pace.per_day(gap)) is not None:
                facts.append(_("%(number)s a day needed") % {"number": f"{per_day:,}"})
        else:
            facts.append(_("reached"))
    stat: dict[str, Any] = {
        "name": _("All together"), "unit": measure_of(row), "value": figure(row, total),
        "facts": facts,
    }  # fmt: skip
    if row.goal is not None:
        stat["target"] = figure(row, row.goal)
        if total is not None and row.goal:
            stat["rate"] = f"{percent(Fraction(total) / Fraction(row.goal), 2)}%"
    shown.append(stat)
    days = _("day %(elapsed)s of %(days)s") % {"elapsed": pace.elapsed, "days": pace.days}
    if found.phase in (Phase.ANNOUNCED, Phase.RUNNING, Phase.CLOSED):
        forecast = (
            pace.forecast(total) if total is not None and found.phase == Phase.RUNNING else None
        )
        shown.append(
            {
                "name": _("Time"), "value": f"{percent(pace.time_progress, 2)}%",
                "facts": [days]
                + ([_("lands at %(number)s") % {"number": f"{forecast:,}"}] if forecast else []),
            }
        )  # fmt: skip
    shown.append(
        {
            "name": _("Awards"), "unit": _("CNY"), "value": yuan(found.payable),
            "facts": [] if row.standings is not None else [_("as things stand")],
        }
    )  # fmt: skip
    return shown


def rows(found: Table) -> list[dict[str, Any]]:
    """Return the standings line by line."""
    ranks = [each.standing.rank for each in found.rows]
    is_running = found.phase in (Phase.RUNNING, Phase.CLOSED)
    return [
        {
            "code": each.contestant.code,
            "name": each.contestant.name,
            "unit": each.contestant.unit.short,
            "rank": each.standing.rank,
            "is_tied": each.standing.rank is not None and ranks.count(each.standing.rank) > 1,
            "is_first": each.standing.rank == 1 and found.campaign.standings is not None,
            "result": figure(found.campaign, each.standing.value),
            "is_missing": each.standing.value is None,
            "as_of": each.reading.as_of.isoformat() if each.reading.as_of else "",
            "prize": yuan(each.standing.amount) if each.standing.amount else "",
            "lacks": lacks(found.campaign, each) if is_running else "",
        }
        for each in found.rows
    ]


def lacks(row: Campaign, each: Row) -> str:
    """Return what is missing to the next better prize, the nearer of a place and a level."""
    aims = [aim for aim in (each.standing.next_place, each.standing.next_level) if aim is not None]
    return join([_aim(row, aim) for aim in sorted(aims, key=lambda aim: aim.gap)])


def _aim(row: Campaign, aim: Aim) -> str:
    given = {"gap": figure(row, aim.gap), "place": aim.place, "amount": yuan(aim.amount)}
    if aim.place is None:
        return _("%(gap)s to CNY %(amount)s") % given
    if aim.gap == 0:
        return _("level with place %(place)s, CNY %(amount)s") % given
    return _("%(gap)s to place %(place)s, CNY %(amount)s") % given


def steps(row: Campaign, today: date) -> list[dict[str, Any]]:
    """Return the steps: label, is_done, and who did it when, or whose turn it is."""
    phase = row.phase(today)
    if phase == Phase.VOID:
        return []
    is_noticed = row.decided_at is not None and today > row.notice_ends_on
    return [
        {
            "label": _("Announcement"),
            "is_done": row.announced_at is not None,
            "text": _signed(row.announced_by, row.announced_at) or _("the head's turn"),
        },
        {
            "label": pgettext("campaign", "Decision"),
            "is_done": row.decided_at is not None,
            "text": _signed(row.decided_by, row.decided_at)
            or (_("the clerk's turn") if phase == Phase.CLOSED else ""),
        },
        {
            "label": _("Notice"),
            "is_done": is_noticed,
            "text": _("until %(day)s") % {"day": row.notice_ends_on.isoformat()}
            if row.decided_at
            else "",
        },
        {
            "label": _("Approval"),
            "is_done": row.approved_at is not None,
            "text": _signed(row.approved_by, row.approved_at)
            or (_("the head's turn") if is_noticed else ""),
        },
        {
            "label": _("Payment"),
            "is_done": row.paid_at is not None,
            "text": _signed(row.paid_by, row.paid_at)
            or (_("the clerk's turn") if row.approved_at else ""),
        },
    ]


def _signed(person: Person | None, at: datetime | None) -> str:
    if at is None:
        return ""
    return (
        f"{person.name} {business_day(at).isoformat()}" if person else business_day(at).isoformat()
    )
