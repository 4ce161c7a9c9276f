"""Promotions for programs: list, planning, decision, result, calling off."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fieldwork.access import promotion_of, units_for, visible_promotions
from fieldwork.api.accounts import version_of
from fieldwork.models import Activity, ActivityState, Setting
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.promotions import due
from fieldwork.queries.visits import in_month, visited_dealers
from fieldwork.rules.promotions import per_user
from fieldwork.services import promotions as services
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from targets.amounts import plain
from targets.api.reading import Reader
from targets.rules.growth import rounded


class PromotionApi(ActorMixin, APIView):
    """Whoever reads promotions."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand("promotions.read")


class PromotionsView(PromotionApi):
    """The promotions of the caller's units; POST plans one and submits it."""

    @extend_schema(
        operation_id="field_promotions_list",
        parameters=[
            OpenApiParameter("month", str, description="YYYY-MM"),
            OpenApiParameter("unit", str),
            OpenApiParameter("state", str, enum=ActivityState.values),
            OpenApiParameter("due", bool, description="what asks for something"),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        rows = visible_promotions(self.actor)
        reader, asked = Reader(), request.query_params
        if month := asked.get("month"):
            rows = rows.filter(in_month(reader.month(month, "/month")))
        if unit := asked.get("unit"):
            rows = rows.filter(unit__code=unit)
        if state := asked.get("state"):
            rows = rows.filter(state=reader.choice(state, "/state", ActivityState.values))
        if asked.get("due") == "true":
            rows = due(rows, self.actor.on)
        reader.check()
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([brief(row) for row in page or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("promotions.write")
        made = services.save_promotion(
            plan=_plan(self, request.data), by=self.actor.person, at=request.now
        )
        return Response(whole(self, made.promotion.code), status=201)


class PromotionView(PromotionApi):
    """A promotion with plan, decision and result; PUT writes the plan again."""

    @extend_schema(operation_id="field_promotion_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str) -> Response:
        return Response(whole(self, code))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, code: str) -> Response:
        row = promotion_of(self.actor, code, "promotions.write")
        services.save_promotion(
            plan=_plan(self, request.data), promotion=row, version=version_of(request.data),
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(whole(self, code))


class ResultView(PromotionApi):
    """Enter the result: {"version", "users", "cost", "summary"}; again corrects it."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        row = promotion_of(self.actor, code, "promotions.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        users = reader.whole(body.get("users"), "/users", 0, services.MOST_USERS)
        cost = reader.number(body.get("cost"), "/cost")
        summary = body.get("summary") or ""
        if summary:
            summary = reader.text(summary, "/summary", longest=500)
        reader.check()
        services.report_promotion(
            promotion=row, version=version_of(body), users=users, cost=cost, summary=summary,
            may_stand_in=self.actor.can("field.confirm", row.unit_id), by=self.actor.person,
            at=request.now,
        )  # fmt: skip
        return Response(whole(self, code))


class _StepView(PromotionApi):
    """A step of a promotion: {"version"}, for a return or calling off with {"reason"}."""

    capability = ""
    service: Callable[..., Activity]
    takes_reason = True

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        row = promotion_of(self.actor, code, self.capability)
        version, reason = version_of(request.data), request.data.get("reason", "")
        more = {"reason": reason if isinstance(reason, str) else ""} if self.takes_reason else {}
        type(self).service(
            promotion=row, version=version, by=self.actor.person, at=request.now, **more
        )
        return Response(whole(self, code))


class ApproveView(_StepView):
    capability = "promotions.approve"
    service = services.approve_promotion
    takes_reason = False


class ReturnView(_StepView):
    capability = "promotions.approve"
    service = services.return_promotion


class CancelView(_StepView):
    capability = "promotions.write"
    service = services.cancel_promotion


def _plan(view: PromotionApi, data: Any) -> services.Plan:
    reader, actor = Reader(), view.actor
    body = reader.record(data, "/")
    reader.check()
    units = units_for(actor, "promotions.write").select_related("district")
    if not units:
        raise PermissionDenied
    unit = reader.member(body.get("unit"), "/unit", {row.code: row for row in units})
    ids = [unit.pk] if unit else []
    typed: dict[str, Any] = {}
    for name, rows in (
        ("dealer", visited_dealers(actor.district, actor.on, ids)),
        ("person", responsible_people(actor.district, actor.on, ids)),
    ):
        if body.get(name):
            known = {row.code: row for row in rows}
            typed[name] = reader.member(body[name], f"/{name}", known)
    if body.get("materials"):
        typed["materials"] = reader.text(body["materials"], "/materials", longest=300)
    plan = services.Plan(
        unit=unit,
        planned_on=reader.day(body.get("planned_on"), "/planned_on"),
        setting=reader.choice(body.get("setting"), "/setting", Setting.values),
        place=reader.text(body.get("place"), "/place", longest=120),
        expected=reader.whole(body.get("expected"), "/expected", 1, services.MOST_USERS),
        budget=reader.number(body.get("budget"), "/budget"),
        **typed,
    )
    reader.check()
    return plan


def brief(row: Activity) -> dict[str, Any]:
    """Return what lists say of a promotion; money in yuan, cost a user rounded to cents."""
    paper = row.promotion
    share = per_user(paper.cost, paper.users)
    return {
        "code": paper.code,
        "unit": row.unit.code,
        "planned_on": row.planned_on.isoformat(),
        "setting": paper.setting,
        "place": paper.place,
        "dealer": row.dealer.code if row.dealer else None,
        "person": row.person.code if row.person else None,
        "state": row.state,
        "expected": paper.expected,
        "budget": plain(paper.budget, 2),
        "users": paper.users,
        "cost": plain(paper.cost, 2),
        "cost_per_user": None if share is None else plain(rounded(share, 2), 2),
        "version": row.version,
    }


def whole(view: PromotionApi, code: str) -> dict[str, Any]:
    """Return a promotion with its decision and its summary."""
    row = promotion_of(view.actor, code)
    paper = row.promotion
    return brief(row) | {
        "materials": paper.materials,
        "made_by": paper.made_by.code,
        "decided_by": paper.decided_by.code if paper.decided_by else None,
        "reason": paper.reason,
        "summary": paper.summary,
        "photos": [photo.token for photo in row.photos.defer("content")],
    }
