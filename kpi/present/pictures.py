"""The charts of a month: the race, completion against time, points by item, what adds up."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.models import ScorecardItem
from kpi.models.scores import LineState
from kpi.present import words
from kpi.present.pace import LAMPS
from kpi.queries.board import Board, BoardRow
from kpi.queries.scores import Line
from kpi.queries.standings import Standings
from kpi.queries.year_board import YearBoard
from kpi.rules.pace import Lamp, Pace
from orgchart.models import Unit
from orgchart.models.bilingual import in_language
from orgchart.permissions import Actor
from targets.charts import Chart, Series, Value
from targets.models import Indicator
from targets.months import month_text
from targets.templatetags.amounts import amount, signed

LOOKS = {Lamp.GREEN: "good", Lamp.YELLOW: "warn", Lamp.RED: "bad"}
ROW = 34  # height of a lying bar with its space
MARGIN = 64
LITTLE = Fraction(3, 5)  # of an item's weight: less is marked as bad
MOST_STEPS = 10  # of a waterfall that are read on a phone; smaller ones stand together


def month_name(month: date) -> str:
    return in_language(f"{month.month}月", f"{month:%b}")


def race(year: YearBoard, own: frozenset[int], *, by_month: bool) -> Chart | None:
    """Return the ranking of each month of the year as frames, of points so far or of the month.

    None while no month has points.
    """
    names = [row.unit.short for row in year.rows]
    frames: list[Series] = []
    leaders: list[set[str]] = []
    for place in range(year.month.month.month):
        alone = [row.months[place] for row in year.rows]
        if all(total is None for total in alone):
            continue
        values = alone if by_month else [_so_far(row.months[: place + 1]) for row in year.rows]
        at = year.month.month.replace(month=place + 1)
        frames.append(Series(month_name(at), values, 2))
        known = [value for value in values if value is not None]
        leaders.append({n for n, value in zip(names, values, strict=True) if value == max(known)})
    if not frames:
        return None
    mine = [row.unit.short for row in year.rows if row.unit.pk in own]
    return Chart(
        code="race", kind="race", head=_("Unit"), labels=names, series=frames,
        title=_("Race by month: points of the month") if by_month
        else _("Race by month: points of the year so far"),
        unit=_("points"), lead=mine[0] if len(mine) == 1 else "", height=MARGIN + ROW * len(names),
        sentence=words.phrases([_leads(names, frames[-1], leaders), _provisional(year)]),
    )  # fmt: skip


def _so_far(totals: Sequence[Decimal | None]) -> Decimal | None:
    known = [total for total in totals if total is not None]
    return sum(known, Decimal(0)) if known else None


def _leads(names: Sequence[str], last: Series, leaders: Sequence[set[str]]) -> str:
    """Say who leads at the end, by how much, and how often the lead changed hands."""
    ranked = sorted(
        ((Fraction(value), name) for name, value in zip(names, last.values, strict=True)
         if value is not None),
        key=lambda pair: -pair[0],
    )  # fmt: skip
    first = [name for value, name in ranked if value == ranked[0][0]]
    behind = [(value, name) for value, name in ranked if value < ranked[0][0]]
    said = _("%(month)s: %(units)s first with %(points)s") % {
        "month": last.name, "units": words.joined(first), "points": amount(ranked[0][0], 2),
    }  # fmt: skip
    if behind:
        said = _("%(said)s, %(gap)s before %(next)s") % {
            "said": said, "gap": amount(ranked[0][0] - behind[0][0], 2), "next": behind[0][1],
        }  # fmt: skip
    changes = sum(not before & after for before, after in pairwise(leaders))
    change = (
        ngettext("the lead changed hands once", "the lead changed hands %(count)s times", changes)
        % {"count": changes}
        if changes
        else _("the lead never changed hands")
    )
    return words.phrases([said, change if len(leaders) > 1 else ""])


def _provisional(year: YearBoard) -> str:
    if not year.unpublished:
        return ""
    months = words.joined(month_name(month) for month in year.unpublished)
    return _("%(months)s not published yet") % {"months": months}


def by_unit(
    found: Standings, indicator: Indicator, units: Sequence[Unit], own: frozenset[int] = frozenset()
) -> Chart | None:
    """Return each unit's completion of an indicator against time; None where none has a task.

    A single one of the reader's `own` units (ids) stands out.
    """
    mine = [unit.short for unit in units if unit.pk in own]
    rows = [
        (unit.short, pace) for unit in units if (pace := found.pace(unit, indicator)) is not None
    ]
    rows.sort(key=lambda row: (row[1].completion is None, -(row[1].completion or 0)))
    return _against_time(
        rows, code="completion-units", head=_("Unit"),
        title=_("%(name)s: completion against time") % {"name": indicator.short},
        lead=mine[0] if len(mine) == 1 else "",
    )  # fmt: skip


def by_indicator(found: Standings, units: Sequence[Unit], name: str) -> Chart | None:
    """Return the completion of every indicator, of a unit or of several together."""
    rows = []
    for indicator in found.indicators:
        pace = found.whole(units, indicator)
        if pace is None and len(units) == 1:
            pace = found.pace(units[0], indicator)
        if pace is not None:
            rows.append((indicator.short, pace))
    return _against_time(
        rows, code="completion-indicators", head=_("Indicator"),
        title=_("%(name)s: every indicator against time") % {"name": name},
    )  # fmt: skip


def _against_time(
    rows: Sequence[tuple[str, Pace]], *, code: str, head: str, title: str, lead: str = ""
) -> Chart | None:
    if not rows:
        return None
    paces = [pace for _name, pace in rows]
    lamps = [LAMPS[pace.lamp] if pace.lamp else ("", "") for pace in paces]
    waits = [_("not reported") if pace.actual is None else "" for pace in paces]
    return Chart(
        code=code, kind="rows", title=title, unit="%", head=head,
        labels=[name for name, _pace in rows], height=MARGIN + ROW * len(rows),
        sentence=_judged(rows), lead=lead,
        series=[
            Series(_("Completion"), [pace.completion for pace in paces], 2, is_rate=True,
                   gaps=waits),
            Series(_("Time progress"), [pace.time_progress for pace in paces], 2, "plan",
                   is_rate=True, line=True),
        ],
        shades=[[LOOKS[pace.lamp] if pace.lamp else "" for pace in paces]],
        notes=[
            (_("Difference, pp"), [
                signed(None if pace.difference is None else pace.difference * 100, 2)
                for pace in paces
            ]),
            (_("Lamp"), [str(word) for _kind, word in lamps]),
        ],
    )  # fmt: skip


def _judged(rows: Sequence[tuple[str, Pace]]) -> str:
    """Say how many keep up with time and who is furthest behind."""
    known = [(name, pace.difference) for name, pace in rows if pace.difference is not None]
    if not known:
        return _("nothing is reported yet")
    kept = sum(difference >= 0 for _name, difference in known)
    said = _("%(kept)s of %(all)s keep up with time") % {"kept": kept, "all": len(known)}
    name, least = min(known, key=lambda pair: pair[1])
    worst = ""
    if least < 0:
        worst = _("furthest behind: %(name)s, %(pp)s pp") % {
            "name": name, "pp": signed(least * 100, 2),
        }  # fmt: skip
    waiting = [name for name, pace in rows if pace.actual is None]
    wait = _("not reported: %(names)s") % {"names": words.joined(waiting)} if waiting else ""
    return words.phrases([said, worst, wait])


def heat(board: Board, actor: Actor) -> Chart | None:
    """Return what each unit got of each item's weight, of the units whose reasons one may read.

    A cell opens its workings. None while nothing is scored.
    """
    rows = [row for row in board.rows if row.card and actor.can("reasons.read", row.unit)]
    items: dict[str, ScorecardItem] = {}
    for row in rows:
        items |= {line.item.code: line.item for line in row.card.lines if row.card}  # type: ignore[union-attr]
    weighed = [item for item in items.values() if item.weight]
    if not weighed:
        return None
    lines = [
        {line.item.code: line for line in (row.card.lines if row.card else ())} for row in rows
    ]
    month = month_text(board.month.month)
    drawn = []
    for row, found in zip(rows, lines, strict=True):
        mine = [found.get(item.code) for item in weighed]
        drawn.append(
            Series(row.unit.short, [line and line.share for line in mine], 1, is_rate=True,
                   gaps=[_unscored(line) for line in mine])
        )  # fmt: skip
    return Chart(
        code="heat", kind="heat", head=_("Unit"), series=drawn,
        title=_("Points by unit and item"), unit=_("% of the weight; cells open their workings"),
        labels=[item.short for item in weighed], height=MARGIN + ROW * len(rows),
        sentence=_weakest(weighed, lines),
        shades=[[_shade(value) for value in one.values] for one in drawn],
        links=[
            [
                reverse("card_workings",
                        kwargs={"unit": row.unit.code, "month": month, "code": item.code})
                if item.code in found else ""
                for item in weighed
            ]
            for row, found in zip(rows, lines, strict=True)
        ],
    )  # fmt: skip


def _unscored(line: Line | None) -> str:
    said = {LineState.NOT_ASSESSED: _("not assessed"), LineState.PENDING: _("not reported")}
    return said.get(line.state, "") if line else ""


def _shade(share: Value) -> str:
    if share is None:
        return ""
    return "good" if share >= 1 else "warn" if share >= LITTLE else "bad"


def _weakest(items: Sequence[ScorecardItem], lines: Sequence[dict[str, Line]]) -> str:
    """Say how many cells have their full mark, and which item cost the most points."""
    scored = [line for found in lines for line in found.values() if line.share is not None]
    if not scored:
        return _("nothing is scored yet")
    full = sum(line.share >= 1 for line in scored if line.share is not None)
    lost = {
        item.short: sum(
            (max(line.lost, Decimal(0)) for line in scored if line.item.code == item.code),
            Decimal(0),
        )
        for item in items
    }
    said = _("%(full)s of %(all)s cells have their full mark") % {
        "full": full, "all": len(scored),
    }  # fmt: skip
    name, most = max(lost.items(), key=lambda pair: pair[1])
    if not most:
        return said
    cost = _("most is lost on %(name)s, %(points)s points") % {
        "name": name, "points": amount(most, 2),
    }  # fmt: skip
    return words.phrases([said, cost])


def contributions(found: Standings, indicator: Indicator, units: Sequence[Unit]) -> Chart | None:
    """Return what each unit puts on top of the task, or leaves short of it, up to the actual.

    Of the units that reported; None while none did.
    """
    known, waiting = [], []
    for unit in units:
        figure = found.of(unit, indicator)
        if figure.task is None:
            continue
        name = unit.short
        if unit == found.district and found.rest:
            name = words.joined(found.rest)
        if figure.actual is None:
            waiting.append(name)
        else:
            known.append((name, figure.task, figure.actual))
    if not known:
        return None
    decimals = indicator.decimals
    task = sum((task for _name, task, _actual in known), Decimal(0))
    actual = sum((actual for _name, _task, actual in known), Decimal(0))
    steps = [(name, done - due) for name, due, done in known]
    said = _("task %(task)s, actual %(actual)s, %(gap)s") % {
        "task": amount(task, decimals), "actual": amount(actual, decimals),
        "gap": signed(actual - task, decimals),
    }  # fmt: skip
    wait = _("not reported: %(names)s") % {"names": words.joined(waiting)} if waiting else ""
    return waterfall(
        (_("Task"), task), steps, (_("Actual"), actual), decimals,
        code="contribution", head=_("Unit"), series=indicator.short, unit=indicator.measure,
        title=_("%(name)s: from the task to the actual, by unit") % {"name": indicator.short},
        said=[said, *_extremes(steps, decimals), wait],
    )  # fmt: skip


def score_steps(row: BoardRow) -> Chart | None:
    """Return what each item takes from the full mark or adds, up to the unit's total.

    What remains between is the weight of items not assessed, spread over the others, or a veto.
    None while the unit has no total.
    """
    card = row.card
    total = row.score
    if card is None or total is None:
        return None
    full = sum((line.item.weight for line in card.lines), Decimal(0))
    steps = [
        (line.item.short, line.points - line.item.weight)
        for line in card.lines
        if line.points is not None and line.points != line.item.weight
    ]
    bonus = card.score.bonus or Decimal(0)
    rest = total - full - bonus - sum((step for _name, step in steps), Decimal(0))
    if rest:
        steps.append((_("veto") if card.score.is_vetoed else _("not assessed, spread"), rest))
    if bonus:
        steps.append((_("Bonus"), bonus))
    said = _("full mark %(full)s, total %(total)s, rank %(rank)s") % {
        "full": amount(full, 2), "total": amount(total, 2), "rank": row.rank or "—",
    }  # fmt: skip
    return waterfall(
        (_("Full mark"), full), steps, (_("Total score"), total), 2,
        code="score-items", head=_("Item"), series=row.unit.short, unit=_("points"),
        title=_("%(name)s: from the full mark to the total, by item") % {"name": row.unit.short},
        said=[said, *_extremes(steps, 2)],
    )  # fmt: skip


def _extremes(steps: Sequence[tuple[str, Decimal]], decimals: int) -> list[str]:
    """Name who adds the most and who takes the most."""
    said = []
    if not steps:
        return said
    name, most = max(steps, key=lambda step: step[1])
    if most > 0:
        said.append(_("most from %(name)s, %(step)s")
                    % {"name": name, "step": signed(most, decimals)})  # fmt: skip
    name, least = min(steps, key=lambda step: step[1])
    if least < 0:
        said.append(_("least from %(name)s, %(step)s")
                    % {"name": name, "step": signed(least, decimals)})  # fmt: skip
    return said


def waterfall(
    start: tuple[str, Decimal],
    steps: Sequence[tuple[str, Decimal]],
    end: tuple[str, Decimal],
    decimals: int,
    *,
    said: Sequence[str],
    series: str,
    unit: str,
    **named: str,
) -> Chart:
    """Return the steps from one total to another on a cut axis, the smallest ones together."""
    order = sorted(steps, key=lambda step: abs(step[1]), reverse=True)
    kept = {name for name, _step in order[:MOST_STEPS]}
    shown = [step for step in steps if step[0] in kept]
    small = [step for name, step in steps if name not in kept]
    if small:
        shown.append((_("other %(count)s") % {"count": len(small)}, sum(small, Decimal(0))))
    bars = [start, *shown, end]
    return Chart(
        kind="waterfall", labels=[name for name, _value in bars], totals=[start[0], end[0]],
        series=[Series(series, [value for _name, value in bars], decimals)],
        unit=words.phrases([unit, _("the axis does not begin at 0")]), from_zero=False,
        sentence=words.phrases(said), height=300, **named,
    )  # type: ignore[arg-type]  # fmt: skip
