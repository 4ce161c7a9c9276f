"""The panels of the competition's page, as finished values for its templates."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competitions.models import CompetitionPolicy, Objection, Round, RoundState
from competitions.queries import Contest, Trial, gate_indicators
from competitions.queries.honours import Honours
from competitions.rules import ReasonCode, TieStep
from competitions.wording import (
    RATES,
    Words,
    gate_label,
    gate_line,
    join,
    month_name,
    reason_sentence,
    sentences,
    tasks_met,
    terms_sentences,
    verdict_sentence,
    what_is_missing,
    why_others,
    words_of,
    yuan,
)
from orgchart.actors import business_day
from orgchart.models import Person, Unit
from orgchart.models.bilingual import in_language
from targets.months import month_text
from targets.templatetags.amounts import amount

_NUMERALS = "一二三四五六七八九十"
CHIPS = {RoundState.DECIDED: "honour", RoundState.APPROVED: "accent", RoundState.PAID: "good"}


def notice_text(contest: Contest, today: date) -> str:
    """Return how far a decided award has come; blank where there is none."""
    if contest.round is None:
        return ""
    match contest.state:
        case RoundState.DECIDED if today <= contest.round.notice_ends_on:
            return _("Notice day %(day)s of %(days)s") % {
                "day": contest.round.notice_day(today),
                "days": contest.policy.notice_days,
            }
        case RoundState.DECIDED:
            return _("Notice is over; the head's turn")
        case RoundState.APPROVED:
            return _("Approved; the clerk's turn to pay")
        case RoundState.PAID:
            return _("Paid")
    return ""


def award_panel(contest: Contest, today: date) -> dict[str, Any]:
    """Return the fields of components/award.html; `today` counts the days of notice."""
    words = words_of(contest)
    won = contest.round is not None and bool(contest.winners)
    return {
        "won": won,
        "seal": in_language(
            f"{_numeral(contest.month.month)}月,榜首",
            f"{date_format(contest.month, 'M')},{_('first')}",
        ).split(","),
        "title": _title(contest, words),
        "sentence": verdict_sentence(contest),
        "notice": notice_text(contest, today),
        "conditions": _conditions(contest, words) if won and len(contest.winners) == 1 else [],
        "why": why_others(contest.standings, words) if contest.round is not None else [],
    }


def _numeral(month: int) -> str:
    return _NUMERALS[month - 1] if month <= 10 else f"十{_NUMERALS[month - 11]}"


def _title(contest: Contest, words: Words) -> str:
    given = {"month": month_name(contest.month), "units": words.units(list(contest.winners))}
    if contest.round is None:
        return _("%(month)s is not decided yet") % given
    if not contest.winners:
        return _("No award in %(month)s") % given
    given["amount"] = yuan(contest.policy.amount)
    if len(contest.winners) == 1:
        return _("%(units)s wins CNY %(amount)s for %(month)s") % given
    if contest.reason["code"] == ReasonCode.TIE_EACH:
        return _("%(units)s win CNY %(amount)s each for %(month)s") % given
    return _("%(units)s share CNY %(amount)s for %(month)s") % given


def _conditions(contest: Contest, words: Words) -> list[dict[str, Any]]:
    """Return the winner's conditions with their figures."""
    winner = next(each for each in contest.standings if each["award"] is not None)
    conditions = [gate_line(gate, words) for gate in winner["gates"]]
    below = [
        Decimal(each["score"])
        for each in contest.standings
        if each["score"] is not None and each["rank"] is not None and each["rank"] > winner["rank"]
    ]
    score = Decimal(winner["score"])
    lead = _("ahead by %(points)s") % {"points": amount(score - max(below), 2)} if below else ""
    conditions.append(
        {
            "label": _("KPI place %(rank)s") % {"rank": winner["rank"]},
            "figure": amount(score, 2),
            "note": lead,
            "met": True,
        }
    )
    conditions.append({"label": _("Veto"), "figure": _("none"), "note": "", "met": True})
    return conditions


