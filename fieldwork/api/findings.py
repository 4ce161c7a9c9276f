"""Findings for programs: list, noting one, putting it right, taking it back."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fieldwork.access import units_for, visible_findings
from fieldwork.forms.findings import CloseForm, FindingForm, VoidForm
from fieldwork.models import Finding, FindingLevel
from fieldwork.services import findings as services
from orgchart.api import ActorMixin
from orgchart.errors import Fault, Invalid
from orgchart.forms import RefusableForm
from orgchart.idempotency import idempotent
from orgchart.models import Dealer
from targets.amounts import plain
from targets.api.reading import Reader
from targets.months import month_text


class FindingsView(ActorMixin, APIView):
    """The findings of the caller's units, the latest first; the auditor's POST notes one."""

    @extend_schema(
        operation_id="field_findings_list",
        parameters=[
            OpenApiParameter("level", str, enum=FindingLevel.values),
            OpenApiParameter("unit", str),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("field.read")
        rows, reader = visible_findings(self.actor), Reader()
        if level := request.query_params.get("level"):
            rows = rows.filter(level=reader.choice(level, "/level", FindingLevel.values))
        if unit := request.query_params.get("unit"):
            rows = rows.filter(unit__code=unit)
        reader.check()
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([body_of(row) for row in page or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("field.audit")
        form = FindingForm(
            _record(request.data), units=units_for(self.actor, "field.read"),
            dealers=Dealer.objects.filter(district=self.actor.district).open_on(self.actor.on),
        )  # fmt: skip
        _demand_valid(form)
        row = services.note_finding(
            district=self.actor.district, entry=form.entry(), by=self.actor.person, at=request.now
        )
        return Response(body_of(row), status=201)


class FindingView(ActorMixin, APIView):
    """A finding."""

    @extend_schema(operation_id="field_finding_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str) -> Response:
        self.actor.demand("field.read")
        return Response(body_of(get_object_or_404(visible_findings(self.actor), code=code)))


class _StepView(ActorMixin, APIView):
    form: type[RefusableForm]

    def step(self, **given: Any) -> Finding:
        raise NotImplementedError

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        self.actor.demand("field.audit")
        row = get_object_or_404(visible_findings(self.actor), code=code)
        form = self.form(_record(request.data))
        _demand_valid(form)
        done = self.step(finding=row, by=self.actor.person, at=request.now, **form.cleaned_data)
        return Response(body_of(done))


class CloseView(_StepView):
    """Say how a finding was put right: {"remark", "version"}."""

    form = CloseForm

    def step(self, **given: Any) -> Finding:
        return services.close_finding(**given)


class VoidView(_StepView):
    """Take a mistaken finding back: {"reason", "version"}."""

    form = VoidForm

    def step(self, **given: Any) -> Finding:
        return services.void_finding(**given)


def body_of(row: Finding) -> dict[str, Any]:
    """Return a finding: codes, yuan as text, `month` that counts it."""
    return {
        "code": row.code, "unit": row.unit.code, "dealer": row.dealer.code if row.dealer else None,
        "area": row.area, "level": row.level, "text": row.text, "amount": plain(row.amount, 2),
        "found_on": row.found_on.isoformat(),
        "deadline": row.deadline.isoformat() if row.deadline else None,
        "month": month_text(row.month) if row.month else None, "is_owed": row.is_owed,
        "state": "void" if row.voided_at else "closed" if row.closed_at else "open",
        "version": row.version,
    }  # fmt: skip


def _record(data: Any) -> dict[str, Any]:
    reader = Reader()
    body = reader.record(data, "/")
    reader.check()
    return body


def _demand_valid(form: RefusableForm) -> None:
    if not form.is_valid():
        faults = [Fault(f"/{name}", str(text)) for name, texts in form.errors.items()
                  for text in texts]  # fmt: skip
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
