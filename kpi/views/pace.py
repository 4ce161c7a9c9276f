"""Pace of a month: by unit and together, with the burn-up; the head sets its rule."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kpi.api.daily import calendar_unknown
from kpi.calendars import CalendarUnknown
from kpi.forms import PaceRuleForm
from kpi.models import Month
from kpi.present import pace as present
from kpi.queries.cells import reporting_units
from kpi.queries.daily import FOCUS, paced_indicators
from kpi.queries.months import chosen_month, months
from kpi.queries.pace import PaceBoard, pace_board
from kpi.rules.pace import Calendar
from kpi.services.pace import set_pace_rule
from kpi.views.filling import filling
from orgchart.days import parse_day
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from targets.models import Indicator
from targets.months import last_day, month_text


@require("actuals.read")
def pace_page(request: HttpRequest) -> HttpResponse:
    """A month's pace of an indicator, as of a day, by a calendar, of all units or of one."""
    actor: Actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    indicators = paced_indicators(actor.district.pk)
    if month is None or not indicators:
        return render(request, "kpi/pace.html", {})
    return render(request, "kpi/pace.html", _page(request, month, indicators))


def _page(request: HttpRequest, month: Month, indicators: list[Indicator]) -> dict[str, Any]:
    actor: Actor = request.actor
    query = {"month": month_text(month.month)} | {
        name: request.GET[name]
        for name in ("indicator", "calendar", "as_of", "unit")
        if request.GET.get(name)
    }
    scope = actor.unit_ids("actuals.read")
    units = reporting_units(actor.district.pk, month.month, scope)
    unit_ids = _chosen(units, query.get("unit", ""), scope)
    by_code = {row.code: row for row in indicators}
    indicator = by_code.get(query.get("indicator") or FOCUS, indicators[0])
    warning = ""
    asked = {
        "today": actor.on,
        "as_of": _day(query.get("as_of", ""), month.month),
        "unit_ids": unit_ids,
    }
    calendar = _calendar(query.get("calendar", ""))
    try:
        board = pace_board(indicator, month.month, calendar=calendar, **asked)
    except CalendarUnknown as unknown:
        warning = calendar_unknown(unknown)
        board = pace_board(indicator, month.month, calendar=Calendar.NATURAL, **asked)

    def choice(name: str, code: str, label: str, is_active: bool) -> dict[str, Any]:
        rest = {key: value for key, value in query.items() if key != name}
        chosen = {name: code} if code else {}
        url = f"{request.path}?{urlencode(rest | chosen)}"
        return {"label": label, "url": url, "is_active": is_active}

    return {
        "month": query["month"],
        "sentence": present.sentence(board),
        "warning": warning,
        "stats": present.stats(board),
        "table": present.table(board),
        "chart": present.burn_up(
            board.course, indicator, board.as_of, board.calendar, f"burn-up-{indicator.code}"
        ),
        "indicators": [
            choice("indicator", row.code, row.short, row == indicator) for row in indicators
        ],
        "definition_url": reverse("indicator", args=[indicator.code]),
        "calendars": [
            choice("calendar", each.value, str(label), each is board.calendar)
            for each, label in present.CALENDARS.items()
        ],
        "units": [
            choice("unit", "", _("All units"), "unit" not in query),
            *(choice("unit", u.code, u.short, query.get("unit") == u.code) for u in units),
        ]
        if len(units) > 1
        else [],
        "as_of": _as_of(board, query),
        "daily_url": f"{reverse('daily')}?{urlencode(_daily(query, board))}",
        "filling": filling(
            actor,
            board.known_ids or unit_ids,
            query.get("unit", ""),
            board.as_of,
            board.total.pace.forecast_gap if board.total else None,
            board.rule.promotion_yield,
        )
        if board.indicator.code == FOCUS
        else None,
        **_rule(actor, board),
    }


def _daily(query: dict[str, str], board: PaceBoard) -> dict[str, str]:
    chosen = {name: query[name] for name in ("month", "unit") if name in query}
    return chosen | {"indicator": board.indicator.code}


def _chosen(units: list[Unit], code: str, scope: frozenset[int] | None) -> frozenset[int] | None:
    """Return the units asked for. Raises Http404 for one that is not in scope."""
    if not code:
        return scope
    found = frozenset(unit.pk for unit in units if unit.code == code)
    if not found:
        raise Http404
    return found


def _as_of(board: PaceBoard, query: dict[str, str]) -> dict[str, Any]:
    return {
        "value": board.as_of.isoformat(),
        "first": board.month.isoformat(),
        "last": last_day(board.month).isoformat(),
        "kept": [(name, value) for name, value in query.items() if name != "as_of"],
    }


def _day(text: str, month: date) -> date | None:
    try:
        day = parse_day(text)
    except ValueError:
        return None
    return day if month <= day <= last_day(month) else None


def _calendar(text: str) -> Calendar | None:
    return Calendar(text) if text in list(Calendar) else None


def _rule(actor: Actor, board: PaceBoard) -> dict[str, Any]:
    rule = board.rule
    if not actor.can("rules.write"):
        return {"rule": rule, "rule_form": None}
    initial = {
        "valid_from": board.month.isoformat(),
        "calendar": rule.calendar,
        "promotion_yield": rule.promotion_yield,
    }
    return {"rule": rule, "rule_form": PaceRuleForm(initial=initial)}


@require_POST
@require("rules.write")
def pace_rule_set(request: HttpRequest) -> HttpResponse:
    """Set calendar and yield from a day on; back to the page, or the page with the fault."""
    actor: Actor = request.actor
    form = PaceRuleForm(request.POST)
    if form.is_valid():
        at: datetime = request.now
        rule = set_pace_rule(district=actor.district, by=actor.person, at=at, **form.cleaned_data)
        messages.success(
            request, _("The rule of pace holds from %(day)s") % {"day": rule.valid_from}
        )
        return redirect(f"{reverse('pace')}?{urlencode({'month': f'{rule.valid_from:%Y-%m}'})}")
    month = chosen_month(months(actor.district.pk))
    indicators = paced_indicators(actor.district.pk)
    if month is None or not indicators:
        raise PermissionDenied
    context = _page(request, month, indicators) | {"rule_form": form}
    return render(request, "kpi/pace.html", context, status=400)
