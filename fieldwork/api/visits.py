"""Visits for programs: list, planning, what was found, closing a problem."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from fieldwork.access import units_for, visible_visits, visit_of
from fieldwork.api.accounts import FieldApi, unit_among, version_of
from fieldwork.models import Activity, ActivityState
from fieldwork.queries.visits import in_month, visited_dealers
from fieldwork.services import visits as services
from orgchart.idempotency import idempotent
from targets.api.reading import Reader


class VisitsView(FieldApi):
    """The visits of the caller's units; POST adds one beside the plan: {"dealer", "planned_on"}."""

    @extend_schema(
        operation_id="field_visits_list",
        parameters=[
            OpenApiParameter("month", str, description="YYYY-MM"),
            OpenApiParameter("unit", str),
            OpenApiParameter("state", str, enum=ActivityState.values),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        rows = visible_visits(self.actor)
        reader, asked = Reader(), request.query_params
        if month := asked.get("month"):
            rows = rows.filter(in_month(reader.month(month, "/month")))
        if unit := asked.get("unit"):
            rows = rows.filter(unit__code=unit)
        if state := asked.get("state"):
            rows = rows.filter(state=reader.choice(state, "/state", ActivityState.values))
        reader.check()
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([brief(row) for row in page or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        units = units_for(self.actor, "field.write")
        if not units:
            raise PermissionDenied
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        outlets = visited_dealers(self.actor.district, self.actor.on, [unit.pk for unit in units])
        dealer = reader.member(body.get("dealer"), "/dealer", {row.code: row for row in outlets})
        on = reader.day(body.get("planned_on"), "/planned_on")
        reader.check()
        made = services.add_visit(
            unit=dealer.current.unit, dealer=dealer, person=self.actor.person, on=on,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(whole(self, made.pk), status=201)


class PlanView(FieldApi):
    """Plan what is missing of a unit's month: {"unit", "month"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("field.confirm")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        units = units_for(self.actor, "field.confirm").select_related("district")
        unit = unit_among(units, reader, body)
        month = reader.month(body.get("month"), "/month")
        reader.check()
        added = services.plan_visits(unit=unit, month=month, by=self.actor.person, at=request.now)
        return Response({"added": added})


class VisitView(FieldApi):
    """A visit with what was found."""

    @extend_schema(operation_id="field_visit_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(whole(self, pk))


class DoneView(FieldApi):
    """Note what was found: {"version", "answers", "stock", "problem", …}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = visit_of(self.actor, pk, "field.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        answers = reader.record(body.get("answers", {}), "/answers")
        typed: dict[str, Any] = {
            name: reader.text(body[name], f"/{name}", longest=longest)
            for name, longest in services.TEXTS.items()
            if body.get(name)
        }
        if body.get("follow_up_on"):
            typed["follow_up_on"] = reader.day(body["follow_up_on"], "/follow_up_on")
        for name in ("latitude", "longitude"):
            typed[name] = _degrees(reader, body.get(name), f"/{name}")
        reader.check()
        services.do_visit(
            visit=row, version=version_of(body), report=services.Report(answers=answers, **typed),
            may_stand_in=self.actor.can("field.confirm", row.unit_id), by=self.actor.person,
            at=request.now,
        )  # fmt: skip
        return Response(whole(self, pk))


class CloseView(FieldApi):
    """Close the problem of a visit: {"version", "remark"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = visit_of(self.actor, pk, "field.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        remark = reader.text(body.get("remark"), "/remark", longest=200)
        reader.check()
        services.close_problem(
            visit=row, version=version_of(body), remark=remark, by=self.actor.person,
            at=request.now,
        )  # fmt: skip
        return Response(whole(self, pk))


def _degrees(reader: Reader, value: Any, pointer: str) -> Decimal | None:
    if value is None:
        return None
    try:
        return round(Decimal(str(value)), 5)
    except InvalidOperation:
        reader.fault(pointer, _("Write degrees such as 28.19409."))
        return None


def brief(row: Activity) -> dict[str, Any]:
    """Return what lists say of a visit."""
    return {
        "id": row.pk,
        "unit": row.unit.code,
        "dealer": row.dealer.code if row.dealer else None,
        "person": row.person.code if row.person else None,
        "planned_on": row.planned_on.isoformat(),
        "state": row.state,
        "done_at": row.done_at.isoformat() if row.done_at else None,
        "problem": row.problem,
        "follow_up_on": row.follow_up_on.isoformat() if row.follow_up_on else None,
        "is_closed": row.closed_at is not None,
        "version": row.version,
    }


def whole(view: FieldApi, pk: int) -> dict[str, Any]:
    """Return a visit with what was found."""
    row = visit_of(view.actor, pk)
    return brief(row) | {
        "form": row.form.number if row.form else None,
        "answers": row.answers,
        "stock": row.stock,
        "rivals": row.rivals,
        "measure": row.measure,
        "closing_note": row.closing_note,
        "latitude": None if row.latitude is None else str(row.latitude),
        "longitude": None if row.longitude is None else str(row.longitude),
        "photos": [photo.token for photo in row.photos.defer("content")],
    }
