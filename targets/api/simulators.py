"""What-if for anybody: the pure rules behind POST /simulate/; nothing is stored."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from targets.amounts import plain
from targets.api.reading import Reader
from targets.rules import breakdown as rules
from targets.rules.breakdown import Impossible, Lock, Method, Part, Row
from targets.rules.floor import RateOutOfRange, gross_adds_floor

MOST_ROWS = 500
MOST_DECIMALS = 4
ZERO, HIGHEST = Decimal(0), Decimal(10) ** 8


class SimulateBreakdownView(ActorMixin, APIView):
    """Break a total down by largest remainder (rules §3)."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        self.actor  # noqa: B018  a post is needed, any will do
        asked, decimals = read_breakdown(request.data)
        try:
            sheet = rules.break_down(asked)
        except Impossible as error:
            reader = Reader()
            reader.fault(_pointer_of(error), str(error))
            reader.check()
        return Response(
            {
                "rows": [
                    {
                        "unit": row.unit,
                        "breakdown": row.breakdown,
                        "months": [_text(value, decimals) for value in row.months],
                        "total": _text(row.total, decimals),
                    }
                    for row in sheet.rows
                ],
                "months": [_text(value, decimals) for value in sheet.months],
                "total": _text(sheet.total, decimals),
            }
        )


class SimulateFloorView(ActorMixin, APIView):
    """The gross additions that a net target needs at an effective rate (rules §1)."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        self.actor  # noqa: B018  a post is needed, any will do
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        net = reader.number(body.get("net_target"), "/net_target")
        rate = reader.number(body.get("effective_rate"), "/effective_rate")
        reader.check()
        try:
            floor = gross_adds_floor(net, rate)
        except RateOutOfRange:
            reader.fault("/effective_rate", _("The effective rate lies above 0 and up to 1."))
            reader.check()
        return Response({"gross_adds": str(floor.gross_adds)})


def read_breakdown(data: Any) -> tuple[rules.Request, int]:
    """Return the request in integer units and its decimals. Raises Invalid with every fault."""
    reader = Reader()
    body = reader.record(data, "/")
    reader.check()
    decimals = reader.whole(body.get("decimals", 0), "/decimals", 0, MOST_DECIMALS)
    total = _units(reader, body.get("total"), "/total", decimals)
    method = reader.choice(body.get("method", "row_first"), "/method", [m.value for m in Method])
    season = [
        Fraction(reader.number(value, f"/season/{n}", low=ZERO))
        for n, value in enumerate(reader.items(body.get("season"), "/season", 12, least=12))
    ]
    if season and not sum(season):
        reader.fault("/season", _("A season needs a weight above 0."))

    rows, places = [], set()
    for n, value in enumerate(reader.items(body.get("rows"), "/rows", MOST_ROWS, least=1)):
        pointer = f"/rows/{n}"
        row = reader.record(value, pointer)
        unit = reader.text(row.get("unit"), f"{pointer}/unit")
        weight = reader.number(row.get("weight"), f"{pointer}/weight", low=ZERO)
        parts = []
        given = reader.items(row.get("parts"), f"{pointer}/parts", MOST_ROWS, least=1)
        for k, inner in enumerate(given):
            part = reader.record(inner, f"{pointer}/parts/{k}")
            name = reader.text(part.get("breakdown"), f"{pointer}/parts/{k}/breakdown")
            share = reader.number(part.get("weight"), f"{pointer}/parts/{k}/weight", low=ZERO)
            if (unit, name) in places:
                reader.fault(f"{pointer}/parts/{k}", _("This row is listed twice."))
            places.add((unit, name))
            parts.append(Part(name, Fraction(share)))
        rows.append(Row(unit, Fraction(weight), tuple(parts)))
    if len(places) > MOST_ROWS:
        reader.fault("/rows", _("At most %(count)s rows are broken down at once.")
                     % {"count": MOST_ROWS})  # fmt: skip
    if len({row.unit for row in rows}) != len(rows):
        reader.fault("/rows", _("A unit is listed twice."))

    locks = []
    for n, value in enumerate(reader.items(body.get("locks", []), "/locks", MOST_ROWS * 12)):
        pointer = f"/locks/{n}"
        lock = reader.record(value, pointer)
        unit = reader.text(lock.get("unit"), f"{pointer}/unit")
        name = reader.text(lock.get("breakdown"), f"{pointer}/breakdown")
        if unit and name and (unit, name) not in places:
            reader.fault(pointer, _("There is no such row to lock."))
        month = reader.whole(lock.get("month"), f"{pointer}/month", 1, 12)
        locked = _units(reader, lock.get("value"), f"{pointer}/value", decimals)
        locks.append(Lock(unit, name, month, locked))
    reader.check()
    asked = rules.Request(total, tuple(rows), tuple(season), Method(method), tuple(locks))
    return asked, decimals


def _units(reader: Reader, value: Any, pointer: str, decimals: int) -> int:
    amount = reader.number(value, pointer, low=-HIGHEST, high=HIGHEST)
    try:
        return rules.scaled(amount, decimals)
    except ValueError:
        reader.fault(pointer, _("The number has more than %(count)s decimals.")
                     % {"count": decimals})  # fmt: skip
        return 0


def _text(units: int, decimals: int) -> str:
    return plain(rules.unscaled(units, decimals), decimals) or ""


def _pointer_of(error: Impossible) -> str:
    return "/locks" if "lock" in error.obstacle.value else "/rows"
