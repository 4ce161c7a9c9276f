"""Score rules for programs: every version in force or past; drafts made, changed, published."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.items import read_items, told, told_whole
from kpi.models import ItemRole, Scorecard, ScorecardItem
from kpi.models.scorecards import ZeroTarget
from kpi.present import curves, words
from kpi.queries.scorecards import card_items, readable_cards
from kpi.rules.scoring import FULL_WEIGHT
from kpi.services import scorecards as services
from kpi.services.entries import item_of
from orgchart.api import ActorMixin
from orgchart.errors import Locked
from orgchart.idempotency import idempotent
from orgchart.models import Person
from orgchart.models.units import BUSINESS_KINDS
from targets.api.reading import Reader
from targets.models import Indicator
from targets.months import month_text

CODE = re.compile(r"[A-Za-z0-9._-]{1,20}")
MOST_OWN = Decimal(50)


class ScorecardsView(ActorMixin, APIView):
    """GET the scorecards with their items, the latest first; POST begins a draft.

    `params` is the rule as it was written; `unit` is set on a card with a unit's own items. A
    draft is a copy: {"copy_of": id, "code", "valid_from"}, or written out as `PUT` takes it.
    """

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        self.actor.demand("rules.read")
        items = ScorecardItem.objects.select_related("indicator").order_by("position", "pk")
        cards = readable_cards(self.actor).select_related("unit")
        found = [
            _card(card)
            for card in cards.prefetch_related(Prefetch("items", items)).order_by(
                "-valid_from", "-pk"
            )
        ]
        return Response({"count": len(found), "next": None, "results": found})

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("rules.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        by = {"by": self.actor.person, "at": request.now}
        if body.get("copy_of") is None:
            given = _given(reader, body, self.actor.district.pk)
            reader.check()
            if Scorecard.objects.filter(district=self.actor.district, code=given["code"]).exists():
                reader.fault("/code", _("There is a version %(code)s already.") % given)
                reader.check()
            made = services.save_scorecard(district=self.actor.district, **given, **by)
            return Response(whole(made), status=201)
        number = reader.whole(body["copy_of"], "/copy_of", 1, 2**31 - 1)
        common = {card.pk: card for card in readable_cards(self.actor).filter(unit=None)}
        source = common.get(number)
        if source is None and not reader.faults:
            reader.fault("/copy_of", _("There is no such scorecard."))
        code = _code(reader, body)
        valid_from = reader.month(body.get("valid_from"), "/valid_from")
        reader.check()
        assert source is not None
        made = services.copy_scorecard(card=source, code=code, valid_from=valid_from, **by)
        return Response(whole(made), status=201)


class ScorecardView(ActorMixin, APIView):
    """A card as it is written; PUT writes a draft anew, DELETE takes it away.

    PUT takes what GET gives: the card's fields, its items in their order, and the `version` that
    was read. Weights need not make 100 before the card is published.
    """

    @extend_schema(operation_id="score_rule_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        self.actor.demand("rules.read")
        return Response(whole(_found(self, pk)))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, pk: int) -> Response:
        self.actor.demand("rules.write")
        card = _found(self, pk)
        if card.unit_id is not None:
            raise Locked(_("A unit's own items are written by the unit."))
        reader = Reader()
        body = reader.record(request.data, "/")
        version = reader.whole(body.get("version"), "/version", 0, 2**31 - 1)
        given = _given(reader, body, self.actor.district.pk)
        reader.check()
        services.save_scorecard(
            district=self.actor.district, card=card, version=version, **given,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(whole(_found(self, pk)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        self.actor.demand("rules.write")
        services.delete_draft(scorecard=_found(self, pk), by=self.actor.person, at=request.now)
        return Response(status=204)


class PublishScorecardView(ActorMixin, APIView):
    """POST: put a draft, or a unit's proposed items, in force from its month on."""

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand("rules.write")
        services.publish_scorecard(scorecard=_found(self, pk), by=self.actor.person, at=request.now)
        return Response(whole(_found(self, pk)))


