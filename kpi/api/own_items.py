"""Self-set items (自设KPI) for programs: read, proposed by the manager, returned by the head."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.items import read_items
from kpi.api.rules import whole
from kpi.models import Scorecard, ScorecardState
from kpi.present import words
from kpi.queries.months import next_start
from kpi.queries.scorecards import readable_cards, return_reason
from kpi.services import own_items as services
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from targets.api.reading import Reader
from targets.models import Indicator
from targets.months import month_text


class OwnItemsView(ActorMixin, APIView):
    """GET a unit's cards with items of its own; POST {"valid_from", "items"} proposes some.

    `limit` is the weight that the common card leaves them. The head approves a proposal by
    publishing its card.
    """

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, unit: str) -> Response:
        self.actor.demand("reasons.read")
        found = self._unit(unit)
        self.actor.demand("reasons.read", found)
        first = next_start(self.actor.district.pk, self.actor.on)
        base = services.base_card(found, first)
        cards = list(readable_cards(self.actor).filter(unit=found).order_by("-pk"))
        waiting = next((c for c in cards if c.state != ScorecardState.PUBLISHED), None)
        return Response(
            {
                "unit": found.code,
                "valid_from": month_text(first),
                "base": base.code if base else None,
                "limit": words.plain(base.own_limit) if base else "0",
                "returned": return_reason(waiting) or None,
                "cards": [whole(card) for card in cards],
            }
        )

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request, unit: str) -> Response:
        self.actor.demand("rules.propose")
        found = self._unit(unit)
        self.actor.demand("rules.propose", found)
        reader = Reader()
        body: dict[str, Any] = reader.record(request.data, "/")
        valid_from = reader.month(body.get("valid_from"), "/valid_from")
        base = services.base_card(found, valid_from)
        indicators = {row.code: row for row in Indicator.objects.filter(district=found.district)}
        items = read_items(
            reader, body.get("items"), indicators, base.zero_target if base else "spread"
        )
        reader.check()
        made = services.propose_own_items(
            unit=found, valid_from=valid_from, items=items, by=self.actor.person, at=request.now
        )
        return Response(whole(made), status=201)

    def _unit(self, code: str) -> Unit:
        units = Unit.objects.business().select_related("district")
        return get_object_or_404(units, district=self.actor.district, code=code)


class ReturnOwnItemsView(ActorMixin, APIView):
    """POST {"reason"}: give proposed items back to the unit's manager."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand("rules.write")
        cards = Scorecard.objects.select_related("district", "unit", "based_on")
        card = get_object_or_404(cards, pk=pk, district=self.actor.district)
        reader = Reader()
        body = reader.record(request.data, "/")
        reason = reader.text(body.get("reason"), "/reason", longest=200)
        reader.check()
        done = services.return_own_items(
            scorecard=card, by=self.actor.person, at=request.now, reason=reason
        )
        return Response(whole(done))
