"""Requests to the store: the list, a new one on the phone, approving, issuing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fieldwork.access import stock_request, units_for, visible_requests
from fieldwork.downloads import requests_download
from fieldwork.filters.warehouse import OPEN, RequestFilter
from fieldwork.forms.warehouse import ApproveForm, RefuseForm, RequestForm, StepForm
from fieldwork.models import RequestState, StockRequest, StockRequestLine
from fieldwork.queries.warehouse import items_of, shelves
from fieldwork.services import stock_requests as services
from fieldwork.wording import join
from orgchart.errors import DomainError
from orgchart.permissions import Actor, require

PER_PAGE = 30
CHIPS = {
    RequestState.SUBMITTED: "accent", RequestState.APPROVED: "warn", RequestState.ISSUED: "good",
    RequestState.REFUSED: "bad", RequestState.WITHDRAWN: "",
}  # fmt: skip


@require("stock.read")
def requests(request: HttpRequest) -> HttpResponse:
    """The requests of the person's units, narrowed."""
    actor = request.actor
    chosen = _narrowed(request)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    asked: dict[int, list[str]] = {}
    for line in StockRequestLine.objects.filter(request__in=list(page)).select_related("item"):
        asked.setdefault(line.request_id, []).append(f"{line.item.name} {line.asked}")
    context = {
        "filter": chosen,
        "count": page.paginator.count,
        "page_obj": page,
        "rows": [
            {
                "request": row,
                "chip": CHIPS[RequestState(row.state)],
                "asked": join(asked.get(row.pk, [])),
            }
            for row in page
        ],
        "may_request": _may_request(actor),
        "query": request.GET.urlencode(),
        "sentence": _judgement(actor),
    }
    return render(request, "fieldwork/stock_requests.html", context)


@require("stock.read")
def export(request: HttpRequest) -> FileResponse:
    """The requests as narrowed, as Excel."""
    lines = StockRequestLine.objects.filter(request__in=_narrowed(request).qs).select_related(
        "item", "request__unit", "request__made_by", "request__decided_by"
    )
    return requests_download(
        request.actor.district, lines.order_by("-request__made_at", "-request", "pk")
    )


@require("stock.request")
def write(request: HttpRequest) -> HttpResponse:
    """A new request, made for the phone: numbers beside the items."""
    actor, status = request.actor, 200
    if not _may_request(actor):
        raise PermissionDenied
    form = RequestForm(
        request.POST or None, units=units_for(actor, "stock.request"),
        shelves=shelves(actor.district, items_of(actor.district).filter(is_closed=False), ()),
    )  # fmt: skip
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                row = services.make_request(
                    unit=form.cleaned_data["unit"], asked=form.counts(),
                    purpose=form.cleaned_data["purpose"],
                    needed_on=form.cleaned_data["needed_on"], by=actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Request sent"))
                return redirect("field_stock_request", code=row.code)
    return render(request, "fieldwork/stock_request_new.html", {"form": form}, status=status)


@require("stock.read")
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One request: what is asked, how far it is, the person's next step."""
    return _page(request, stock_request(request.actor, code))


@require_POST
@require("stock.approve")
def approve(request: HttpRequest, code: str) -> HttpResponse:
    """Approve, in whole or in part."""
    row = stock_request(request.actor, code, "stock.approve")
    form = ApproveForm(request.POST, lines=row.lines.select_related("item"))
    return _step(request, row, form, "approve_form", services.approve_request,
                 lambda: {"granted": form.granted()})  # fmt: skip


@require_POST
@require("stock.approve")
def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """Refuse with a reason."""
    row = stock_request(request.actor, code, "stock.approve")
    form = RefuseForm(request.POST)
    return _step(request, row, form, "refuse_form", services.refuse_request,
                 lambda: {"reason": form.cleaned_data["reason"]})  # fmt: skip


@require_POST
@require("stock.request")
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Take the own request back."""
    row = stock_request(request.actor, code, "stock.request")
    return _step(request, row, StepForm(request.POST), "step_form", services.withdraw_request)


@require_POST
@require("stock.keep")
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Issue what was granted."""
    row = stock_request(request.actor, code, "stock.keep")
    return _step(request, row, StepForm(request.POST), "step_form", services.issue_request)


def _step(
    request: HttpRequest, row: StockRequest, form: Any, place: str, service: Any,
    more: Any = dict,
) -> HttpResponse:  # fmt: skip
    if not form.is_valid():
        return _page(request, row, status=400, **{place: form})
    try:
        service(
            request=row, version=form.cleaned_data["version"], by=request.actor.person,
            at=request.now, **more(),
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, status=error.status, **{place: form})
    messages.success(request, _("Saved"))
    return redirect("field_stock_request", code=row.code)


def _page(request: HttpRequest, row: StockRequest, status: int = 200, **forms: Any) -> HttpResponse:
    actor = request.actor
    lines = list(row.lines.select_related("item"))
    mine = row.made_by_id == actor.person.pk
    waits, initial = row.state == RequestState.SUBMITTED, {"version": row.version}
    may_approve = waits and not mine and actor.can("stock.approve", row.unit_id)
    is_granted = row.state == RequestState.APPROVED
    found = {
        shelf.item.pk: shelf for shelf in shelves(actor.district, [line.item for line in lines], ())
    }
    context = {
        "request_row": row,
        "chip": CHIPS[RequestState(row.state)],
        "lines": [
            {
                "line": line,
                "measure": line.item.get_measure_display(),
                "store": found[line.item_id].store,
                "lacks": is_granted and found[line.item_id].store < (line.granted or 0),
            }
            for line in lines
        ],
        "approve_form": forms.get("approve_form")
        or (ApproveForm(lines=lines, initial=initial) if may_approve else None),
        "refuse_form": forms.get("refuse_form")
        or (RefuseForm(initial=initial) if may_approve else None),
        "step_form": forms.get("step_form"),
        "may_withdraw": mine and row.state in OPEN,
        "may_issue": is_granted and actor.can("stock.keep"),
        "trail_url": f"?subject=requests/{row.code}" if actor.can("trail.read") else "",
    }
    return render(request, "fieldwork/stock_request.html", context, status=status)


def _narrowed(request: HttpRequest) -> RequestFilter:
    actor = request.actor
    return RequestFilter(
        request.GET or None, visible_requests(actor), units=units_for(actor, "stock.read")
    )


def _may_request(actor: Actor) -> bool:
    return actor.can("stock.request") and bool(units_for(actor, "stock.request"))


def _judgement(actor: Actor) -> str:
    states = list(
        visible_requests(actor).filter(state__in=OPEN).order_by().values_list("state", flat=True)
    )
    if not states:
        return _("No request waits.")
    waiting = states.count(RequestState.SUBMITTED)
    text = ngettext(
        "%(waiting)s request waits for approval, %(granted)s to be issued.",
        "%(waiting)s requests wait for approval, %(granted)s to be issued.",
        waiting,
    )
    return text % {"waiting": waiting, "granted": len(states) - waiting}
