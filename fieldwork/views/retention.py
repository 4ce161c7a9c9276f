"""Call-backs: who is to be called, one call on the phone, a month's list in, why users leave."""

import re
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fieldwork.access import may_call, units_for, visible_warned, warned_user, warned_users
from fieldwork.downloads import retention_download
from fieldwork.filters.retention import WarnedFilter
from fieldwork.forms.retention import CallForm, GiveForm, WarnedListForm
from fieldwork.models import REACHED, WarnedUser
from fieldwork.present.retention import charts
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.retention import (
    Outcome,
    added_up,
    kinds,
    months_of,
    outcomes,
    overdue,
    reasons,
    to_call,
)
from fieldwork.services import retention as services
from fieldwork.services.retention_import import import_warned
from fieldwork.views.giving import give_as_typed
from fieldwork.views.importing import import_page
from fieldwork.workbooks.retention import COLUMNS, REQUIRED
from orgchart.errors import DomainError, Invalid
from orgchart.permissions import Actor, require
from targets.months import month_text, parse_month
from targets.templatetags.amounts import percent

PER_PAGE = 30
VIEWS = ("due", "all")
_CHOSEN = re.compile(r"\d{1,9}\.\d{1,9}")


@require("retention.read")
def call_backs(request: HttpRequest) -> HttpResponse:
    """Who is to be called, a caller's own; `?view=all` everybody of the person's units."""
    actor = request.actor
    view = request.GET.get("view", "due")
    view = view if view in VIEWS else "due"
    chosen = _narrowed(request)
    rows = chosen.qs.order_by("-month", "due_on", "pk") if view == "all" else _due(chosen.qs, actor)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    for name in ("view", "page"):
        query.pop(name, None)
    context = {
        "filter": chosen,
        "view": view,
        "query": query.urlencode(),
        "page_obj": page,
        "count": page.paginator.count,
        "rows": [shown(row, actor) for row in page],
        "may_import": actor.can("retention.assign"),
        "callers": responsible_people(actor.district, actor.on, actor.unit_ids("retention.assign"))
        if actor.can("retention.assign")
        else [],
        "back": request.GET.urlencode(),
        "sentence": _judgement(actor),
    }
    return render(request, "fieldwork/retention.html", context)


@require("retention.read")
def export(request: HttpRequest) -> FileResponse:
    """The list as narrowed, as Excel; numbers masked."""
    rows = _narrowed(request).qs.annotate(calls_made=Count("calls"))
    return retention_download(request.actor.district, rows)


@require("retention.read")
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """One user: called here on the phone. Opening it reads the number, which is noted."""
    actor = request.actor
    row = warned_user(actor, pk)
    if request.method != "POST":
        return _page(request, row)
    actor.demand("retention.call", row.unit_id)
    form = _call_form(request, row, request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=400)
    try:
        services.note_call(
            user=row, version=form.cleaned_data["version"], answer=form.answer(),
            may_stand_in=may_call(actor, row), by=actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, form=form, status=error.status)
    messages.success(request, _("Call noted"))
    following = _due(visible_warned(actor), actor).filter(person=actor.person).first()
    if following is not None and request.POST.get("next"):
        return redirect("field_call", pk=following.pk)
    return redirect("field_retention")


