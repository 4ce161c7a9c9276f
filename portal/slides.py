"""The pictures of the wall display as finished values: ranking, year, pace, alerts."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competitions.present import award_panel
from competitions.queries import contest
from competitions.wording import join, month_name
from kpi.calendars import counted_days
from kpi.models import Month
from kpi.present.board import board_table
from kpi.queries.board import leaderboard
from kpi.queries.year_board import year_board
from kpi.rules.pace import Calendar, Lamp, days_of
from orgchart.models import Unit
from orgchart.permissions import Actor
from portal.panels import UnitPace, pace_table, paces
from portal.queries.progress import FOCUS, Year, year_of
from portal.queries.walls import wall_months, year_winners
from targets.months import last_day
from targets.templatetags.amounts import amount, percent

ROWS = 8  # that are legible from eight metres
MOST_ALERTS = 6


def nobody(district: Unit, on: date) -> Actor:
    """Return an actor who may open nothing: whoever passes the screen."""
    return Actor(
        person=None,  # type: ignore[arg-type]
        district=district,
        district_id=district.pk,
        roles=frozenset(),
        own_unit_ids=frozenset(),
        supervised_unit_ids=frozenset(),
        post_name="",
        on=on,
    )


def wall(district: Unit, on: date) -> dict[str, Any]:
    """Return the slides in their order, and the foot that all of them share."""
    shown = wall_months(district.pk)
    slides: list[dict[str, Any]] = []
    if shown.published is not None:
        slides += _board_slides(shown.published, district, on)
        slides += _year_slides(shown.published)
    foot: dict[str, Any] = {}
    if shown.current is not None:
        slides += _board_slides(shown.current, district, on)
        year = year_of(district, shown.current.month, None)
        day = min(max(on, shown.current.month), last_day(shown.current.month))
        days = days_of(shown.current.month, day, counted_days(Calendar.NATURAL))
        rows = paces(year, shown.current.month, days) if FOCUS in year.indicators else []
        slides += _pace_slides(shown.current, rows, year)
        slides += _alerts(shown.current, rows, year)
        foot = {
            "day": _("%(month)s, day %(day)s of %(days)s")
            % {
                "month": month_name(shown.current.month),
                "day": days.elapsed,
                "days": days.total,
            },
            "progress": percent(days.progress),
        }
    for number, slide in enumerate(slides, 1):
        slide["number"] = number
    return {"slides": slides, "count": len(slides), "foot": foot}


def _slide(kind: str, title: str, month: Month | None, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "title": title,
        "month": date_format(month.month, "YEAR_MONTH_FORMAT") if month else "",
        "state": {"code": month.state, "label": month.get_state_display()} if month else None,
        **more,
    }


def _pages(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield the rows in pages of about equal length."""
    pages = -(-len(rows) // ROWS) or 1
    size = -(-len(rows) // pages) or 1
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _board_slides(month: Month, district: Unit, on: date) -> Iterator[dict[str, Any]]:
    board = leaderboard(month)
    if not board.is_scored:
        return
    table = board_table(board, nobody(district, on))
    found = contest(month)
    award = award_panel(found, on) if found is not None and found.round is not None else None
    winners = [
        {"month": month_name(won), "units": join([unit.short for unit in units])}
        for won, units in year_winners(district.pk, month.month.year)
    ]
    for rows in _pages(table["rows"]):
        yield _slide(
            "board",
            _("Leaderboard"),
            month,
            heads=table["heads"],
            rows=rows,
            award=award,
            winners=winners[-4:] if award else [],
            year=month.month.year,
        )


def _year_slides(month: Month) -> Iterator[dict[str, Any]]:
    """The race of the year: each unit's points so far, the furthest first."""
    rows = [row for row in year_board(month).rows if row.points is not None]
    most = max((row.points for row in rows if row.points is not None), default=Decimal(0))
    if most <= 0:
        return
    shown = [
        {
            "rank": row.rank,
            "unit": row.unit.short,
            "points": amount(row.points, 2),
            "mean": amount(row.mean, 2),
            "width": f"{max(row.points or Decimal(0), Decimal(0)) / most * 100:.2f}",
        }
        for row in rows
    ]
    for page in _pages(shown):
        yield _slide("year", _("The year so far"), month, rows=page)


def _pace_slides(month: Month, rows: list[UnitPace], year: Year) -> Iterator[dict[str, Any]]:
    table = pace_table(rows, year) if rows else None
    if table is None:
        return
    for page in _pages(table["rows"]):
        yield _slide("pace", table["name"], month, rows=page, measure=table["measure"])


def _alerts(month: Month, rows: list[UnitPace], year: Year) -> Iterator[dict[str, Any]]:
    """What everybody should see: who has not reported, who is far behind time."""
    decimals = year.indicators[FOCUS].decimals if FOCUS in year.indicators else 0
    told = []
    for row in rows:
        if row.unit is None:
            continue
        if row.pace.actual is None:
            told.append({"unit": row.unit.short, "kind": "wait", "text": _("has not reported")})
        elif row.pace.lamp is Lamp.RED and row.pace.behind_pp is not None:
            text = _("%(pp)s pp behind time, %(need)s a day needed") % {
                "pp": amount(abs(row.pace.behind_pp), 2),
                "need": amount(row.pace.per_day, decimals),
            }
            told.append({"unit": row.unit.short, "kind": "bad", "text": text})
    if told:
        more = len(told) - MOST_ALERTS
        yield _slide(
            "alerts", _("Needs attention"), month, rows=told[:MOST_ALERTS], more=max(more, 0)
        )
