"""The store: stock by item and place, the ledger, what its keeper and the units do with it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, QuerySet, When
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from fieldwork.access import units_for, visible_movements
from fieldwork.downloads import flows_download, ledger_download, stock_download
from fieldwork.filters.warehouse import ItemFilter, LedgerFilter
from fieldwork.forms.warehouse import (
    HandOutForm,
    ItemForm,
    MoveForm,
    ReceiptsForm,
    StockTakeForm,
)
from fieldwork.models import MovementKind, StockMovement
from fieldwork.queries.warehouse import Flow, Shelf, flows_of, items_of, place_name, shelves
from fieldwork.services import warehouse as services
from fieldwork.services.receipts_import import import_receipts
from fieldwork.views.importing import import_page
from fieldwork.wording import join
from fieldwork.workbooks.warehouse import COLUMNS, REQUIRED
from orgchart.errors import DomainError
from orgchart.models import Dealer, Unit
from orgchart.permissions import Actor, require
from targets.months import month_text, parse_month

PER_PAGE = 30
CHIPS = {
    MovementKind.RECEIVE: "good", MovementKind.RETURN: "good", MovementKind.WRITE_OFF: "bad",
    MovementKind.STOCK_TAKE: "warn",
}  # fmt: skip


@require("stock.read")
def stock(request: HttpRequest) -> HttpResponse:
    """What lies where, of the store and the person's units; what is short."""
    actor = request.actor
    chosen = ItemFilter(request.GET, items_of(actor.district))
    found, places = _shelves(actor, chosen), places_of(actor)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "count": page.paginator.count,
        "page_obj": page,
        "places": [place_name(place, actor.district.pk) for place in places],
        "rows": [_row(shelf, places, actor) for shelf in page],
        "may_keep": actor.can("stock.keep"),
        "may_request": actor.can("stock.request") and bool(units_for(actor, "stock.request")),
        "query": request.GET.urlencode(),
        "sentence": _judgement(shelves(actor.district, items_of(actor.district), ())),
    }
    return render(request, "fieldwork/stock.html", context)


@require("stock.read")
def export(request: HttpRequest) -> FileResponse:
    """The stock as narrowed, as Excel."""
    actor = request.actor
    chosen = ItemFilter(request.GET, items_of(actor.district))
    return stock_download(actor.district, _shelves(actor, chosen), places_of(actor))


@require("stock.read")
def ledger(request: HttpRequest) -> HttpResponse:
    """The ledger at the person's places, the latest first."""
    actor = request.actor
    chosen = _narrowed(request)
    page = Paginator(_told(chosen.qs), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "count": page.paginator.count,
        "page_obj": page,
        "rows": [
            {
                "line": row,
                "chip": CHIPS.get(MovementKind(row.kind), ""),
                "place": place_name(row.unit, actor.district.pk),
                "other": place_name(row.other, actor.district.pk) if row.other else "",
                "request": row.request,
            }
            for row in page
        ],
        "query": request.GET.urlencode(),
    }
    return render(request, "fieldwork/stock_ledger.html", context)


@require("stock.read")
def ledger_export(request: HttpRequest) -> FileResponse:
    """The ledger as narrowed, as Excel."""
    return ledger_download(request.actor.district, _told(_narrowed(request).qs))


@require("stock.read")
def report(request: HttpRequest) -> HttpResponse:
    """A month of every item at the person's places: in = out + balance, from the ledger."""
    actor, month = request.actor, _month(request)
    flows = _flows(actor, month)
    page = Paginator(flows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "month": month_text(month),
        "count": len(flows),
        "page_obj": page,
        "rows": [
            {"flow": flow, "place": place_name(flow.unit, actor.district.pk)} for flow in page
        ],
        "query": f"in_month={month_text(month)}",
    }
    return render(request, "fieldwork/stock_report.html", context)


@require("stock.read")
def report_export(request: HttpRequest) -> FileResponse:
    """The month's report as Excel."""
    actor, month = request.actor, _month(request)
    return flows_download(actor.district, _flows(actor, month), month)


