"""Alarms for programs: list, one, answering, closing, a visit from it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fieldwork.access import alarm_of, may_answer_alarm, visible_alarms
from fieldwork.api.accounts import version_of
from fieldwork.models import Alarm, AlarmKind, AlarmState
from fieldwork.services import alarms as services
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from targets.api.reading import Reader


class AlarmsView(ActorMixin, APIView):
    """The alarms of the caller's units, the latest first."""

    @extend_schema(
        operation_id="field_alarms_list",
        parameters=[
            OpenApiParameter("kind", str, enum=AlarmKind.values),
            OpenApiParameter("state", str, enum=AlarmState.values),
            OpenApiParameter("unit", str),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("field.read")
        rows, reader, asked = visible_alarms(self.actor), Reader(), request.query_params
        for name, values in (("kind", AlarmKind.values), ("state", AlarmState.values)):
            if text := asked.get(name):
                rows = rows.filter(**{name: reader.choice(text, f"/{name}", values)})
        if unit := asked.get("unit"):
            rows = rows.filter(unit__code=unit)
        reader.check()
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([body_of(row) for row in page or []])


class AlarmView(ActorMixin, APIView):
    """An alarm."""

    @extend_schema(operation_id="field_alarm_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        self.actor.demand("field.read")
        return Response(body_of(alarm_of(self.actor, pk)))


class AnswerView(ActorMixin, APIView):
    """Say what was behind it: {"reason", "remark", "version"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand("field.write")
        row, body = alarm_of(self.actor, pk), _record(request.data)
        if not may_answer_alarm(self.actor, row):
            raise PermissionDenied
        reader = Reader()
        reason = reader.choice(body.get("reason"), "/reason", [r.value for r in services.GIVEN])
        remark = reader.text(body.get("remark"), "/remark", longest=services.LONGEST)
        reader.check()
        services.answer_alarm(
            alarm=row, version=version_of(body), reason=reason, remark=remark,
            may_stand_in=self.actor.can("field.confirm", row.unit_id), by=self.actor.person,
            at=request.now, source="api",
        )  # fmt: skip
        return Response(body_of(alarm_of(self.actor, pk)))


class CloseView(ActorMixin, APIView):
    """Close an alarm that was looked into: {"version"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand("field.confirm")
        row = alarm_of(self.actor, pk, "field.confirm")
        services.close_alarm(
            alarm=row, version=version_of(_record(request.data)), by=self.actor.person,
            at=request.now, source="api",
        )  # fmt: skip
        return Response(body_of(alarm_of(self.actor, pk)))


class VisitView(ActorMixin, APIView):
    """Plan a visit of the outlet for today; again, it answers with the same one."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand("field.write")
        row = alarm_of(self.actor, pk, "field.write")
        made = services.visit_alarm(alarm=row, by=self.actor.person, at=request.now, source="api")
        return Response({"visit": made.pk}, status=201)


def body_of(row: Alarm) -> dict[str, Any]:
    """Return an alarm: codes; the mean as users over known days of the month before."""
    return {
        "id": row.pk, "kind": row.kind, "day": row.day.isoformat(), "dealer": row.dealer.code,
        "unit": row.unit.code if row.unit else None,
        "person": row.person.code if row.person else None, "users": row.users,
        "base_users": row.base_users, "base_days": row.base_days, "state": row.state,
        "reason": row.reason, "remark": row.remark,
        "seen_by": row.seen_by.code if row.seen_by else None, "visit": row.visit_id,
        "version": row.version,
    }  # fmt: skip


def _record(data: Any) -> dict[str, Any]:
    reader = Reader()
    body = reader.record(data, "/")
    reader.check()
    return body
