"""Definition cards (口径卡) for programs: read, defined, rewritten in a draft, published."""

import re
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from targets.api.reading import Reader
from targets.models import Definition, DefinitionState, Direction, Indicator, Rollup, Term
from targets.queries.indicators import Card, cards, formulas, versions
from targets.rules.derivation import MOST_FACTOR, Part
from targets.services.definitions import (
    define_indicator,
    discard_definition,
    publish_definition,
    remove_indicator,
    save_definition,
)

CODE = re.compile(r"(?!new$)[a-z][a-z0-9_]{0,39}")
MOST_PARTS, MOST_DECIMALS = 8, 2
NAMES = {
    "name_zh": 100, "name_en": 100, "short_zh": 30, "short_en": 40, "measure_zh": 20,
    "measure_en": 30,
}  # fmt: skip
NEEDED = ("name_zh", "measure_zh")


class IndicatorsView(ActorMixin, APIView):
    """GET the indicators with their definitions; POST defines a sum or a ratio over others.

    A new one is {"code", "name_zh", "measure_zh", "rollup", "decimals", "direction", "parts",
    texts}; `parts` are [{"source", "side": "n" or "d", "coefficient"}], a difference has a
    negative coefficient.
    """

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        self.actor.demand("rules.read")
        return Response({"results": [_told(card) for card in cards(self.actor.district)]})

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("indicators.define")
        reader = Reader()
        body = reader.record(request.data, "/")
        code = body.get("code")
        if not isinstance(code, str) or not CODE.fullmatch(code):
            reader.fault(
                "/code", _("Latin small letters, digits and underscores, such as fixed_arpu.")
            )
        names = {
            name: reader.text(body.get(name), f"/{name}", longest=longest)
            for name, longest in NAMES.items()
            if body.get(name) or name in NEEDED
        }
        rollup = reader.choice(body.get("rollup", "sum"), "/rollup", [Rollup.SUM, Rollup.RATIO])
        made = Indicator(
            district=self.actor.district, code=str(code), **names, rollup=rollup,
            direction=reader.choice(body.get("direction", "up"), "/direction", Direction.values),
            decimals=reader.whole(body.get("decimals", 0), "/decimals", 0, MOST_DECIMALS),
            is_percent=body.get("is_percent") is True,
            may_be_negative=body.get("may_be_negative") is True,
        )  # fmt: skip
        if made.is_percent and rollup != Rollup.RATIO:
            reader.fault("/is_percent", _("Only a ratio is a percentage."))
        texts, parts = _texts(reader, body), _parts(reader, body)
        reader.check()
        define_indicator(
            indicator=made, texts=texts, parts=parts, by=self.actor.person, at=request.now
        )
        return Response(_whole(self, made.code), status=201)


class IndicatorCardView(ActorMixin, APIView):
    """GET a card with its formula as parts and its versions; DELETE a derived one nothing uses.

    `draft` is there for those who write definitions.
    """

    @extend_schema(operation_id="indicator_card_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str) -> Response:
        self.actor.demand("rules.read")
        return Response(_whole(self, code))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, code: str) -> Response:
        self.actor.demand("indicators.define")
        remove_indicator(indicator=_asked(self, code), by=self.actor.person, at=request.now)
        return Response(status=204)


class DefinitionDraftView(ActorMixin, APIView):
    """PUT {"edits", texts, "parts"}: write the draft of the next version; DELETE throws it away.

    `edits` is the draft's count as it was read, null where there was none.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, code: str) -> Response:
        self.actor.demand("targets.write")
        indicator = _asked(self, code)
        reader = Reader()
        body = reader.record(request.data, "/")
        edits = reader.version(body.get("edits"), "/edits")
        texts = _texts(reader, body)
        parts = _parts(reader, body) if indicator.is_derived else []
        reader.check()
        save_definition(
            indicator=indicator, texts=texts, parts=parts, edits=edits, by=self.actor.person,
            at=request.now,
        )  # fmt: skip
        return Response(_whole(self, code))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, code: str) -> Response:
        self.actor.demand("targets.write")
        discard_definition(indicator=_asked(self, code), by=self.actor.person, at=request.now)
        return Response(status=204)


class PublishDefinitionView(ActorMixin, APIView):
    """POST {"edits", "reason"}: put the draft in force; open months are computed by it."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        self.actor.demand("targets.write")
        indicator = _asked(self, code)
        reader = Reader()
        body = reader.record(request.data, "/")
        edits = reader.version(body.get("edits"), "/edits") or 0
        reason = reader.text(body.get("reason"), "/reason", longest=200)
        reader.check()
        publish_definition(
            indicator=indicator, edits=edits, reason=reason, by=self.actor.person, at=request.now
        )
        return Response(_whole(self, code))


def _asked(view: Any, code: str) -> Indicator:
    rows = Indicator.objects.select_related("district")
    return get_object_or_404(rows, district=view.actor.district, code=code)


def _texts(reader: Reader, body: dict[str, Any]) -> dict[str, str]:
    found = {}
    for name in Definition.TEXTS:
        longest = Definition._meta.get_field(name).max_length or 2000
        if text := body.get(name) or "":
            found[name] = reader.text(text, f"/{name}", longest=longest)
    return found


def _parts(reader: Reader, body: dict[str, Any]) -> list[Part]:
    parts = []
    for n, raw in enumerate(reader.items(body.get("parts"), "/parts", MOST_PARTS, least=1)):
        at = f"/parts/{n}"
        given = reader.record(raw, at)
        coefficient = reader.whole(
            given.get("coefficient", 1), f"{at}/coefficient", -MOST_FACTOR, MOST_FACTOR
        )
        if coefficient == 0:
            reader.fault(f"{at}/coefficient", _("A part counts at least once."))
        side = reader.choice(given.get("side", "n"), f"{at}/side", Term.Side.values)
        parts.append(Part(reader.text(given.get("source"), f"{at}/source"), side, coefficient))
    return parts


def _whole(view: Any, code: str) -> dict[str, Any]:
    district = view.actor.district
    card = next((one for one in cards(district) if one.indicator.code == code), None)
    if card is None:
        raise Http404
    indicator, may_write = card.indicator, view.actor.can("targets.write")
    parts = formulas(district.pk)[code] or []
    return _told(card) | {
        **{name: getattr(indicator, name) for name in (*NAMES, *Definition.TEXTS)},
        "divisor": indicator.divisor,
        "may_be_negative": indicator.may_be_negative,
        "parts": [_part(part.source, part.side, part.coefficient) for part in parts],
        "versions": [
            _version(one)
            for one in versions(indicator)
            if may_write or one.state != DefinitionState.DRAFT
        ],
    }


def _part(source: str, side: str, coefficient: int) -> dict[str, Any]:
    return {"source": source, "side": side, "coefficient": coefficient}


def _version(one: Definition) -> dict[str, Any]:
    return {
        "version": one.version,
        "state": one.state,
        "edits": one.edits if one.state == DefinitionState.DRAFT else None,
        **{name: getattr(one, name) for name in Definition.TEXTS},
        "parts": one.parts,
        "reason": one.reason,
        "published_by": one.published_by.name if one.published_by else None,
        "published_at": one.published_at.isoformat() if one.published_at else None,
    }


def _told(card: Card) -> dict[str, Any]:
    """Return a card in the caller's language."""
    names = (
        "code", "name", "measure", "decimals", "is_percent", "rollup", "direction", "is_derived",
        "definition", "source", "owner", "due",
    )  # fmt: skip
    return {name: getattr(card.indicator, name) for name in names} | {
        "formula": card.formula,
        "version": card.indicator.card_version,
    }
