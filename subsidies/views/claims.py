"""Expense claims: the list with what is left, writing one, its steps and receipts, its print."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from subsidies.access import (
    claim_of,
    claim_units,
    own_claim,
    steps_for,
    visible_claims,
)
from subsidies.claim_forms import ClaimForm, ItemFormSet, items_of, refuse
from subsidies.downloads import claims_download, receipt_download
from subsidies.filters import ClaimFilter
from subsidies.models import Claim, ClaimReceipt
from subsidies.queries.claims import WRITABLE, UnitHeadroom, headrooms
from subsidies.queries.promotions import named, offered
from subsidies.rules.capitals import in_capitals
from subsidies.rules.claims import closing
from subsidies.services import claims as services
from subsidies.services.receipts import attach_receipt, remove_receipt
from subsidies.wording import amount_text, claim_state_name, month_name
from targets.months import month_after, month_text

CHIPS = {
    "draft": "", "submitted": "accent", "returned": "warn", "approved": "accent",
    "checked": "accent", "paid": "good", "archived": "good", "void": "",
}  # fmt: skip
PER_PAGE = 30
SPARE_ROWS = 2


@require("claims.open")
def claims(request: HttpRequest) -> HttpResponse:
    """The claims that the person may see, and what each unit may still claim this month."""
    actor = request.actor
    scope = claim_units(actor)
    units = Unit.objects.of(actor.district).business().order_by("position")
    units = units if scope is None else units.filter(pk__in=scope)
    chosen = ClaimFilter(request.GET or None, visible_claims(actor), units=units)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    month = actor.on.replace(day=1)
    rooms = headrooms(actor.district, month, scope)
    context = {
        "filter": chosen,
        "page_obj": page,
        "count": page.paginator.count,
        "rows": [shown(row) for row in page],
        "rooms": rooms,
        "month_name": month_name(month),
        "sentence": _judgement(month, rooms, request),
        "may_write": _writable_units(actor).exists(),
        "may_check": actor.can("claims.check"),
        "may_export": actor.can("claims.read"),
    }
    return render(request, "subsidies/claims.html", context)


@require("claims.read")
def export(request: HttpRequest) -> FileResponse:
    """The list as narrowed, as Excel."""
    scope = claim_units(request.actor)
    units = Unit.objects.of(request.actor.district).business()
    units = units if scope is None else units.filter(pk__in=scope)
    chosen = ClaimFilter(request.GET or None, visible_claims(request.actor), units=units)
    return claims_download(request.actor, chosen.qs)


@require("claims.open")
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """One claim: items, receipts, steps, balance; buttons for whoever's turn it is."""
    return _page(request, claim_of(request.actor, pk))


@require("claims.write")
def write(request: HttpRequest) -> HttpResponse:
    """A new claim, with the balance in sight."""
    actor = request.actor
    units = _writable_units(actor)
    if not units:
        raise PermissionDenied
    form = ClaimForm(
        request.POST or None, units=units, today=actor.on,
        promotions=offered(actor.district, [unit.pk for unit in units], actor.on),
        initial={"promotion": request.GET.get("promotion", "")[:20]},
    )  # fmt: skip
    return _form_page(request, form, None, units)


@require("claims.write")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft or returned claim again."""
    row = own_claim(request.actor, pk)
    if row.state not in WRITABLE:
        messages.error(request, _("This claim is submitted; it cannot be changed."))
        return redirect("claim", pk=pk)
    units = Unit.objects.filter(pk=row.unit_id)
    given = {
        "unit": row.unit.code, "month": month_text(row.month),
        "promotion": request.POST.get("promotion", row.promotion),
    }  # fmt: skip
    choices = offered(request.actor.district, [row.unit_id], request.actor.on)
    known = named(request.actor.district, row.promotion)
    if known is not None and known.code not in {each.code for each in choices}:
        choices.append(known)
    form = ClaimForm(given, units=units, today=row.month, promotions=choices)
    return _form_page(request, form, row, units)


@require("claims.open")
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The form on A4 (费用报销单), with the amount in capitals and places to sign."""
    row = claim_of(request.actor, pk)
    amount = row.amount if row.granted is None else row.granted
    context = _context(request, row) | {"capitals": in_capitals(amount), "final": amount}
    return render(request, "subsidies/claim_print.html", context)


