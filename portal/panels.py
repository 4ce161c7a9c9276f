"""The panels of Today as finished values: stats with lamp and spark, pace by unit, alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competitions.wording import month_name
from kpi.present import words
from kpi.present.pace import LAMPS, head
from kpi.present.pace import cells as pace_cells
from kpi.rules.pace import Days, Lamp, Pace, lamp, pace, year_to_date
from kpi.rules.scoring import completion
from orgchart.models import Unit
from orgchart.models.bilingual import in_language
from portal.queries.places import Place
from portal.queries.progress import FOCUS, NET, REVENUE, Year
from subsidies.queries.claims import UnitHeadroom
from targets.months import last_day, month_text, months_of
from targets.templatetags.amounts import amount, percent, signed

_BOX = (96, 34)


@dataclass(frozen=True, slots=True)
class UnitPace:
    """A unit's pace; `unit` None is everybody in scope together, as far as they reported."""

    unit: Unit | None
    pace: Pace
    reported: int = 1
    of: int = 1

    @property
    def is_partial(self) -> bool:
        return self.reported < self.of


def day_name(day: date) -> str:
    """Return the day with its weekday."""
    return in_language(date_format(day, "n月j日 D"), date_format(day, "l j F"))


def short_day(day: date) -> str:
    """Return the day as the head of a line: 3月4日, 4 Mar."""
    return date_format(day, in_language("n月j日", "j M"))


def days_left(day: date, on: date) -> str:
    """Return how far away a day is."""
    left = (day - on).days
    if left in (0, 1):
        return _("tomorrow") if left else _("today")
    if left < 0:
        return ngettext("%(count)s day over", "%(count)s days over", -left) % {"count": -left}
    return ngettext("%(count)s day left", "%(count)s days left", left) % {"count": left}


def due(day: date, on: date) -> str:
    """Return until when something is due, and how far away that is."""
    return _("due %(day)s, %(left)s") % {"day": words.day(day), "left": days_left(day, on)}


def paces(year: Year, month: date, days: Days) -> list[UnitPace]:
    """Return the pace of the focus indicator by unit, the furthest first, the total last.

    While units have not reported, the total is that of the others: what nobody knows is not
    behind.
    """
    decimals = year.indicators[FOCUS].decimals
    rows = []
    for unit in year.units:
        target = year.task(FOCUS, [month], [unit.pk])
        if target is not None:
            actual = year.actual(FOCUS, [month], [unit.pk])
            rows.append(UnitPace(unit, pace(target, actual, days, decimals)))
    rows.sort(key=lambda row: (row.pace.completion is None, -(row.pace.completion or 0)))
    known = [row.unit.pk for row in rows if row.unit and row.pace.actual is not None]
    counted = known if known and len(known) < len(rows) else None
    total = year.task(FOCUS, [month], counted)
    if total is not None:
        found = pace(total, year.actual(FOCUS, [month], counted), days, decimals)
        rows.append(UnitPace(None, found, len(known), len(rows)))
    return rows


def pace_table(rows: Sequence[UnitPace], year: Year) -> dict[str, Any]:
    """Return the table of units: head of the axis, rows and the total, every cell as text."""
    indicator = year.indicators[FOCUS]
    cells = [_pace_row(row, number, indicator.decimals) for number, row in enumerate(rows, 1)]
    units = [cell for cell in cells if not cell["is_total"]]
    first = rows[0].pace if rows else None
    return head(indicator, first.time_progress if first else None) | {
        "rows": units,
        "total": next((cell for cell in cells if cell["is_total"]), None)
        if len(units) > 1
        else None,
    }


def _pace_row(row: UnitPace, number: int, decimals: int) -> dict[str, Any]:
    name = row.unit.short if row.unit else _("Whole district")
    if row.unit is None and row.is_partial:
        name = _("Reported %(count)s of %(all)s") % {"count": row.reported, "all": row.of}
    return pace_cells(row.pace, name, decimals) | {
        "is_total": row.unit is None,
        "rank": "" if row.pace.completion is None or row.unit is None else number,
    }


