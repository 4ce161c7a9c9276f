"""Indicators month by month and year to date, for programs."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.boards import ratio_text
from kpi.queries.figures import Figure
from kpi.queries.indicator_years import Growth, IndicatorYear, MonthFigure, indicator_years
from orgchart.api import ActorMixin
from orgchart.models import Unit
from targets.amounts import plain
from targets.api.reading import Reader
from targets.models import Indicator
from targets.months import month_text
from targets.rules.growth import NoGrowth, rounded


class FiguresView(ActorMixin, APIView):
    """GET a year of the indicators of the district or of a unit, derived ones too."""

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in ("year", "unit", "indicator")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("actuals.read")
        district, query = self.actor.district, request.query_params
        unit = None
        if code := query.get("unit"):
            unit = get_object_or_404(Unit.objects.business(), district=district, code=code)
        self.actor.demand("actuals.read", unit or district)
        reader = Reader()
        text = query.get("year") or f"{self.actor.on.year}"
        if not (text.isascii() and text.isdecimal() and 2000 <= int(text) <= 2099):
            reader.fault("/year", _("Write the year as 2026."))
        codes = None
        if "indicator" in query:
            known = {row.code: row for row in Indicator.objects.filter(district=district)}
            reader.member(query["indicator"], "/indicator", known)
            codes = [query["indicator"]]
        reader.check()
        rows = indicator_years(district, int(text), unit=unit, codes=codes)
        return Response(
            {
                "year": int(text),
                "unit": unit.code if unit else None,
                "indicators": [_year(row) for row in rows],
            }
        )


def written(value: Decimal | None, indicator: Indicator) -> str | None:
    """Return a figure as exact as its indicator is shown: a percentage is a ratio."""
    if value is None:
        return None
    return plain(rounded(value, indicator.stored_decimals), indicator.stored_decimals)


def _year(row: IndicatorYear) -> dict[str, Any]:
    indicator = row.indicator
    return {
        "indicator": indicator.code,
        "name": indicator.name,
        "version": indicator.card_version,
        "months": [_month(one, indicator) for one in row.months],
    }


def _month(one: MonthFigure, indicator: Indicator) -> dict[str, Any]:
    return {
        "month": month_text(one.month),
        **_figure(one.figure, indicator),
        "last_month": _growth(one.last_month, indicator),
        "last_year": _growth(one.last_year, indicator),
        "to_date": _figure(one.to_date, indicator)
        | {"last_year": _growth(one.to_date_last_year, indicator)},
    }


def _figure(figure: Figure, indicator: Indicator) -> dict[str, Any]:
    return {
        "task": written(figure.task, indicator),
        "actual": written(figure.actual, indicator),
        "void": figure.is_void,  # a ratio over zero: reported, and no figure
    }


def _growth(found: Growth, indicator: Indicator) -> dict[str, Any]:
    obstacle = found.rate if isinstance(found.rate, NoGrowth) else None
    return {
        "base": written(found.base, indicator),
        "growth": None if isinstance(found.rate, NoGrowth) else ratio_text(found.rate),
        "increment": written(found.increment, indicator),
        "reason": obstacle and obstacle.value,
    }


def year_of(text: str, today: date) -> int:
    """Return the year asked for on a page, else today's."""
    is_year = text.isascii() and text.isdecimal() and len(text) == 4
    return int(text) if is_year else today.year
