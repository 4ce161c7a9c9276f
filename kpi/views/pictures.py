"""Charts: a month of the district in pictures, each with its table, its sentence and a PNG."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kpi.present.picture_page import Album, album, panels
from kpi.queries.months import chosen_month, months
from orgchart.models import Unit
from orgchart.permissions import require
from targets.months import month_text

MONTHLY = "month"  # the race by the points of each month, not of the year so far


@require_GET
@require("leaderboard.read")
def charts(request: HttpRequest) -> HttpResponse:
    """Draw a month. The address has month, indicator, unit, and the points that the race is by."""
    actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if month is None:
        return render(request, "kpi/charts.html", {})
    given = album(actor, month)
    by_code = {row.code: row for row in given.indicators}
    indicator = by_code.get(
        request.GET.get("indicator", ""), given.indicators[0] if given.indicators else None
    )
    unit = _unit(given, request.GET.get("unit", ""))
    by_month = request.GET.get("race") == MONTHLY
    query = {
        "month": month_text(month.month),
        "indicator": indicator.code if indicator else "",
        "unit": unit.code if unit else "",
        "race": MONTHLY if by_month else "",
    }

    def choice(name: str, value: str, label: str) -> dict[str, Any]:
        parts = {key: text for key, text in (query | {name: value}).items() if text}
        return {
            "label": label,
            "url": f"{request.path}?{urlencode(parts)}",
            "is_active": query[name] == value,
        }

    context = {
        "month": query["month"],
        "panels": panels(given, indicator, unit, by_month=by_month),
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


def _unit(given: Album, code: str) -> Unit | None:
    """Return the unit asked for. Raises Http404 for one that the reader may not see."""
    if not code:
        return given.first_unit
    unit = next((row for row in given.units if row.code == code), None)
    if unit is None:
        raise Http404
    return unit
