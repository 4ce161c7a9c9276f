"""Late corrections of published months: asked for, verified, approved with their effect shown."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competitions.wording import month_name, won_by
from kpi.models import Adjustment, AdjustmentState
from kpi.present.origins import when
from kpi.queries.cells import reporting_units
from kpi.services.adjustments import refuse_adjustment, request_adjustment, verify_adjustment
from orgchart.errors import DomainError
from orgchart.models import Person, Unit
from orgchart.permissions import Actor, require
from portal.forms import AdjustmentForm
from portal.queries.adjustments import (
    adjustments,
    correctable_figures,
    correctable_months,
    refusing,
)
from portal.queries.effects import effect, is_award_moved
from portal.services.adjustments import approve_adjustment
from targets.measures import measured
from targets.models import Breakdown
from targets.templatetags.amounts import amount, signed

PER_PAGE = 30
CHIPS = {
    AdjustmentState.REQUESTED: "",
    AdjustmentState.VERIFIED: "accent",
    AdjustmentState.APPROVED: "good",
    AdjustmentState.REFUSED: "bad",
}


@require("adjustments.read")
def adjustment_list(request: HttpRequest) -> HttpResponse:
    """The corrections of the district, or of one's own unit; ?state= narrows them."""
    actor: Actor = request.actor
    rows = adjustments(actor.district, actor.unit_ids("adjustments.read"))
    state = request.GET.get("state", "")
    if state in AdjustmentState.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [_row(one) for one in page],
        "state": state,
        "states": AdjustmentState.choices,
        "may_request": actor.can("adjustments.request"),
    }
    return render(request, "portal/adjustments.html", context)


@require("adjustments.request")
def adjustment_new(request: HttpRequest) -> HttpResponse:
    """A clerk or a manager asks for a correction; what was typed stays after a refusal."""
    actor: Actor = request.actor
    choices = {
        "months": correctable_months(actor.district),
        "units": reporting_units(
            actor.district.pk, actor.on.replace(day=1), actor.unit_ids("adjustments.request")
        ),
        "figures": correctable_figures(actor.district),
    }
    status = 200
    if request.method == "POST":
        form = AdjustmentForm(request.POST, **choices)
        status = 400
        if form.is_valid():
            try:
                made = request_adjustment(**form.request(), by=actor.person, at=request.now)
            except DomainError as refusal:
                status = refusal.status
                _show(refusal, form)
            else:
                messages.success(request, _("Correction requested"))
                return redirect("adjustment", pk=made.pk)
    else:
        initial = {name: request.GET.get(name, "") for name in ("month", "unit", "figure")}
        form = AdjustmentForm(initial=initial, **choices)
    context = {
        "form": form,
        "title": _("Correct a published month"),
        "sentence": _("The month stays as published; the correction counts in the open month."),
        "back": reverse("adjustments"),
        "crumb": _("Corrections"),
        "submit": _("Request"),
    }
    return render(request, "orgchart/form.html", context, status=status)


def _show(refusal: DomainError, form: AdjustmentForm) -> None:
    """Put each fault at its field; the figure is chosen by indicator and breakdown at once."""
    for fault in refusal.faults:
        name = fault.pointer.strip("/")
        name = "figure" if name in ("indicator", "breakdown") else name
        form.add_error(name if name in form.fields else None, fault.detail)
    if not refusal.faults:
        form.add_error(None, str(refusal))


@require("adjustments.read")
def adjustment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A correction with what it would have changed, its steps and the next hand's buttons."""
    actor: Actor = request.actor
    found = _found(actor, pk)
    told = found.effect or effect(found)
    may_see_money = actor.can("subsidies.read", found.unit)
    is_waiting = found.state in (AdjustmentState.REQUESTED, AdjustmentState.VERIFIED)
    published = correctable_months(actor.district) if is_waiting else []
    is_reopened = is_waiting and found.month not in {row.month for row in published}
    context = _row(found) | {
        "reason": found.reason,
        "refusal": found.refusal,
        "steps": _steps(found),
        "effect": _effect(found, told, may_see_money),
        "is_award_moved": is_award_moved(told),
        "earlier": told.get("earlier", 0),
        "is_reopened": is_reopened,
        "may_verify": found.state == AdjustmentState.REQUESTED
        and actor.can("adjustments.verify")
        and actor.person.pk != found.requested_by_id,
        "may_approve": found.state == AdjustmentState.VERIFIED
        and actor.can("adjustments.approve")
        and actor.person.pk not in (found.requested_by_id, found.verified_by_id),
    }
    context["may_refuse"] = context["may_verify"] or context["may_approve"]
    context["may_approve"] = context["may_approve"] and not is_reopened
    return render(request, "portal/adjustment.html", context)


