"""The charts of a district's month: the race, completion against time."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.present import words
from kpi.present.pace import LAMPS
from kpi.queries.standings import Standings
from kpi.queries.year_board import YearBoard
from kpi.rules.pace import Lamp, Pace
from orgchart.models import Unit
from orgchart.models.bilingual import in_language
from targets.charts import Chart, Series
from targets.models import Indicator
from targets.templatetags.amounts import amount, signed

LOOKS = {Lamp.GREEN: "good", Lamp.YELLOW: "warn", Lamp.RED: "bad"}
ROW = 34  # height of a lying bar with its space
MARGIN = 64


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


def by_unit(found: Standings, indicator: Indicator, units: Sequence[Unit]) -> Chart | None:
    """Return each unit's completion of an indicator against time; None where none has a task."""
    rows = [
        (unit.short, pace) for unit in units if (pace := found.pace(unit, indicator)) is not None
    ]
    rows.sort(key=lambda row: (row[1].completion is None, -(row[1].completion or 0)))
    return _against_time(
        rows, code="completion-units", head=_("Unit"),
        title=_("%(name)s: completion against time") % {"name": indicator.short},
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
    rows: Sequence[tuple[str, Pace]], *, code: str, head: str, title: str
) -> Chart | None:
    if not rows:
        return None
    paces = [pace for _name, pace in rows]
    lamps = [LAMPS[pace.lamp] if pace.lamp else ("", "") for pace in paces]
    waits = [_("not reported") if pace.actual is None else "" for pace in paces]
    return Chart(
        code=code, kind="rows", title=title, unit="%", head=head,
        labels=[name for name, _pace in rows], height=MARGIN + ROW * len(rows),
        sentence=_judged(rows),
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
