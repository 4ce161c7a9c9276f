"""Self-set items (自设KPI): the form of a unit's manager, and the head's return."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kpi.forms import BaseItems, MonthField, OwnItemForm, item_initial, items_formset
from kpi.models import Scorecard, ScorecardState
from kpi.present import words
from kpi.queries.months import next_start
from kpi.queries.scorecards import card_items, return_reason
from kpi.services import own_items as services
from kpi.views.scorecards import card_of
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from targets.models import Indicator


class StartForm(forms.Form):
    valid_from = MonthField(label=gettext_lazy("In force from"))


@require("rules.propose")
def own_items(request: HttpRequest, unit: str) -> HttpResponse:
    """A manager writes the unit's own items and proposes them; what was typed stays."""
    actor: Actor = request.actor
    found = get_object_or_404(Unit.objects.business(), district=actor.district, code=unit)
    actor.demand("rules.propose", found)
    cards = Scorecard.objects.filter(unit=found).order_by("-pk")
    waiting = cards.exclude(state=ScorecardState.PUBLISHED).first()
    kwargs = {"indicators": list(Indicator.objects.filter(district=actor.district))}
    status = 200
    if request.method == "POST":
        start = StartForm(request.POST)
        items = items_formset(0, OwnItemForm)(request.POST, form_kwargs=kwargs)
        if start.is_valid() and items.is_valid() and _proposed(request, found, start, items):
            messages.success(request, _("Proposed to the head"))
            return redirect("own_items", unit=unit)
        status = 400
    else:
        first = waiting.valid_from if waiting else next_start(actor.district.pk, actor.on)
        start = StartForm(initial={"valid_from": first})
        own = [item for item in card_items(waiting) if item.is_own] if waiting else []
        items = items_formset(2, OwnItemForm)(
            initial=[item_initial(item) for item in own], form_kwargs=kwargs
        )
    base = services.base_card(found, _first_of(start) or next_start(actor.district.pk, actor.on))
    context = {
        "unit": {"code": found.code, "name": found.name},
        "start": start,
        "items": items,
        "limit": words.plain(base.own_limit) if base else "0",
        "base": {"id": base.pk, "code": base.code} if base else None,
        "cards": [_told(card) for card in cards],
        "returned": return_reason(waiting),
        "refused": services.takes_none(base) if request.method != "POST" else "",
    }
    return render(request, "kpi/own_items.html", context, status=status)


def _first_of(start: StartForm) -> date | None:
    value = start.cleaned_data.get("valid_from") if start.is_bound and start.is_valid() else None
    return value if isinstance(value, date) else None


def _proposed(request: HttpRequest, unit: Unit, start: StartForm, items: BaseItems) -> bool:
    kept = items.entries()
    try:
        services.propose_own_items(
            unit=unit,
            valid_from=start.cleaned_data["valid_from"],
            items=[entry for _number, entry in kept],
            by=request.actor.person,
            at=request.now,
        )
    except DomainError as refusal:
        placed = [fault for fault in refusal.faults if fault.pointer.startswith("/items/")]
        for fault in placed:
            _items, number, *name = fault.pointer.strip("/").split("/")
            if int(number) < len(kept):
                form = items.forms[kept[int(number)][0]]
                form.add_error(name[-1] if name[-1] in form.fields else None, fault.detail)
        if not placed or not kept:
            start.add_error(None, str(refusal))
        return False
    return True


def _told(card: Scorecard) -> dict[str, Any]:
    return {
        "id": card.pk,
        "code": card.code,
        "state": card.get_state_display(),
        "items": words.joined(item.name for item in card_items(card) if item.is_own),
    }


@require_POST
@require("rules.write")
def scorecard_return(request: HttpRequest, pk: int) -> HttpResponse:
    """The head gives proposed items back, with a reason."""
    card = card_of(request, pk)
    try:
        services.return_own_items(
            scorecard=card,
            by=request.actor.person,
            at=request.now,
            reason=request.POST.get("reason", "")[:200],
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Returned"))
    return redirect("scorecard", pk=pk)
