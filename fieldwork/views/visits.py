"""Visits: what is to be done, one on the phone, its problem, the month's count, the rules."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fieldwork.access import units_for, visible_visits, visit_of
from fieldwork.downloads import photo_download, visits_download
from fieldwork.filters.visits import VisitFilter
from fieldwork.forms.visits import AddForm, AssignForm, CheckListForm, FrequencyForm, VisitForm
from fieldwork.models import Activity, ActivityPhoto, FormKind
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.visits import (
    OPEN,
    frequencies,
    late,
    six_items_of,
    suggestions,
    tallies,
    unsolved,
    visited_dealers,
)
from fieldwork.services import visits as services
from fieldwork.services.forms import save_form
from orgchart.errors import DomainError
from orgchart.models import DealerTier, Unit
from orgchart.models.bilingual import in_language
from orgchart.permissions import Actor, require
from targets.months import month_text, parse_month

PER_PAGE = 30
CHIPS = {"planned": "accent", "approved": "accent", "done": "good", "cancelled": ""}
VIEWS = ("due", "problems", "all")


@require("field.read")
def visits(request: HttpRequest) -> HttpResponse:
    """What is due, own visits first; `?view=problems` what is unsolved, `all` everything."""
    actor = request.actor
    view = request.GET.get("view", "due")
    view = view if view in VIEWS else "due"
    month = actor.on.replace(day=1)
    chosen = _narrowed(request)
    rows = _rows(chosen.qs, view, actor)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    scope = actor.unit_ids("field.read")
    context = {
        "filter": chosen,
        "view": view,
        "query": _query(request),
        "page_obj": page,
        "count": page.paginator.count,
        "rows": [shown(row, actor) for row in page],
        "tallies": tallies(actor.district, month, scope),
        "suggestions": [
            {"row": each, "may_confirm": each.is_open and each.differs
             and actor.can("actuals.write", each.unit)}
            for each in suggestions(actor.district, month, scope)
        ],
        "month": month_text(month),
        "may_add": units_for(actor, "field.write").exists(),
        "plannable": units_for(actor, "field.confirm"),
        "may_rule": actor.can("field.rules"),
        "sentence": _judgement(actor),
    }  # fmt: skip
    return render(request, "fieldwork/visits.html", context)


@require("field.read")
def export(request: HttpRequest) -> FileResponse:
    """The visits as narrowed, as Excel."""
    return visits_download(request.actor.district, _narrowed(request).qs)


@require("field.read")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One visit: done here on the phone, read afterwards."""
    actor = request.actor
    row = visit_of(actor, pk)
    if request.method != "POST":
        return _page(request, row)
    actor.demand("field.write", row.unit_id)
    form = _visit_form(request, row, request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=400)
    try:
        services.do_visit(
            visit=row, version=form.cleaned_data["version"], report=form.report(),
            photos=[file for file in request.FILES.getlist("photo") if file.size],
            may_stand_in=actor.can("field.confirm", row.unit_id), by=actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, form=form, status=error.status)
    messages.success(request, _("Visit noted"))
    return redirect("field_visits")


