"""Events that scorecards count, for programs: read, noted, voided."""

from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.actuals import asked_month
from kpi.models import Event, EventKind
from kpi.queries.cells import reporting_units
from kpi.services.events import MOST, note_event, void_event
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from targets.api.reading import Reader
from targets.months import month_text

LONGEST = 200


class EventsView(ActorMixin, APIView):
    """GET a month's events, voided ones too; POST {unit, month, kind, count, note, occurred_on}.

    A veto says in its note what happened. The month must be open.
    """

    @extend_schema(parameters=[OpenApiParameter("month", str)], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        self.actor.demand("reasons.read")
        rows = Event.objects.filter(
            month=asked_month(request, self.actor), unit__district=self.actor.district
        )
        unit_ids = self.actor.unit_ids("reasons.read")
        if unit_ids is not None:
            rows = rows.filter(unit_id__in=unit_ids)
        found = [
            _event(row)
            for row in rows.select_related("unit", "noted_by").order_by(
                "unit__position", "unit_id", "pk"
            )
        ]
        return Response({"count": len(found), "next": None, "results": found})

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("events.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        month = reader.month(body.get("month"), "/month")
        units = {row.code: row for row in reporting_units(self.actor.district.pk, month, None)}
        unit = reader.member(body.get("unit"), "/unit", units)
        kind = reader.choice(body.get("kind"), "/kind", EventKind.values)
        count = reader.whole(body.get("count", 1), "/count", 1, MOST)
        note = body.get("note") or ""
        if note:
            note = reader.text(note, "/note", longest=LONGEST)
        occurred_on: date | None = None
        if body.get("occurred_on"):
            occurred_on = reader.day(body["occurred_on"], "/occurred_on")
        reader.check()
        event = note_event(
            unit=unit, month=month, kind=kind, count=count, note=note, occurred_on=occurred_on,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(_event(event), status=201)


class EventVoidView(ActorMixin, APIView):
    """POST {"reason"}: take a mistaken event out of the count; it stays to be seen."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand("events.write")
        rows = Event.objects.select_related("unit__district", "noted_by")
        event = get_object_or_404(rows, pk=pk, unit__district=self.actor.district)
        reader = Reader()
        reason = reader.record(request.data, "/").get("reason") or ""
        if reason:
            reason = reader.text(reason, "/reason", longest=LONGEST)
        reader.check()
        return Response(
            _event(void_event(event=event, by=self.actor.person, at=request.now, reason=reason))
        )


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.pk,
        "unit": event.unit.code,
        "month": month_text(event.month),
        "kind": event.kind,
        "count": event.count,
        "note": event.note,
        "occurred_on": event.occurred_on.isoformat() if event.occurred_on else None,
        "by": event.noted_by.name if event.noted_by else None,
        "at": event.noted_at.isoformat(),
        "voided": event.voided_at is not None,
    }
