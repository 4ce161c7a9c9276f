"""Summaries: who wrote and who did not, one's own day on the phone, the team's week, the answer."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fieldwork.access import (
    may_answer,
    summary_of,
    units_for,
    visible_summaries,
    waiting_summaries,
)
from fieldwork.downloads import summaries_download
from fieldwork.filters.summaries import SummaryFilter
from fieldwork.forms.summaries import ReplyForm, SummaryForm
from fieldwork.models import Summary, SummaryKind
from fieldwork.present.summaries import answered, begun, figure_rows
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.summaries import (
    missing_days,
    missing_weeks,
    outlets_of_day,
    sent,
    writing_unit,
)
from fieldwork.queries.summary_figures import day_figures
from fieldwork.rules.summaries import CATCH_UP_DAYS, last_of_week, monday_of
from fieldwork.services import summaries as services
from fieldwork.wording import day_text, week_text
from kpi.calendars import is_worked
from orgchart.actors import business_day
from orgchart.days import parse_day
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import Actor, require

PER_PAGE = 30
VIEWS = ("day", "week", "all")


@require("summaries.open")
def summaries(request: HttpRequest) -> HttpResponse:
    """A day's summaries and who has not written; `?view=week` the teams', `all` narrowed.

    Without a day it is the latest on which people work.
    """
    actor = request.actor
    view = request.GET.get("view", "")
    reads = actor.can("summaries.read")
    view = view if view in VIEWS else ("day" if reads else "all")
    chosen = _narrowed(request)
    latest = actor.on
    while view == "day" and not is_worked(latest):
        latest -= timedelta(days=1)
    day = asked_day(request.GET.get("day", ""), latest)
    context: dict[str, Any] = {
        "view": view,
        "reads": reads,
        "filter": chosen,
        "query": _query(request),
        "writes": writing_unit(actor.person, actor.on) is not None,
        "leads": actor.can("summaries.lead") and units_for(actor, "summaries.lead").exists(),
    }
    if view == "all":
        page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
        rows = list(page)
        context |= {"page_obj": page, "count": page.paginator.count}
        context["sentence"] = ngettext(
            "%(count)s summary", "%(count)s summaries", page.paginator.count
        ) % {"count": page.paginator.count}
    else:
        rows, more = _of_period(actor, view, day)
        context |= more
    context["rows"] = [shown(row) for row in rows]
    return render(request, "fieldwork/summaries.html", context)


@require("summaries.open")
def export(request: HttpRequest) -> FileResponse:
    """The list as narrowed, as Excel."""
    return summaries_download(request.actor.district, _narrowed(request).qs)


@require("summaries.open")
def summary(request: HttpRequest, pk: int) -> HttpResponse:
    """One summary with the figures as they stood, and the answer."""
    return _page(request, summary_of(request.actor, pk))


@require("summaries.write")
def write_day(request: HttpRequest) -> HttpResponse:
    """One's own day: four questions, figures filled in."""
    actor, person = request.actor, request.actor.person
    typed = request.POST if request.method == "POST" else None
    day = asked_day((typed or request.GET).get("day", ""), actor.on)
    unit = writing_unit(person, day)
    if unit is None:
        raise PermissionDenied
    found = sent(SummaryKind.DAILY, day, person=person, unit=unit)
    if typed is None and found is not None:
        return redirect("field_summary", pk=found.pk)
    figures = day_figures(unit, [person.pk], day)[person.pk]
    form = SummaryForm(
        typed, kind=SummaryKind.DAILY,
        initial={"day": day, **begun(figures, *outlets_of_day(person, day))},
    )  # fmt: skip
    if form.is_valid():
        try:
            made, _is_new = services.send_day(
                day=form.cleaned_data["day"], answers=form.answers(), by=person, at=request.now
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Summary sent"))
            return redirect("field_summary", pk=made.pk)
    owed = missing_days(
        actor.district, actor.on - timedelta(days=CATCH_UP_DAYS), actor.on, None, person
    )
    context = {
        "title": _("Daily summary"),
        "sentence": f"{day_text(day)} · {unit.name}",
        "form": form,
        "draft": f"summary-day-{day.isoformat()}-{person.pk}",
        "figures": figure_rows(figures, SummaryKind.DAILY),
        "others": [
            {"text": day_text(each.first), "url": f"?day={each.first.isoformat()}"}
            for each in owed
            if each.first != day
        ],
    }
    status = 400 if form.errors else 200
    return render(request, "fieldwork/summary_form.html", context, status=status)


@require("summaries.lead")
def write_week(request: HttpRequest) -> HttpResponse:
    """The team's week, written by a manager of the unit."""
    actor, person = request.actor, request.actor.person
    typed = request.POST if request.method == "POST" else None
    units = {unit.code: unit for unit in units_for(actor, "summaries.lead")}
    if not units:
        raise PermissionDenied
    asked = (typed or request.GET).get("unit", "")
    unit: Unit = units.get(asked) or next(iter(units.values()))
    first = monday_of(asked_day((typed or request.GET).get("day", ""), actor.on))
    found = sent(SummaryKind.WEEKLY, first, person=person, unit=unit)
    if typed is None and found is not None:
        return redirect("field_summary", pk=found.pk)
    form = SummaryForm(typed, kind=SummaryKind.WEEKLY, initial={"day": first})
    if form.is_valid():
        try:
            made, _is_new = services.send_week(
                unit=unit, first=form.cleaned_data["day"], answers=form.answers(), by=person,
                at=request.now,
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Summary sent"))
            return redirect("field_summary", pk=made.pk)
    figures = services.figures_of_week(unit, first, actor.on)
    before = first - timedelta(weeks=1)
    owed = missing_weeks(actor.district, before, [unit.pk])
    context = {
        "title": _("Weekly team summary"),
        "sentence": f"{week_text(first)} · {unit.name}",
        "form": form,
        "unit": unit,
        "draft": f"summary-week-{first.isoformat()}-{unit.pk}-{person.pk}",
        "figures": figure_rows(figures, SummaryKind.WEEKLY),
        "others": [
            {
                "text": week_text(each.first),
                "url": "?" + urlencode({"day": each.first.isoformat(), "unit": unit.code}),
            }
            for each in owed
        ],
    }
    status = 400 if form.errors else 200
    return render(request, "fieldwork/summary_form.html", context, status=status)


@require_POST
@require("summaries.answer")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a summary."""
    row = summary_of(request.actor, pk)
    if not may_answer(request.actor, row):
        raise PermissionDenied
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=400)
    try:
        services.answer_summary(
            summary=row, reply=form.cleaned_data["reply"], by=request.actor.person, at=request.now
        )
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, form=form, status=error.status)
    messages.success(request, _("Answered"))
    following = waiting_summaries(request.actor).order_by("first", "pk").first()
    if following is not None and request.POST.get("next"):
        return redirect("field_summary", pk=following.pk)
    return redirect("field_summary", pk=row.pk)


def asked_day(text: str, today: date) -> date:
    """Return the day of an address, today where it names none."""
    try:
        return parse_day(text)
    except ValueError:
        return today


def shown(row: Summary) -> dict[str, Any]:
    """Return what lists say of a summary."""
    is_day = row.kind == SummaryKind.DAILY
    due = row.first if is_day else last_of_week(row.first)
    return {
        "summary": row,
        "kind_name": row.get_kind_display(),
        "when": day_text(row.first) if is_day else week_text(row.first),
        "start": row.words.split("\n", 1)[0][:80],
        "is_answered": bool(row.reply),
        "is_late": business_day(row.sent_at) > due,
    }


def _of_period(actor: Actor, view: str, day: date) -> tuple[list[Summary], dict[str, Any]]:
    """Return a day's or a week's summaries and what the page says of it."""
    scope = actor.unit_ids("summaries.read")
    units = scope if scope is None or scope else frozenset()
    if view == "day":
        rows = list(visible_summaries(actor).filter(kind=SummaryKind.DAILY, first=day))
        missing = missing_days(actor.district, day, day, units)
        step, name, is_due = timedelta(days=1), day_text(day), is_worked(day)
    else:
        day = monday_of(day)
        rows = list(visible_summaries(actor).filter(kind=SummaryKind.WEEKLY, first=day))
        missing = missing_weeks(actor.district, day, units)
        step, name, is_due = timedelta(weeks=1), week_text(day), True
    due = len(rows) + len(missing)
    sentence = _("%(written)s of %(due)s have written") % {"written": len(rows), "due": due}
    if not is_due and not rows:
        sentence = _("No working day: nobody owes a summary.")
    return rows, {
        "sentence": f"{name} · {sentence}" if actor.can("summaries.read") else name,
        "name": name,
        "missing": missing,
        "before": (day - step).isoformat(),
        "after": (day + step).isoformat() if day + step <= actor.on else "",
        "count": len(rows),
    }


def _narrowed(request: HttpRequest) -> SummaryFilter:
    actor = request.actor
    scope = actor.unit_ids("summaries.open")
    return SummaryFilter(
        request.GET or None, visible_summaries(actor), units=units_for(actor, "summaries.open"),
        people=responsible_people(
            actor.district, actor.on,
            scope if actor.can("summaries.read") else frozenset(),
        ),
        waiting=waiting_summaries(actor),
    )  # fmt: skip


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in ("view", "page", "day"):
        kept.pop(name, None)
    return kept.urlencode()


def _page(
    request: HttpRequest, row: Summary, *, form: ReplyForm | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor
    if form is None and not row.reply and may_answer(actor, row):
        form = ReplyForm()
    context = shown(row) | {
        "answers": answered(row),
        "figures": figure_rows(row.figures, row.kind),
        "form": form,
        "trail_url": f"?subject=summaries/{row.pk}" if actor.can("trail.read") else "",
    }
    return render(request, "fieldwork/summary.html", context, status=status)