def sentence(rows: Sequence[UnitPace], year: Year) -> str:
    """Return the sentence that judges: ahead or behind, needed a day and done a day."""
    total = rows[-1].pace if rows else None
    if total is None or total.difference is None or total.behind_pp is None:
        return ""
    decimals = year.indicators[FOCUS].decimals
    pp = amount(abs(total.behind_pp), 2)
    if total.gap == 0:
        return _("The month's task is completed: %(rate)s%%") % {"rate": percent(total.completion)}
    given = {
        "name": year.indicators[FOCUS].name,
        "pp": pp,
        "need": amount(total.per_day, decimals),
        "mean": amount(total.daily_mean, decimals),
        "days": total.days.remaining,
    }
    if rows[-1].is_partial:
        return _("%(name)s of the %(count)s of %(all)s units that reported: %(pp)s pp to time") % {
            **given,
            "pp": signed(total.difference * 100, 2),
            "count": rows[-1].reported,
            "all": rows[-1].of,
        }
    if not total.days.remaining:
        return _("%(name)s ended %(pp)s pp short of the task") % given
    if total.difference < 0:
        return (
            _(
                "%(name)s is %(pp)s pp behind time: %(need)s a day needed, %(mean)s now; "
                "days left: %(days)s"
            )
            % given
        )
    return (
        _(
            "%(name)s is %(pp)s pp ahead of time: %(need)s a day needed, %(mean)s now; "
            "days left: %(days)s"
        )
        % given
    )


def stats(
    year: Year, month: date, rows: Sequence[UnitPace], as_of: date, is_open: bool
) -> list[dict[str, Any]]:
    """Return the four stats: the focus this month and this year, revenue and net to date.

    To date means the months that are over: an open one has only a part of its figures.
    """
    whole = months_of(month.year)
    until = [each for each in whole if each < month or (each == month and not is_open)]
    return [
        *_focus_stats(year, month, rows, as_of),
        *(_to_date(year, code, month, until) for code in (REVENUE, NET) if code in year.indicators),
    ]


def _focus_stats(
    year: Year, month: date, rows: Sequence[UnitPace], as_of: date
) -> list[dict[str, Any]]:
    found = []
    whole = months_of(month.year)
    is_partial = bool(rows) and rows[-1].is_partial
    if rows:
        now = rows[-1].pace
        pp = signed(None if now.difference is None else now.difference * 100, 2)
        facts = [_("against time %(pp)s pp") % {"pp": pp}]
        if is_partial:
            facts.append(_reported(year, FOCUS, month))
        else:
            forecast = amount(now.forecast, year.indicators[FOCUS].decimals)
            facts.append(_("forecast %(forecast)s") % {"forecast": forecast})
        target, actual = year.task(FOCUS, [month]), year.actual(FOCUS, [month])
        found.append(_stat(year, FOCUS, month, _("this month"), target, actual, now.lamp, facts))
    annual = year.task(FOCUS, whole)
    until = [each for each in whole if each < month or (each == month and not is_partial)]
    to_date = year.actual(FOCUS, until)
    if annual and to_date is not None:
        season = [Fraction(year.task(FOCUS, [each]) or 0) for each in whole]
        day = last_day(until[-1]) if is_partial else as_of
        seasonal = year_to_date(annual, to_date, season, day)
        due = seasonal.seasonal_progress
        done = seasonal.completion
        facts = [
            _("season progress %(percent)s%%") % {"percent": percent(due)},
            _("completion of the season %(percent)s%%")
            % {"percent": percent(seasonal.seasonal_completion)},
        ]
        light = None if done is None else lamp(Fraction(done) - due)
        period = " / ".join([_period(until), _("whole year")])
        found.append(_stat(year, FOCUS, month, period, annual, to_date, light, facts))
    return found


def _to_date(year: Year, code: str, month: date, until: list[date]) -> dict[str, Any]:
    """Return a stat of those of the months that everybody has reported, January on."""
    complete = year.last_reported(code, until)
    target, actual = year.task(code, complete), year.actual(code, complete)
    done = None if target is None or actual is None else completion(target, actual)
    facts = []
    if month not in complete and year.reported(code, month) < len(year.units):
        facts.append(_reported(year, code, month))
    annual = year.task(code, months_of(month.year))
    if annual:
        facts.append(
            _("year's task %(amount)s") % {"amount": amount(annual, year.indicators[code].decimals)}
        )
    light = None if done is None else lamp(Fraction(done) - 1)
    stat = _stat(year, code, month, _period(complete), target, actual, light, facts)
    return stat | {"lamp_text": _("Met")} if light is Lamp.GREEN else stat


def _period(months: Sequence[date]) -> str:
    """Return months from January on, in short."""
    if not months:
        return ""
    last = months[-1]
    if len(months) == 1:
        return month_name(last)
    return in_language(
        f"1–{last.month}月", f"{date_format(months[0], 'M')}–{date_format(last, 'M')}"
    )


