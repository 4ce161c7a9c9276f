"""Writing score rules: drafts made, changed, compared, published and deleted by the head."""

import re
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kpi.forms import (
    BONUS,
    BaseItems,
    ItemForm,
    ScorecardForm,
    card_initial,
    item_initial,
    items_formset,
)
from kpi.models import Scorecard, ScorecardState
from kpi.present import curves, words
from kpi.present.origins import act
from kpi.queries.differences import Difference, differences, predecessor
from kpi.queries.months import next_start
from kpi.queries.scorecards import card_items, readable_cards
from kpi.rules.curves import BadRule
from kpi.rules.scoring import FULL_WEIGHT
from kpi.services import scorecards as services
from kpi.views.rules import card_context
from orgchart.errors import DomainError
from orgchart.models.bilingual import in_language
from orgchart.models.units import BUSINESS_KINDS
from orgchart.permissions import Actor, require
from targets.models import Indicator


def card_of(request: HttpRequest, pk: int) -> Scorecard:
    """Return a card of the district; a draft only for those who write them, or whose it is."""
    return get_object_or_404(
        readable_cards(request.actor)
        .select_related("saved_by", "published_by", "based_on", "unit", "district")
        .prefetch_related("items__indicator"),
        pk=pk,
    )


@require("rules.read")
def scorecard(request: HttpRequest, pk: int) -> HttpResponse:
    """A card: its items, what it changes of the version before, who saved and published it."""
    actor: Actor = request.actor
    card = card_of(request, pk)
    before = predecessor(card)
    return render(
        request,
        "kpi/scorecard.html",
        {
            "card": card_context(card, actor),
            "is_draft": card.state != ScorecardState.PUBLISHED,
            "may_write": actor.can("rules.write"),
            "is_proposed": card.state == ScorecardState.PROPOSED,
            "of_unit": card.unit.name if card.unit else "",
            "history": _history(card),
            "before": before.code if before else "",
            "differences": [_difference(one) for one in differences(before, card)]
            if before
            else [],
        },
    )


def _history(card: Scorecard) -> list[str]:
    told = []
    for text, person, at in (
        (_("published by %(name)s, %(at)s"), card.published_by, card.published_at),
        (_("saved by %(name)s, %(at)s"), card.saved_by, card.saved_at),
    ):
        if at is not None:
            told.append(act(text, person, at))
    return told


def _difference(one: Difference) -> dict[str, str]:
    is_renamed = one.before and one.after and one.before.name != one.after.name

    def told(item: Any) -> str:
        if item is None:
            return ""
        parts = [words.rule(item)]
        if item.weight:
            parts.insert(0, _("weight %(weight)s") % {"weight": words.plain(item.weight)})
        if item.tie_break:
            parts.append(_("parts ties, place %(place)s") % {"place": item.tie_break})
        if is_renamed:
            parts.insert(0, item.name)
        return words.phrases(parts)

    item = one.after or one.before
    return {
        "code": one.code,
        "name": item.name if item else "",
        "before": told(one.before),
        "after": told(one.after),
    }


@require_POST
@require("rules.write")
def scorecard_new(request: HttpRequest) -> HttpResponse:
    """Begin a draft: a copy of the card asked for, else an empty one."""
    actor: Actor = request.actor
    start = next_start(actor.district.pk, actor.on)
    source = request.POST.get("source", "")
    latest = Scorecard.objects.filter(district=actor.district, unit=None)
    card = get_object_or_404(latest, pk=source) if source.isdigit() else None
    code = _next_code(actor, card.code if card else f"v{start.year}.0")
    try:
        if card is not None:
            draft = services.copy_scorecard(
                card=card, code=code, valid_from=start, by=actor.person, at=request.now
            )
        else:
            draft = services.save_scorecard(
                district=actor.district,
                code=code,
                name_zh=_("Score rules"),
                unit_kinds=[kind.value for kind in BUSINESS_KINDS],
                valid_from=start,
                items=[],
                by=actor.person,
                at=request.now,
            )
    except DomainError as refusal:  # somebody else began the same version meanwhile
        messages.error(request, str(refusal))
        return redirect("score_rules")
    return redirect("scorecard_edit", pk=draft.pk)


def _next_code(actor: Actor, code: str) -> str:
    """Return the next free version: v2026.1 → v2026.2."""
    taken = set(Scorecard.objects.filter(district=actor.district).values_list("code", flat=True))
    match = re.fullmatch(r"(.*?)(\d+)", code)
    stem, number = (match[1], int(match[2])) if match else (f"{code}-", 1)
    while f"{stem}{number}" in taken or number == 0:
        number += 1
    return f"{stem}{number}"[:20]


