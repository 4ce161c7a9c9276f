"""The auditor's pages: who has returned what, and one unit's figures to verify or send back."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kpi.models import CheckState, Month, MonthState
from kpi.present import words
from kpi.present.origins import when
from kpi.queries.board import month_row
from kpi.queries.cells import Cell, Key
from kpi.queries.doubts import doubt_text, doubt_title
from kpi.queries.months import chosen_month, months
from kpi.queries.verification import Checked, Returns, returns
from kpi.services.verification import send_back, verify_returns
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from targets.models import Breakdown
from targets.months import month_text


@require("month.read")
def verification(request: HttpRequest) -> HttpResponse:
    """Each unit's returns of the month: how many are in, odd, verified, sent back."""
    actor: Actor = request.actor
    row = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if row is None:
        return render(request, "kpi/verification.html", {})
    found = returns(actor.district.pk, row.month)
    done = sum(one.is_verified for one in found)
    context = {
        "month": month_text(row.month),
        "rows": [_summary(one, row) for one in found],
        "sentence": _("%(done)s of %(all)s units verified") % {"done": done, "all": len(found)},
    }
    return render(request, "kpi/verification.html", context)


@require("month.read")
def verification_unit(request: HttpRequest, month: date, unit: str) -> HttpResponse:
    """One unit's figures beside task and last month, odd ones marked."""
    row, chosen = _chosen(request.actor, month, unit)
    return render(request, "kpi/verification_unit.html", _page(request.actor, row, chosen))


@require_POST
@require("actuals.verify")
def verification_pass(request: HttpRequest, month: date, unit: str) -> HttpResponse:
    """Verify the figures as they were shown."""
    actor: Actor = request.actor
    row, chosen = _chosen(actor, month, unit)
    try:
        verify_returns(
            unit=chosen.unit, month=row.month, seen=_seen(request, chosen), by=actor.person,
            at=request.now,
        )  # fmt: skip
    except DomainError as error:
        return _again(request, row, chosen, error)
    messages.success(request, _("%(unit)s verified") % {"unit": chosen.unit.short})
    return _to_list(row)


@require_POST
@require("actuals.verify")
def verification_return(request: HttpRequest, month: date, unit: str) -> HttpResponse:
    """Send the chosen figures back with a reason."""
    actor: Actor = request.actor
    row, chosen = _chosen(actor, month, unit)
    wanted = set(request.POST.getlist("cell"))
    keys = [one.cell.key for one in chosen.figures if _name(one.cell) in wanted]
    try:
        send_back(
            unit=chosen.unit, month=row.month, keys=keys, seen=_seen(request, chosen),
            reason=request.POST.get("reason", ""), by=actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        return _again(request, row, chosen, error)
    text = ngettext("Sent back %(count)s figure", "Sent back %(count)s figures", len(keys))
    messages.success(request, text % {"count": len(keys)})
    return _to_list(row)


def _chosen(actor: Actor, month: date, unit: str) -> tuple[Month, Returns]:
    row = month_row(actor.district.pk, month)
    if row is None:
        raise Http404
    found = Unit.objects.filter(district=actor.district, code=unit).first()
    ids = None if found and found.pk == actor.district.pk else [found.pk] if found else []
    for one in returns(actor.district.pk, row.month, ids):
        if found and one.unit.pk == found.pk:
            return row, one
    raise Http404


def _name(cell: Cell) -> str:
    return f"{cell.indicator.code}.{cell.breakdown.code}"


def _seen(request: HttpRequest, chosen: Returns) -> dict[Key, int]:
    """Return the versions that the page has shown; what it did not show is missing."""
    seen = {}
    for one in chosen.figures:
        text = request.POST.get(f"seen-{_name(one.cell)}", "")
        if text.isascii() and text.isdecimal():
            seen[one.cell.key] = int(text)
    return seen


def _again(request: HttpRequest, row: Month, chosen: Returns, error: DomainError) -> HttpResponse:
    """Show the page anew with what was wrong; what was chosen and written stays."""
    context = _page(request.actor, row, chosen) | {
        "trouble": str(error),
        "reason": request.POST.get("reason", ""),
        "ticked": set(request.POST.getlist("cell")),
    }
    return render(request, "kpi/verification_unit.html", context, status=error.status)


def _to_list(row: Month) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('verification')}?month={month_text(row.month)}")


def _summary(one: Returns, row: Month) -> dict[str, Any]:
    odd = sum(figure.is_unexplained for figure in one.figures)
    explained = sum(bool(figure.reason) for figure in one.figures)
    return {
        "unit": one.unit.short,
        "url": reverse("verification_unit", args=[month_text(row.month), one.unit.code]),
        "reported": f"{len(one.figures) - one.missing}/{len(one.figures)}",
        "odd": odd,
        "explained": explained,
        "state": _state_of(one),
        "latest": _latest(one),
    }


def _state_of(one: Returns) -> dict[str, str]:
    """Return the chip of a unit's returns."""
    if one.count(CheckState.RETURNED):
        return {"kind": "bad", "text": _("sent back")}
    if one.is_verified:
        return {"kind": "good", "text": _("verified")}
    if one.missing == len(one.figures):
        return {"kind": "wait", "text": _("Not reported")}
    if one.count(CheckState.VERIFIED):
        return {"kind": "warn", "text": _("changed since")}
    return {"kind": "neutral", "text": _("to be verified")}


def _latest(one: Returns) -> str:
    if one.latest is None:
        return ""
    return f"{one.latest.by.name} {when(one.latest.at)}"


def _page(actor: Actor, row: Month, chosen: Returns) -> dict[str, Any]:
    is_open = row.state == MonthState.OPEN
    may = is_open and actor.can("actuals.verify")
    return {
        "month": month_text(row.month),
        "unit": chosen.unit,
        "figures": [_figure(one) for one in chosen.figures],
        "state": _state_of(chosen),
        "latest": _latest(chosen),
        "latest_reason": chosen.latest.reason if chosen.latest else "",
        "may_verify": may and chosen.missing < len(chosen.figures),
        "back_url": f"{reverse('verification')}?month={month_text(row.month)}",
        "reason": "",
        "ticked": set(),
        "why_not": "" if is_open else _("The month is closed: its figures stay as they are."),
    }


def _figure(one: Checked) -> dict[str, Any]:
    cell, indicator = one.cell, one.cell.indicator
    name = indicator.name
    if cell.breakdown.code != Breakdown.WHOLE_CODE:
        name = f"{indicator.short} {cell.breakdown.name}"
    by = cell.actual.reported_by if cell.actual else None
    return {
        "key": _name(cell),
        "name": name,
        "measure": indicator.measure,
        "value": words.shown(cell.value, indicator) if cell.value is not None else "",
        "adjustment": words.shown(cell.adjustment, indicator) if cell.adjustment else "",
        "task": words.shown(cell.task, indicator) if cell.task is not None else "",
        "last": words.shown(one.last, indicator) if one.last is not None else "",
        "version": cell.version or "",
        "by": f"{by.name} {when(cell.actual.reported_at)}" if by and cell.actual else "",
        "doubt": doubt_title(one.doubt) if one.doubt else "",
        "doubt_text": doubt_text(one.doubt, cell.value or 0, indicator) if one.doubt else "",
        "reason": one.reason,
        "is_verified": one.state == CheckState.VERIFIED,
        "is_returned": one.state == CheckState.RETURNED,
    }
