"""Charts: a month of the district in pictures, each with its table, its sentence and a PNG."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kpi.picture_workbook import charts_workbook
from kpi.present.picture_page import Album, Panel, album, panels
from kpi.queries.months import chosen_month, months
from orgchart.models import Unit
from orgchart.permissions import require
from targets.models import Indicator
from targets.months import month_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONTHLY = "month"  # the race by the points of each month, not of the year so far


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, and what the reader may see of it."""

    given: Album
    month: str
    indicator: Indicator | None
    unit: Unit | None
    by_month: bool

    @property
    def panels(self) -> list[Panel]:
        return panels(self.given, self.indicator, self.unit, by_month=self.by_month)

    @property
    def query(self) -> dict[str, str]:
        return {
            "month": self.month,
            "indicator": self.indicator.code if self.indicator else "",
            "unit": self.unit.code if self.unit else "",
            "race": MONTHLY if self.by_month else "",
        }


def _asked(request: HttpRequest) -> Asked | None:
    """Read the address; None while no month is open. Raises Http404 for others' units."""
    actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if month is None:
        return None
    given = album(actor, month)
    by_code = {row.code: row for row in given.indicators}
    first = given.indicators[0] if given.indicators else None
    return Asked(
        given,
        month_text(month.month),
        by_code.get(request.GET.get("indicator", ""), first),
        _unit(given, request.GET.get("unit", "")),
        request.GET.get("race") == MONTHLY,
    )


@require_GET
@require("leaderboard.read")
def charts(request: HttpRequest) -> HttpResponse:
    """Draw a month. The address has month, indicator, unit, and the points that the race is by."""
    asked = _asked(request)
    if asked is None:
        return render(request, "kpi/charts.html", {})
    given, query = asked.given, asked.query

    def choice(name: str, value: str, label: str) -> dict[str, Any]:
        parts = {key: text for key, text in (query | {name: value}).items() if text}
        return {
            "label": label,
            "url": f"{request.path}?{urlencode(parts)}",
            "is_active": query[name] == value,
        }

    context = {
        "month": query["month"],
        "panels": asked.panels,
        "export_url": f"{reverse('charts_export')}?{urlencode(query)}",
        "indicators": [choice("indicator", row.code, row.short) for row in given.indicators],
        "units": [
            *([choice("unit", "", _("Whole district"))] if given.sees_all else []),
            *(choice("unit", row.code, row.short) for row in given.units),
        ],
        "races": [
            choice("race", "", _("Year so far")),
            choice("race", MONTHLY, _("Each month")),
        ],
    }
    return render(request, "kpi/charts.html", context)


@require_GET
@require("leaderboard.read")
def charts_export(request: HttpRequest) -> HttpResponse:
    """The tables of what the page shows, as Excel."""
    asked = _asked(request)
    drawn = [panel.chart for panel in asked.panels if panel.chart] if asked else []
    if asked is None or not drawn:
        raise Http404
    response = HttpResponse(charts_workbook(drawn, asked.month), content_type=XLSX)
    name = f"{_('Charts')} {asked.month}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _unit(given: Album, code: str) -> Unit | None:
    """Return the unit asked for. Raises Http404 for one that the reader may not see."""
    if not code:
        return given.first_unit
    unit = next((row for row in given.units if row.code == code), None)
    if unit is None:
        raise Http404
    return unit
