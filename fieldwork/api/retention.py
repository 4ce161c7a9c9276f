"""Call-backs for programs: the list masked, one user, a call noted.

The full number is in the answer to reading one user only, and only for its caller or the unit's
manager; no answer to writing holds it or what was said: those answers are kept under their key.
"""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fieldwork.access import may_call, visible_warned, warned_user, warned_users
from fieldwork.api.accounts import version_of
from fieldwork.models import CallResult, LeavingReason, WarnedUser
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.retention import to_call
from fieldwork.services import retention as services
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text


class RetentionApi(ActorMixin, APIView):
    """Whoever reads call-backs."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand("retention.read")


class CallBacksView(RetentionApi):
    """The warned users of the caller's units, masked; `due` those who are to be called."""

    @extend_schema(
        operation_id="field_retention_list",
        parameters=[
            OpenApiParameter("month", str, description="YYYY-MM"),
            OpenApiParameter("unit", str),
            OpenApiParameter("due", bool),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        rows, reader, asked = visible_warned(self.actor), Reader(), request.query_params
        if month := asked.get("month"):
            rows = rows.filter(month=reader.month(month, "/month"))
        if unit := asked.get("unit"):
            rows = rows.filter(unit__code=unit)
        reader.check()
        if asked.get("due") in ("true", "1"):
            rows = to_call(rows, self.actor.on)
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([brief(row) for row in page or []])


class CallBackView(RetentionApi):
    """A user with all calls; the number for its caller or the unit's manager, and noted."""

    @extend_schema(operation_id="field_retention_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        row = warned_user(self.actor, pk)
        found = whole(row)
        if may_call(self.actor, row):
            found["number"] = services.read_number(
                user=row, by=self.actor.person, at=request.now, source="api"
            )
            found["name"] = row.name
        return Response(found, headers={"Cache-Control": "private, no-store"})


class CallsView(RetentionApi):
    """Note a call: {"version", "result", "reason", "measure", "again_on"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = warned_user(self.actor, pk, "retention.call")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        result = reader.choice(body.get("result"), "/result", CallResult.values)
        typed: dict[str, Any] = {}
        if body.get("reason"):
            typed["reason"] = reader.choice(body["reason"], "/reason", LeavingReason.values)
        if body.get("measure"):
            typed["measure"] = reader.text(body["measure"], "/measure", longest=services.LONGEST)
        if body.get("again_on"):
            typed["again_on"] = reader.day(body["again_on"], "/again_on")
        reader.check()
        services.note_call(
            user=row, version=version_of(body), answer=services.Answer(result, **typed),
            by=self.actor.person, at=request.now, may_stand_in=may_call(self.actor, row),
            source="api",
        )  # fmt: skip
        return Response(brief(warned_user(self.actor, pk)))


class GiveView(RetentionApi):
    """Give users to one person, all or none: {"users": [{"id", "version"}], "person"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request) -> Response:
        actor = self.actor
        actor.demand("retention.assign")
        reader = Reader()
        body = reader.record(request.data, "/")
        items = reader.items(body.get("users"), "/users", services.MOST_GIVEN, least=1)
        versions = {}
        for number, item in enumerate(items):
            each = reader.record(item, f"/users/{number}")
            pk = reader.whole(each.get("id"), f"/users/{number}/id", 1, 2**31 - 1)
            versions[pk] = reader.whole(
                each.get("version"), f"/users/{number}/version", 1, 2**31 - 1
            )
        people = responsible_people(actor.district, actor.on, actor.unit_ids("retention.assign"))
        person = reader.member(body.get("person"), "/person", {row.code: row for row in people})
        reader.check()
        given = services.give_users(
            users=warned_users(actor, versions), person=person, by=actor.person, at=request.now,
            source="api",
        )  # fmt: skip
        return Response({"given": given})


def brief(row: WarnedUser) -> dict[str, Any]:
    """Return what lists say of a user: number and name masked."""
    return {
        "id": row.pk,
        "month": month_text(row.month),
        "number": row.masked,
        "name": row.masked_name,
        "kind": row.kind,
        "unit": row.unit.code,
        "dealer": row.dealer.code if row.dealer else None,
        "person": row.person.code if row.person else None,
        "revenue": None if row.revenue is None else plain(row.revenue, 2),
        "due_on": row.due_on.isoformat(),
        "first_call_at": row.first_call_at.isoformat() if row.first_call_at else None,
        "result": row.result,
        "reason": row.reason,
        "again_on": row.again_on.isoformat() if row.again_on else None,
        "is_billed": row.is_billed,
        "version": row.version,
    }


def whole(row: WarnedUser) -> dict[str, Any]:
    """Return a user with the calls, latest first; masked as in lists."""
    return brief(row) | {
        "calls": [
            {"at": call.at.isoformat(), "by": call.by.code, "result": call.result,
             "reason": call.reason, "measure": call.measure}
            for call in row.calls.select_related("by")
        ],
    }  # fmt: skip
