"""The work calendar by day, week and month; its entries, its duties, its feed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from fieldwork.access import entry_of, may_change, may_tick, units_for, writable_units
from fieldwork.downloads import calendar_download
from fieldwork.forms.calendar import DutyForm, EntryForm
from fieldwork.models import CalendarEntry, Duty
from fieldwork.queries.calendar import Event, duties, events, present_link
from fieldwork.rules.calendar import days_of, period
from fieldwork.services import calendar as services
from fieldwork.views.summaries import asked_day
from fieldwork.wording import day_text, event_kind, week_text
from fieldwork.workbooks.calendar import calendar_feed
from kpi.calendars import is_worked
from orgchart.actors import actor_for, business_day
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from targets.months import last_day, month_after, month_text, parse_month

VIEWS = ("day", "week", "month")
CHIPS = {"duty": "accent", "deadline": "warn", "own": "", "unit": "", "visit": "", "summary": ""}
NEW_LINK = "new_calendar_link"
FEED_BACK, FEED_AHEAD = 31, 184  # days of a feed


@require("field.read")
def calendar(request: HttpRequest) -> HttpResponse:
    """A day, a week or a month of the person's calendar, of one unit with `?unit=`."""
    actor = request.actor
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "week"
    day = asked_day(request.GET.get("day", ""), actor.on)
    units, unit = _chosen_unit(request)
    first, last = period(view, day)
    found = events(
        actor, first, last, unit=unit, in_one=view != "day" and unit is None,
        routines=view != "month",
    )  # fmt: skip
    token = request.session.pop(NEW_LINK, "")
    back = {"view": view, "day": day.isoformat(), "unit": unit.code if unit else ""}
    kept = urlencode({name: value for name, value in back.items() if value and name != "day"})
    steps = {"day": timedelta(days=1), "week": timedelta(weeks=1)}
    month = day.replace(day=1)
    before, after = (
        (month_after(month, -1), month_after(month, 1))
        if view == "month"
        else (day - steps[view], day + steps[view])
    )
    context = {
        "view": view,
        "name": _name(view, day, first),
        "sentence": _judgement(found, actor.on),
        "days": _days(found, first, last, view, day, actor),
        "before": before.isoformat(),
        "after": after.isoformat(),
        "base": f"?{kept}",
        "back": back,
        "day": day.isoformat(),
        "units": units if len(units) > 1 else [],
        "unit": unit,
        "month": month_text(day),
        "may_fill": actor.can("field.rules"),
        "has_duties": duties(actor.district).filter(is_active=True).exists(),
        "link": present_link(actor),
        "new_url": request.build_absolute_uri(reverse("field_calendar_feed", args=[token]))
        if token
        else "",
    }
    return render(request, "fieldwork/calendar.html", context)


@require("field.read")
def export(request: HttpRequest) -> FileResponse:
    """A month as Excel, every unit's entries apart."""
    actor = request.actor
    month = asked_day(request.GET.get("day", ""), actor.on).replace(day=1)
    _units, unit = _chosen_unit(request)
    found = events(actor, month, last_day(month), unit=unit, in_one=False, routines=False)
    return calendar_download(actor.district, month, found)


@require("field.read")
def add(request: HttpRequest) -> HttpResponse:
    """A new entry: one's own, or of a unit for whoever leads it."""
    actor = request.actor
    day = asked_day(request.GET.get("day", ""), actor.on)
    return _entry_page(request, None, initial={"first": day})


@require("field.read")
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry: what it is, who did it; written anew by whoever may."""
    row = entry_of(request.actor, pk)
    if request.method == "POST" and not may_change(request.actor, row):
        raise PermissionDenied
    initial = {
        "text": row.name, "first": row.first, "last": row.last, "note": row.note,
        "version": row.version,
    }  # fmt: skip
    return _entry_page(request, row, initial=initial)


@require_POST
@require("field.read")
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that an entry is done, or take that back."""
    row = entry_of(request.actor, pk)
    if not may_tick(request.actor, row):
        raise PermissionDenied
    return _done(
        request, services.tick_entry, entry=row, version=_number(request.POST.get("version", "")),
        is_done=request.POST.get("done") == "1",
    )  # fmt: skip


