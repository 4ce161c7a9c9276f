"""The competition in words: why it was decided so, and what keeps each unit from the award."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override, pgettext_lazy

from competitions.models import CompetitionPolicy
from competitions.queries import Contest, gate_indicators
from competitions.rules import GateCode, NoQualifier, ReasonCode, TieStep
from orgchart.models.bilingual import in_language
from targets.measures import measured
from targets.models import Indicator
from targets.templatetags.amounts import amount

GATES = {
    GateCode.REVENUE: gettext_lazy("revenue"),
    GateCode.VOLUME: gettext_lazy("volume"),
    GateCode.FIXED_NET: gettext_lazy("fixed-line net adds"),
}
# In heads, where the plan says 收 and 量.
GATE_HEADS = {
    GateCode.REVENUE: pgettext_lazy("gate", "Revenue"),
    GateCode.VOLUME: pgettext_lazy("gate", "Volume"),
    GateCode.FIXED_NET: pgettext_lazy("gate", "Fixed-line net adds"),
}
RATES = {
    TieStep.REVENUE_RATE: gettext_lazy("revenue rate"),
    TieStep.VOLUME_RATE: gettext_lazy("volume rate"),
}
_FIGURES = {
    "score": gettext_lazy("score"),
    "revenue_task": gettext_lazy("revenue task"),
    "revenue_actual": gettext_lazy("revenue actual"),
    "volume_task": gettext_lazy("volume task"),
    "volume_actual": gettext_lazy("volume actual"),
    "fixed_net_task": gettext_lazy("fixed-line net adds task"),
    "fixed_net_actual": gettext_lazy("fixed-line net adds actual"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What the sentences need in the active language: names of units, and the gates."""

    names: Mapping[str, str]
    gates: Mapping[str, Indicator]

    def units(self, codes: Sequence[str]) -> str:
        return join([self.names.get(code, code) for code in codes])


def join(items: Sequence[str]) -> str:
    """Return a list as the active language writes it."""
    return in_language("、", ", ").join(items)


def sentences(parts: Sequence[str]) -> str:
    """Return sentences one after the other; Chinese puts no space between."""
    return in_language("".join(parts), " ".join(parts))


def words_of(contest: Contest) -> Words:
    """Return the words of a contest; call it under the language of the sentences."""
    return Words(
        names={code: unit.short for code, unit in contest.units.items()},
        gates={
            gate.value: indicator for gate, indicator in gate_indicators(contest.policy).items()
        },
    )


def yuan(value: Decimal) -> str:
    """Return an award: whole yuan without cents."""
    return amount(value, 0 if value == value.to_integral_value() else 2)


def won_by(awards: Iterable[tuple[str, Decimal]]) -> str:
    """Return who won how much: 城乡结合办 500 元; or that nobody did."""
    named = [_("%(who)s CNY %(amount)s") % {"who": who, "amount": yuan(won)} for who, won in awards]
    return join(named) if named else _("no winner")


def month_name(month: date) -> str:
    """Return the month without its year."""
    return in_language(f"{month.month}月", date_format(month, "F"))


def tasks_met(gates: Collection[str]) -> str:
    """Return that every gate is met, as a phrase: 量收双完成; a third gate is named."""
    if GateCode.FIXED_NET not in gates:
        return _("completed every task")
    tasks = join([str(name) for gate, name in GATES.items() if gate in gates])
    return _("completed the tasks in %(tasks)s") % {"tasks": tasks}


def reason_sentence(reason: Mapping[str, Any], words: Words) -> str:
    """Return what decided a round, as one sentence."""
    params = reason["params"]
    given = {
        "units": words.units(params.get("units", ())),
        "tied": words.units(params.get("tied", ())),
        "rank": params.get("rank", ""),
        "tasks": tasks_met(words.gates),
    }
    match ReasonCode(reason["code"]):
        case ReasonCode.FIRST_AND_QUALIFIED:
            text = _("%(units)s %(tasks)s and ranks first in KPI.")
        case ReasonCode.NEXT_QUALIFIED:
            text = _(
                "The first in KPI did not meet every condition; %(units)s, ranked %(rank)s, "
                "has the best KPI of those who did."
            )
        case ReasonCode.TIE_BROKEN:
            given["rate"] = str(RATES[TieStep(params["step"])])
            text = _(
                "%(tied)s share place %(rank)s in KPI and %(tasks)s; %(units)s has the higher "
                "%(rate)s."
            )
        case ReasonCode.TIE_SPLIT:
            text = _(
                "%(units)s share place %(rank)s in KPI, %(tasks)s and have equal rates: the award "
                "is split."
            )
        case ReasonCode.TIE_EACH:
            text = _(
                "%(units)s share place %(rank)s in KPI and %(tasks)s: each receives the award in "
                "full."
            )
        case ReasonCode.FIRST_NOT_QUALIFIED:
            text = _("No unit both %(tasks)s and ranked first in KPI.")
        case ReasonCode.NONE_QUALIFIED:
            text = _("No unit %(tasks)s without a veto.")
        case ReasonCode.UNREPORTED:
            text = _("Figures of %(units)s are still missing.")
        case _:
            text = _("No unit takes part this month.")
    return text % given


