"""Daily figures and pace for programs and for the pages' sheets."""

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.actuals import MOST_CELLS, Codes, as_shown, asked_month, asked_units
from kpi.api.boards import ratio_text
from kpi.calendars import CalendarUnknown
from kpi.models import DailyFigure
from kpi.queries.daily import FOCUS, daily_rows, paced_indicators
from kpi.queries.pace import PaceBoard, PaceRow, Since, pace_board
from kpi.queries.promotions import planned
from kpi.rules.pace import Calendar
from kpi.services.checking import outside
from kpi.services.daily import DailyEntry, save_daily
from orgchart.api import ActorMixin
from orgchart.errors import DomainError
from orgchart.idempotency import idempotent
from orgchart.permissions import Actor
from targets.amounts import plain
from targets.api.reading import Reader
from targets.models import Breakdown
from targets.months import last_day, month_text
from targets.rules.growth import NoGrowth, rounded

MONTH_UNIT = [OpenApiParameter("month", str), OpenApiParameter("unit", str)]


class DailyView(ActorMixin, APIView):
    """GET the daily figures of a month; POST a list of figures since the month's 1st."""

    @extend_schema(parameters=MONTH_UNIT, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        unit_ids = asked_units(request, self.actor)
        month = asked_month(request, self.actor)
        rows = daily_rows(self.actor.district.pk, month, unit_ids)
        pages = PageNumberPagination()
        shown = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([_written(row) for row in shown or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("actuals.write")
        entries, _codes = read_entries(request.data, "", self.actor)
        saved = save_daily(
            district=self.actor.district, entries=entries, by=self.actor.person, at=request.now,
            source="api",
        )  # fmt: skip
        return Response({"results": [_written(row) for row in saved]})


class DailySheetView(ActorMixin, APIView):
    """POST {"cells"}: what the pages send, rates in percent as they show them."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("actuals.write")
        given = Reader().record(request.data, "/").get("cells")
        entries, codes = read_entries(given, "/cells", self.actor, is_shown=True)
        try:
            saved = save_daily(
                district=self.actor.district, entries=entries, by=self.actor.person,
                at=request.now,
            )  # fmt: skip
        except DomainError as error:
            raise as_shown(error, codes) from error
        count = len(saved)
        return Response(
            {
                "cells": [_written(row, is_shown=True) for row in saved],
                "message": ngettext("Saved %(count)s figure", "Saved %(count)s figures", count)
                % {"count": count},
            }
        )


def read_entries(
    given: Any, start: str, actor: Actor, *, is_shown: bool = False
) -> tuple[list[DailyEntry], Codes]:
    """Read daily figures. Raises Invalid, and PermissionDenied for others' units."""
    reader, codes = Reader(), Codes(actor.district)
    entries = []
    for index, row in enumerate(reader.items(given, start or "/", MOST_CELLS, least=1)):
        at = f"{start}/{index}"
        cell = reader.record(row, at)
        unit = reader.member(cell.get("unit"), f"{at}/unit", codes.units)
        indicator = reader.member(cell.get("indicator"), f"{at}/indicator", codes.indicators)
        breakdown = reader.member(
            cell.get("breakdown") or Breakdown.WHOLE_CODE, f"{at}/breakdown", codes.breakdowns
        )
        day = reader.day(cell.get("day"), f"{at}/day")
        value = reader.number_or_none(cell.get("value"), f"{at}/value")
        version = reader.version(cell.get("version"), f"{at}/version")
        note = cell.get("note") or cell.get("reason") or ""
        if note:
            note = reader.text(note, f"{at}/note", longest=200)
        if unit is None or indicator is None or breakdown is None:
            continue
        actor.demand("actuals.write", unit)
        if value is not None and is_shown and indicator.is_percent:
            value /= 100
        entries.append(DailyEntry(unit.pk, indicator.pk, breakdown.pk, day, value, version, note))
    reader.check()
    return entries, codes


def _written(row: DailyFigure, *, is_shown: bool = False) -> dict[str, Any]:
    indicator, breakdown = row.indicator, row.breakdown.code
    value, decimals = row.value, indicator.stored_decimals
    if is_shown and indicator.is_percent and value is not None:
        value, decimals = value * 100, indicator.decimals
    if not is_shown and breakdown == Breakdown.WHOLE_CODE:
        breakdown = None
    told = {
        "unit": row.unit.code,
        "indicator": indicator.code,
        "breakdown": breakdown,
        "day": row.day.isoformat(),
        "value": plain(value, decimals),
        "version": row.version or None,
    }
    if not is_shown:
        told |= {
            "note": row.note,
            "by": row.reported_by.name if row.reported_by else None,
            "at": row.reported_at.isoformat() if row.reported_at else None,
        }
    return told


class PaceView(ActorMixin, APIView):
    """GET the pace of a month's indicator by unit and together, as of a day (rules §10)."""

    @extend_schema(
        parameters=[
            *MONTH_UNIT,
            *(OpenApiParameter(name, str) for name in ("indicator", "as_of", "calendar")),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        unit_ids = asked_units(request, self.actor)
        month = asked_month(request, self.actor)
        reader, query = Reader(), request.query_params
        paced = {row.code: row for row in paced_indicators(self.actor.district.pk)}
        code = query.get("indicator") or FOCUS
        if FOCUS not in paced and "indicator" not in query:
            raise Http404
        indicator = reader.member(code, "/indicator", paced)
        as_of = calendar = None
        if text := query.get("as_of"):
            as_of = reader.day(text, "/as_of")
            if not reader.faults and not month <= as_of <= last_day(month):
                reader.fault("/as_of", outside(month))
        if text := query.get("calendar"):
            calendar = Calendar(reader.choice(text, "/calendar", list(Calendar)))
        reader.check()
        try:
            board = pace_board(
                indicator, month, today=self.actor.on, as_of=as_of, calendar=calendar,
                unit_ids=unit_ids,
            )  # fmt: skip
        except CalendarUnknown as unknown:
            reader.fault("/calendar", calendar_unknown(unknown))
            reader.check()
            raise
        return Response(_board(board) | {"promotions": _promotions(self.actor, board, unit_ids)})


def _promotions(actor: Actor, board: PaceBoard, unit_ids: Collection[int] | None) -> dict[str, Any]:
    """Return how many promotions fill the gap, and what those to come bring of it."""
    told: dict[str, Any] = {"yield": board.rule.promotion_yield, "needed": board.promotions}
    if board.indicator.code != FOCUS or not actor.can("promotions.read"):
        return told
    units = board.known_ids or unit_ids
    rows = planned(actor.district, units, board.as_of, last_day(board.month))
    sure = [row.expected for row in rows if row.is_sure]
    return told | {
        "planned": len(sure),
        "expected": sum(sure),
        "waiting": len(rows) - len(sure),
    }


def calendar_unknown(unknown: CalendarUnknown) -> str:
    """Say that the law's working days of a year are not known yet."""
    return _(
        "The working days of %(year)s are not published yet, or not in the calendar. "
        "Choose another one."
    ) % {"year": unknown.year}


def _board(board: PaceBoard) -> dict[str, Any]:
    decimals = board.indicator.decimals
    step = Decimal(board.step)
    return {
        "month": month_text(board.month),
        "as_of": board.as_of.isoformat(),
        "indicator": board.indicator.code,
        "calendar": board.calendar.value,
        "reported": board.reported,
        "of": board.of,
        "rows": [_row(row, decimals) for row in board.rows],
        "total": _row(board.total, decimals) if board.total else None,
        "weeks": [
            {
                "week": f"{week.year}-W{week.number:02}",
                "days": week.days,
                "task": plain(week.task / step, decimals),
            }
            for week in board.weeks
        ],
        "days": [
            {"day": day.isoformat(), "task": plain(task / step, decimals)}
            for day, task in board.days
        ],
        "year": None
        if board.year is None
        else {
            "target": plain(board.year_target, decimals),
            "actual": plain(board.year_actual, decimals),
            "completion": ratio_text(board.year.completion),
            "time_progress": ratio_text(board.year.time_progress),
            "seasonal_progress": ratio_text(board.year.seasonal_progress),
            "seasonal_completion": ratio_text(board.year.seasonal_completion),
        },
    }


def _row(row: PaceRow, decimals: int) -> dict[str, Any]:
    found = row.pace

    def whole(value: Decimal | Fraction | None, places: int = decimals) -> str | None:
        return None if value is None else plain(rounded(Fraction(value), places), places)

    return {
        "unit": row.unit.code if row.unit else None,
        "rank": row.rank,
        "reported_on": row.reported_on.isoformat() if row.reported_on else None,
        "target": whole(found.target),
        "actual": whole(found.actual),
        "today": whole(row.today),
        "days": {
            "total": found.days.total,
            "elapsed": found.days.elapsed,
            "remaining": found.days.remaining,
        },
        "completion": ratio_text(found.completion),
        "time_progress": ratio_text(found.time_progress),
        "difference_pp": whole(None if found.difference is None else found.difference * 100, 2),
        "expected": whole(found.expected, 2),
        "behind": whole(found.behind, 2),
        "gap": whole(found.gap),
        "daily_mean": whole(found.daily_mean, 2),
        "needed_mean": whole(found.needed_mean, 2),
        "per_day": whole(found.per_day),
        "speed_up": ratio_text(found.speed_up),
        "forecast": whole(found.forecast),
        "forecast_gap": whole(found.forecast_gap),
        "forecast_completion": ratio_text(found.forecast_completion),
        "lamp": found.lamp.value if found.lamp else None,
        "overdue": found.is_overdue,
        "last_month": _since(row.last_month, whole),
        "last_year": _since(row.last_year, whole),
    }


def _since(since: Since, whole: Any) -> dict[str, str | None]:
    is_known = not isinstance(since.rate, NoGrowth)
    return {
        "base": whole(since.base),
        "growth": ratio_text(since.rate) if is_known else None,
        "reason": None if is_known else since.rate.value,
    }