@require_POST
@require("retention.assign")
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a user to somebody of the unit."""
    row = warned_user(request.actor, pk, "retention.assign")
    form = GiveForm(request.actor, row, request.POST)
    if not form.is_valid():
        return _page(request, row, give_form=form, status=400)
    give_as_typed(request, form, services.give_user, user=row)
    return redirect("field_call", pk=pk)


@require_POST
@require("retention.assign")
def give_many(request: HttpRequest) -> HttpResponse:
    """Give the chosen users, each written as key.version, to one person: all or none."""
    actor = request.actor
    texts = request.POST.getlist("users")[: services.MOST_GIVEN + 1]
    parts = [text.split(".") for text in texts if _CHOSEN.fullmatch(text)]
    people = responsible_people(actor.district, actor.on, actor.unit_ids("retention.assign"))
    person = people.filter(code=request.POST.get("person", "")[:40]).first()
    try:
        if person is None:
            raise Invalid(_("Choose who calls."))
        given = services.give_users(
            users=warned_users(actor, {int(pk): int(version) for pk, version in parts}),
            person=person, by=actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext(
            "%(count)s user given to %(who)s", "%(count)s users given to %(who)s", given
        )
        messages.success(request, text % {"count": given, "who": person.name})
    query = request.POST.get("query", "")
    return redirect(f"{reverse('field_retention')}?{query}")


@require("retention.read")
def analysis(request: HttpRequest) -> HttpResponse:
    """Why users leave, how calling went and who came back, of a month; counts only."""
    actor = request.actor
    rows = visible_warned(actor)
    known = months_of(rows)
    try:
        month = parse_month(request.GET.get("in_month", ""))
    except ValueError:
        month = known[0] if known else actor.on.replace(day=1)
    of_month = rows.filter(month=month)
    units = list(units_for(actor, "retention.read"))
    found = outcomes(of_month, actor.on)
    context = {
        "charts": charts(units, found, reasons(of_month), kinds(of_month)) if found else [],
        "choices": [{"text": month_text(each), "is_active": each == month} for each in known[:12]],
        "sentence": _analysis_sentence(added_up(list(found.values()))),
    }
    return render(request, "fieldwork/retention_analysis.html", context)


def _analysis_sentence(found: Outcome) -> str:
    if not found.listed:
        return _("Nobody is listed in this month.")
    text = ngettext(
        "%(called)s%% called, %(late)s first call never made in time.",
        "%(called)s%% called, %(late)s first calls never made in time.",
        found.late,
    )
    return text % {"called": percent(found.contact_rate, 1), "late": found.late}


@require("retention.assign")
def take_in(request: HttpRequest) -> HttpResponse:
    """Import a month's list: every fault with its row, or all of it."""
    actor = request.actor

    def run(typed: dict[str, Any]) -> str:
        done = import_warned(
            district=actor.district, unit_ids=actor.unit_ids("retention.assign"),
            month=typed["month"], content=typed["file"].read(), by=actor.person, at=request.now,
        )  # fmt: skip
        text = _("%(made)s new, %(changed)s changed, %(same)s as they were")
        return text % {"made": done.made, "changed": done.changed, "same": done.same}

    form = WarnedListForm(
        request.POST or None, request.FILES or None, initial={"month": month_text(actor.on)}
    )
    return import_page(
        request, form=form, run=run, title=_("Import warned users"), crumb=_("Call-backs"),
        crumb_route="field_retention", back="field_retention", columns=COLUMNS, required=REQUIRED,
        note=_(
            "Without a manager in its row a user goes to the manager of the outlet, else to whom "
            "of the unit has the fewest to call. The first call is due within three working days."
        ),
    )  # fmt: skip


def shown(row: WarnedUser, actor: Actor) -> dict[str, Any]:
    """Return what lists say of a user; the number masked."""
    return {
        "warned": row,
        "number": row.masked or _("removed"),
        "is_called": row.first_call_at is not None,
        "chip": _chip(row),
        "is_late": row.first_call_at is None and row.due_on < actor.on and bool(row.number),
    }


def _chip(row: WarnedUser) -> str:
    if row.result in ("agreed", "returned"):
        return "good"
    if row.result in REACHED:
        return "bad"
    return "warn" if row.result else "accent"


def _due(rows: QuerySet[WarnedUser], actor: Actor) -> QuerySet[WarnedUser]:
    due = to_call(rows, actor.on)
    is_caller = actor.can("retention.call") and not actor.can("retention.assign")
    return due.filter(person=actor.person) if is_caller else due


def _narrowed(request: HttpRequest) -> WarnedFilter:
    actor = request.actor
    scope = actor.unit_ids("retention.read")
    return WarnedFilter(
        request.GET or None, visible_warned(actor), units=units_for(actor, "retention.read"),
        people=responsible_people(actor.district, actor.on, scope), on=actor.on,
    )  # fmt: skip


def _judgement(actor: Actor) -> str:
    rows = _due(visible_warned(actor), actor)
    waiting, late = rows.count(), overdue(rows, actor.on).count()
    if not waiting:
        return _("Nobody is to be called.")
    text = ngettext(
        "%(count)s user to call, %(late)s past the three working days.",
        "%(count)s users to call, %(late)s past the three working days.",
        waiting,
    )
    return text % {"count": waiting, "late": late}


def _call_form(request: HttpRequest, row: WarnedUser, data: Any = None) -> CallForm:
    return CallForm(
        data, is_left=row.is_left, today=request.actor.on, initial={"version": row.version}
    )


def _page(
    request: HttpRequest, row: WarnedUser, *, form: CallForm | None = None,
    give_form: GiveForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor = request.actor
    is_caller = may_call(actor, row) and bool(row.number)
    if give_form is None and row.number and actor.can("retention.assign", row.unit_id):
        give_form = GiveForm(actor, row)
    number = ""
    if is_caller:
        form = form or _call_form(request, row)
        number = services.read_number(user=row, by=actor.person, at=request.now)
    context = shown(row, actor) | {
        "form": form if is_caller else None,
        "give_form": give_form,
        "full_number": number,
        "name": row.name if is_caller else row.masked_name,
        "calls": row.calls.select_related("by"),
        "kept_until": services.kept_until(row),
        "trail_url": f"?subject=retention/{row.pk}" if actor.can("trail.read") else "",
    }
    answer = render(request, "fieldwork/call.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer
