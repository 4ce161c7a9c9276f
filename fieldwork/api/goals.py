"""Goals for programs: the month's list, setting, reporting, assessing."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fieldwork.access import goal_of, may_report, visible_goals
from fieldwork.api.accounts import FieldApi, version_of
from fieldwork.models import Verdict
from fieldwork.queries.goals import Standing, standings
from fieldwork.services import goals as services
from orgchart.idempotency import idempotent
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text


class GoalsView(FieldApi):
    """The goals of a month that the caller may see."""

    @extend_schema(
        parameters=[OpenApiParameter("month", str, description="YYYY-MM")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        reader = Reader()
        month = reader.month(request.query_params.get("month"), "/month")
        reader.check()
        rows = standings(visible_goals(self.actor).filter(month=month))
        return Response({"month": month_text(month), "rows": [written(each) for each in rows]})


class GoalView(FieldApi):
    """A goal; PUT sets what is asked: {"groups", "mobile", "fixed", "due_on", "version"}."""

    @extend_schema(operation_id="field_goal_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(whole(self, pk))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, pk: int) -> Response:
        row = goal_of(self.actor, pk)
        self.actor.demand("field.confirm", row.unit_id)
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        typed: dict[str, Any] = {
            name: reader.whole(body.get(name), f"/{name}", 0, services.MOST)
            for name in ("groups", "mobile", "fixed")
        }
        due_on = reader.day(body.get("due_on"), "/due_on")
        reader.check()
        services.set_goal(
            goal=row, version=version_of(body), due_on=due_on, by=self.actor.person,
            at=request.now, **typed,
        )  # fmt: skip
        return Response(whole(self, pk))


class ReportView(FieldApi):
    """Report what was won: {"mobile_done", "fixed_done", "version"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = goal_of(self.actor, pk)
        may_report(self.actor, row)
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        typed: dict[str, Any] = {
            name: reader.whole(body.get(name), f"/{name}", 0, services.MOST)
            for name in ("mobile_done", "fixed_done")
        }
        reader.check()
        services.report_goal(
            goal=row, version=version_of(body), by=self.actor.person, at=request.now, **typed
        )
        return Response(whole(self, pk))


class AssessView(FieldApi):
    """Assess a goal: {"verdict", "remark", "version"}; it stays."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = goal_of(self.actor, pk)
        self.actor.demand("field.confirm", row.unit_id)
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        verdict = reader.choice(body.get("verdict"), "/verdict", Verdict.values)
        remark = reader.text(body["remark"], "/remark", longest=200) if body.get("remark") else ""
        reader.check()
        services.assess_goal(
            goal=row, version=version_of(body), verdict=verdict, remark=remark,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(whole(self, pk))


def whole(view: FieldApi, pk: int) -> dict[str, Any]:
    """Return a goal as it stands now."""
    [each] = standings([goal_of(view.actor, pk)])
    return written(each)


def written(each: Standing) -> dict[str, Any]:
    """Return a goal beside what was reached."""
    row = each.goal
    names = ("groups", "mobile", "fixed")
    return {
        "id": row.pk,
        "unit": row.unit.code,
        "month": month_text(row.month),
        "person": row.person.code if row.person else None,
        "dealer": row.dealer.code if row.dealer else None,
        "due_on": row.due_on.isoformat(),
        **{
            name: {"goal": asked, "done": done}
            for name, (asked, done) in zip(names, each.parts, strict=True)
        },
        "is_met": each.is_met,
        "missed_in_a_row": each.missed,
        "verdict": row.verdict or None,
        "completion": plain(row.completion, 4),
        "remark": row.remark,
        "version": row.version,
    }
