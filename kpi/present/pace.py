"""Pace as finished values: the table of units, the stats, the burn-up, the sentence."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kpi.calendars import counted_days
from kpi.present import words
from kpi.queries.daily import UnitCourse
from kpi.queries.pace import PaceBoard, PaceRow, Since
from kpi.queries.promotions import PlannedPromotion
from kpi.rules.pace import Calendar, Lamp, Pace, cover, days_of
from targets.charts import Chart, Series
from targets.models import Indicator
from targets.months import last_day
from targets.rules.growth import NoGrowth
from targets.templatetags.amounts import amount, percent, signed

LAMPS = {
    Lamp.GREEN: ("ahead", gettext_lazy("Ahead")),
    Lamp.YELLOW: ("slightly", gettext_lazy("Slightly behind")),
    Lamp.RED: ("behind", gettext_lazy("Behind")),
}
CALENDARS = {
    Calendar.NATURAL: gettext_lazy("Natural days"),
    Calendar.MON_SAT: gettext_lazy("Mon–Sat"),
    Calendar.MON_FRI: gettext_lazy("Mon–Fri"),
    Calendar.CN_WORKDAYS: gettext_lazy("Working days by law"),
}
WHY_NONE = {
    NoGrowth.MISSING_BASE: gettext_lazy("not reported then"),
    NoGrowth.ZERO_BASE: gettext_lazy("it was 0"),
    NoGrowth.NEGATIVE_BASE: gettext_lazy("it was below 0"),
}


def scaled(ratio: Fraction) -> str:
    """Return a ratio as percent of a pace bar's scale, which ends at 120."""
    return f"{float(min(ratio, Fraction(6, 5)) * 100):.2f}"


def cells(found: Pace, name: str, decimals: int) -> dict[str, Any]:
    """Return the cells of a pace row and its bar, every one as text."""
    kind, word = LAMPS[found.lamp] if found.lamp else ("", "")
    today = found.time_progress
    done = max(found.completion, Fraction(0)) if found.completion is not None else None
    behind = done is not None and today is not None and today > done
    return {
        "unit": name,
        "task": amount(found.target, decimals),
        "actual": amount(found.actual, decimals),
        "is_reported": found.actual is not None,
        "rate": percent(found.completion),
        "difference": signed(None if found.difference is None else found.difference * 100, 2),
        "lamp": kind,
        "lamp_word": word,
        "gap": amount(found.gap, decimals),
        "per_day": _("overdue") if found.is_overdue else amount(found.per_day, decimals),
        "forecast": amount(found.forecast, decimals),
        "bar": {
            "completion": None if done is None else scaled(done),
            "lag": scaled(today - done) if behind and done is not None and today else None,
            "lag_kind": "y" if found.lamp is Lamp.YELLOW else "r",
            "today": None if today is None else scaled(today),
            "forecast": None
            if found.forecast_completion is None
            else scaled(max(Fraction(found.forecast_completion), Fraction(0))),
            "label": _("%(unit)s: %(rate)s%%") % {"unit": name, "rate": percent(done)},
        },
    }


def head(indicator: Indicator, progress: Fraction | None) -> dict[str, Any]:
    """Return the head of the table: name, measure and the axis with today's mark."""
    return {
        "name": indicator.name,
        "measure": indicator.measure,
        "today": None if progress is None else scaled(progress),
        "is_early": progress is not None and progress < Fraction(1, 4),
        "is_near": progress is not None and progress > Fraction(3, 5),
        "now": _("Time %(percent)s%%") % {"percent": percent(progress)},
    }


def table(board: PaceBoard) -> dict[str, Any]:
    """Return the table of units with the total, which names how many it is of."""
    decimals = board.indicator.decimals
    first = board.rows[0].pace if board.rows else None
    rows = [_row(row, board, decimals) for row in board.rows]
    total = None
    if board.total and len(rows) > 1:
        name = _("Whole district")
        if board.is_partial:
            name = _("Reported %(count)s of %(all)s") % {"count": board.reported, "all": board.of}
        total = cells(board.total.pace, name, decimals) | {"is_total": True, "rank": ""}
    return head(board.indicator, first.time_progress if first else None) | {
        "rows": rows,
        "total": total,
    }


def _row(row: PaceRow, board: PaceBoard, decimals: int) -> dict[str, Any]:
    name = row.unit.short if row.unit else ""
    late = row.reported_on is not None and row.reported_on < board.as_of
    note = _("as of %(day)s") % {"day": words.day(row.reported_on)} if late else ""
    return cells(row.pace, name, decimals) | {"rank": row.rank or "", "note": note}