@require_POST
@require("field.read")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an entry."""
    row = entry_of(request.actor, pk)
    if not may_change(request.actor, row):
        raise PermissionDenied
    version = _number(request.POST.get("version", ""))
    return _done(request, services.remove_entry, _("Removed"), entry=row, version=version)


@require_POST
@require("field.rules")
def fill(request: HttpRequest) -> HttpResponse:
    """Make the entries of a month from the duties."""
    actor = request.actor
    try:
        month = parse_month(request.POST.get("month", ""))
    except ValueError:
        month = actor.on.replace(day=1)
    try:
        added = services.fill_month(
            district=actor.district, month=month, by=actor.person, at=request.now
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(count)s entry made", "%(count)s entries made", added)
        messages.success(request, text % {"count": added})
    return redirect(f"{reverse('field_calendar')}?view=month&day={month.isoformat()}")


@require_POST
@require("field.read")
def link(request: HttpRequest) -> HttpResponse:
    """Make the person's feed link, or revoke it."""
    if request.POST.get("action") == "revoke":
        services.revoke_link(by=request.actor.person, at=request.now)
        messages.success(request, _("The link is revoked"))
    else:
        request.session[NEW_LINK] = services.make_link(by=request.actor.person, at=request.now)
    return redirect("field_calendar")


@login_not_required
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of the link's owner as RFC 5545: what he or she may see today, no more."""
    on = business_day(request.now)
    found = services.used_link(token, on)
    if found is None or found.person.user is None or not found.person.user.is_active:
        raise Http404
    try:
        actor = actor_for(found.person, on=on)
        actor.demand("field.read")
    except PermissionDenied:
        raise Http404 from None
    content = calendar_feed(
        events(
            actor, on - timedelta(days=FEED_BACK), on + timedelta(days=FEED_AHEAD), routines=False
        ),
        name=f"{_('Work calendar')} {found.person.name}", host=request.get_host().split(":")[0],
        at=request.now, address=request.build_absolute_uri,
    )  # fmt: skip
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require("field.rules")
def template(request: HttpRequest) -> HttpResponse:
    """The duties of the template; POST adds those of the plan that are missing."""
    actor = request.actor
    if request.method == "POST":
        added = services.adopt_plan(district=actor.district, by=actor.person, at=request.now)
        text = ngettext("%(count)s duty added", "%(count)s duties added", added)
        messages.success(request, text % {"count": added})
        return redirect("field_duties")
    rows = [{"duty": row, "when": when_text(row)} for row in duties(actor.district)]
    return render(request, "fieldwork/duties.html", {"rows": rows})


