"""Score rules (考核办法): scorecards with items, weights, rules in words and curves."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.models import ItemRole, Scorecard, ScorecardItem, ScorecardState
from kpi.present import curves, words
from orgchart.models import UnitKind
from orgchart.permissions import Actor, require


@require("rules.read")
def score_rules(request: HttpRequest) -> HttpResponse:
    """Every scorecard of the district, the latest first."""
    actor: Actor = request.actor
    cards = Scorecard.objects.filter(district=actor.district).prefetch_related("items__indicator")
    return render(
        request, "kpi/score_rules.html", {"cards": [_card(card, actor) for card in cards]}
    )


def _card(card: Scorecard, actor: Actor) -> dict[str, Any]:
    items = sorted(card.items.all(), key=lambda i: (i.role == ItemRole.BONUS, i.position, i.pk))
    first = date_format(card.valid_from, "DATE_FORMAT")
    last = date_format(card.valid_to, "DATE_FORMAT") if card.valid_to else ""
    is_in_force = (
        card.state == ScorecardState.PUBLISHED
        and card.valid_from <= actor.on
        and (card.valid_to is None or card.valid_to >= actor.on)
    )
    return {
        "id": card.pk,
        "code": card.code,
        "name": card.name,
        "state": _("in force") if is_in_force else card.get_state_display(),
        "chip": "good" if is_in_force else "",
        "validity": _("%(first)s to %(last)s") % {"first": first, "last": last}
        if last
        else _("from %(first)s") % {"first": first},
        "kinds": words.joined(str(UnitKind(kind).label) for kind in card.unit_kinds),
        "zero_target": card.get_zero_target_display(),
        "total": words.plain(sum(i.weight for i in items if i.role == ItemRole.ITEM)),
        "items": [_item(item, card) for item in items],
    }


def _item(item: ScorecardItem, card: Scorecard) -> dict[str, Any]:
    is_bonus = item.role == ItemRole.BONUS
    return {
        "code": item.code,
        "name": item.name,
        "indicator": item.indicator.code if item.indicator else "",
        "weight": _("outside the 100") if is_bonus else words.plain(item.weight),
        "rule": words.rule(item),
        "curve": curves.picture(item, card.zero_target),
    }