@require_POST
@require("adjustments.verify")
def adjustment_verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The auditor confirms the correction."""
    found = _found(request.actor, pk)
    return _step(request, found, verify_adjustment, _("Correction verified"))


@require_POST
@require("adjustments.approve")
def adjustment_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The head approves: the correction is posted to the open month."""
    found = _found(request.actor, pk)
    return _step(request, found, approve_adjustment, _("Correction posted"))


@require_POST
def adjustment_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """The auditor at the request, the head after the verification, with a reason."""
    actor: Actor = request.actor
    actor.demand("adjustments.read")
    found = _found(actor, pk)
    actor.demand(refusing(actor, found))
    reason = request.POST.get("reason", "")
    return _step(request, found, refuse_adjustment, _("Correction refused"), reason=reason)


def _step(
    request: HttpRequest, found: Adjustment, service: Any, text: str, **given: str
) -> HttpResponse:
    try:
        service(adjustment=found, by=request.actor.person, at=request.now, **given)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text)
    return redirect("adjustment", pk=found.pk)


def _found(actor: Actor, pk: int) -> Adjustment:
    return get_object_or_404(adjustments(actor.district, actor.unit_ids("adjustments.read")), pk=pk)


def _row(one: Adjustment) -> dict[str, Any]:
    indicator = one.indicator
    name = indicator.short
    if one.breakdown.code != Breakdown.WHOLE_CODE:
        name = f"{name} {one.breakdown.name}"
    return {
        "pk": one.pk,
        "url": reverse("adjustment", kwargs={"pk": one.pk}),
        "month": month_name(one.month),
        "unit": one.unit.short,
        "figure": name,
        "measure": indicator.measure,
        "delta": signed(one.delta, indicator.decimals),
        "by_how_much": ("+" if one.delta > 0 else "") + measured(one.delta, indicator),
        "state": {"kind": CHIPS[AdjustmentState(one.state)], "text": one.get_state_display()},
        "posted": month_name(one.posted) if one.posted else "",
        "by": one.requested_by.name,
        "on": when(one.requested_at),
    }


def _steps(one: Adjustment) -> list[dict[str, Any]]:
    """Return the three hands: who, when, or whose turn."""
    is_refused = one.state == AdjustmentState.REFUSED

    def step(label: str, by: Person | None, at: Any, turn: str) -> dict[str, Any]:
        done = f"{by.name} {when(at)}" if by and at else ""
        return {"label": label, "text": done or ("" if is_refused else turn), "is_done": bool(done)}

    last = _("Refused") if is_refused else _("Posted")
    return [
        step(_("Requested"), one.requested_by, one.requested_at, ""),
        step(_("Verified"), one.verified_by, one.verified_at, _("auditor")),
        step(last, one.decided_by, one.decided_at, _("head")),
    ]


def _effect(one: Adjustment, told: Mapping[str, Any], may_see_money: bool) -> list[dict[str, str]]:
    """Return what moves, as rows: what, as published, with the correction."""
    units = {unit.code: unit for unit in Unit.objects.of(one.unit.district)}

    def number(text: str | None, decimals: int = 2) -> str:
        return "—" if text is None else amount(Decimal(text), decimals)

    rows = [
        {
            "what": f"{one.unit.short} {_row(one)['figure']}",
            "before": number(told["figure"]["before"], one.indicator.decimals),
            "after": number(told["figure"]["after"], one.indicator.decimals),
        }
    ]
    for moved in told["scores"]:
        rank = _("%(score)s, rank %(rank)s")
        rows.append(
            {
                "what": _("%(unit)s score") % {"unit": units[moved["unit"]].short},
                "before": rank % {"score": number(moved["before"]), "rank": moved["rank_before"]},
                "after": rank % {"score": number(moved["after"]), "rank": moved["rank_after"]},
            }
        )
    if not told["scores"]:
        unchanged = _("unchanged")
        rows.append({"what": _("Scores and ranks"), "before": "", "after": unchanged})
    if told["subsidy"] and may_see_money:
        label = _("%(unit)s subsidy") % {"unit": one.unit.short}
        rows.append({"what": label} | {k: number(v) for k, v in told["subsidy"].items()})
    if told["award"]:

        def won(winners: Mapping[str, str]) -> str:
            return won_by((units[code].short, Decimal(text)) for code, text in winners.items())

        rows.append({"what": _("Award")} | {k: won(v) for k, v in told["award"].items()})
    return rows