def race(contest: Contest, own: Collection[int] = ()) -> dict[str, Any]:
    """Return the table of units: gate heads, and rows with place, score, gates, what is missing.

    The rows of the reader's `own` units (ids) come first.
    """
    words = words_of(contest)
    ranks = [each["rank"] for each in contest.standings]
    best = max(
        (Decimal(each["score"]) for each in contest.standings if each["rank"] is not None),
        default=None,
    )
    rows = []
    for each in sorted(contest.standings, key=_race_order):
        score = None if each["score"] is None else Decimal(each["score"])
        is_ranked = best is not None and score is not None and each["rank"] is not None
        rows.append(
            {
                "unit": words.units([each["unit"]]),
                "is_own": contest.units[each["unit"]].pk in own,
                "rank": each["rank"],
                "is_tied": each["rank"] is not None and ranks.count(each["rank"]) > 1,
                "is_first": contest.round is not None and each["award"] is not None,
                "score": amount(score, 2),
                "gates": [gate_line(gate, words) for gate in each["gates"]],
                "award": "" if each["award"] is None else yuan(Decimal(each["award"])),
                "missing": what_is_missing(each, best - score if is_ranked else None, words),
            }
        )
    heads = [
        {"label": gate_label(code, how), "measure": how.measure}
        for code, how in words.gates.items()
    ]
    return {
        "heads": heads,
        "rows": sorted(rows, key=lambda row: not row["is_own"]),
        "is_decided": contest.round is not None,
    }


def _race_order(standing: Mapping[str, Any]) -> tuple[bool, int, Decimal]:
    """By rank; while a score is missing there are no ranks, then by score."""
    rank, score = standing["rank"], standing["score"]
    return score is None, rank or 0, -Decimal(score or 0)


def policy_sentence(contest: Contest) -> str:
    """Return what the competition is about."""
    return _("CNY %(amount)s for the unit that %(tasks)s and ranks first in KPI") % {
        "amount": yuan(contest.policy.amount),
        "tasks": tasks_met(gate_indicators(contest.policy)),
    }


def policy_facts(policy: CompetitionPolicy) -> list[dict[str, str]]:
    """Return terms: label and text."""
    gates = [indicator.short for indicator in gate_indicators(policy).values()]
    endings = {"split": _("split to the cent"), "each": _("each in full")}
    tie = [endings.get(step) or str(RATES[TieStep(step)]) for step in policy.tie]
    no_qualifier = {
        "none": _("no award that month"),
        "next": _("the best KPI among those who qualify"),
    }[policy.no_qualifier]
    return [
        {"label": _("Award"), "text": _("CNY %(amount)s") % {"amount": yuan(policy.amount)}},
        {"label": _("Tasks to complete"), "text": join(gates)},
        {"label": _("First in KPI not qualified"), "text": no_qualifier},
        {"label": _("Ties"), "text": " → ".join(tie)},
        {
            "label": _("Vetoed unit"),
            "text": _("no award") if policy.heeds_veto else _("may win"),
        },
        {
            "label": _("Notice"),
            "text": ngettext("%(days)s day", "%(days)s days", policy.notice_days)
            % {"days": policy.notice_days},
        },
        {"label": _("In force from"), "text": policy.valid_from.isoformat()},
    ]


def steps(contest: Contest, today: date, raised: Sequence[Objection] = ()) -> list[dict[str, Any]]:
    """Return the award's steps: label, is_done, and who did it when, or whose turn it is."""
    decided = contest.round
    if decided is None or contest.state == RoundState.NO_WINNER:
        return []
    is_noticed = today > decided.notice_ends_on
    is_approved = decided.approved_by is not None
    waiting = sum(row.is_upheld is None for row in raised)
    return [
        {
            "label": _("Decided"),
            "is_done": True,
            "text": business_day(decided.decided_at).isoformat(),
        },
        {
            "label": _("Notice"),
            "is_done": is_noticed,
            "text": _("until %(day)s") % {"day": decided.notice_ends_on.isoformat()},
        },
        {
            "label": _("Objections"),
            "is_done": is_noticed and not waiting,
            "text": _objections_text(len(raised), waiting),
        },
        {
            "label": _("Approval"),
            "is_done": is_approved,
            "text": _signed(decided.approved_by, decided.approved_at)
            or (_("the head's turn") if is_noticed and not waiting else ""),
        },
        {
            "label": _("Payment"),
            "is_done": decided.paid_by is not None,
            "text": _signed(decided.paid_by, decided.paid_at)
            or (_("the clerk's turn") if is_approved else ""),
        },
    ]


