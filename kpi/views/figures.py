"""Indicators: a month of all of them, and a year of one with its definition a click away."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kpi.api.figures import year_of
from kpi.present import words
from kpi.present.pace import WHY_NONE
from kpi.queries.cells import reporting_units
from kpi.queries.figures import Figure
from kpi.queries.indicator_years import Growth, IndicatorYear, indicator_years
from kpi.queries.months import chosen_month, months
from kpi.rules.scoring import completion
from orgchart.models import Unit
from orgchart.models.bilingual import in_language
from orgchart.permissions import Actor, require
from targets.charts import Chart, Series
from targets.models import Indicator
from targets.months import month_text
from targets.queries.indicators import cards
from targets.rules.growth import NoGrowth
from targets.templatetags.amounts import signed


@require("actuals.read")
def figures(request: HttpRequest) -> HttpResponse:
    """Every indicator of a month and of the year so far, of the district or of a unit."""
    actor: Actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if month is None:
        return render(request, "kpi/figures.html", {})
    unit, choices = _unit(request, actor, month.month, {"month": month_text(month.month)})
    rows = indicator_years(actor.district, month.month.year, unit=unit)
    asked = request.GET.get("q", "").strip().casefold()
    shown = [
        _row(row, month.month, unit)
        for row in rows
        if not asked or asked in f"{row.indicator.name} {row.indicator.code}".casefold()
    ]
    context = {
        "month": month_text(month.month),
        "title": unit.name if unit else actor.district.name,
        "units": choices,
        "rows": shown,
        "q": request.GET.get("q", ""),
        "unit": unit.code if unit else "",
    }
    return render(request, "kpi/figures.html", context)


@require("actuals.read")
def indicator_year(request: HttpRequest, code: str) -> HttpResponse:
    """Twelve months of an indicator with growth and year to date."""
    actor: Actor = request.actor
    year = year_of(request.GET.get("year", ""), actor.on)
    card = next((one for one in cards(actor.district) if one.indicator.code == code), None)
    if card is None:
        raise Http404
    unit, choices = _unit(request, actor, date(year, 12, 1), {"year": str(year)})
    (row,) = indicator_years(actor.district, year, unit=unit, codes=[code])
    context = {
        "card": card,
        "year": year,
        "units": choices,
        "title": unit.name if unit else actor.district.name,
        "rows": [_month(row, number, actor.on) for number in range(12)],
        "chart": _chart(row),
        "others": [
            {
                "label": str(each),
                "url": f"?{urlencode({'year': each} | ({'unit': unit.code} if unit else {}))}",
                "is_active": each == year,
            }
            for each in (year - 1, year, year + 1)
        ],
    }
    return render(request, "kpi/indicator_year.html", context)


def _unit(
    request: HttpRequest, actor: Actor, month: date, query: dict[str, str]
) -> tuple[Unit | None, list[dict[str, Any]]]:
    """Return the unit asked for, None for the district, with the choice; 404 and 403."""
    scope = actor.unit_ids("actuals.read")
    units = reporting_units(actor.district.pk, month, scope)
    code = request.GET.get("unit", "")
    unit = next((one for one in units if one.code == code), None)
    if code and unit is None:
        raise Http404
    if unit is None and scope is not None:
        if not units:
            raise PermissionDenied
        unit = units[0]
    choices = [(one.code, one.short) for one in units]
    if scope is None:
        choices.insert(0, ("", _("Whole district")))
    return unit, [
        {
            "label": label,
            "url": f"{request.path}?{urlencode(query | ({'unit': each} if each else {}))}",
            "is_active": each == (unit.code if unit else ""),
        }
        for each, label in choices
    ]


def _row(row: IndicatorYear, month: date, unit: Unit | None) -> dict[str, Any]:
    indicator, found = row.indicator, row.months[month.month - 1]
    query = {"year": month.year} | ({"unit": unit.code} if unit else {})
    return {
        "name": indicator.name,
        "measure": indicator.measure,
        "is_derived": indicator.is_derived,
        "url": f"{reverse('indicator_year', args=[indicator.code])}?{urlencode(query)}",
        "definition_url": reverse("indicator", args=[indicator.code]),
        "month": _cells(found.figure, indicator) | _waiting(found.figure),
        "last_month": _grown(found.last_month, indicator),
        "last_year": _grown(found.last_year, indicator),
        "to_date": _cells(found.to_date, indicator),
        "to_date_last_year": _grown(found.to_date_last_year, indicator),
    }


def _month(row: IndicatorYear, number: int, today: date) -> dict[str, Any]:
    found, indicator = row.months[number], row.indicator
    return {
        "label": _label(found.month),
        "month": _cells(found.figure, indicator) | _waiting(found.figure, found.month <= today),
        "last_month": _grown(found.last_month, indicator),
        "last_year": _grown(found.last_year, indicator),
        "to_date": _cells(found.to_date, indicator),
        "to_date_last_year": _grown(found.to_date_last_year, indicator),
    }


def _label(month: date) -> str:
    return in_language(f"{month.month}月", f"{month:%b}")


def _waiting(figure: Figure, has_begun: bool = True) -> dict[str, bool]:
    """Say that a figure is still to be reported: there is a task, and the month has begun."""
    return {"is_waiting": has_begun and figure.actual is None and figure.task is not None}


def _cells(figure: Figure, indicator: Indicator) -> dict[str, str]:
    rate = None
    if figure.task is not None and figure.actual is not None:
        rate = completion(figure.task, figure.actual)
    return {
        "task": words.shown(figure.task, indicator) if figure.task is not None else "",
        "actual": words.shown(figure.actual, indicator) if figure.actual is not None else "—",
        "rate": words.rate(rate) if rate is not None else "",
        "note": _("divisor 0") if figure.is_void else "",
    }


def _grown(found: Growth, indicator: Indicator) -> dict[str, str]:
    """Return the growth and what was added; a rate moves by points."""
    if found.increment is None or found.rate is None:
        return {"text": "—", "note": str(WHY_NONE.get(found.rate, ""))}
    if indicator.is_percent:
        points = signed(found.increment * 100, indicator.decimals)
        return {"text": f"{points} pp", "note": ""}
    added = signed(found.increment, indicator.decimals)
    if isinstance(found.rate, NoGrowth):
        return {"text": "—", "note": f"{WHY_NONE[found.rate]} {added}"}
    return {"text": f"{signed(found.rate * 100, 2)}%", "note": added}


def _chart(row: IndicatorYear) -> Chart | None:
    indicator = row.indicator
    actuals: list[Decimal | None] = [one.figure.actual for one in row.months]
    known = [value for value in actuals if value is not None]
    if not known:
        return None
    tasks = [one.figure.task for one in row.months]
    is_rate = indicator.is_percent
    series = [Series(_("Actual"), actuals, indicator.decimals, "actual", is_rate=is_rate)]
    if any(task is not None for task in tasks):
        series.append(
            Series(_("Task"), tasks, indicator.decimals, "plan", is_rate=is_rate, line=True)
        )
    is_line = is_rate or any(value < 0 for value in known)
    return Chart(
        code=f"year-{indicator.code}",
        title=indicator.name,
        unit=indicator.measure,
        kind="lines" if is_line else "bars",
        labels=[_label(one.month) for one in row.months],
        head=_("Month"),
        sentence=_("between %(low)s and %(high)s, last %(last)s")
        % {
            "low": words.shown(min(known), indicator),
            "high": words.shown(max(known), indicator),
            "last": words.shown(known[-1], indicator),
        },
        series=series,
    )
