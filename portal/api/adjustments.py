"""Late corrections of published months for programs: the list with each one's effect."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.models import Adjustment, AdjustmentState
from orgchart.api import ActorMixin
from orgchart.models import Person
from portal.queries.adjustments import adjustments
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text


class AdjustmentsView(ActorMixin, APIView):
    """GET the corrections, the newest first; `state` narrows them.

    `posted` is the open month that counts the delta; `effect` what it would have changed in its
    own month, as the approver saw it.
    """

    @extend_schema(
        parameters=[OpenApiParameter("state", str), OpenApiParameter("page", int)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("adjustments.read")
        rows = adjustments(self.actor.district, self.actor.unit_ids("adjustments.read"))
        if text := request.query_params.get("state"):
            reader = Reader()
            rows = rows.filter(state=reader.choice(text, "/state", AdjustmentState.values))
            reader.check()
        pages = PageNumberPagination()
        shown = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([_told(row) for row in shown or []])


def _told(row: Adjustment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "unit": row.unit.code,
        "indicator": row.indicator.code,
        "breakdown": row.breakdown.code,
        "month": month_text(row.month),
        "delta": plain(row.delta, row.indicator.stored_decimals),
        "reason": row.reason,
        "state": row.state,
        "requested_by": _name(row.requested_by),
        "verified_by": _name(row.verified_by),
        "decided_by": _name(row.decided_by),
        "refusal": row.refusal,
        "posted": month_text(row.posted) if row.posted else None,
        "effect": row.effect,
    }


def _name(person: Person | None) -> str | None:
    return person.name if person else None
