"""Summaries for programs: list, sending, who has not written, the answer."""

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fieldwork.access import may_answer, summary_of, units_for, visible_summaries
from fieldwork.api.accounts import unit_among
from fieldwork.models import Summary, SummaryKind
from fieldwork.queries.summaries import missing_days, missing_weeks
from fieldwork.rules.summaries import monday_of
from fieldwork.services import summaries as services
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from targets.api.reading import Reader


class SummaryApi(ActorMixin, APIView):
    """Whoever sees summaries."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand("summaries.open")


class SummariesView(SummaryApi):
    """The summaries that the caller sees; POST sends one: {"kind", "day", "answers", "unit"}.

    `day` is the day or the Monday of the week; `unit` of a week only, by whoever leads it.
    The same again is answered by 200 and what was sent, something else by 409.
    """

    @extend_schema(
        operation_id="field_summaries_list",
        parameters=[
            OpenApiParameter("kind", str, enum=SummaryKind.values),
            OpenApiParameter("unit", str),
            OpenApiParameter("person", str),
            OpenApiParameter("since", str, description="YYYY-MM-DD"),
            OpenApiParameter("until", str, description="YYYY-MM-DD"),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        rows = visible_summaries(self.actor)
        reader, asked = Reader(), request.query_params
        if kind := asked.get("kind"):
            rows = rows.filter(kind=reader.choice(kind, "/kind", SummaryKind.values))
        if unit := asked.get("unit"):
            rows = rows.filter(unit__code=unit)
        if person := asked.get("person"):
            rows = rows.filter(person__code=person)
        if since := asked.get("since"):
            rows = rows.filter(first__gte=reader.day(since, "/since"))
        if until := asked.get("until"):
            rows = rows.filter(first__lte=reader.day(until, "/until"))
        reader.check()
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([written(row) for row in page or []])

    @extend_schema(
        request=OpenApiTypes.OBJECT,
        responses={201: OpenApiTypes.OBJECT, 200: OpenApiTypes.OBJECT},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("summaries.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        kind = reader.choice(body.get("kind"), "/kind", SummaryKind.values)
        day = reader.day(body.get("day"), "/day")
        answers = reader.record(body.get("answers", {}), "/answers")
        reader.check()
        common = {"answers": answers, "by": self.actor.person, "at": request.now}
        if kind == SummaryKind.DAILY:
            made, is_new = services.send_day(day=day, **common)
        else:
            unit = unit_among(units_for(self.actor, "summaries.lead"), reader, body)
            reader.check()
            made, is_new = services.send_week(unit=unit, first=day, **common)
        return Response(written(made), status=201 if is_new else 200)


class MissingView(SummaryApi):
    """Who has not written on a day (?day=, today), and which units in its week."""

    @extend_schema(
        parameters=[OpenApiParameter("day", str, description="YYYY-MM-DD")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("summaries.read")
        reader = Reader()
        asked = request.query_params.get("day")
        day = reader.day(asked, "/day") if asked else self.actor.on
        reader.check()
        scope = self.actor.unit_ids("summaries.read")
        people = missing_days(self.actor.district, day, day, scope)
        teams = missing_weeks(self.actor.district, monday_of(day), scope)
        return Response(
            {
                "day": day.isoformat(),
                "people": [
                    {"person": each.person.code, "unit": each.unit.code}
                    for each in people
                    if each.person
                ],
                "week": monday_of(day).isoformat(),
                "units": [each.unit.code for each in teams],
            }
        )


class SummaryView(SummaryApi):
    """A summary with the figures as they stood."""

    @extend_schema(operation_id="field_summary_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(written(summary_of(self.actor, pk)))


class AnswerView(SummaryApi):
    """Answer a summary: {"reply"}."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = summary_of(self.actor, pk)
        if not may_answer(self.actor, row):
            raise PermissionDenied
        reader = Reader()
        body = reader.record(request.data, "/")
        reply = reader.text(body.get("reply"), "/reply", longest=services.LONGEST)
        reader.check()
        services.answer_summary(summary=row, reply=reply, by=self.actor.person, at=request.now)
        return Response(written(summary_of(self.actor, pk)))


def written(row: Summary) -> dict[str, Any]:
    """Return a summary."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "unit": row.unit.code,
        "person": row.person.code,
        "day": row.first.isoformat(),
        "answers": row.answers,
        "figures": row.figures,
        "sent_at": row.sent_at.isoformat(),
        "reply": row.reply or None,
        "replied_by": row.replied_by.code if row.replied_by else None,
        "replied_at": row.replied_at.isoformat() if row.replied_at else None,
    }
