"""Accounts: a table, a board by stage, a list by township; one account, its steps; a list in."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from fieldwork.access import account_of, units_for, visible_accounts
from fieldwork.downloads import accounts_download
from fieldwork.filters.accounts import ENDED, AccountFilter
from fieldwork.forms.accounts import AccountForm, ListForm, StepForm
from fieldwork.models import Account, AccountKind, Stage
from fieldwork.present.accounts import coverage_chart
from fieldwork.queries.accounts import (
    area_names,
    areas,
    board,
    coverage,
    kind_totals,
    responsible_people,
    steps_of,
)
from fieldwork.services import accounts as services
from fieldwork.services.account_import import import_accounts
from fieldwork.views.importing import import_page, told
from fieldwork.wording import CHIPS, kind_name, stage_name
from fieldwork.workbooks.accounts import COLUMNS, REQUIRED
from orgchart.errors import DomainError
from orgchart.permissions import Actor, require
from targets.months import month_text

PER_PAGE = 30
VIEWS = ("table", "board", "areas")


@require("field.read")
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts of the person's units; `?view=board` by stage, `areas` by township."""
    actor = request.actor
    chosen = _narrowed(request)
    view = request.GET.get("view", "table")
    view = view if view in VIEWS else "table"
    context: dict[str, Any] = {
        "filter": chosen,
        "view": view,
        "query": _query(request),
        "count": chosen.qs.count(),
        "kinds": _kinds(actor),
        "may_write": units_for(actor, "field.write").exists(),
        "may_import": actor.can("field.confirm"),
        "sentence": _judgement(actor),
    }
    if view == "board":
        context["columns"] = [
            {
                "column": each,
                "name": stage_name(each.stage),
                "chip": CHIPS[each.stage],
                "rows": [shown(row, actor) for row in each.accounts],
            }
            for each in board(chosen.qs)
        ]
    elif view == "areas":
        context["areas"] = [
            {"area": each, "rows": [shown(row, actor) for row in each.accounts]}
            for each in areas(chosen.qs)
        ]
        if request.GET.get("kind") == AccountKind.COMMUNITY:
            context["chart"] = coverage_chart(coverage(visible_accounts(actor), actor.on), actor.on)
    else:
        page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page_obj": page, "rows": [shown(row, actor) for row in page]}
    return render(request, "fieldwork/accounts.html", context)


@require("field.read")
def export(request: HttpRequest) -> FileResponse:
    """The list as narrowed, as Excel that the import reads back."""
    return accounts_download(request.actor.district, _narrowed(request).qs)


@require("field.read")
def account(request: HttpRequest, code: str) -> HttpResponse:
    """One account: what it is, how far it is, what it counted."""
    return _page(request, account_of(request.actor, code))


@require("field.write")
def write(request: HttpRequest) -> HttpResponse:
    """A new account."""
    return _form_page(request, None)


@require("field.write")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """An account again; its stage is moved on its page."""
    return _form_page(request, account_of(request.actor, code, "field.write"))


