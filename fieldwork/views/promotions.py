"""Promotions: what is due, a month's calendar, all; one with its plan, decision and result."""

from collections.abc import Callable
from datetime import date
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

from fieldwork.access import promotion_of, units_for, visible_promotions
from fieldwork.downloads import photo_download, promotions_download
from fieldwork.filters.promotions import PromotionFilter
from fieldwork.forms.accounts import ListForm
from fieldwork.forms.promotions import PlanForm, ResultForm
from fieldwork.models import Activity, ActivityPhoto, ActivityState
from fieldwork.present.promotions import CHIPS, budget_words, lift_words
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.lift import lifts
from fieldwork.queries.promotion_claims import claim_url, claims_naming
from fieldwork.queries.promotions import (
    CLAIMABLE,
    EDITABLE,
    calendar,
    due,
    tallies,
    to_decide,
    together,
    unreported,
)
from fieldwork.rules.promotions import per_user
from fieldwork.services import promotions as services
from fieldwork.services.promotion_import import import_promotions
from fieldwork.views.importing import import_page, told
from fieldwork.workbooks.promotions import COLUMNS, REQUIRED
from orgchart.errors import DomainError
from orgchart.permissions import Actor, require
from targets.months import month_after, month_text, parse_month

PER_PAGE = 30
VIEWS = ("due", "calendar", "all")


@require("promotions.read")
def promotions(request: HttpRequest) -> HttpResponse:
    """What asks for something; `?view=calendar&month=` a month, `all` everything, narrowed."""
    actor = request.actor
    view = request.GET.get("view", "due")
    view = view if view in VIEWS else "due"
    month = _month(request.GET.get("month", ""), actor.on)
    chosen = _narrowed(request)
    sums = tallies(actor.district, month, actor.unit_ids("promotions.read"))
    context: dict[str, Any] = {
        "filter": chosen,
        "view": view,
        "query": _query(request),
        "tallies": sums,
        "total": together(sums, actor.district) if len(sums) > 1 else None,
        "month": month_text(month),
        "may_write": units_for(actor, "promotions.write").exists(),
        "may_import": actor.can("field.confirm"),
        "sentence": _judgement(actor),
    }
    if view == "calendar":
        context |= {
            "weeks": [
                [{"cell": day, "rows": [shown(row, actor) for row in day.rows]} for day in week]
                for week in calendar(chosen.qs, month)
            ],
            "today": actor.on,
            "before": month_text(month_after(month, -1)),
            "after": month_text(month_after(month)),
        }
    else:
        rows = chosen.qs.order_by("-planned_on", "-pk") if view == "all" else _due(chosen.qs, actor)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        context |= {
            "page_obj": page,
            "count": page.paginator.count,
            "rows": [shown(row, actor) for row in page],
        }
    return render(request, "fieldwork/promotions.html", context)


@require("promotions.read")
def export(request: HttpRequest) -> FileResponse:
    """The promotions as narrowed, as Excel whose plans the import reads back."""
    return promotions_download(request.actor.district, _narrowed(request).qs)


@require("promotions.read")
def promotion(request: HttpRequest, code: str) -> HttpResponse:
    """One promotion: its plan, who decides it, what came of it; the result is entered here."""
    actor = request.actor
    row = promotion_of(actor, code)
    if request.method != "POST":
        return _page(request, row)
    actor.demand("promotions.write", row.unit_id)
    form = ResultForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=400)
    try:
        services.report_promotion(
            promotion=row, photos=[file for file in request.FILES.getlist("photo") if file.size],
            may_stand_in=actor.can("field.confirm", row.unit_id), by=actor.person, at=request.now,
            **form.cleaned_data,
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, form=form, status=error.status)
    messages.success(request, _("Result noted"))
    return redirect("field_promotion", code=code)


@require("promotions.write")
def write(request: HttpRequest) -> HttpResponse:
    """A new plan, submitted at once; unit, day and users may come with the address."""
    return _form_page(request, None)


