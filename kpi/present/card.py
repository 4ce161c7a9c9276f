"""A unit's card and the workings of a line (算账单) as finished values for the templates."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, inf
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.models import EventKind, Month, MonthState
from kpi.models.scores import LineState
from kpi.present import curves, words
from kpi.present.formulas import formula
from kpi.present.origins import act, sources, told_changes
from kpi.queries.board import BoardRow, Gate
from kpi.queries.scorecards import parameters
from kpi.queries.scores import Line, UnitScore
from kpi.queries.sources import Sources
from kpi.rules import scoring as rules
from kpi.rules.steps import Step, next_steps
from orgchart.models import Unit
from targets.models import Indicator
from targets.months import month_text
from targets.templatetags.amounts import amount, signed

_REPORTED = (LineState.SCORED, LineState.NOT_ASSESSED)


def month_history(month: Month) -> list[str]:
    """Say who closed and published the month, and when."""
    told = []
    if month.closed_at is not None:
        told.append(act(_("closed by %(name)s, %(at)s"), month.closed_by, month.closed_at))
    if month.published_at is not None:
        text = _("published by %(name)s, %(at)s")
        told.append(act(text, month.published_by, month.published_at))
    if month.state == MonthState.OPEN:
        told.append(_("the month is open: the figures still move"))
    return told


def stats(row: BoardRow, count: int) -> list[dict[str, Any]]:
    """Return the head of a card: total, rank, both gates."""
    score = row.card.score if row.card else None
    found = row.card.range if row.card else None
    facts = []
    if score and score.base is not None:
        facts.append(
            _("base %(base)s, bonus %(bonus)s")
            % {"base": amount(score.base, 2), "bonus": amount(score.bonus, 2)}
        )
    if found:
        facts.append(words.between(*found))
    url = ""
    if row.card:
        key = {"unit": row.unit.code, "month": month_text(row.card.score.month)}
        url = reverse("total_workings", kwargs=key)
    total: dict[str, Any] = {"name": _("Total score"), "facts": facts, "url": url}
    if row.score is None:
        total["wait"] = _("Not reported")
    else:
        total["value"] = amount(row.score, 2)
    rank: dict[str, Any] = {"name": _("Rank"), "facts": [], "url": url}
    if row.rank is None:
        rank["wait"] = _("Unranked")
    else:
        rank |= {"value": str(row.rank), "target": str(count)}
        if behind := words.parted(row):
            rank["facts"] = [behind]
        elif row.gap_to_next is not None:
            rank["facts"] = [
                _("%(gap)s points to the next rank") % {"gap": amount(row.gap_to_next, 2)}
            ]
    return [total, rank]


def gate_rows(gates: Mapping[str, Gate]) -> list[dict[str, Any]]:
    """Return both gates with figures and shortfall."""
    labels = {"revenue": _("Revenue"), "volume": _("Volume")}
    return [
        {
            "code": code,
            "label": labels[code],
            "actual": words.shown(gate.actual, gate.indicator) if gate.actual is not None else "",
            "task": words.as_in_table(gate.task, gate.indicator),
            "met": gate.met,
            "text": ""
            if gate.shortfall is None
            else _("short %(gap)s") % {"gap": words.measured(gate.shortfall, gate.indicator)},
        }
        for code, gate in gates.items()
    ]


def lines(card: UnitScore, month: Month) -> list[dict[str, Any]]:
    """Return the rows of a card, each with the address of its workings."""
    return [_line(line, card, month) for line in card.lines]


def _line(line: Line, card: UnitScore, month: Month) -> dict[str, Any]:
    item, share = line.item, line.share
    is_events = item.basis == rules.Basis.EVENTS
    return {
        "code": item.code,
        "name": item.short,
        "measure": item.indicator.measure if item.indicator else _("events"),
        "task": words.shown(line.target, item.indicator) if line.target is not None else "—",
        "actual": _actual(line),
        "rate": "—" if is_events else words.rate(line.completion),
        "weight": words.plain(item.weight),
        "bar": "" if share is None else f"{min(float(share) * 100, 125):.1f}",
        "is_full": share is not None and share >= 1,
        "points": None if line.points is None else amount(line.points, 2),
        "chip": _chip(line),
        "is_waiting": line.state in (LineState.PENDING, LineState.NO_TARGET),
        "reason": words.reason(line),
        "url": reverse(
            "card_workings",
            kwargs={
                "unit": card.score.unit.code,
                "month": month_text(month.month),
                "code": item.code,
            },
        ),
    }


def _actual(line: Line) -> str:
    if line.item.basis == rules.Basis.EVENTS:
        return str(sum(line.counts.values()))
    if line.value is None and line.item.basis == rules.Basis.ACTUAL and line.state in _REPORTED:
        return "—"  # a ratio over zero
    return words.shown(line.value, line.item.indicator) if line.value is not None else ""


def _chip(line: Line) -> str:
    match line.state:
        case LineState.PENDING:
            return str(_("Not reported"))
        case LineState.NO_TARGET:
            return str(_("No task"))
        case LineState.NOT_ASSESSED:
            return str(_("Not assessed"))
    return ""


def foot(card: UnitScore, month: Month) -> list[dict[str, Any]]:
    """Return the closing rows of a card: base, bonus, total."""
    score = card.score
    rows = [
        {
            "name": _("Base score"),
            "url": _total_url(card, month),
            "weight": words.plain(score.applicable_weight),
            "points": amount(score.base, 2),
            "reason": _("sum of %(count)s items") % {"count": len(card.lines)}
            if score.applicable_weight == 100
            else _("%(points)s × 100 ÷ %(weight)s")
            % {
                "points": amount(score.unspread, 2),
                "weight": words.plain(score.applicable_weight),
            },
        }
    ]
    rows += [
        _line(line, card, month) | {"points": signed(line.points, 2), "weight": ""}
        for line in card.bonuses
    ]
    verdict = _("veto: total 0, last rank") if score.is_vetoed else ""
    if score.is_award_vetoed and not score.is_vetoed:
        verdict = _("barred from the award")
    rows.append(
        {
            "name": _("Total score"),
            "points": amount(score.total, 2),
            "url": _total_url(card, month),
            "reason": verdict
            or (_("rank %(rank)s, no veto") % {"rank": score.rank} if score.rank else ""),
            "is_total": True,
        }
    )
    return rows


def _total_url(card: UnitScore, month: Month) -> str:
    key = {"unit": card.score.unit.code, "month": month_text(month.month)}
    return reverse("total_workings", kwargs=key)


def workings(
    line: Line,
    unit: Unit,
    month: Month,
    found: Sources,
    others: list[tuple[Unit, Line | None]],
) -> dict[str, Any]:
    """Return everything the reason sheet of a line shows."""
    item = line.item
    top = line.curve.highest
    return {
        "code": item.code,
        "name": item.name,
        "unit": unit.name,
        "points": None if line.points is None else amount(line.points, 2),
        "chip": _chip(line),
        "marks": _marks(item.weight, top),
        "formula": formula(line, found),
        "result": "" if line.points is None else amount(line.points, 2),
        "curve": curves.picture(item, item.scorecard.zero_target, line),
        "steps": further(line),
        "sources": sources(
            line.target,
            line.value,
            item.indicator,
            found if rules.Basis(item.basis).needs_target else replace(found, tasks=[]),
        ),
        "rule": {
            "code": item.scorecard.code,
            "text": words.rule(item),
            "url": reverse("scorecard", kwargs={"pk": item.scorecard_id}),
            "note": _("in force from %(day)s")
            % {"day": date_format(item.scorecard.valid_from, "SHORT_DATE_FORMAT")},
        },
        "changes": told_changes(found.changes, item.indicator),
        "history": month_history(month),
        "others": [_other(other, one, unit) for other, one in others],
        "rate_head": {rules.Basis.EVENTS: _("Count"), rules.Basis.ACTUAL: _("Actual")}.get(
            item.basis, _("Rate")
        ),
        "indicator": item.indicator.code if item.indicator else "",
    }


def _marks(weight: Decimal, top: Fraction | None) -> str:
    """Say the full mark and the cap beside a line's points."""
    if not weight:
        return _("points, outside the 100")
    if top is None or top == weight:
        return _("points, full mark %(full)s") % {"full": words.plain(weight)}
    return _("points, full mark %(full)s, cap %(top)s") % {
        "full": words.plain(weight),
        "top": words.plain(top),
    }


def still(card: UnitScore) -> list[dict[str, Any]]:
    """Return what each item and bonus still gives, in the order of the card."""
    rows = []
    for line in (*card.lines, *card.bonuses):
        steps = further(line)
        for place, step in enumerate(steps):
            own = {"code": line.item.code, "name": line.item.short, "is_first": place == 0}
            rows.append(step | own)
    return rows


def further(line: Line) -> list[dict[str, str]]:
    """Return what a line still gives, step by step: what more it takes, to what, the gain."""
    item = line.item
    if line.points is None:
        return []
    indicator = item.indicator
    decimals = 0 if indicator is None else indicator.decimals + 2 * indicator.is_percent
    ahead = next_steps(
        line.curve,
        basis=rules.Basis(item.basis),
        weight=item.weight,
        target=line.target,
        actual=line.value,
        decimals=min(decimals, 4),
    )
    if line.is_bonus:
        return _bonus_steps(line)
    if item.basis == rules.Basis.EVENTS and line.points < item.weight:
        return [
            {
                "more": _("without these events"),
                "to": _("to full %(points)s") % {"points": amount(item.weight, 2)},
                "gain": signed(item.weight - line.points, 2),
            }
        ]
    return [_step(step, indicator) for step in ahead]


def _bonus_steps(line: Line) -> list[dict[str, str]]:
    """Return how many more events of its first kind use a bonus up."""
    given = parameters(line.item.params)
    kind, price = next(iter(given.per.items()))
    left = Fraction(given.cap or 0) - Fraction(line.x or 0)
    if left <= 0 or price <= 0 or line.points is None:
        return []
    count = ceil(left / Fraction(price))
    return [
        {
            "more": _("%(by)s more") % {"by": f"{EventKind(kind).label} {count}"},
            "to": _("to the cap, %(points)s") % {"points": amount(given.cap, 2)},
            "gain": signed((given.cap or 0) - line.points, 2),
        }
    ]


