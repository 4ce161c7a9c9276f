"""The store for programs: stock, the ledger, requests and their steps."""

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fieldwork.access import stock_request, units_for, visible_movements, visible_requests
from fieldwork.api.accounts import version_of
from fieldwork.models import MovementKind, RequestState, StockMovement, StockRequest
from fieldwork.queries.warehouse import items_of, shelves
from fieldwork.rules.warehouse import MOST
from fieldwork.services import stock_requests as services
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from targets.api.reading import Reader


class StoreApi(ActorMixin, APIView):
    """Whoever reads the store."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand("stock.read")


class StockView(StoreApi):
    """The items: what lies in the store and with the caller's units, what is promised, short."""

    @extend_schema(operation_id="field_stock_list", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        district = self.actor.district
        codes = dict(Unit.objects.of(district).values_list("pk", "code"))
        found = shelves(district, items_of(district), self.actor.unit_ids("stock.read"))
        return Response({
            "items": [
                {
                    "code": shelf.item.code, "name": shelf.item.name, "kind": shelf.item.kind,
                    "measure": shelf.item.measure, "warning_level": shelf.item.warning_level,
                    "store": shelf.store, "promised": shelf.promised, "is_short": shelf.is_short,
                    "units": {
                        codes[place]: count for place, count in shelf.counts.items()
                        if place != district.pk
                    },
                }
                for shelf in found
            ]
        })  # fmt: skip


class LedgerView(StoreApi):
    """The lines of the ledger at the caller's places, the latest first."""

    @extend_schema(
        operation_id="field_stock_ledger_list",
        parameters=[
            OpenApiParameter("item", str), OpenApiParameter("unit", str),
            OpenApiParameter("kind", str, enum=MovementKind.values),
        ],
        responses=OpenApiTypes.OBJECT,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows, reader, asked = visible_movements(self.actor), Reader(), request.query_params
        if kind := asked.get("kind"):
            rows = rows.filter(kind=reader.choice(kind, "/kind", MovementKind.values))
        if item := asked.get("item"):
            rows = rows.filter(item__code=item)
        if unit := asked.get("unit"):
            rows = rows.filter(unit__code=unit)
        reader.check()
        pages = PageNumberPagination()
        told = rows.select_related("item", "unit", "other", "dealer", "request", "by")
        page = pages.paginate_queryset(told, request, view=self)
        return pages.get_paginated_response([line_of(row) for row in page or []])


class RequestsView(StoreApi):
    """The requests of the caller's units; POST makes one: {"unit", "purpose", "items"}."""

    @extend_schema(
        operation_id="field_stock_requests_list",
        parameters=[OpenApiParameter("state", str, enum=RequestState.values)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        rows, reader = visible_requests(self.actor), Reader()
        if state := request.query_params.get("state"):
            rows = rows.filter(state=reader.choice(state, "/state", RequestState.values))
        reader.check()
        pages = PageNumberPagination()
        told = rows.prefetch_related("lines__item")
        page = pages.paginate_queryset(told, request, view=self)
        return pages.get_paginated_response([request_of(row) for row in page or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        units = {unit.code: unit for unit in units_for(self.actor, "stock.request")}
        if not self.actor.can("stock.request") or not units:
            raise PermissionDenied
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        unit = reader.member(body.get("unit"), "/unit", units)
        purpose = reader.text(body.get("purpose"), "/purpose", longest=services.LONGEST)
        needed_on = None
        if body.get("needed_on"):
            needed_on = reader.day(body["needed_on"], "/needed_on")
        items = {item.code: item for item in items_of(self.actor.district)}
        asked = _counts(reader, body.get("items"), "/items", items)
        reader.check()
        row = services.make_request(
            unit=unit, asked=asked, purpose=purpose, needed_on=needed_on,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(request_of(row), status=201)


class RequestView(StoreApi):
    """A request."""

    @extend_schema(operation_id="field_stock_request_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str) -> Response:
        return Response(request_of(stock_request(self.actor, code)))


class _StepView(StoreApi):
    capability = ""

    def step(self, row: StockRequest, body: dict[str, Any], **given: Any) -> StockRequest:
        raise NotImplementedError

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        row = stock_request(self.actor, code, self.capability)
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        done = self.step(row, body, version=version_of(body), by=self.actor.person, at=request.now)
        return Response(request_of(done))


class ApproveView(_StepView):
    """Approve: {"version"}, and "granted": {item: count} for what is cut."""

    capability = "stock.approve"

    def step(self, row: StockRequest, body: dict[str, Any], **given: Any) -> StockRequest:
        reader = Reader()
        lines = {line.item.code: line.pk for line in row.lines.select_related("item")}
        granted = _counts(reader, body.get("granted", {}), "/granted", lines)
        reader.check()
        return services.approve_request(request=row, granted=granted, **given)


class RefuseView(_StepView):
    """Refuse: {"version", "reason"}."""

    capability = "stock.approve"

    def step(self, row: StockRequest, body: dict[str, Any], **given: Any) -> StockRequest:
        reader = Reader()
        reason = reader.text(body.get("reason"), "/reason", longest=services.LONGEST)
        reader.check()
        return services.refuse_request(request=row, reason=reason, **given)


class IssueView(_StepView):
    """Issue what was granted: {"version"}."""

    capability = "stock.keep"

    def step(self, row: StockRequest, body: dict[str, Any], **given: Any) -> StockRequest:
        return services.issue_request(request=row, **given)


def _counts(reader: Reader, value: Any, place: str, known: dict[str, Any]) -> dict[Any, int]:
    """Return {what the code stands for: count}."""
    found = {}
    for code, count in reader.record(value, place).items():
        found[reader.member(code, f"{place}/{code}", known)] = reader.whole(
            count, f"{place}/{code}", 0, MOST
        )
    return found


def line_of(row: StockMovement) -> dict[str, Any]:
    """Return a line of the ledger: what leaves is negative."""
    return {
        "id": row.pk, "on": row.on.isoformat(), "item": row.item.code, "kind": row.kind,
        "quantity": row.quantity, "unit": row.unit.code,
        "other": row.other.code if row.other else None,
        "dealer": row.dealer.code if row.dealer else None,
        "request": row.request.code if row.request else None, "voucher": row.voucher,
        "note": row.note, "by": row.by.code,
    }  # fmt: skip


def request_of(row: StockRequest) -> dict[str, Any]:
    """Return a request with its lines."""
    return {
        "code": row.code, "unit": row.unit.code, "purpose": row.purpose, "state": row.state,
        "needed_on": row.needed_on.isoformat() if row.needed_on else None,
        "made_by": row.made_by.code, "decided_by": row.decided_by.code if row.decided_by else None,
        "reason": row.reason, "version": row.version,
        "lines": [
            {"item": line.item.code, "asked": line.asked, "granted": line.granted}
            for line in row.lines.all()
        ],
    }  # fmt: skip
