"""Expense claims for programs: list, writing, steps, receipts, what is left."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from orgchart.errors import Fault, Invalid
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from subsidies.access import claim_of, claim_units, own_claim, visible_claims
from subsidies.downloads import receipt_download
from subsidies.models import Claim, ClaimReceipt, ClaimState
from subsidies.queries.claims import categories, headrooms
from subsidies.services import claims as services
from subsidies.services.receipts import attach_receipt, remove_receipt
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text

_TEXT = 200


class _ClaimsApi(ActorMixin, APIView):
    """Whoever reads or writes claims."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.demand("claims.open")


class ClaimsView(_ClaimsApi):
    """The claims that the caller may see; POST writes a draft."""

    @extend_schema(
        operation_id="claims_list",
        parameters=[
            OpenApiParameter("month", str, description="YYYY-MM"),
            OpenApiParameter("unit", str),
            OpenApiParameter("state", str, enum=ClaimState.values),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        rows = visible_claims(self.actor)
        reader = Reader()
        if asked := request.query_params.get("month"):
            rows = rows.filter(month=reader.month(asked, "/month"))
        if unit := request.query_params.get("unit"):
            rows = rows.filter(unit__code=unit)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=reader.choice(state, "/state", ClaimState.values))
        reader.check()
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([_brief(row) for row in page or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("claims.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        units = Unit.objects.of(self.actor.district).business().open_on(self.actor.on)
        unit = reader.member(body.get("unit"), "/unit", {row.code: row for row in units})
        if unit is not None:
            self.actor.demand("claims.write", unit)
        month = reader.month(body.get("month"), "/month")
        items = _items(reader, body, self.actor.district)
        promotion = _promotion(reader, body, "")
        reader.check()
        made = services.save_claim(
            unit=unit, month=month, items=items, by=self.actor.person, at=request.now,
            promotion=promotion,
        )  # fmt: skip
        return Response(_whole(self, made.pk), status=201)


class ClaimView(_ClaimsApi):
    """A claim with items, receipts and steps; PUT writes its items again."""

    @extend_schema(operation_id="claims_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_whole(self, pk))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, pk: int) -> Response:
        row = own_claim(self.actor, pk)
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        items = _items(reader, body, self.actor.district)
        promotion = _promotion(reader, body, row.promotion)
        reader.check()
        services.save_claim(
            unit=row.unit, month=row.month, items=items, by=self.actor.person, at=request.now,
            claim=row, version=_version(body), promotion=promotion,
        )  # fmt: skip
        return Response(_whole(self, pk))


class HeadroomView(_ClaimsApi):
    """What each unit of the caller may still claim for a month, and what more revenue adds."""

    @extend_schema(
        parameters=[OpenApiParameter("month", str, description="YYYY-MM")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        reader = Reader()
        month = reader.month(request.query_params.get("month"), "/month")
        reader.check()
        rooms = headrooms(self.actor.district, month, claim_units(self.actor))
        return Response(
            {
                "month": month_text(month),
                "rows": [
                    {
                        "unit": each.unit.code,
                        "fixed": plain(each.room.budget.fixed, 2),
                        "floating": plain(each.room.budget.floating, 2),
                        "floating_month": month_text(each.floating_month),
                        "total": plain(each.room.budget.total, 2),
                        "granted": plain(each.room.granted, 2),
                        "waiting": plain(each.room.waiting, 2),
                        "left": plain(each.room.left, 2),
                        "more_revenue": None
                        if each.prospect is None
                        else {
                            "share": plain(each.prospect.share, 2),
                            "adds": plain(each.prospect.adds, 2),
                        },
                    }
                    for each in rooms
                ],
            }
        )


class ReceiptsView(_ClaimsApi):
    """Attach a photo or PDF as the part `receipt` of a multipart form."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": {"type": "object", "properties": {
            "receipt": {"type": "string", "format": "binary"}}}},
        responses={201: OpenApiTypes.OBJECT},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row = own_claim(self.actor, pk)
        file = request.FILES.get("receipt")
        if file is None:
            sentence = _("Choose a file.")
            raise Invalid(sentence, [Fault("/receipt", sentence)])
        kept = attach_receipt(
            claim=row, file=file, name=file.name or "", by=self.actor.person, at=request.now
        )
        return Response(_receipt(kept), status=201)


class ReceiptView(_ClaimsApi):
    """A receipt as a file; DELETE takes it off."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, token: str) -> FileResponse:
        row = claim_of(self.actor, pk)
        return receipt_download(get_object_or_404(ClaimReceipt, claim=row, token=token))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, token: str) -> Response:
        row = own_claim(self.actor, pk)
        found = get_object_or_404(ClaimReceipt, claim=row, token=token)
        remove_receipt(receipt=found, by=self.actor.person, at=request.now)
        return Response(status=204)


class _StepView(_ClaimsApi):
    """A step of a claim: {"version"}, for a return or void with {"reason"}."""

    capabilities: tuple[str, ...] = ()
    service: Callable[..., Claim]
    takes_reason = False

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = claim_of(self.actor, pk)
        if not any(self.actor.can(capability) for capability in self.capabilities):
            raise PermissionDenied
        body = request.data if isinstance(request.data, dict) else {}
        more = {}
        if self.takes_reason:
            reason = body.get("reason", "")
            more = {"reason": reason if isinstance(reason, str) else ""}
        type(self).service(
            claim=row, version=_version(body), by=self.actor.person, at=request.now, **more
        )
        return Response(_whole(self, pk))


class SubmitView(_StepView):
    capabilities = ("claims.write",)
    service = services.submit_claim

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        own_claim(self.actor, pk)
        answer: Response = super().post(request, pk)
        return answer


class ApproveView(_StepView):
    capabilities = ("claims.approve",)
    service = services.approve_claim


class ReturnView(_StepView):
    capabilities = ("claims.approve", "claims.check")
    service = services.return_claim
    takes_reason = True


class VoidView(_StepView):
    """The claimant gives the claim up, or the clerk."""

    capabilities = ("claims.write", "claims.check")
    service = services.void_claim
    takes_reason = True

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        row = claim_of(self.actor, pk)
        if row.claimant_id != self.actor.person.pk:
            self.actor.demand("claims.check")
        answer: Response = super().post(request, pk)
        return answer


class CheckView(_StepView):
    capabilities = ("claims.check",)
    service = services.check_claim


class PayView(_StepView):
    capabilities = ("claims.check",)
    service = services.pay_claim


class ArchiveView(_StepView):
    capabilities = ("claims.check",)
    service = services.archive_claim


STEPS = {
    "submit": SubmitView, "approve": ApproveView, "return": ReturnView, "void": VoidView,
    "check": CheckView, "pay": PayView, "archive": ArchiveView,
}  # fmt: skip


def _version(body: dict[str, Any]) -> int:
    version = body.get("version")
    if isinstance(version, bool) or not isinstance(version, int):
        sentence = _("Send the version that you have read.")
        raise Invalid(sentence, [Fault("/version", sentence)])
    return version


def _items(reader: Reader, body: dict[str, Any], district: Unit) -> list[services.Item]:
    known = {row.code: row for row in categories(district)}
    items = body.get("items")
    if not isinstance(items, list):
        reader.fault("/items", _("Send a list of items."))
        return []
    found = []
    for number, entry in enumerate(items[: services.MOST_ITEMS + 1]):
        place = f"/items/{number}"
        row = reader.record(entry, place)
        found.append(
            services.Item(
                spent_on=reader.day(row.get("spent_on"), f"{place}/spent_on"),
                category=reader.member(row.get("category"), f"{place}/category", known),
                amount=reader.number(row.get("amount"), f"{place}/amount"),
                purpose=reader.text(row.get("purpose"), f"{place}/purpose", longest=_TEXT),
                participants=reader.text(
                    row["participants"], f"{place}/participants", longest=_TEXT
                )
                if row.get("participants")
                else "",
            )
        )
    return found


def _promotion(reader: Reader, body: dict[str, Any], known: str) -> str:
    """Return the code sent, "" for null; what is known where none is sent."""
    value = body.get("promotion", known)
    return reader.text(value, "/promotion", longest=20) if value else ""


def _brief(row: Claim) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "unit": row.unit.code,
        "month": month_text(row.month),
        "state": row.state,
        "amount": plain(row.amount, 2),
        "granted": plain(row.granted, 2),
        "claimant": row.claimant.code,
        "submitted_at": row.submitted_at.isoformat() if row.submitted_at else None,
        "has_receipts": row.has_receipts,
        "promotion": row.promotion or None,
        "version": row.version,
    }


def _whole(view: ActorMixin, pk: int) -> dict[str, Any]:
    people = ("approved_by", "checked_by", "paid_by")
    row = visible_claims(view.actor).select_related(*people).filter(pk=pk).first()
    if row is None:
        raise Http404
    return _brief(row) | {
        "reason": row.reason,
        "items": [
            {
                "spent_on": item.spent_on.isoformat(),
                "category": item.category.code,
                "amount": plain(item.amount, 2),
                "purpose": item.purpose,
                "participants": item.participants,
            }
            for item in row.items.select_related("category")
        ],
        "receipts": [_receipt(each) for each in row.receipts.defer("content")],
        "steps": [
            {"step": step, "by": by.code, "at": at.isoformat()}
            for step, by, at in (
                ("submitted", row.claimant, row.submitted_at),
                ("approved", row.approved_by, row.approved_at),
                ("checked", row.checked_by, row.checked_at),
                ("paid", row.paid_by, row.paid_at),
            )
            if by is not None and at is not None
        ],
    }


def _receipt(row: ClaimReceipt) -> dict[str, Any]:
    return {"token": row.token, "name": row.name, "kind": row.kind, "size": row.size}