def stats(board: PaceBoard) -> list[dict[str, Any]]:
    """Return what is needed and where it lands: today, a day, a week, month-end, the year."""
    if board.total is None:
        return []
    found, decimals = board.total.pace, board.indicator.decimals
    kind, word = LAMPS[found.lamp] if found.lamp else ("", "")
    measure = board.indicator.measure
    facts = [_same_day(_("last month"), board.total.last_month, decimals),
             _same_day(_("last year"), board.total.last_year, decimals)]  # fmt: skip
    if board.total.today is not None:
        facts.insert(0, _("%(value)s on the day") % {"value": amount(board.total.today, decimals)})
    shown = [
        {
            "name": _("Month to date"),
            "unit": measure,
            "value": amount(found.actual, decimals),
            "target": amount(found.target, decimals),
            "rate": f"{percent(found.completion)}%",
            "lamp": kind,
            "lamp_text": word,
            "facts": facts,
        },
        _needed(board, found, decimals),
        _landing(board, found, decimals),
    ]
    if board.year is not None:
        shown.append(_year(board, decimals))
    return shown


def _same_day(label: str, since: Since, decimals: int) -> str:
    """Compare with the same day: the growth, or why there is none and what was added."""
    if isinstance(since.rate, NoGrowth):
        return _("%(label)s same day —, %(why)s") % {"label": label, "why": WHY_NONE[since.rate]}
    return _("%(label)s same day %(base)s, %(growth)s%%") % {
        "label": label,
        "base": amount(since.base, decimals),
        "growth": signed(since.rate * 100, 2),
    }


def _needed(board: PaceBoard, found: Pace, decimals: int) -> dict[str, Any]:
    value = _("overdue") if found.is_overdue else amount(found.per_day, decimals)
    facts = [
        _("gap %(gap)s, now %(mean)s a day")
        % {"gap": amount(found.gap, decimals), "mean": amount(found.daily_mean, 2)}
    ]
    if found.speed_up is not None:
        text = _("speed up by %(rate)s%%")
        if found.speed_up < 0:
            text = _("%(rate)s%% slower would do")
        facts.append(text % {"rate": percent(abs(found.speed_up))})
    facts += [
        _("week %(week)s: %(task)s in %(days)s days")
        % {
            "week": week.number,
            "task": amount(Fraction(week.task, board.step), decimals),
            "days": week.days,
        }
        for week in board.weeks
    ]
    return {
        "name": _("Needed a day"),
        "unit": board.indicator.measure,
        "value": value,
        "facts": facts,
    }


def _landing(board: PaceBoard, found: Pace, decimals: int) -> dict[str, Any]:
    facts = []
    if found.forecast_gap:
        facts.append(_("short by %(gap)s") % {"gap": amount(found.forecast_gap, decimals)})
    if board.promotions and board.indicator.decimals == 0:
        facts.append(
            ngettext(
                "%(count)s promotion of %(yield)s fills it",
                "%(count)s promotions of %(yield)s fill it",
                board.promotions,
            )
            % {"count": board.promotions, "yield": board.rule.promotion_yield}
        )
    return {
        "name": _("Month-end at this speed"),
        "unit": board.indicator.measure,
        "value": amount(found.forecast, decimals),
        "rate": f"{percent(found.forecast_completion)}%",
        "facts": facts,
    }


def filling(
    gap: Decimal | None, per_promotion: int, rows: Sequence[PlannedPromotion], plan_url: str
) -> dict[str, Any]:
    """Return what planned promotions make of the expected gap; only approved ones count."""
    sure = [row for row in rows if row.is_sure]
    found = cover(gap or Decimal(0), sum(row.expected for row in sure), per_promotion)
    said = _("At this speed there is no gap to fill.")
    if gap is None:
        said = _("Nothing reported yet: the gap is not known")
    elif gap > 0:
        given = {
            "gap": amount(gap), "expected": amount(found.expected), "left": amount(found.left),
            "share": percent(found.share), "more": found.more, "yield": per_promotion,
        }  # fmt: skip
        said = _("%(expected)s users of approved promotions cover %(share)s%% of the gap of "
                 "%(gap)s: it is filled.") % given  # fmt: skip
        if found.left:
            said = (
                ngettext(
                    "%(expected)s users of approved promotions cover %(share)s%% of the gap of "
                    "%(gap)s; %(left)s are left, %(more)s more promotion of %(yield)s fills it.",
                    "%(expected)s users of approved promotions cover %(share)s%% of the gap of "
                    "%(gap)s; %(left)s are left, %(more)s more promotions of %(yield)s fill it.",
                    found.more,
                )
                % given
            )
    waiting = len(rows) - len(sure)
    note = ngettext("%(count)s waits for approval", "%(count)s wait for approval", waiting)
    return {
        "rows": rows,
        "sentence": said,
        "note": note % {"count": waiting} if waiting else "",
        "share": None if found.share is None else f"{float(min(found.share, 1) * 100):.2f}",
        "plan_url": plan_url,
        "is_needed": bool(found.left),
    }


