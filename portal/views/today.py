"""Today: the first page, by role."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from competitions.honour_words import latest
from competitions.queries.honours import latest_awards
from competitions.wording import month_name
from kpi.calendars import counted_days
from kpi.models import Month, MonthState
from kpi.present.pace import burn_up
from kpi.queries.alarms import day_alarms
from kpi.queries.daily import month_course
from kpi.queries.months import chosen_month, months
from kpi.queries.verification import Returns, returns
from kpi.rules.pace import Calendar, days_of
from orgchart.permissions import Actor
from portal import alerts, panels
from portal.queries.closing import checklist, done
from portal.queries.deadlines import deadlines
from portal.queries.places import missing_tasks, places, vetoes
from portal.queries.progress import FOCUS, year_of
from portal.queries.todos import Todo, todos
from subsidies.queries.claims import headrooms
from subsidies.rules.claims import LAST_DAY
from targets.months import month_after, month_text

NEAR_DAYS = 3
CALENDARS = (Calendar.NATURAL, Calendar.MON_SAT)


def today(request: HttpRequest) -> HttpResponse:
    """To-dos and deadlines of everybody; figures, pace and alerts of the units in scope."""
    actor: Actor = request.actor
    rows = months(actor.district_id)
    row = chosen_month(rows, request.GET.get("month", ""))
    context: dict[str, Any] = {
        "title": panels.day_name(actor.on),
        "todos": [_with_due(todo, actor.on) for todo in todos(actor, rows)],
        "deadlines": [
            {"day": panels.short_day(one.day), "text": one.text, "url": one.url,
             "left": panels.days_left(one.day, actor.on)}
            for one in deadlines(actor, rows)
        ],
    }  # fmt: skip
    if actor.can("competition.read"):
        context["honour"] = latest(latest_awards(actor.district))
    if actor.can("claims.write"):
        month = actor.on.replace(day=1)
        rooms = headrooms(actor.district, month, actor.unit_ids("claims.write"))
        context |= {
            "rooms": [panels.room(each) for each in rooms],
            "rooms_until": panels.short_day(month.replace(day=LAST_DAY)),
            "may_claim": actor.on.day <= LAST_DAY,
        }
    found: list[Returns] = []
    if row is not None and actor.can("actuals.read"):
        scope = actor.unit_ids("actuals.read")
        found = returns(actor.district_id, row.month, scope)
        context |= _figures(request, actor, row, found)
    if row is not None and actor.can("month.read"):
        steps = checklist(row, found)
        context |= {
            "closing": steps,
            "closing_done": _("%(done)s of %(all)s steps")
            % {"done": done(steps), "all": len(steps)},
            "closing_url": f"{reverse('closing')}?month={month_text(row.month)}",
        }
    context.setdefault("sentence", _("No figures of a unit belong to this post."))
    return render(request, "portal/today.html", context)


def _with_due(todo: Todo, on: date) -> dict[str, Any]:
    """Return a to-do with its last day in words, and a mark where that is near or over."""
    kind = ""
    if todo.due is not None and todo.due < on:
        kind = "bad"
    elif todo.due is not None and (todo.due - on).days <= NEAR_DAYS:
        kind = "warn"
    left = "" if todo.due is None else panels.due(todo.due, on)
    return {"todo": todo, "left": left, "kind": kind}


def _figures(
    request: HttpRequest, actor: Actor, row: Month, found: Sequence[Returns]
) -> dict[str, Any]:
    scope = actor.unit_ids("actuals.read")
    year = year_of(actor.district, row.month, scope)
    mine = places(actor.district_id, row.month, scope) if scope is not None else []
    context: dict[str, Any] = {
        "places": panels.place_stats(mine, row.month),
        "places_url": f"{reverse('leaderboard')}?month={month_text(row.month)}",
    }
    if FOCUS not in year.indicators:
        return context
    indicator = year.indicators[FOCUS]
    as_of = year.stands_on(row.month, actor.on)
    calendar = _calendar(request.GET.get("calendar", ""))
    days = days_of(row.month, as_of, counted_days(calendar))
    paces = panels.paces(year, row.month, days)
    units = [*year.units, actor.district] if scope is None else year.units
    course = month_course(indicator, row.month, units)
    before = month_course(indicator, month_after(row.month, -1), units)
    told = [
        *alerts.vetoed(vetoes(row.month, year.unit_ids)),
        *alerts.behind(paces, row.month, indicator.decimals),
        *alerts.days(day_alarms(course, before), indicator.short, indicator.decimals),
        *alerts.without_task(missing_tasks(row.month, year.unit_ids), row.month),
    ]
    if row.state == MonthState.OPEN:
        told += alerts.odd(found, row.month, actor.can("actuals.verify"))
        if not actor.can("actuals.write"):  # whose to-dos say it
            told += alerts.unreported(found, row.month)
    return context | {
        "title": panels.day_name(as_of),
        "sentence": panels.sentence(paces, year) or _nothing_yet(row, actor.on),
        "stats": panels.stats(year, row.month, paces, as_of, row.state == MonthState.OPEN),
        "table": panels.pace_table(paces, year),
        "chart": burn_up(course.whole(as_of), indicator, as_of, calendar, f"burn-up-{FOCUS}"),
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
        "alarms": alerts.shown(told),
    }


def _nothing_yet(row: Month, on: date) -> str:
    """Say that nothing is reported, and until when that may be; blank in a month that is over."""
    if row.state != MonthState.OPEN or row.due_on is None:
        return ""
    return _("Nothing is reported for %(month)s yet; %(due)s") % {
        "month": month_name(row.month),
        "due": panels.due(row.due_on, on),
    }


def _calendar(text: str) -> Calendar:
    return Calendar.MON_SAT if text == Calendar.MON_SAT else Calendar.NATURAL