@require("field.write")
def add(request: HttpRequest) -> HttpResponse:
    """A visit beside the plan, for oneself."""
    actor = request.actor
    units = units_for(actor, "field.write")
    if not units:
        raise PermissionDenied
    outlets = visited_dealers(actor.district, actor.on, [unit.pk for unit in units])
    data = request.POST if request.method == "POST" else None
    form = AddForm(data, dealers=outlets, initial={"planned_on": actor.on})
    if form.is_valid():
        dealer = form.cleaned_data["dealer"]
        try:
            made = services.add_visit(
                unit=dealer.current.unit, dealer=dealer, person=actor.person,
                on=form.cleaned_data["planned_on"], by=actor.person, at=request.now,
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect("field_visit", pk=made.pk)
    status = 400 if form.errors else 200
    return render(request, "fieldwork/visit_new.html", {"form": form}, status=status)


@require_POST
@require("field.confirm")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a visit to somebody, or move its day."""
    row = visit_of(request.actor, pk, "field.confirm")
    form = _assign_form(request.actor, row, request.POST)
    if not form.is_valid():
        return _page(request, row, assign_form=form, status=400)
    typed = form.cleaned_data
    return _done(
        request, row, services.assign_visit, _("Assigned"), version=typed["version"],
        person=typed["person"], on=typed["planned_on"],
    )  # fmt: skip


@require_POST
@require("field.confirm")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a planned visit."""
    row = visit_of(request.actor, pk, "field.confirm")
    reason = request.POST.get("reason", "")
    version = _number(request.POST.get("version", ""))
    return _done(
        request, row, services.cancel_visit, _("Cancelled"), version=version, reason=reason
    )


@require_POST
@require("field.write")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the problem of a visit."""
    row = visit_of(request.actor, pk, "field.write")
    remark, version = request.POST.get("remark", ""), _number(request.POST.get("version", ""))
    return _done(request, row, services.close_problem, _("Closed"), version=version, remark=remark)


@require("field.read")
def photo(request: HttpRequest, pk: int, token: str) -> FileResponse:
    """A photo, for whoever may see its visit."""
    row = visit_of(request.actor, pk)
    return photo_download(get_object_or_404(ActivityPhoto, activity=row, token=token))


@require_POST
@require("field.confirm")
def plan(request: HttpRequest) -> HttpResponse:
    """Plan what is missing of a unit's month."""
    unit, month = _unit_and_month(request, "field.confirm")
    try:
        added = services.plan_visits(
            unit=unit, month=month, by=request.actor.person, at=request.now
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(count)s visit planned", "%(count)s visits planned", added)
        messages.success(request, text % {"count": added})
    return redirect("field_visits")


@require_POST
@require("actuals.write")
def confirm(request: HttpRequest) -> HttpResponse:
    """Take the visits done as the month's figure."""
    unit, month = _unit_and_month(request, "actuals.write")
    try:
        figure = services.confirm_visits(
            unit=unit, month=month, by=request.actor.person, at=request.now
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("%(count)s visits reported for %(month)s")
            % {"count": int(figure.value or 0), "month": month_text(month)},
        )
    return redirect("field_visits")


@require("field.rules")
def rules(request: HttpRequest) -> HttpResponse:
    """How often each tier is visited, and the check-list; new versions from a day on."""
    actor, at = request.actor, request.now
    known = six_items_of(actor.district, actor.on)
    what = request.POST.get("what", "")
    lines = "\n".join(f"{each['zh']} | {each['en']}" for each in known.fields)
    often = FrequencyForm(
        request.POST if what == "frequency" else None, initial={"valid_from": actor.on}
    )
    listed = CheckListForm(
        request.POST if what == "list" else None, auto_id="list_%s",
        initial={"valid_from": actor.on, "lines": lines},
    )  # fmt: skip
    try:
        if often.is_bound and often.is_valid():
            services.set_frequency(
                district=actor.district, by=actor.person, at=at, **often.cleaned_data
            )
            messages.success(request, _("Saved"))
            return redirect("field_visit_rules")
        if listed.is_bound and listed.is_valid():
            save_form(
                district=actor.district, kind=FormKind.SIX_ITEMS, fields=listed.items(known),
                valid_from=listed.cleaned_data["valid_from"], by=actor.person, at=at,
                name_zh=known.name_zh, name_en=known.name_en,
            )  # fmt: skip
            messages.success(request, _("Saved"))
            return redirect("field_visit_rules")
    except DomainError as error:
        (often if often.is_bound else listed).refuse(error)
    present = frequencies(actor.district, actor.on)
    context = {
        "often": often,
        "listed": listed,
        "known": known,
        "present": [
            {"tier": tier.label, "visits": present.get(tier.value)}
            for tier in DealerTier
            if tier != DealerTier.LEGACY
        ],
    }
    status = 400 if often.errors or listed.errors else 200
    return render(request, "fieldwork/visit_rules.html", context, status=status)


def shown(row: Activity, actor: Actor) -> dict[str, Any]:
    """Return what lists say of a visit."""
    is_open = row.state in OPEN
    return {
        "visit": row,
        "state_name": row.get_state_display(),
        "chip": CHIPS[row.state],
        "is_open": is_open,
        "is_late": is_open and row.planned_on < actor.on,
        "is_missed": is_open and row.planned_on < actor.on.replace(day=1),
        "is_mine": row.person_id == actor.person.pk,
        "is_unsolved": row.follow_up_on is not None and row.closed_at is None,
        "is_follow_up_late": row.follow_up_on is not None
        and row.closed_at is None
        and row.follow_up_on < actor.on,
    }


def _rows(rows: QuerySet[Activity], view: str, actor: Actor) -> QuerySet[Activity]:
    if view == "problems":
        return unsolved(rows)
    if view == "all":
        return rows.order_by("-planned_on", "-pk")
    week = actor.on + timedelta(days=6)
    # What a past month missed is missed: its figure has gone out.
    first = actor.on.replace(day=1)
    due = rows.filter(state__in=OPEN, planned_on__gte=first, planned_on__lte=week)
    is_worker = not actor.can("field.confirm") and actor.can("field.write")
    return due.filter(person=actor.person) if is_worker else due


def _narrowed(request: HttpRequest) -> VisitFilter:
    actor = request.actor
    scope = actor.unit_ids("field.read")
    return VisitFilter(
        request.GET or None, visible_visits(actor), units=units_for(actor, "field.read"),
        people=responsible_people(actor.district, actor.on, scope), on=actor.on,
    )  # fmt: skip


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in ("view", "page"):
        kept.pop(name, None)
    return kept.urlencode()


def _judgement(actor: Actor) -> str:
    rows = visible_visits(actor)
    overdue, open_problems = late(rows, actor.on).count(), unsolved(rows).count()
    text = ngettext(
        "%(late)s visit is overdue, %(problems)s problems are open.",
        "%(late)s visits are overdue, %(problems)s problems are open.",
        overdue,
    )
    return text % {"late": overdue, "problems": open_problems}


def _unit_and_month(request: HttpRequest, capability: str) -> tuple[Unit, Any]:
    units = Unit.objects.of(request.actor.district).business()
    unit = get_object_or_404(
        units.select_related("district"), code=request.POST.get("unit", "")[:40]
    )
    request.actor.demand(capability, unit)
    try:
        return unit, parse_month(request.POST.get("month", ""))
    except ValueError:
        return unit, request.actor.on.replace(day=1)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _done(
    request: HttpRequest, row: Activity, service: Callable[..., Any], said: str, **more: Any
) -> HttpResponse:
    try:
        service(visit=row, by=request.actor.person, at=request.now, **more)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("field_visit", pk=row.pk)


def _visit_form(request: HttpRequest, row: Activity, data: Any = None) -> VisitForm:
    actor = request.actor
    used = six_items_of(actor.district, actor.on)
    return VisitForm(data, check_list=used, today=actor.on, initial={"version": row.version})


def _assign_form(actor: Actor, row: Activity, data: Any = None) -> AssignForm:
    return AssignForm(
        data, people=responsible_people(actor.district, actor.on, [row.unit_id]),
        auto_id="assign_%s",
        initial={"person": row.person.code if row.person else "", "planned_on": row.planned_on,
                 "version": row.version},
    )  # fmt: skip


def _page(
    request: HttpRequest, row: Activity, *, form: VisitForm | None = None,
    assign_form: AssignForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor = request.actor
    may_confirm = actor.can("field.confirm", row.unit_id)
    is_open = row.state in OPEN
    is_free = row.person_id in (None, actor.person.pk) or may_confirm
    may_do = is_open and actor.can("field.write", row.unit_id) and is_free
    if form is None and may_do:
        form = _visit_form(request, row)
    if assign_form is None and may_confirm and is_open:
        assign_form = _assign_form(actor, row)
    context = shown(row, actor) | {
        "form": form if may_do else None,
        "assign_form": assign_form,
        "may_close": actor.can("field.write", row.unit_id),
        "checks": [
            {
                "name": in_language(each["zh"], each["en"]),
                "is_check": each["type"] == "check",
                "value": row.answers.get(each["code"], ""),
            }
            for each in (row.form.fields if row.form and row.done_at else [])
        ],
        "photos": row.photos.defer("content"),
        "trail_url": f"?subject=visits/{row.pk}" if actor.can("trail.read") else "",
    }
    return render(request, "fieldwork/visit.html", context, status=status)