class PreviewScorecardView(ActorMixin, APIView):
    """POST {"items", "zero_target"}: what they say and their curves; nothing is stored.

    Each fault has its pointer, such as /items/3/params/cap. `curve` has the corners [x, points];
    a jump has two at the same x.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        self.actor.demand("rules.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        indicators = _indicators(self.actor.district.pk)
        zero_target = _zero_target(reader, body)
        entries = read_items(reader, body.get("items"), indicators, zero_target)
        reader.check()
        items = [item_of(entry, indicators.get(entry.indicator or "")) for entry in entries]
        drawn = [
            {
                "code": item.code,
                "text": words.rule(item),
                "curve": [
                    [words.plain(x), words.plain(points)]
                    for x, points in curves.drawn_corners(item, zero_target)
                ],
            }
            for item in items
        ]
        return Response({"weights": _weights(items), "items": drawn})


def _found(view: ActorMixin, pk: int) -> Scorecard:
    cards = readable_cards(view.actor).select_related(
        "district", "unit", "based_on", "saved_by", "published_by"
    )
    return get_object_or_404(cards, pk=pk)


def _indicators(district_id: int) -> dict[str, Indicator]:
    return {row.code: row for row in Indicator.objects.filter(district_id=district_id)}


def _code(reader: Reader, body: dict[str, Any]) -> str:
    code = body.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        reader.fault("/code", _("Latin letters, digits, dots and hyphens, such as v2026.2."))
        return ""
    return code


def _zero_target(reader: Reader, body: dict[str, Any]) -> str:
    given = body.get("zero_target", ZeroTarget.SPREAD.value)
    return reader.choice(given, "/zero_target", ZeroTarget.values)


def _given(reader: Reader, body: dict[str, Any], district_id: int) -> dict[str, Any]:
    """Read a card as `save_scorecard` takes it."""
    zero_target = _zero_target(reader, body)
    kinds = reader.items(body.get("unit_kinds"), "/unit_kinds", len(BUSINESS_KINDS), least=1)
    name_en = body.get("name_en") or ""
    return {
        "code": _code(reader, body),
        "name_zh": reader.text(body.get("name_zh"), "/name_zh"),
        "name_en": reader.text(name_en, "/name_en") if name_en else "",
        "valid_from": reader.month(body.get("valid_from"), "/valid_from"),
        "unit_kinds": [
            reader.choice(kind, f"/unit_kinds/{n}", [str(each.value) for each in BUSINESS_KINDS])
            for n, kind in enumerate(kinds)
        ],
        "zero_target": zero_target,
        "own_limit": reader.number(
            body.get("own_limit") or 0, "/own_limit", low=Decimal(0), high=MOST_OWN
        ),
        "items": read_items(reader, body.get("items"), _indicators(district_id), zero_target),
    }


def _weights(items: list[ScorecardItem]) -> dict[str, Any]:
    total = sum((item.weight for item in items if item.role == ItemRole.ITEM), Decimal(0))
    return {"total": words.plain(total), "is_whole": total == FULL_WEIGHT}


def whole(card: Scorecard) -> dict[str, Any]:
    """Return a card as it is written, with who saved and published it."""
    items = card_items(card)
    return _brief(card) | {
        "name_zh": card.name_zh,
        "name_en": card.name_en,
        "version": card.version,
        "based_on": card.based_on.code if card.based_on else None,
        "saved": _act(card.saved_by, card.saved_at),
        "published": _act(card.published_by, card.published_at),
        "weights": _weights(items),
        "items": [told_whole(item) for item in items],
    }


def _act(by: Person | None, at: Any) -> dict[str, str | None] | None:
    return None if at is None else {"by": by.name if by else None, "at": at.isoformat()}


def _card(card: Scorecard) -> dict[str, Any]:
    return _brief(card) | {"items": [told(item) for item in card.items.all()]}


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _brief(card: Scorecard) -> dict[str, Any]:
    return {
        "id": card.pk,
        "code": card.code,
        "name": card.name,
        "state": card.state,
        "valid_from": month_text(card.valid_from),
        "valid_to": _day(card.valid_to),
        "unit_kinds": card.unit_kinds,
        "unit": card.unit.code if card.unit else None,
        "zero_target": card.zero_target,
        "own_limit": words.plain(card.own_limit),
    }
