"""The money of a month for programs: by kind and unit, and whether its sums agree."""

from decimal import Decimal

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from portal.queries.money import COLUMNS, Line, money
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text


class ReconciliationView(ActorMixin, APIView):
    """GET the month's money in yuan; null where a step has no meaning.

    `kinds`: subsidies, claims, commissions (of dealers), staff, awards, each with the district's
    due, approved, paid and carried, and `units`. `proofs`: each sum by unit and from its ledger.
    """

    @extend_schema(
        parameters=[OpenApiParameter("month", str, required=True, description="YYYY-MM")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("month.read")
        reader = Reader()
        month = reader.month(request.query_params.get("month"), "/month")
        reader.check()
        found = money(self.actor.district, month)
        return Response(
            {
                "month": month_text(month),
                "kinds": {
                    kind: _line(found.total(kind))
                    | {
                        "units": {
                            unit.code: _line(found.lines[kind][unit.pk])
                            for unit in found.units
                            if unit.pk in found.lines[kind]
                        }
                    }
                    for kind in found.lines
                },
                "proofs": [
                    {
                        "text": proof.text,
                        "by_unit": plain(proof.by_unit, 2),
                        "ledger": plain(proof.ledger, 2),
                        "holds": proof.holds,
                    }
                    for proof in found.proofs
                ],
                "is_pending": found.is_pending,
            }
        )


def _line(line: Line) -> dict[str, object]:
    values: dict[str, Decimal | None] = {name: getattr(line, name) for name in COLUMNS}
    return {name: plain(value, 2) for name, value in values.items()}