def _objections_text(count: int, waiting: int) -> str:
    if waiting:
        text = ngettext("%(count)s waits for an answer", "%(count)s wait for an answer", waiting)
        return text % {"count": waiting}
    return _("all answered") if count else _("none")


def _signed(person: Person | None, at: datetime | None) -> str:
    if person is None or at is None:
        return ""
    return f"{person.name} {business_day(at).isoformat()}"


def objections(raised: Sequence[Objection]) -> list[dict[str, Any]]:
    """Return each objection with its answer, if there is one."""
    said = {None: _("waits"), True: _("upheld"), False: _("rejected")}
    return [
        {
            "pk": row.pk,
            "unit": row.unit.short,
            "text": row.text,
            "raised": _signed(row.raised_by, row.raised_at),
            "is_open": row.is_upheld is None,
            "state": said[row.is_upheld],
            "kind": {None: "wait", True: "bad", False: ""}[row.is_upheld],
            "answer": row.answer,
            "answered": _signed(row.answered_by, row.answered_at),
        }
        for row in raised
    ]


def wall(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Return the winners by month, the latest first; a void round shows why it is void."""
    return [
        {
            "month": date_format(each.month, "YEAR_MONTH_FORMAT"),
            "query": month_text(each.month),
            "version": each.version,
            "winners": join([award.unit.short for award in each.awards.all()]),
            "amount": join([yuan(award.amount) for award in each.awards.all()]),
            "state": each.state,
            "label": each.get_state_display(),
            "kind": CHIPS.get(each.state, ""),
            "is_void": each.state == RoundState.VOID,
            "note": (each.void_reason or _("The month was reopened"))
            if each.state == RoundState.VOID
            else "",
        }
        for each in rounds
    ]


def honours(found: Sequence[Honours]) -> list[dict[str, Any]]:
    """Return the units with what they won so far, most awards first; who never won last."""
    return [
        {
            "unit": each.unit.short,
            "times": each.times,
            "amount": yuan(each.amount) if each.times else "",
            "streak": each.longest if each.longest > 1 else "",
            "is_running": each.running > 1,
            "running": each.running,
            "last": month_name(each.last) if each.last else "",
        }
        for each in found
    ]


def policy_version(
    policy: CompetitionPolicy, today: date, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return a version of the terms in words, and how it stands today."""
    is_coming = policy.valid_from > today
    return {
        "pk": policy.pk,
        "month": date_format(policy.valid_from, "YEAR_MONTH_FORMAT"),
        "until": policy.valid_to and date_format(policy.valid_to, "YEAR_MONTH_FORMAT"),
        "words": sentences(terms_sentences(policy, names)),
        "reason": policy.reason,
        "signed": _signed(policy.published_by, policy.published_at),
        "is_draft": policy.is_draft,
        "is_coming": is_coming and not policy.is_draft,
        "is_now": not is_coming
        and not policy.is_draft
        and (policy.valid_to is None or policy.valid_to >= today),
    }


def trial(found: Sequence[Trial], units: Iterable[Unit]) -> dict[str, Any]:
    """Return who was and would be awarded month by month, and how many months would differ."""
    words = Words({unit.code: unit.short for unit in units}, {})
    rows = [
        {
            "month": date_format(each.month, "YEAR_MONTH_FORMAT"),
            "before": _won_by(each.before, words),
            "after": _won_by(each.after.winners, words),
            "reason": reason_sentence(each.after.reason.as_json(), words),
            "is_other": each.before != each.after.winners,
        }
        for each in found
    ]
    return {"rows": rows, "others": sum(row["is_other"] for row in rows)}


def _won_by(winners: Mapping[str, Decimal], words: Words) -> str:
    return join([f"{words.units([code])} {yuan(won)}" for code, won in winners.items()])
