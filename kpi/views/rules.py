"""Score rules (考核办法): scorecards with items, weights, rules in words and curves."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.models import ItemRole, Scorecard, ScorecardItem, ScorecardState
from kpi.present import curves, words
from orgchart.models import Unit, UnitKind
from orgchart.permissions import Actor, require


@require("rules.read")
def score_rules(request: HttpRequest) -> HttpResponse:
    """The district's scorecards: those in force and to come whole, earlier ones by name."""
    actor: Actor = request.actor
    may_write = actor.can("rules.write")
    rows = Scorecard.objects.filter(district=actor.district, unit=None)
    if not may_write:
        rows = rows.filter(state=ScorecardState.PUBLISHED)
    cards = [card_context(card, actor) for card in rows.prefetch_related("items__indicator")]
    return render(
        request,
        "kpi/score_rules.html",
        {
            "cards": [card for card in cards if not card["is_past"]],
            "past": [card for card in cards if card["is_past"]],
            "may_write": may_write,
            "own": _own(actor),
        },
    )


def _own(actor: Actor) -> list[dict[str, Any]]:
    """Return the cards with self-set items that one may read, and one's own unit's form."""
    rows = Scorecard.objects.filter(district=actor.district, unit__isnull=False)
    mine = actor.unit_ids("rules.propose") or frozenset()
    if not actor.can("rules.write"):
        rows = rows.filter(Q(state=ScorecardState.PUBLISHED) | Q(unit__in=mine))
    told = [
        {
            "unit": f"{card.unit.short} {card.code}" if card.unit else card.code,
            "url": reverse("scorecard", kwargs={"pk": card.pk}),
            "state": card.get_state_display(),
            "chip": "warn" if card.state == ScorecardState.PROPOSED else "",
            "validity": _("from %(first)s") % {"first": date_format(card.valid_from)},
        }
        for card in rows.select_related("unit")
    ]
    units = Unit.objects.business().filter(pk__in=mine)
    return [
        {
            "unit": unit.short,
            "url": reverse("own_items", kwargs={"unit": unit.code}),
            "state": _("write"),
            "chip": "accent",
            "validity": "",
        }
        for unit in units
    ] + told


def card_context(card: Scorecard, actor: Actor) -> dict[str, Any]:
    """Return a card as kpi/_scorecard.html shows it."""
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
        "is_past": card.valid_to is not None and card.valid_to < actor.on,
        "is_draft": card.state != ScorecardState.PUBLISHED,
        "own_limit": words.plain(card.own_limit) if card.own_limit else "",
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
        "tie_break": item.tie_break,
        "is_own": item.is_own,
        "curve": curves.picture(item, card.zero_target),
    }
