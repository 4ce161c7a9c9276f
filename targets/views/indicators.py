"""Definition cards (口径卡): what each figure means, where it comes from, who owns it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from orgchart.actors import BUSINESS_ZONE
from orgchart.permissions import require
from targets.models import Definition, DefinitionState
from targets.queries.indicators import Card, cards, in_words, versions
from targets.services.definitions import parts_of


@require_GET
@require("rules.read")
def indicators(request: HttpRequest) -> HttpResponse:
    """List the cards."""
    context = {
        "cards": cards(request.actor.district),
        "can_define": request.actor.can("indicators.define"),
    }
    return render(request, "targets/indicators.html", context)


@require_GET
@require("rules.read")
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """Show one card and the indicators that are made from it."""
    known = cards(request.actor.district)
    card = next((card for card in known if card.indicator.code == code), None)
    if card is None:
        raise Http404
    users = [other.indicator for other in known if card.indicator in other.sources]
    names = {other.indicator.code: other.indicator.name for other in known}
    written = versions(card.indicator)
    can_write = request.actor.can("targets.write")
    draft = next((one for one in written if one.state == DefinitionState.DRAFT), None)
    context = {
        "card": card,
        "users": users,
        "can_write": can_write,
        "can_define": request.actor.can("indicators.define"),
        "draft": _draft(draft, card, names) if draft and can_write else None,
        "past": [_past(one, names) for one in written if one.state != DefinitionState.DRAFT],
    }
    return render(request, "targets/indicator.html", context)


def _when(at: datetime | None) -> str:
    return date_format(at.astimezone(BUSINESS_ZONE), "SHORT_DATETIME_FORMAT") if at else ""


def _draft(draft: Definition, card: Card, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what the draft changes, field by field."""
    rows = [
        (field.verbose_name, getattr(card.indicator, field.name), getattr(draft, field.name))
        for field in (Definition._meta.get_field(name) for name in Definition.TEXTS)
    ]
    formula = in_words(parts_of(draft), names, card.indicator.divisor)
    rows.append((_("formula"), card.formula, formula))
    return {
        "version": draft.version,
        "edits": draft.edits,
        "saved_by": draft.saved_by.name if draft.saved_by else "",
        "saved_at": _when(draft.saved_at),
        "rows": [
            {"label": label, "before": before or "—", "after": after or "—"}
            for label, before, after in rows
            if before != after
        ],
    }


def _past(one: Definition, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "version": one.version,
        "state": one.get_state_display(),
        "definition": one.definition,
        "formula": in_words(parts_of(one), names, one.indicator.divisor),
        "by": one.published_by.name if one.published_by else "",
        "at": _when(one.published_at),
        "reason": one.reason,
    }