def terms_sentences(policy: CompetitionPolicy, names: Mapping[str, str]) -> list[str]:
    """Return terms in words, a sentence each; `names` are the units' by code."""
    said = [
        _(
            "CNY %(amount)s a month for the unit that completes its tasks in %(tasks)s, compared "
            "before rounding, and ranks first in KPI."
        )
        % {
            "amount": yuan(policy.amount),
            "tasks": join([indicator.short for indicator in gate_indicators(policy).values()]),
        },
        _("If the first in KPI does not qualify, there is no award that month.")
        if policy.no_qualifier == NoQualifier.NONE
        else _("If the first in KPI does not qualify, the best KPI of those who do wins."),
    ]
    *rates, ending = policy.tie
    if rates:
        order = in_language("，再比", ", then ").join(str(RATES[TieStep(step)]) for step in rates)
        said.append(_("Of equal places, compare the %(rates)s.") % {"rates": order})
    said += [
        _("Those still equal split the award to the cent.")
        if ending == TieStep.SPLIT
        else _("Those still equal receive the award in full each."),
        _("A vetoed unit receives no award.")
        if policy.heeds_veto
        else _("A veto does not keep a unit from the award."),
    ]
    if policy.excluded:
        units = join([names.get(code, code) for code in policy.excluded])
        said.append(_("%(units)s take no part.") % {"units": units})
    days = ngettext("%(days)s day", "%(days)s days", policy.notice_days) % {
        "days": policy.notice_days
    }
    said.append(_("The decision is on notice for %(days)s before it is approved.") % {"days": days})
    return said


def obstacle(reason: Mapping[str, Any], words: Words) -> str:
    """Return one thing that keeps a unit from the award, as a phrase."""
    params = reason["params"]
    match ReasonCode(reason["code"]):
        case ReasonCode.MISSING:
            fields = join([str(_FIGURES[each]) for each in params["fields"]])
            return _("missing: %(fields)s") % {"fields": fields}
        case ReasonCode.VETOED:
            return _("vetoed")
        case ReasonCode.BARRED:
            return _("barred from the award")
        case ReasonCode.GATE_MISSED:
            gate = words.gates[params["gate"]]
            return _("%(gate)s %(shortfall)s short") % {
                "gate": GATES[GateCode(params["gate"])],
                "shortfall": measured(Decimal(params["shortfall"]), gate),
            }
        case ReasonCode.OUTRANKED:
            return _("place %(rank)s in KPI") % {"rank": params["rank"]}
        case ReasonCode.LOST_TIE:
            return _("lower %(rate)s") % {"rate": RATES[TieStep(params["step"])]}
        case _:
            return _("not assessed this month")


def why_others(standings: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, str]]:
    """Return "why not the others", units with the same answer together: who, text.

    A place behind the winner's is told only of units that nothing else keeps back.
    """
    grouped: dict[str, list[str]] = {}
    for each in standings:
        reasons = [r for r in each["why_not"] if r["code"] != ReasonCode.OUTRANKED]
        if reasons:
            text = join([obstacle(reason, words) for reason in reasons])
        elif each["why_not"]:
            text = _("%(tasks)s, but is not first") % {"tasks": tasks_met(words.gates)}
        else:
            continue
        grouped.setdefault(text, []).append(each["unit"])
    return [{"who": words.units(units), "text": text} for text, units in grouped.items()]


def what_is_missing(standing: Mapping[str, Any], behind: Decimal | None, words: Words) -> str:
    """Return what a unit lacks: "收入差 2 万元、发展差 1 户；差第一 0.37 分"; blank if nothing.

    `behind` is how many points its score is behind the first's.
    """
    reasons = [r for r in standing["why_not"] if r["code"] != ReasonCode.OUTRANKED]
    parts = [join([obstacle(reason, words) for reason in reasons])] if reasons else []
    if behind:
        parts.append(_("%(points)s behind the first") % {"points": amount(behind, 2)})
    return in_language("；", "; ").join(parts)


def in_both_languages(sentence: Callable[[], str]) -> dict[str, str]:
    """Return the sentence as it is said in Chinese (zh) and in English (en)."""
    said = {}
    for key, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            said[key] = sentence()
    return said


def verdict_sentence(contest: Contest) -> str:
    """Return the reason; of an undecided month, what it would be as things stand."""
    words = words_of(contest)
    text = reason_sentence(contest.reason, words)
    if contest.so_far is not None and contest.so_far["code"] != ReasonCode.NO_UNITS:
        so_far = _("Of those who reported: %(sentence)s") % {
            "sentence": reason_sentence(contest.so_far, words)
        }
        return sentences([text, so_far])
    if contest.round is None and contest.reason["code"] != ReasonCode.UNREPORTED:
        return _("As things stand: %(sentence)s") % {"sentence": text}
    return text


def gate_label(code: str, how: Indicator) -> str:
    """Return a gate with its indicator."""
    return _("%(gate)s: %(indicator)s") % {
        "gate": GATE_HEADS[GateCode(code)],
        "indicator": how.short,
    }


def gate_line(gate: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a gate as label, figures "54.27 ≥ 43.41", measure, met and the shortfall."""
    how = words.gates[gate["code"]]

    def written(key: str) -> str:
        return amount(None if gate[key] is None else Decimal(gate[key]), how.decimals)

    sign = {True: "≥", False: "<", None: "/"}[gate["met"]]
    return {
        "label": gate_label(gate["code"], how),
        "figure": f"{written('actual')} {sign} {written('task')}",
        "note": how.measure,
        "met": gate["met"],
        "task": written("task"),
        "actual": written("actual"),
        "is_unreported": gate["actual"] is None,
        "shortfall": "" if gate["met"] is not False else written("shortfall"),
    }
