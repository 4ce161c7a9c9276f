"""The charts of a month for programs: the figures that the page draws."""

from fractions import Fraction
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.actuals import asked_month
from kpi.api.boards import ratio_text
from kpi.present.picture_page import album, panels
from kpi.queries.board import month_row
from orgchart.api import ActorMixin
from targets.amounts import plain
from targets.api.reading import Reader
from targets.charts import Chart, Series, Value
from targets.months import month_text
from targets.rules.growth import rounded

RACES = ("year", "month")


class ChartsView(ActorMixin, APIView):
    """GET the charts of a month: amounts as exact texts, ratios with six decimals.

    `indicator` and `unit` choose what they are of, `race` the points: of the year or the month.
    """

    @extend_schema(
        parameters=[
            OpenApiParameter("month", str),
            OpenApiParameter("indicator", str),
            OpenApiParameter("unit", str),
            OpenApiParameter("race", str, enum=RACES),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("leaderboard.read")
        month = month_row(self.actor.district.pk, asked_month(request, self.actor))
        if month is None:
            raise Http404
        given, asked, reader = album(self.actor, month), request.query_params, Reader()
        indicator = given.indicators[0] if given.indicators else None
        unit, race = given.first_unit, "year"
        if code := asked.get("indicator"):
            by_code = {row.code: row for row in given.indicators}
            indicator = reader.member(code, "/indicator", by_code)
        if code := asked.get("unit"):
            unit = next((row for row in given.found.units if row.code == code), None)
            if unit is None:
                raise Http404
            self.actor.demand("actuals.read", unit)
        if text := asked.get("race"):
            race = reader.choice(text, "/race", RACES)
        reader.check()
        shown = panels(given, indicator, unit, by_month=race == "month")
        return Response(
            {
                "month": month_text(month.month),
                "indicator": indicator.code if indicator else None,
                "unit": unit.code if unit else None,
                "charts": [_chart(panel.chart) for panel in shown if panel.chart],
            }
        )


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "code": chart.code,
        "title": chart.title,
        "sentence": chart.sentence,
        "unit": chart.unit,
        "labels": list(chart.labels),
        "series": [
            {"name": one.name, "values": [_value(one, value) for value in one.values]}
            for one in chart.series
        ],
        "notes": [{"name": name, "values": list(texts)} for name, texts in chart.notes],
        "links": [list(row) for row in chart.links],
    }


def _value(series: Series, value: Value) -> str | None:
    if value is None or series.is_rate:
        return ratio_text(None if value is None else Fraction(value))
    return plain(rounded(Fraction(value), series.decimals), series.decimals)