@require("field.rules")
def write_duty(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new duty, or one again."""
    actor = request.actor
    row = get_object_or_404(Duty, pk=pk, district=actor.district) if pk else None
    names = [name for name in DutyForm.base_fields if row is not None]
    form = DutyForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(row, name) for name in names} or None,
    )
    if form.is_valid():
        try:
            services.save_duty(
                district=actor.district, duty=row, version=form.cleaned_data["version"],
                fields=form.fields_of_duty(), by=actor.person, at=request.now,
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved"))
            return redirect("field_duties")
    status = 400 if form.errors else 200
    context = {"form": form, "title": row.name if row else _("New duty")}
    return render(request, "fieldwork/duty_form.html", context, status=status)


def when_text(duty: Duty) -> str:
    """Return when a duty comes: every Monday, 5 days; the 25th; 16 March."""
    length = "" if duty.days == 1 else _(", %(count)s days") % {"count": duty.days}
    if duty.repeat == "weekly":
        monday = date(2026, 1, 5)
        name = date_format(monday + timedelta(days=duty.day - 1), "l")
        return _("every %(weekday)s") % {"weekday": name} + length
    day = _("the last day") if duty.day == 31 else _("day %(day)s") % {"day": duty.day}
    if duty.repeat == "monthly":
        return _("every month, %(day)s") % {"day": day} + length
    return _("every year, month %(month)s, %(day)s") % {"month": duty.month, "day": day} + length


def _days(
    found: list[Event], first: date, last: date, view: str, day: date, actor: Actor
) -> list[dict[str, Any]]:
    """Return the days of a view with what begins on them; a single day with what covers it."""
    placed: dict[date, list[dict[str, Any]]] = {each: [] for each in days_of(first, last)}
    for each in found:
        placed[max(each.first, first)].append(shown(each, actor))
    return [
        {
            "day": each,
            "text": day_text(each),
            "is_today": each == actor.on,
            "is_off": not is_worked(each),
            "is_other": view == "month" and each.month != day.month,
            "url": f"?view=day&day={each.isoformat()}",
            "events": rows,
        }
        for each, rows in placed.items()
    ]


def shown(each: Event, actor: Actor) -> dict[str, Any]:
    """Return what a view says of an event."""
    row = each.entry
    return {
        "event": each,
        "kind": event_kind(each.kind),
        "chip": CHIPS.get(each.kind, ""),
        "unit": row.unit.short if row and row.unit and row.unit_id != actor.district_id else "",
        "progress": f"{each.done}/{each.parts}" if each.parts > 1 else "",
        "until": day_text(each.last) if each.last > each.first else "",
        "is_late": each.is_done is False and each.last < actor.on,
        "row": row,
        "may_tick": row is not None and may_tick(actor, row),
    }


def _judgement(found: list[Event], on: date) -> str:
    open_ones = [each for each in found if each.is_done is False]
    late = sum(each.last < on for each in open_ones)
    text = ngettext(
        "%(count)s thing is open, %(late)s of them late",
        "%(count)s things are open, %(late)s of them late",
        len(open_ones),
    )
    return text % {"count": len(open_ones), "late": late}


def _name(view: str, day: date, first: date) -> str:
    if view == "day":
        return day_text(day)
    return week_text(first) if view == "week" else date_format(day, "YEAR_MONTH_FORMAT")


def _chosen_unit(request: HttpRequest) -> tuple[list[Unit], Unit | None]:
    units = list(units_for(request.actor, "field.read"))
    asked = request.GET.get("unit", "")
    return units, next((unit for unit in units if unit.code == asked), None)


def _entry_page(
    request: HttpRequest, row: CalendarEntry | None, *, initial: dict[str, Any]
) -> HttpResponse:
    actor = request.actor
    units = {} if row else {unit.code: unit for unit in writable_units(actor)}
    form = EntryForm(
        request.POST if request.method == "POST" else None, initial=initial,
        choices=[(unit.code, unit.name) for unit in units.values()],
    )  # fmt: skip
    if form.is_valid():
        typed = form.cleaned_data
        try:
            services.save_entry(
                district=actor.district, entry=row, version=typed["version"] or 0,
                text=typed["text"], first=typed["first"], last=typed["last"], note=typed["note"],
                unit=units.get(typed.get("whose", "")), by=actor.person, at=request.now,
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved"))
            day = typed["first"].isoformat()
            return redirect(f"{reverse('field_calendar')}?view=week&day={day}")
    context = {
        "form": form if row is None or may_change(actor, row) else None,
        "row": row,
        "title": row.name if row else _("New entry"),
        "may_tick": row is not None and may_tick(actor, row),
        "until": row is not None and row.last > row.first,
    }
    status = 400 if form.errors else 200
    return render(request, "fieldwork/calendar_entry.html", context, status=status)


def _done(
    request: HttpRequest, service: Callable[..., Any], said: str = "", **more: Any
) -> HttpResponse:
    try:
        service(by=request.actor.person, at=request.now, **more)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if said:
            messages.success(request, said)
    back = {name: request.POST.get(name, "")[:40] for name in ("view", "day", "unit")}
    query = urlencode({name: value for name, value in back.items() if value})
    return redirect(reverse("field_calendar") + (f"?{query}" if query else ""))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0
