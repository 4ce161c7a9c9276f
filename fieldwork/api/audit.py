"""The audit for programs, to read: takings, dealers' statements, sampled papers (masked)."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fieldwork.access import visible_sampled, visible_statements, visible_takings
from fieldwork.models import DayTakings, DealerStatement, SampledUser
from fieldwork.models.audit import Compared
from fieldwork.queries.audit import DIFFERS
from fieldwork.rules.audit import difference
from orgchart.api import ActorMixin
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import last_day, month_text

_MONTH = OpenApiParameter("month", str, description="YYYY-MM", required=True)
_UNIT = OpenApiParameter("unit", str)


class AuditApi(ActorMixin, APIView):
    """Whoever reads the audit; a month at a time."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand("audit.read")

    def month(self, request: Request) -> date:
        reader = Reader()
        month = reader.month(request.query_params.get("month"), "/month")
        reader.check()
        return month

    def answer(self, request: Request, rows: QuerySet[Any], body: Any) -> Response:
        if unit := request.query_params.get("unit"):
            rows = rows.filter(unit__code=unit)
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([body(row) for row in page or []])


class TakingsView(AuditApi):
    """A month's takings by dealer and day; `differs` those that differ."""

    @extend_schema(
        operation_id="field_takings_list",
        parameters=[_MONTH, _UNIT, OpenApiParameter("differs", bool)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        month = self.month(request)
        rows = visible_takings(self.actor).filter(day__gte=month, day__lte=last_day(month))
        if request.query_params.get("differs") in ("true", "1"):
            rows = rows.filter(DIFFERS)
        return self.answer(request, rows, takings_of)


class StatementsView(AuditApi):
    """A month's statements of dealers; `item` null: phone numbers."""

    @extend_schema(
        operation_id="field_statements_list", parameters=[_MONTH, _UNIT],
        responses=OpenApiTypes.OBJECT,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows = visible_statements(self.actor, self.month(request))
        return self.answer(request, rows, statement_of)


class SampleView(AuditApi):
    """A month's drawn users and which papers are there; numbers masked."""

    @extend_schema(
        operation_id="field_sample_list", parameters=[_MONTH, _UNIT],
        responses=OpenApiTypes.OBJECT,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows = visible_sampled(self.actor).filter(sample__month=self.month(request))
        return self.answer(request, rows, user_of)


def takings_of(row: DayTakings) -> dict[str, Any]:
    """Return a dealer's day; yuan as text, null while not reported."""
    return _of_dealer(row) | {
        "day": row.day.isoformat(), "system": plain(row.system, 2),
        "receipts": plain(row.receipts, 2),
        "difference": plain(difference(row.system, row.receipts), 2),
        "settled_at": row.settled_at.isoformat() if row.settled_at else None, "note": row.note,
    }  # fmt: skip


def statement_of(row: DealerStatement) -> dict[str, Any]:
    """Return a statement with what is missing; `handed` by the store's ledger, of goods."""
    names = ("opening", "taken", "sold", "returned", "balance")
    return _of_dealer(row) | {name: getattr(row, name) for name in names} | {
        "month": month_text(row.month), "item": row.item.code if row.item else None,
        "imbalance": row.gap, "handed": row.handed if row.item_id else None,
    }  # fmt: skip


def user_of(row: SampledUser) -> dict[str, Any]:
    """Return a drawn user, masked."""
    return _of_dealer(row) | {
        "user": row.mark, "joined_on": row.joined_on.isoformat(), "contract": row.contract,
        "id_copy": row.id_copy, "signature": row.signature, "is_sound": row.is_sound,
    }  # fmt: skip


def _of_dealer(row: Compared) -> dict[str, Any]:
    return {
        "id": row.pk, "dealer": row.dealer.code, "unit": row.unit.code,
        "finding": row.finding.code if row.finding and row.has_finding else None,
        "version": row.version,
    }  # fmt: skip