@require("stock.keep")
def item(request: HttpRequest, code: str = "") -> HttpResponse:
    """A new item, or another name, kind or warning level of a known one."""
    actor, status = request.actor, 200
    row = get_object_or_404(items_of(actor.district), code=code) if code else None
    form = ItemForm(request.POST or None, item=row)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            typed = dict(form.cleaned_data)
            version = typed.pop("version") or 0
            try:
                services.save_item(
                    district=actor.district, item=row, typed=typed, version=version,
                    by=actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Saved"))
                return redirect("field_stock")
    return _form_page(request, form, row.name if row else pgettext("stock", "New item"), status)


@require("stock.keep")
def move(request: HttpRequest) -> HttpResponse:
    """An operation of the keeper on one item."""
    actor = request.actor
    form = MoveForm(
        request.POST or None, items=items_of(actor.district), places=places_of(actor),
        district_id=actor.district.pk,
        initial={"on": actor.on, "kind": request.GET.get("kind", "receive")},
    )  # fmt: skip
    return _moved(request, form, _("Stock operation"))


@require("stock.request")
def hand_out(request: HttpRequest) -> HttpResponse:
    """What a unit hands to a dealer or uses up, from its own stock."""
    actor = request.actor
    units = units_for(actor, "stock.request")
    if not units:
        raise PermissionDenied
    dealers = Dealer.objects.filter(
        district=actor.district, affiliations__unit__in=units,
        affiliations__valid_to__isnull=True,
    ).open_on(actor.on)  # fmt: skip
    form = HandOutForm(
        request.POST or None, units=units, dealers=dealers,
        items=items_of(actor.district).filter(is_closed=False), initial={"on": actor.on},
    )  # fmt: skip
    return _moved(request, form, _("Hand out"))


@require("stock.keep")
def take(request: HttpRequest) -> HttpResponse:
    """Count a place; what differs from the book is posted. `?place=` a unit, else the store."""
    actor, status = request.actor, 200
    places = places_of(actor)
    code = request.GET.get("place", actor.district.code)
    place = get_object_or_404(places, code=code)
    found = shelves(actor.district, items_of(actor.district), [place.pk])
    form = StockTakeForm(request.POST or None, shelves=found, place=place, initial={"on": actor.on})
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                posted = services.take_stock(
                    district=actor.district, place=place, counts=form.counts(),
                    on=form.cleaned_data["on"], note=form.cleaned_data["note"], by=actor.person,
                    at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                text = ngettext(
                    "%(count)s difference posted", "%(count)s differences posted", len(posted)
                )
                messages.success(request, text % {"count": len(posted)})
                return redirect("field_stock_ledger")
    context = {
        "form": form,
        "places": [
            {"code": each.code, "name": place_name(each, actor.district.pk),
             "is_active": each == place}
            for each in places
        ],
    }  # fmt: skip
    return render(request, "fieldwork/stock_take.html", context, status=status)


@require("stock.keep")
def take_in(request: HttpRequest) -> HttpResponse:
    """Import receipts: every fault with its row, or all of it."""
    actor = request.actor

    def run(typed: dict[str, Any]) -> str:
        done = import_receipts(
            district=actor.district, content=typed["file"].read(), by=actor.person, at=request.now
        )
        text = _("%(made)s received, %(same)s known already")
        return text % {"made": done.made, "same": done.same}

    return import_page(
        request, form=ReceiptsForm(request.POST or None, request.FILES or None), run=run,
        title=_("Import receipts"), crumb=_("Warehouse"), crumb_route="field_stock",
        back="field_stock_ledger", columns=COLUMNS, required=REQUIRED,
        note=_("An item on a voucher is one receipt; a known voucher changes nothing."),
    )  # fmt: skip


def places_of(actor: Actor) -> QuerySet[Unit]:
    """Return the places whose stock the actor reads: the store, then the units."""
    units = units_for(actor, "stock.read")
    ids = {actor.district.pk, *units.values_list("pk", flat=True)}
    is_unit = Case(When(pk=actor.district.pk, then=0), default=1)
    return Unit.objects.filter(pk__in=ids).order_by(is_unit, "position", "pk")


def _flows(actor: Actor, month: date) -> list[Flow]:
    return flows_of(actor.district, actor.unit_ids("stock.read"), month)


def _month(request: HttpRequest) -> date:
    try:
        return parse_month(request.GET.get("in_month", ""))
    except ValueError:
        return request.actor.on.replace(day=1)


def _shelves(actor: Actor, chosen: ItemFilter) -> list[Shelf]:
    found = shelves(actor.district, chosen.qs, actor.unit_ids("stock.read"))
    return [shelf for shelf in found if shelf.is_short] if chosen.is_short_only else found


def _row(shelf: Shelf, places: QuerySet[Unit], actor: Actor) -> dict[str, Any]:
    return {
        "shelf": shelf,
        "counts": [
            (place_name(place, actor.district.pk), shelf.counts.get(place.pk, 0))
            for place in places
        ],
    }


def _judgement(found: list[Shelf]) -> str:
    short = [shelf.item.name for shelf in found if shelf.is_short]
    if not short:
        return _("Every item has its warning level free in the store.")
    text = ngettext(
        "%(count)s item is short: %(names)s.", "%(count)s items are short: %(names)s.", len(short)
    )
    names = join(short[:3])
    if len(short) > 3:
        names = _("%(names)s and more") % {"names": names}
    return text % {"count": len(short), "names": names}


def _narrowed(request: HttpRequest) -> LedgerFilter:
    actor = request.actor
    return LedgerFilter(
        request.GET or None, visible_movements(actor), items=items_of(actor.district),
        places=places_of(actor), district_id=actor.district.pk,
    )  # fmt: skip


def _told(rows: QuerySet[StockMovement]) -> QuerySet[StockMovement]:
    return rows.select_related("item", "unit", "other", "dealer", "request", "by")


def _moved(request: HttpRequest, form: Any, title: str) -> HttpResponse:
    actor, status = request.actor, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                services.move_stock(
                    district=actor.district, move=form.move(), by=actor.person, at=request.now
                )
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Saved"))
                return redirect("field_stock_ledger")
    return _form_page(request, form, title, status)


def _form_page(request: HttpRequest, form: Any, title: str, status: int) -> HttpResponse:
    context = {"form": form, "title": title, "draft": request.path.strip("/").replace("/", "-")}
    return render(request, "fieldwork/stock_form.html", context, status=status)
