"""The pictures of the wall display as finished values: ranking, award, race, pace, alerts."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competitions.present import award_panel
from competitions.queries import contest
from competitions.wording import join, month_name
from fieldwork.models import AlarmKind
from fieldwork.queries.alarms import waiting_counts
from kpi.calendars import counted_days
from kpi.models import Month
from kpi.present import words
from kpi.present.board import board_table
from kpi.queries.board import leaderboard
from kpi.queries.year_board import YearBoard, year_board
from kpi.rules.pace import Calendar, Lamp, days_of
from kpi.rules.ranking import competition_ranks
from orgchart.models import Unit
from orgchart.permissions import Actor
from portal.panels import UnitPace, pace_table, paces
from portal.queries.progress import FOCUS, Year, year_of
from portal.queries.walls import wall_months, year_winners
from targets.months import last_day
from targets.rules.growth import rounded
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
        slides += _award_slide(shown.published, on)
        slides += _race_slides(shown.published)
    foot: dict[str, Any] = {}
    if shown.current is not None:
        slides += _board_slides(shown.current, district, on)
        year = year_of(district, shown.current.month, None)
        stood = year.stands_on(shown.current.month, on)
        counts = counted_days(Calendar.NATURAL)
        rows = []
        if FOCUS in year.indicators:
            rows = paces(year, shown.current.month, days_of(shown.current.month, stood, counts))
        as_of = _("as of %(day)s") % {"day": words.day(stood)}
        slides += _pace_slides(shown.current, rows, year, as_of)
        slides += _alerts(shown.current, rows, year, as_of)
        day = min(max(on, shown.current.month), last_day(shown.current.month))
        days = days_of(shown.current.month, day, counts)
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
    for rows in _pages(table["rows"]):
        yield _slide("board", _("Leaderboard"), month, heads=table["heads"], rows=rows)


def _award_slide(month: Month, on: date) -> Iterator[dict[str, Any]]:
    """The award of the month, or why there is none, and who won in the year so far."""
    found = contest(month)
    if found is None or found.round is None:
        return
    winners = [
        {"month": month_name(won), "units": join([unit.short for unit in units])}
        for won, units in year_winners(month.district_id, month.month.year)
    ]
    yield _slide(
        "award",
        _("Competition award"),
        month,
        award=award_panel(found, on),
        winners=winners[-ROWS:],
        year=month.month.year,
    )


def _race_slides(month: Month) -> Iterator[dict[str, Any]]:
    """The race of the year: a frame a month of the points so far, the furthest first.

    More units than a screen holds come on further pages, as they stand in the end.
    """
    year = year_board(month)
    most = max((row.points for row in year.rows if row.points is not None), default=Decimal(0))
    if most <= 0:
        return
    frames = []
    for place in range(month.month.month):
        rows = _race_rows(year, place, most)
        if rows:
            at = month.month.replace(month=place + 1)
            frames.append({"month": date_format(at, "YEAR_MONTH_FORMAT"), "rows": rows})
    first, *others = _pages(frames[-1]["rows"])
    for frame in frames:
        frame["rows"] = frame["rows"][: len(first)]
    yield _slide("race", _("The year so far"), month, frames=frames)
    for page in others:
        last = {"month": frames[-1]["month"], "rows": page}
        yield _slide("race", _("The year so far"), month, frames=[last])


def _race_rows(year: YearBoard, place: int, most: Decimal) -> list[dict[str, Any]]:
    """Return the units that have points by a month, in order; bars beside the most of the year."""
    reached = []
    for row in year.rows:
        known = [total for total in row.months[: place + 1] if total is not None]
        if known:
            points = sum(known, Decimal(0))
            mean = rounded(Fraction(points) / len(known), 2)
            reached.append((points, row.unit.short, mean))
    reached.sort(key=lambda one: -one[0])
    ranks = competition_ranks([points for points, _unit, _mean in reached])
    return [
        {
            "rank": rank,
            "unit": unit,
            "points": amount(points, 2),
            "mean": amount(mean, 2),
            "width": f"{max(points, Decimal(0)) / most * 100:.2f}",
        }
        for rank, (points, unit, mean) in zip(ranks, reached, strict=True)
    ]


def _pace_slides(
    month: Month, rows: list[UnitPace], year: Year, as_of: str
) -> Iterator[dict[str, Any]]:
    table = pace_table(rows, year) if rows else None
    if table is None:
        return
    for page in _pages(table["rows"]):
        yield _slide("pace", table["name"], month, rows=page, measure=table["measure"], as_of=as_of)


def _alerts(month: Month, rows: list[UnitPace], year: Year, as_of: str) -> Iterator[dict[str, Any]]:
    """What everybody should see: who is not reported or far behind time, outlets' alarms."""
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
    if waiting := waiting_counts(month.district_id):
        kinds = (f"{AlarmKind(kind).label} {count}" for kind, count in waiting.items())
        told.insert(0, {"unit": _("Outlet alarms"), "kind": "wait", "text": join(list(kinds))})
    if told:
        more = len(told) - MOST_ALERTS
        yield _slide(
            "alerts",
            _("Needs attention"),
            month,
            rows=told[:MOST_ALERTS],
            more=max(more, 0),
            as_of=as_of,
        )