def _reported(year: Year, code: str, month: date) -> str:
    return _("%(month)s: %(count)s of %(all)s units reported") % {
        "month": month_name(month),
        "count": year.reported(code, month),
        "all": len(year.units),
    }


def _stat(
    year: Year,
    code: str,
    month: date,
    period: str,
    target: Decimal | None,
    actual: Decimal | None,
    light: Lamp | None,
    facts: list[str],
) -> dict[str, Any]:
    indicator = year.indicators[code]
    kind, word = LAMPS[light] if light else ("", "")
    done = None if target is None or actual is None else completion(target, actual)
    bars, zero = _bars(year, code, month)
    return {
        "name": indicator.name,
        "unit": in_language("，", ", ").join(filter(None, [indicator.measure, period])),
        "value": amount(actual, indicator.decimals),
        "wait": "" if actual is not None else _("not reported"),
        "target": amount(target, indicator.decimals) if target is not None else "",
        "rate": f"{percent(done)}%" if done is not None else "",
        "lamp": kind,
        "lamp_text": word,
        "facts": facts,
        "bars": bars,
        "zero": zero,
        "label": _("%(name)s by month") % {"name": indicator.name},
    }


def _bars(year: Year, code: str, month: date) -> tuple[list[dict[str, str]], str | None]:
    """Return the twelve months as bars, plan outlined and actual filled, and the zero line."""
    width, height = _BOX
    plan = [year.task(code, [each]) or Decimal(0) for each in months_of(month.year)]
    done = [year.actual(code, [each]) for each in months_of(month.year)]
    known = [*plan, *(each for each in done if each is not None), Decimal(0)]
    top, bottom = max(known), min(known)
    if top == bottom:
        return [], None
    scale = (height - 2) / float(top - bottom)
    zero = 1 + float(top) * scale
    step = width / 12

    def bar(position: int, value: Decimal, kind: str) -> dict[str, str]:
        size = abs(float(value)) * scale
        return {
            "x": f"{position * step + 1:.1f}",
            "y": f"{zero - size if value > 0 else zero:.1f}",
            "width": f"{step - 2:.1f}",
            "height": f"{size:.1f}",
            "kind": kind,
        }

    bars = []
    for position, (task, actual) in enumerate(zip(plan, done, strict=True)):
        if actual is None:
            bars.append(bar(position, task, "plan"))
        else:
            kind = "minus" if actual < 0 else "now" if position + 1 == month.month else "actual"
            bars.append(bar(position, actual, kind))
    return bars, f"{zero:.1f}" if bottom < 0 else None


def place_stats(places: Sequence[Place], month: date) -> list[dict[str, Any]]:
    """Return a stat per own unit: rank, score and the points to the next place."""
    found = []
    for place in places:
        at = {"unit": place.unit.code, "month": month_text(month)}
        facts = []
        if place.total is not None:
            facts.append(_("%(points)s points") % {"points": amount(place.total, 2)})
        if place.gap is not None:
            facts.append(_("%(points)s to the next place") % {"points": amount(place.gap, 2)})
        found.append(
            {
                "name": place.unit.short,
                "unit": _("rank"),
                "value": "" if place.rank is None else str(place.rank),
                "url": "" if place.total is None else reverse("total_workings", kwargs=at),
                "wait": _("pending") if place.rank is None else "",
                "target": str(place.of),
                "facts": facts,
            }
        )
    return found


def room(each: UnitHeadroom) -> dict[str, Any]:
    """Return what a unit may still spend this month: of what, and what would add to it."""
    budget = each.room.budget
    floating = (
        _("floating part of %(month)s pending") % {"month": month_name(each.floating_month)}
        if budget.floating is None
        else _("floating %(amount)s of %(month)s")
        % {"amount": amount(budget.floating, 2), "month": month_name(each.floating_month)}
    )
    used = each.room.granted + each.room.waiting
    return {
        "unit": each.unit.short,
        "left": amount(each.room.free, 2),
        "parts": _("fixed %(fixed)s + %(floating)s − %(used)s claimed")
        % {"fixed": amount(budget.fixed, 2), "floating": floating, "used": amount(used, 2)},
        "prospect": _("another 2%% of revenue adds %(adds)s to next month")
        % {"adds": amount(each.prospect.adds, 2)}
        if each.prospect
        else "",
    }