@require_POST
@require("claims.write")
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    own_claim(request.actor, pk)
    return _step(request, pk, services.submit_claim, _("Submitted"))


@require_POST
@require("claims.approve")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.approve_claim, _("Approved"))


@require_POST
@require("claims.open")
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    if not (request.actor.can("claims.approve") or request.actor.can("claims.check")):
        raise PermissionDenied
    reason = request.POST.get("reason", "")
    return _step(request, pk, services.return_claim, _("Returned"), reason=reason)


@require_POST
@require("claims.open")
def void(request: HttpRequest, pk: int) -> HttpResponse:
    row = claim_of(request.actor, pk)
    if not (row.claimant_id == request.actor.person.pk or request.actor.can("claims.check")):
        raise PermissionDenied
    reason = request.POST.get("reason", "")
    return _step(request, pk, services.void_claim, _("Made void"), reason=reason)


@require_POST
@require("claims.check")
def check(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.check_claim, _("Receipts checked"))


@require_POST
@require("claims.check")
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.pay_claim, _("Paid"))


@require_POST
@require("claims.check")
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.archive_claim, _("Archived"))


@require_POST
@require("claims.write")
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the photos and PDFs of one form; those that are no receipts are named."""
    row = own_claim(request.actor, pk)
    refusals, kept = [], 0
    for file in request.FILES.getlist("receipt"):
        try:
            attach_receipt(
                claim=row, file=file, name=file.name or "", by=request.actor.person, at=request.now
            )
            kept += 1
        except DomainError as error:
            refusals.append(f"{file.name}: {error}")
    if not kept and not refusals:
        refusals.append(_("Choose a file."))
    if refusals:
        return _page(request, row, refusals=refusals, status=400)
    messages.success(request, _("Receipt attached"))
    return redirect("claim", pk=pk)


@require_POST
@require("claims.write")
def detach(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    row = own_claim(request.actor, pk)
    found = get_object_or_404(ClaimReceipt, claim=row, token=token)
    try:
        remove_receipt(receipt=found, by=request.actor.person, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Receipt removed"))
    return redirect("claim", pk=pk)


@require("claims.open")
def receipt(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """A receipt, for whoever may see its claim; never shown as a page."""
    row = claim_of(request.actor, pk)
    return receipt_download(get_object_or_404(ClaimReceipt, claim=row, token=token))


def shown(row: Claim) -> dict[str, Any]:
    """Return what lists say of a claim."""
    return {
        "claim": row,
        "month_name": month_name(row.month),
        "state_name": claim_state_name(row.state),
        "chip": CHIPS[row.state],
        "lacks_receipts": row.state in ("submitted", "approved") and not row.has_receipts,
    }


def _step(
    request: HttpRequest, pk: int, service: Callable[..., Claim], done: str, **more: Any
) -> HttpResponse:
    row = claim_of(request.actor, pk)
    typed = request.POST.get("version", "")
    try:
        service(
            claim=row, version=int(typed) if typed.isdecimal() and len(typed) < 9 else 0,
            by=request.actor.person, at=request.now, **more,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("claim", pk=pk)


def _page(
    request: HttpRequest, row: Claim, *, refusals: list[str] | None = None, status: int = 200
) -> HttpResponse:
    context = _context(request, row) | {"refusals": refusals or []}
    return render(request, "subsidies/claim.html", context, status=status)


def _context(request: HttpRequest, row: Claim) -> dict[str, Any]:
    actor = request.actor
    row = (
        visible_claims(actor)
        .select_related("unit__district", "approved_by", "checked_by", "paid_by")
        .get(pk=row.pk)
    )
    receipts = row.receipts.defer("content").select_related("added_by")
    rooms = headrooms(actor.district, row.month, [row.unit_id])
    return shown(row) | {
        "items": row.items.select_related("category"),
        "receipts": [
            {
                "receipt": each,
                "is_photo": each.kind == "image/jpeg",
                "kb": (each.size + 512) // 1024,
            }
            for each in receipts
        ],
        "may": steps_for(actor, row),
        "room": rooms[0] if rooms else None,
        "sees_balance": (rooms and actor.can("claims.read", row.unit))
        or actor.can("claims.write", row.unit),
        "steps": _steps(row),
        "is_cut": row.granted is not None and row.granted < row.amount,
        "due": closing(row.month),
        "promotion": named(actor.district, row.promotion),
        "trail_url": f"?subject=claims/{row.number}" if actor.can("trail.read") else "",
    }


def _steps(row: Claim) -> list[dict[str, Any]]:
    return [
        {"label": label, "by": by if when else None, "at": when}
        for label, by, when in (
            (_("Submitted by"), row.claimant, row.submitted_at),
            (_("Approved by"), row.approved_by, row.approved_at),
            (_("Receipts checked by"), row.checked_by, row.checked_at),
            (_("Paid by"), row.paid_by, row.paid_at),
        )
    ]


def _form_page(
    request: HttpRequest, form: ClaimForm, row: Claim | None, units: Any
) -> HttpResponse:
    actor, status = request.actor, 200
    options = {"form_kwargs": {"district": actor.district}, "prefix": "items"}
    if request.method == "POST":
        typed = request.POST.copy()
        typed["items-INITIAL_FORMS"] = "0"  # every row that stays empty is no line
        if "more" in request.POST:  # one row more, nothing checked yet
            count = typed.get("items-TOTAL_FORMS", "")[:4]
            typed["items-TOTAL_FORMS"] = str(int(count) + 1 if count.isdecimal() else 1)
            rows = _unchecked(typed, options)
        else:
            rows = ItemFormSet(typed, **options)
            if form.is_valid() and rows.is_valid():
                try:
                    saved = services.save_claim(
                        unit=form.cleaned_data["unit"] if row is None else row.unit,
                        month=form.cleaned_data["month"] if row is None else row.month,
                        items=items_of(rows), by=actor.person, at=request.now, claim=row,
                        version=_number(typed.get("version", "")),
                        promotion=form.cleaned_data["promotion"],
                    )  # fmt: skip
                except DomainError as error:
                    status = error.status
                    refuse(form, rows, error)
                else:
                    messages.success(request, _("Saved; attach the receipts and submit"))
                    return redirect("claim", pk=saved.pk)
            else:
                status = 400
    else:
        rows = ItemFormSet(initial=_initial(row), **options)
        rows.extra = SPARE_ROWS if row is None else 1
    month = row.month if row else actor.on.replace(day=1)
    context = {
        "form": form, "rows": rows, "claim": row, "month_name": month_name(month),
        "is_late": row is None and request.now >= closing(month),
        "next_name": month_name(month_after(month)),
        "rooms": headrooms(actor.district, month, [unit.pk for unit in units]),
    }  # fmt: skip
    return render(request, "subsidies/claim_form.html", context, status=status)


def _unchecked(typed: Any, options: dict[str, Any]) -> Any:
    """Return the rows as typed, as initial values: a form that is not bound shows no errors."""
    count = min(int(typed["items-TOTAL_FORMS"]), 50)
    names = ("spent_on", "category", "amount", "purpose", "participants")
    initial = [
        {name: typed.get(f"items-{number}-{name}", "") for name in names} for number in range(count)
    ]
    return ItemFormSet(initial=initial, **options)


def _initial(row: Claim | None) -> list[dict[str, Any]]:
    if row is None:
        return []
    return [
        {
            "spent_on": item.spent_on, "category": item.category.code,
            "amount": f"{item.amount:.2f}", "purpose": item.purpose,
            "participants": item.participants,
        }
        for item in row.items.select_related("category")
    ]  # fmt: skip


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None


def _writable_units(actor: Actor) -> Any:
    """Return the business units for which the actor may write claims."""
    units = Unit.objects.of(actor.district).business().open_on(actor.on)
    ids = actor.unit_ids("claims.write")
    return (units if ids is None else units.filter(pk__in=ids)).order_by("position")


def _judgement(month: date, rooms: list[UnitHeadroom], request: HttpRequest) -> str:
    left = sum((each.room.left for each in rooms), start=0)
    if request.now >= closing(month):
        return _("%(month)s is closed for claims since the 25th; %(left)s yuan were not used.") % {
            "month": month_name(month),
            "left": amount_text(left),
        }
    return _("%(left)s yuan of %(month)s are left; claims are due by the 25th, 23:59:59.") % {
        "month": month_name(month),
        "left": amount_text(left),
    }