@require("promotions.write")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """A plan again, which is then to be approved anew."""
    return _form_page(request, promotion_of(request.actor, code, "promotions.write"))


@require_POST
@require("promotions.approve")
def approve(request: HttpRequest, code: str) -> HttpResponse:
    """Approve a plan."""
    row = promotion_of(request.actor, code, "promotions.approve")
    return _done(request, row, services.approve_promotion, _("Approved"))


@require_POST
@require("promotions.approve")
def give_back(request: HttpRequest, code: str) -> HttpResponse:
    """Return a plan with a reason."""
    row = promotion_of(request.actor, code, "promotions.approve")
    reason = request.POST.get("reason", "")
    return _done(request, row, services.return_promotion, _("Returned"), reason=reason)


@require_POST
@require("promotions.write")
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Call a promotion off."""
    row = promotion_of(request.actor, code, "promotions.write")
    reason = request.POST.get("reason", "")
    return _done(request, row, services.cancel_promotion, _("Cancelled"), reason=reason)


@require("promotions.read")
def photo(request: HttpRequest, code: str, token: str) -> FileResponse:
    """A photo, for whoever may see its promotion."""
    row = promotion_of(request.actor, code)
    return photo_download(get_object_or_404(ActivityPhoto, activity=row, token=token))


@require("field.confirm")
def take_in(request: HttpRequest) -> HttpResponse:
    """Import plans: every fault with its row, or all of it, submitted."""
    actor = request.actor
    form = ListForm(request.POST or None, request.FILES or None)
    form.fields["file"].label = _("List of promotions")

    def run(typed: dict[str, Any]) -> str:
        return told(
            import_promotions(
                district=actor.district, unit_ids=actor.unit_ids("promotions.write"),
                content=typed["file"].read(), by=actor.person, at=request.now,
            )
        )  # fmt: skip

    return import_page(
        request, form=form, run=run, title=_("Import promotions"), crumb=_("Promotions"),
        crumb_route="field_promotions", back="field_promotions", columns=COLUMNS,
        required=REQUIRED,
        note=_("New plans are submitted; a plan that is reported or called off stays as it is."),
    )  # fmt: skip


def shown(row: Activity, actor: Actor) -> dict[str, Any]:
    """Return what lists say of a promotion."""
    paper = row.promotion
    is_due = row.state == ActivityState.APPROVED
    return {
        "promotion": row,
        "paper": paper,
        "setting": paper.get_setting_display(),
        "state_name": row.get_state_display(),
        "chip": CHIPS[row.state],
        "is_late": is_due and row.planned_on < actor.on,
        "is_today": is_due and row.planned_on == actor.on,
        "is_held": row.state == ActivityState.DONE,
        "per_user": per_user(paper.cost, paper.users),
    }


def _due(rows: QuerySet[Activity], actor: Actor) -> QuerySet[Activity]:
    found = due(rows, actor.on).order_by("planned_on", "pk")
    is_worker = actor.can("promotions.write") and not actor.can("field.confirm")
    return found.filter(person=actor.person) if is_worker else found


def _narrowed(request: HttpRequest) -> PromotionFilter:
    actor = request.actor
    scope = actor.unit_ids("promotions.read")
    return PromotionFilter(
        request.GET or None, visible_promotions(actor), units=units_for(actor, "promotions.read"),
        people=responsible_people(actor.district, actor.on, scope), on=actor.on,
    )  # fmt: skip


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in ("view", "page", "month"):
        kept.pop(name, None)
    return kept.urlencode()


def _month(text: str, on: date) -> date:
    try:
        return parse_month(text)
    except ValueError:
        return on.replace(day=1)


def _judgement(actor: Actor) -> str:
    rows = visible_promotions(actor)
    waiting, late = to_decide(rows).count(), unreported(rows, actor.on).count()
    text = ngettext(
        "%(waiting)s promotion waits for approval, %(late)s results are overdue.",
        "%(waiting)s promotions wait for approval, %(late)s results are overdue.",
        waiting,
    )
    return text % {"waiting": waiting, "late": late}


def _done(
    request: HttpRequest, row: Activity, service: Callable[..., Any], said: str, **more: Any
) -> HttpResponse:
    typed = request.POST.get("version", "")
    version = int(typed) if typed.isdecimal() and len(typed) < 9 else 0
    try:
        service(promotion=row, version=version, by=request.actor.person, at=request.now, **more)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("field_promotion", code=row.promotion.code)


def _page(
    request: HttpRequest, row: Activity, *, form: ResultForm | None = None, status: int = 200
) -> HttpResponse:
    actor, paper = request.actor, row.promotion
    may_write = actor.can("promotions.write", row.unit_id)
    is_free = row.person_id in (None, actor.person.pk) or actor.can("field.confirm", row.unit_id)
    is_held = row.state == ActivityState.DONE
    has_come = row.state == ActivityState.APPROVED and row.planned_on <= actor.on
    may_report = may_write and is_free and (is_held or has_come)
    if form is None and may_report:
        form = ResultForm(initial=_result(row))
    claims = claims_naming(actor, paper.code)
    context = shown(row, actor) | {
        "form": form if may_report else None,
        "may_edit": may_write and row.state in EDITABLE,
        "may_decide": row.state == ActivityState.SUBMITTED
        and actor.can("promotions.approve", row.unit_id)
        and paper.made_by_id != actor.person.pk,
        "photos": row.photos.defer("content"),
        "lifts": [lift_words(each, row.planned_on, actor.on) for each in lifts(row)]
        if is_held
        else [],
        "claims": claims,
        "claim_url": claim_url(actor, row.unit_id, paper.code) if row.state in CLAIMABLE else "",
        "budget": budget_words(paper, claims) if actor.can("claims.read", row.unit_id) else None,
        "trail_url": f"?subject=promotions/{paper.code}" if actor.can("trail.read") else "",
    }
    return render(request, "fieldwork/promotion.html", context, status=status)


def _result(row: Activity) -> dict[str, Any]:
    paper = row.promotion
    cost = "" if paper.cost is None else f"{paper.cost:.2f}"
    return {
        "users": paper.users, "cost": cost, "summary": paper.summary, "version": row.version,
    }  # fmt: skip


def _form_page(request: HttpRequest, row: Activity | None) -> HttpResponse:
    actor, status = request.actor, 200
    units = units_for(actor, "promotions.write").select_related("district")
    if not units:
        raise PermissionDenied
    form = PlanForm(
        request.POST or None, units=units, district=actor.district, on=actor.on,
        initial=_initial(request, row),
    )  # fmt: skip
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                saved = services.save_promotion(
                    plan=form.plan(), promotion=row, version=form.cleaned_data["version"],
                    by=actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Submitted for approval"))
                return redirect("field_promotion", code=saved.promotion.code)
    context = {"form": form, "promotion": row}
    return render(request, "fieldwork/promotion_form.html", context, status=status)


def _initial(request: HttpRequest, row: Activity | None) -> dict[str, Any]:
    if row is None:
        person = request.actor.person
        given = {
            name: request.GET[name][:40]
            for name in ("unit", "planned_on", "setting", "expected", "dealer")
            if request.GET.get(name)
        }
        return {"planned_on": request.actor.on.isoformat(), "person": person.code} | given
    paper = row.promotion
    given = {name: getattr(paper, name) for name in services.OF_PLAN} | {
        "unit": row.unit.code, "planned_on": row.planned_on, "version": row.version,
        "dealer": row.dealer.code if row.dealer else "",
        "person": row.person.code if row.person else "",
    }  # fmt: skip
    return given | {"budget": f"{paper.budget:.2f}"}