@require("rules.write")
def scorecard_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a draft; saved as a whole, with what was typed kept when it is refused."""
    actor: Actor = request.actor
    card = card_of(request, pk)
    if card.unit_id is not None:
        raise Http404
    if card.state == ScorecardState.PUBLISHED:
        messages.error(request, _("%(code)s is published and stays.") % {"code": card.code})
        return redirect("scorecard", pk=pk)
    indicators = list(Indicator.objects.filter(district=actor.district))
    status = 200
    if request.method != "POST":
        form = ScorecardForm(initial=card_initial(card))
        items = items_formset(extra=0 if card.items.exists() else 1)(
            initial=[
                item_initial(item) | {"ORDER": n}
                for n, item in enumerate(card_items(card), start=1)
            ],
            form_kwargs={"indicators": indicators},
        )
    elif request.POST.get("action") == "add":
        data = request.POST.copy()
        number = int(data.get("form-TOTAL_FORMS") or 0)
        data["form-TOTAL_FORMS"] = str(number + 1)
        for name, field in ItemForm.base_fields.items():
            if field.initial is not None:  # as a browser would send an item nobody has touched
                data[f"form-{number}-{name}"] = field.initial
        form = ScorecardForm(data)
        items = items_formset(extra=0)(data, form_kwargs={"indicators": indicators})
    else:
        form, items = _bound(request, indicators)
        if form.is_valid() and items.is_valid() and _saved(request, card, form, items):
            messages.success(request, _("Draft saved"))
            return redirect("scorecard", pk=pk)
        status = 400
    context = _form_context(card, form, items)
    return render(request, "kpi/scorecard_edit.html", context, status=status)


def _bound(request: HttpRequest, indicators: list[Indicator]) -> tuple[ScorecardForm, BaseItems]:
    kwargs = {"indicators": indicators}
    items = items_formset(extra=0)(request.POST, form_kwargs=kwargs)
    return ScorecardForm(request.POST), items


def _saved(request: HttpRequest, card: Scorecard, form: ScorecardForm, items: BaseItems) -> bool:
    actor: Actor = request.actor
    kept = items.entries()
    try:
        services.save_scorecard(
            district=actor.district,
            card=card,
            items=[entry for _number, entry in kept],
            by=actor.person,
            at=request.now,
            **form.cleaned_data,
        )
    except DomainError as refusal:
        _refused(refusal, form, [items.forms[number] for number, _entry in kept])
        return False
    return True


def _refused(refusal: DomainError, form: ScorecardForm, forms: list[ItemForm]) -> None:
    """Put each fault where it belongs: at a field of the card, at one of an item, or above."""
    placed = False
    for fault in refusal.faults:
        parts = fault.pointer.strip("/").split("/")
        if parts[0] in form.fields:
            form.add_error(parts[0], fault.detail)
            placed = True
        elif parts[0] == "items" and len(parts) > 2 and int(parts[1]) < len(forms):
            of = forms[int(parts[1])]
            name = parts[-1]
            if parts[2] == "params":
                of.add_error(*of.refusal(name))
            else:
                of.add_error(name if name in of.fields else None, fault.detail)
            placed = True
    if not placed:
        form.add_error(None, str(refusal))


def _form_context(card: Scorecard, form: ScorecardForm, items: BaseItems) -> dict[str, Any]:
    return {
        "card": {"id": card.pk, "code": card.code},
        "form": form,
        "items": items,
        "rows": [{"form": one, "drawn": _drawn(one)} for one in items.forms],
        "weights": _weights(items),
    }


def _drawn(form: ItemForm) -> dict[str, Any]:
    """Return the sentence and the curve of what a row says, blank while it says no rule."""
    drawn: dict[str, Any] = {"prefix": form.prefix}
    if not form.is_bound:
        bound = ItemForm(
            {f"{form.prefix}-{name}": value for name, value in form.initial.items()
             if value is not None},
            prefix=form.prefix, indicators=list(form.indicators.values()),
        )  # fmt: skip
        form = bound
    if not form.is_valid() or not form.cleaned_data.get("code"):
        return drawn
    try:
        item = form.item()
        return drawn | {"text": words.rule(item), "curve": curves.picture(item, "spread")}
    except BadRule:
        return drawn


def _weights(items: BaseItems) -> dict[str, Any]:
    """Return what the weights of the kept rows make, as far as they are numbers, and what ties.

    `ties` names the items that part equal totals, in their order.
    """
    total, parting = Decimal(0), []
    for form in items.forms:
        if form["rule"].value() == BONUS or form["DELETE"].value():
            continue
        if place := str(form["tie_break"].value() or ""):
            name = form["short_zh"].value() or form["name_zh"].value() or ""
            parting.append((place, in_language(name, form["short_en"].value() or "")))
        with suppress(InvalidOperation):
            weight = Decimal(str(form["weight"].value() or 0))
            total += weight if weight.is_finite() else 0
    return {
        "total": words.plain(total),
        "is_whole": total == FULL_WEIGHT,
        "ties": words.joined(name for _place, name in sorted(parting)),
    }


@require_POST
@require("rules.write")
def scorecard_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Curves, sentences and the sum of the weights for what is typed; nothing is stored."""
    card_of(request, pk)
    indicators = list(Indicator.objects.filter(district=request.actor.district))
    _form, items = _bound(request, indicators)
    drawn = [_drawn(one) for one in items.forms] if items.management_form.is_valid() else []
    return render(
        request, "kpi/_scorecard_preview.html", {"drawn": drawn, "weights": _weights(items)}
    )


@require_POST
@require("rules.write")
def scorecard_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft in force from its month."""
    card = card_of(request, pk)
    try:
        services.publish_scorecard(scorecard=card, by=request.actor.person, at=request.now)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Published"))
    return redirect("scorecard", pk=pk)


@require_POST
@require("rules.write")
def scorecard_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a draft away."""
    card = card_of(request, pk)
    try:
        services.delete_draft(scorecard=card, by=request.actor.person, at=request.now)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("scorecard", pk=pk)
    messages.success(request, _("Draft deleted"))
    return redirect(reverse("score_rules"))
