"""Months for programs: listed, closed, published, reopened."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.models import Month
from kpi.queries.board import month_row
from kpi.queries.months import months
from kpi.services.months import close_month, open_next_month, publish_month, reopen_month
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from targets.api.reading import Reader
from targets.months import month_text


class MonthsView(ActorMixin, APIView):
    """GET the months of the district with their states."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        self.actor.demand("leaderboard.read")
        rows = months(self.actor.district.pk)
        told = [month_told(row) for row in rows]
        return Response({"count": len(told), "next": None, "results": told})


class _Step(ActorMixin, APIView):
    """A step of a month; the reason comes in the body."""

    capability = ""

    def take(self, month: Month, reason: str) -> Month:
        raise NotImplementedError

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, month: date) -> Response:
        self.actor.demand(self.capability)
        row = month_row(self.actor.district.pk, month)
        if row is None:
            raise Http404
        reader = Reader()
        reason = reader.record(request.data or {}, "/").get("reason") or ""
        if reason:
            reason = reader.text(reason, "/reason", longest=200)
        reader.check()
        return Response(month_told(self.take(row, reason)))

    def _call(self, service: Callable[..., Month], month: Month, **given: Any) -> Month:
        return service(month=month, by=self.actor.person, at=self.request.now, **given)


class OpenMonthView(ActorMixin, APIView):
    """Open the month that follows the last one; any other is refused (409)."""

    @extend_schema(request=None, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request, month: date) -> Response:
        self.actor.demand("month.close")
        row = open_next_month(
            district=self.actor.district, month=month, by=self.actor.person, at=request.now
        )
        return Response(month_told(row), status=201)


class CloseMonthView(_Step):
    """Close a month; {"reason"} where figures are missing."""

    capability = "month.close"

    def take(self, month: Month, reason: str) -> Month:
        return self._call(close_month, month, reason=reason)


class PublishMonthView(_Step):
    """Publish a closed month: scores and ranks are frozen."""

    capability = "month.publish"

    def take(self, month: Month, reason: str) -> Month:
        return self._call(publish_month, month)


class ReopenMonthView(_Step):
    """Reopen a month with a reason."""

    capability = "month.reopen"

    def take(self, month: Month, reason: str) -> Month:
        return self._call(reopen_month, month, reason=reason)


def month_told(row: Month) -> dict[str, Any]:
    """Return a month as programs read it."""
    return {
        "month": month_text(row.month),
        "state": row.state,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "published_at": row.published_at.isoformat() if row.published_at else None,
        "missing_reason": row.missing_reason,
    }