def _year(board: PaceBoard, decimals: int) -> dict[str, Any]:
    year = board.year
    assert year is not None
    return {
        "name": _("Year to date"),
        "unit": board.indicator.measure,
        "value": amount(board.year_actual, decimals),
        "target": amount(board.year_target, decimals),
        "rate": f"{percent(year.completion)}%",
        "facts": [
            _("completion of the season %(percent)s%%")
            % {"percent": percent(year.seasonal_completion)},
            _("season %(season)s%%, time %(time)s%%")
            % {"season": percent(year.seasonal_progress), "time": percent(year.time_progress)},
        ],
    }


def sentence(board: PaceBoard) -> str:
    """Return the sentence that judges: ahead or behind, and what every day needs."""
    total = board.total
    if total is None or total.pace.difference is None or total.pace.behind_pp is None:
        return _("Nothing is reported for this month yet.")
    found, decimals = total.pace, board.indicator.decimals
    given = {
        "name": board.indicator.name,
        "day": words.day(board.as_of),
        "pp": amount(abs(total.pace.behind_pp), 2),
        "need": words.measured(found.per_day, board.indicator),
        "mean": words.shown(found.daily_mean, board.indicator),
        "gap": amount(found.gap, decimals),
    }
    if found.is_done:
        return _("%(name)s: the month's task is completed") % given
    if found.is_overdue:
        return _("%(name)s: the month is over, %(gap)s short") % given
    if found.difference < 0:
        return (
            _("%(name)s is %(pp)s pp behind time on %(day)s: %(need)s a day needed, %(mean)s now")
            % given
        )
    return (
        _("%(name)s is %(pp)s pp ahead of time on %(day)s: %(need)s a day needed, %(mean)s now")
        % given
    )


def burn_up(
    one: UnitCourse | None, indicator: Indicator, as_of: date, calendar: Calendar, code: str
) -> Chart | None:
    """Return a month's burn-up: what was reported, the plan by the calendar, the forecast.

    Days nobody reported are gaps; None while nothing is reported or there is no task.
    """
    if one is None or one.task is None or one.course.on(as_of) is None:
        return None
    month, counts = as_of.replace(day=1), counted_days(calendar)
    days = [month + timedelta(days=n) for n in range(last_day(month).day)]
    by_day = dict(one.course.points)
    actual: list[Decimal | None] = [by_day.get(day) if day <= as_of else None for day in days]
    stood = one.course.on(as_of)
    assert stood is not None
    plan: list[Fraction | None] = []
    forecast: list[Fraction | None] = []
    at = days_of(month, as_of, counts)
    mean = Fraction(stood) / at.elapsed if at.elapsed else None
    for day in days:
        progress = days_of(month, day, counts)
        due = progress.progress
        plan.append(None if due is None else Fraction(one.task) * due)
        ahead = day >= as_of and mean is not None
        forecast.append(
            Fraction(stood) + mean * (progress.elapsed - at.elapsed) if ahead and mean else None
        )
    landing = forecast[-1]
    decimals = indicator.decimals
    said = _("%(actual)s of %(task)s by %(day)s") % {
        "actual": amount(stood, decimals),
        "task": amount(one.task, decimals),
        "day": words.day(as_of),
    }
    if landing is not None and as_of < days[-1]:
        said = words.phrases(
            [said, _("month-end at this speed %(forecast)s")
             % {"forecast": amount(landing // Fraction(1, 10**decimals) / 10**decimals, decimals)}]
        )  # fmt: skip
    series = [
        Series(_("Plan"), plan, decimals, "plan"),
        Series(_("Actual"), actual, decimals, "actual"),
    ]
    if as_of < days[-1]:
        series.insert(1, Series(_("Forecast"), forecast, decimals, "forecast"))
    return Chart(
        code=code,
        title=_("Burn-up: %(name)s") % {"name": indicator.short},
        unit=indicator.measure,
        kind="lines",
        labels=[str(day.day) for day in days],
        mark=str(as_of.day),
        head=_("Day"),
        sentence=said,
        series=series,
    )
