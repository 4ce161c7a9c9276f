"""Today: the first page, by role."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from kpi.calendars import counted_days
from kpi.models import Month, MonthState
from kpi.queries.months import chosen_month, months
from kpi.rules.pace import Calendar, days_of
from orgchart.permissions import Actor
from portal import panels
from portal.queries.closing import checklist, done
from portal.queries.places import places, vetoes
from portal.queries.progress import FOCUS, Year, year_of
from portal.queries.todo import todos
from targets.months import last_day, month_text

CALENDARS = (Calendar.NATURAL, Calendar.MON_SAT)


def today(request: HttpRequest) -> HttpResponse:
    """To-dos of everybody; figures, pace and alerts of the units that the person may read."""
    actor: Actor = request.actor
    rows = months(actor.district.pk)
    row = chosen_month(rows, request.GET.get("month", ""))
    context: dict[str, Any] = {
        "title": panels.day_name(actor.on),
        "todos": todos(actor, rows),
    }
    if row is not None and actor.can("actuals.read"):
        context |= _figures(request, actor, row)
    if row is not None and actor.can("month.read"):
        steps = checklist(row)
        context |= {
            "closing": steps,
            "closing_done": _("%(done)s of %(all)s steps")
            % {"done": done(steps), "all": len(steps)},
            "closing_url": f"{reverse('closing')}?month={month_text(row.month)}",
        }
    return render(request, "portal/today.html", context)


def _figures(request: HttpRequest, actor: Actor, row: Month) -> dict[str, Any]:
    scope = actor.unit_ids("actuals.read")
    year = year_of(actor.district, row.month, scope)
    mine = places(actor.district.pk, row.month, scope) if scope is not None else []
    context: dict[str, Any] = {"places": panels.place_stats(mine)}
    if FOCUS not in year.indicators:
        return context
    as_of = _as_of(year, row, actor.on)
    calendar = _calendar(request.GET.get("calendar", ""))
    days = days_of(row.month, as_of, counted_days(calendar))
    paces = panels.paces(year, row.month, days)
    return context | {
        "title": panels.day_name(as_of),
        "sentence": panels.sentence(paces, year),
        "stats": panels.stats(year, row.month, paces, as_of, row.state == MonthState.OPEN),
        "table": panels.pace_table(paces, year),
        "calendars": [
            {
                "label": {Calendar.NATURAL: _("Natural days"), Calendar.MON_SAT: _("Mon–Sat")}[
                    each
                ],
                "url": f"?{urlencode({'month': month_text(row.month), 'calendar': each.value})}",
                "is_active": each is calendar,
            }
            for each in CALENDARS
        ],
        "warnings": panels.warnings(
            paces, vetoes(row.month, year.unit_ids), year.indicators[FOCUS].decimals
        ),
    }


def _as_of(year: Year, row: Month, on: date) -> date:
    """Return the day the figures stand at: the last reported one, else today within the month."""
    reported = year.as_of.get((FOCUS, row.month))
    day = reported or on
    return min(max(day, row.month), last_day(row.month))


def _calendar(text: str) -> Calendar:
    return Calendar.MON_SAT if text == Calendar.MON_SAT else Calendar.NATURAL