@require_POST
@require("field.write")
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Move an account to a stage; signing it, or taking a signing back, takes a manager."""
    row = account_of(request.actor, code, "field.write")
    form = _step_form(request, row, request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=400)
    typed = form.cleaned_data
    if Stage.SIGNED in (typed["stage"], row.stage):
        request.actor.demand("field.confirm", row.unit_id)
    try:
        step = services.move_account(
            account=row, version=typed["version"], stage=typed["stage"], on=typed["on"],
            remark=typed["remark"], by=request.actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, form=form, status=error.status)
    messages.success(request, moved(step.account, step))
    return redirect("field_account", code=row.code)


@require_POST
@require("field.confirm")
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Remove a mistaken account."""
    row = account_of(request.actor, code, "field.confirm")
    typed = request.POST.get("version", "")
    try:
        services.remove_account(
            account=row, version=int(typed) if typed.isdecimal() and len(typed) < 9 else 0,
            by=request.actor.person, at=request.now, reason=request.POST.get("reason", "")[:200],
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("field_account", code=code)
    messages.success(request, _("Removed"))
    return redirect("field_accounts")


@require("field.confirm")
def take_in(request: HttpRequest) -> HttpResponse:
    """Import a list: every fault with its row, or all of it."""
    actor = request.actor
    form = ListForm(request.POST or None, request.FILES or None)

    def run(typed: dict[str, Any]) -> str:
        return told(
            import_accounts(
                district=actor.district, unit_ids=actor.unit_ids("field.confirm"),
                content=typed["file"].read(), by=actor.person, at=request.now,
            )
        )  # fmt: skip

    return import_page(
        request, form=form, run=run, title=_("Import accounts"),
        crumb=pgettext("field", "Accounts"), crumb_route="field_accounts", back="field_accounts",
        columns=COLUMNS, required=REQUIRED,
        note=_("A known account keeps its stage; one that comes in as signed was signed before "
               "and counts nothing."),
    )  # fmt: skip


def shown(row: Account, actor: Actor) -> dict[str, Any]:
    """Return what lists say of an account."""
    return {
        "account": row,
        "kind_name": kind_name(row.kind),
        "stage_name": stage_name(row.stage, row.kind),
        "chip": CHIPS[row.stage],
        "is_late": row.deadline is not None and row.deadline < actor.on and row.stage not in ENDED,
    }


def moved(row: Account, step: Any) -> str:
    """Return what a step did, in a sentence: also which month counts it."""
    name = stage_name(row.stage, row.kind)
    if step.event is not None:
        return _("%(stage)s; it counts as a new group in %(month)s") % {
            "stage": name,
            "month": month_text(step.event.month),
        }
    if step.is_owed:
        return _("%(stage)s; it counts as soon as the month is open") % {"stage": name}
    return name


def _narrowed(request: HttpRequest) -> AccountFilter:
    actor = request.actor
    rows = visible_accounts(actor)
    return AccountFilter(
        request.GET or None, rows, units=units_for(actor, "field.read"),
        people=responsible_people(actor.district, actor.on, actor.unit_ids("field.read")),
        areas=area_names(rows), on=actor.on,
    )  # fmt: skip


def _query(request: HttpRequest) -> str:
    """Return the query string without view and page: what the tabs and the export keep."""
    kept = request.GET.copy()
    for name in ("view", "page"):
        kept.pop(name, None)
    return kept.urlencode()


def _kinds(actor: Actor) -> list[dict[str, Any]]:
    """Return each kind with how many are signed: coverage of communities, villages with a group."""
    totals = kind_totals(visible_accounts(actor))
    return [
        {
            "code": kind.value,
            "name": kind.label,
            "signed": totals[kind][0],
            "count": totals[kind][1],
            "share": round(100 * totals[kind][0] / totals[kind][1]),
            "word": stage_name(Stage.SIGNED, kind),
        }
        for kind in AccountKind
        if kind in totals
    ]


def _judgement(actor: Actor) -> str:
    open_ones = visible_accounts(actor).exclude(stage__in=ENDED)
    late = open_ones.filter(deadline__lt=actor.on).count()
    unowned = open_ones.filter(responsible__isnull=True).count()
    if not late and not unowned:
        return _("Every open account has a responsible person and time left.")
    return ngettext(
        "%(late)s open account is past its deadline, %(unowned)s has nobody responsible.",
        "%(late)s open accounts are past their deadline, %(unowned)s have nobody responsible.",
        late,
    ) % {"late": late, "unowned": unowned}


def _step_form(request: HttpRequest, row: Account, data: Any = None) -> StepForm:
    return StepForm(
        data, kind=row.kind, present=row.stage, today=request.actor.on,
        may_sign=request.actor.can("field.confirm", row.unit_id),
        initial={"version": row.version},
    )  # fmt: skip


def _page(
    request: HttpRequest, row: Account, *, form: StepForm | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor
    may_confirm = actor.can("field.confirm", row.unit_id)
    may_move = actor.can("field.write", row.unit_id) and (may_confirm or row.stage != Stage.SIGNED)
    if form is None and may_move:
        form = _step_form(request, row)
    context = shown(row, actor) | {
        "form": form if may_move else None,
        "may_write": actor.can("field.write", row.unit_id),
        "may_remove": may_confirm,
        "steps": [
            {
                "step": step,
                "name": stage_name(step.stage, row.kind),
                "counted": month_text(step.event.month) if step.event else "",
                "is_voided": step.event is not None and step.event.voided_at is not None,
            }
            for step in steps_of(row)
        ],
        "trail_url": f"?subject=accounts/{row.code}" if actor.can("trail.read") else "",
    }
    return render(request, "fieldwork/account.html", context, status=status)


def _form_page(request: HttpRequest, row: Account | None) -> HttpResponse:
    actor, status = request.actor, 200
    units = units_for(actor, "field.write")
    if not units:
        raise PermissionDenied
    form = AccountForm(
        request.POST or None, units=units, district=actor.district, on=actor.on,
        initial=_initial(row),
    )  # fmt: skip
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                saved = services.save_account(
                    district=actor.district, entry=form.entry(), account=row,
                    version=form.cleaned_data["version"], by=actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Saved"))
                return redirect("field_account", code=saved.code)
    return render(
        request, "fieldwork/account_form.html", {"form": form, "account": row}, status=status
    )


def _initial(row: Account | None) -> dict[str, Any]:
    if row is None:
        return {}
    given = {name: getattr(row, name) for name in services.FIELDS}
    given |= {"unit": row.unit.code, "version": row.version}
    given["responsible"] = row.responsible.code if row.responsible else ""
    if row.expected_revenue is not None:
        given["expected_revenue"] = f"{row.expected_revenue:.2f}"
    return given
