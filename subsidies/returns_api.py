"""What commission sheets are made from, for programs: schemes, and the returns of dealers."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from orgchart.models import Dealer
from subsidies.forms import MOST_USERS
from subsidies.models import DealerReturn, SheetKind
from subsidies.queries.returns import return_rows
from subsidies.queries.schemes import versions
from subsidies.services.returns import ReturnEntry, save_return
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text

MOST_GROUPS = 200


class SchemesView(ActorMixin, APIView):
    """GET the versions of the commission scheme, the latest first; `body` is what computes."""

    @extend_schema(
        parameters=[OpenApiParameter("kind", str, enum=SheetKind.values)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("commissions.read")
        reader = Reader()
        asked = request.query_params.get("kind", SheetKind.DEALERS.value)
        kind = reader.choice(asked, "/kind", SheetKind.values)
        reader.check()
        return Response(
            {
                "results": [
                    {
                        "code": row.code,
                        "name": row.name,
                        "valid_from": row.valid_from.isoformat(),
                        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
                        "body": row.body,
                    }
                    for row in versions(self.actor.district, kind)
                ]
            }
        )


class ReturnsView(ActorMixin, APIView):
    """GET the dealers of a month with what is entered; null where nothing is."""

    @extend_schema(
        parameters=[OpenApiParameter("month", str, required=True, description="YYYY-MM")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("commissions.read")
        reader = Reader()
        month = reader.month(request.query_params.get("month"), "/month")
        reader.check()
        unit_ids = self.actor.unit_ids("commissions.read")
        return Response(
            {
                "month": month_text(month),
                "rows": [
                    {
                        "dealer": row.dealer.code,
                        "unit": row.unit.code,
                        "return": None if row.entered is None else _shown(row.entered),
                    }
                    for row in return_rows(self.actor.district, month)
                    if unit_ids is None or row.unit.pk in unit_ids
                ],
            }
        )


class ReturnEntryView(ActorMixin, APIView):
    """PUT a dealer's return of a month; `version` is the one read, null for a first entry.

    `instalments`: {month: {lower bound: users}}; `revenue_groups`: [[average, users]];
    `clawbacks`: [[users, price once paid]]; `retained`: {joining month: users still there}.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, month: date, dealer: str) -> Response:
        self.actor.demand("commissions.make")
        subject = get_object_or_404(
            Dealer.objects.select_related("district"), district=self.actor.district, code=dealer
        )
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        entry = _entry(reader, body)
        version = reader.version(body.get("version"), "/version")
        reader.check()
        row = save_return(
            dealer=subject, month=month, entry=entry, version=version,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(_shown(row))


def _entry(reader: Reader, body: dict[str, Any]) -> ReturnEntry:
    def users(value: Any, pointer: str) -> int:
        return reader.whole(value, pointer, 0, MOST_USERS)

    def pairs(name: str) -> list[tuple[Any, Any, str]]:
        found = []
        for at, each in enumerate(reader.items(body.get(name, []), f"/{name}", MOST_GROUPS)):
            pointer = f"/{name}/{at}"
            pair = reader.items(each, pointer, 2, least=2)
            if pair:
                found.append((pair[0], pair[1], pointer))
        return found

    instalments: dict[int, dict[Decimal, int]] = {}
    for number, counts in reader.record(body.get("instalments", {}), "/instalments").items():
        pointer = f"/instalments/{number}"
        if not (number.isascii() and number.isdigit() and len(number) <= 3):
            reader.whole(number, pointer, 1, 120)
            continue
        instalments[int(number)] = {
            reader.number(bound, f"{pointer}/{bound}", low=Decimal(0)): users(
                count, f"{pointer}/{bound}"
            )
            for bound, count in reader.record(counts, pointer).items()
        }
    retained = reader.record(body.get("retained", {}), "/retained")
    return ReturnEntry(
        gross=users(body.get("gross"), "/gross"),
        zero_call=users(body.get("zero_call", 0), "/zero_call"),
        low_quality=users(body.get("low_quality", 0), "/low_quality"),
        instalments=instalments,
        revenue_groups=tuple(
            (reader.number(average, f"{at}/0"), users(count, f"{at}/1"))
            for average, count, at in pairs("revenue_groups")
        ),
        clawbacks=tuple(
            (users(count, f"{at}/0"), reader.number(price, f"{at}/1", low=Decimal(0)))
            for count, price, at in pairs("clawbacks")
        ),
        retained={
            reader.month(joined, f"/retained/{joined}"): users(count, f"/retained/{joined}")
            for joined, count in retained.items()
        },
        penalty=reader.number(body.get("penalty", "0"), "/penalty", low=Decimal(0)),
    )


def _shown(row: DealerReturn) -> dict[str, Any]:
    return {
        "gross": row.gross,
        "zero_call": row.zero_call,
        "low_quality": row.low_quality,
        "instalments": row.instalments,
        "revenue_groups": row.revenue_groups,
        "clawbacks": row.clawbacks,
        "retained": row.retained,
        "penalty": plain(row.penalty, 2),
        "version": row.version,
    }