def _step(step: Step, indicator: Indicator | None) -> dict[str, str]:
    more = abs(Fraction(step.more))
    by = (
        f"{amount(Fraction(ceil(more * 10_000), 100), 2)} pp"
        if indicator is not None and indicator.is_percent
        else words.measured(more, indicator)
    )
    if step.is_top:
        to = _("to the cap, %(points)s")
    elif step.is_full:
        to = _("to full %(points)s")
    else:
        to = _("to %(points)s points")
    return {
        "more": (_("%(by)s less") if step.more < 0 else _("%(by)s more")) % {"by": by},
        "to": to % {"points": amount(step.points, 2)},
        "gain": signed(step.gain, 2),
    }


def _other(unit: Unit, line: Line | None, own: Unit) -> dict[str, Any]:
    if line is None or line.points is None:
        chip = _chip(line) if line else "—"
        return {"unit": unit.short, "is_own": unit.pk == own.pk, "chip": chip, "bar": ""}
    share = float(line.share or 0)
    rate = words.rate(line.completion) if line.completion not in (None, inf) else _actual(line)
    return {
        "unit": unit.short,
        "is_own": unit.pk == own.pk,
        "rate": rate,
        "bar": f"{min(share * 100, 125):.1f}",
        "points": amount(line.points, 2),
    }
