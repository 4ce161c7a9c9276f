"""Score rules for programs: every version in force or past; drafts for who writes them."""

from typing import Any

from django.db.models import Prefetch, Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.models import Scorecard, ScorecardItem, ScorecardState
from kpi.present import words
from orgchart.api import ActorMixin
from targets.months import month_text


class ScorecardsView(ActorMixin, APIView):
    """GET the scorecards with their items, the latest first: weights, rules, what parts ties.

    `params` is the rule as it was written; `unit` is set on a card with a unit's own items.
    """

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        self.actor.demand("rules.read")
        items = ScorecardItem.objects.select_related("indicator").order_by("position", "pk")
        cards = Scorecard.objects.filter(district=self.actor.district).select_related("unit")
        if not self.actor.can("rules.write"):
            own = self.actor.unit_ids("rules.propose") or frozenset()
            cards = cards.filter(Q(state=ScorecardState.PUBLISHED) | Q(unit_id__in=own))
        found = [
            _card(card)
            for card in cards.prefetch_related(Prefetch("items", items)).order_by(
                "-valid_from", "-pk"
            )
        ]
        return Response({"count": len(found), "next": None, "results": found})


def _card(card: Scorecard) -> dict[str, Any]:
    return {
        "id": card.pk,
        "code": card.code,
        "name": card.name,
        "state": card.state,
        "valid_from": month_text(card.valid_from),
        "valid_to": card.valid_to.isoformat() if card.valid_to else None,
        "unit_kinds": card.unit_kinds,
        "unit": card.unit.code if card.unit else None,
        "zero_target": card.zero_target,
        "own_limit": words.plain(card.own_limit),
        "items": [_item(item) for item in card.items.all()],
    }


def _item(item: ScorecardItem) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "role": item.role,
        "indicator": item.indicator.code if item.indicator else None,
        "weight": words.plain(item.weight),
        "rule": item.rule,
        "params": item.params,
        "tie_break": item.tie_break,
        "self_set": item.is_own,
    }
