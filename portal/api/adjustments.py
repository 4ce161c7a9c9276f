"""Late corrections of published months for programs: asked for, verified, approved, refused."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.models import Adjustment, AdjustmentState
from kpi.services.adjustments import refuse_adjustment, request_adjustment, verify_adjustment
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from orgchart.models import Person, Unit
from portal.queries.adjustments import adjustments, correctable_figures, refusing
from portal.queries.effects import effect, is_award_moved
from portal.services.adjustments import approve_adjustment
from targets.amounts import plain
from targets.api.reading import Reader
from targets.models import Breakdown, Indicator
from targets.months import month_text

LONGEST = 200


class AdjustmentsView(ActorMixin, APIView):
    """GET the corrections, the newest first; `state` narrows them. POST asks for one.

    `posted` is the open month that counts the delta; `effect` what it would have changed in its
    own month, as the approver saw it.
    """

    @extend_schema(
        parameters=[OpenApiParameter("state", str), OpenApiParameter("page", int)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("adjustments.read")
        rows = adjustments(self.actor.district, self.actor.unit_ids("adjustments.read"))
        if text := request.query_params.get("state"):
            reader = Reader()
            rows = rows.filter(state=reader.choice(text, "/state", AdjustmentState.values))
            reader.check()
        pages = PageNumberPagination()
        shown = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([_told(row) for row in shown or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        """{"unit", "indicator", "breakdown", "month", "delta", "reason"}: add delta to a figure."""
        self.actor.demand("adjustments.request")
        district = self.actor.district
        reader = Reader()
        body = reader.record(request.data, "/")
        units = {unit.code: unit for unit in Unit.objects.business().filter(district=district)}
        figures = correctable_figures(district)
        unit = reader.member(body.get("unit"), "/unit", units)
        indicator = _indicator(reader, body, district, {one.code: one for one, _part in figures})
        members = {member.code: member for one, member in figures if one == indicator}
        code = body.get("breakdown") or Breakdown.WHOLE_CODE
        breakdown = reader.member(code, "/breakdown", members) if members else None
        month = reader.month(body.get("month"), "/month")
        delta = reader.number(body.get("delta"), "/delta")
        reason = reader.text(body.get("reason"), "/reason", longest=LONGEST)
        reader.check()
        self.actor.demand("adjustments.request", unit)
        made = request_adjustment(
            unit=unit, indicator=indicator, breakdown=breakdown, month=month, delta=delta,
            reason=reason, by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(_told(made), status=201)


class AdjustmentView(ActorMixin, APIView):
    """GET a correction with its effect: as the rules say now, once posted as it was then."""

    @extend_schema(operation_id="adjustment_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_whole(self, _found(self, pk)))


class _Step(ActorMixin, APIView):
    """One of the three hands."""

    def step(self, found: Adjustment, request: Request) -> Adjustment:
        raise NotImplementedError

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.step(_found(self, pk), request)
        return Response(_whole(self, _found(self, pk)))

    def take(
        self, service: Callable[..., Adjustment], found: Adjustment, **more: Any
    ) -> Adjustment:
        return service(adjustment=found, by=self.actor.person, at=self.request.now, **more)


class VerifyAdjustmentView(_Step):
    """POST: the auditor confirms a request."""

    def step(self, found: Adjustment, request: Request) -> Adjustment:
        self.actor.demand("adjustments.verify")
        return self.take(verify_adjustment, found)


class ApproveAdjustmentView(_Step):
    """POST: the head posts a verified correction to the latest open month."""

    def step(self, found: Adjustment, request: Request) -> Adjustment:
        self.actor.demand("adjustments.approve")
        return self.take(approve_adjustment, found)


class RefuseAdjustmentView(_Step):
    """POST {"reason"}: the auditor refuses a request, the head what is verified."""

    def step(self, found: Adjustment, request: Request) -> Adjustment:
        self.actor.demand(refusing(self.actor, found))
        reader = Reader()
        body = reader.record(request.data, "/")
        reason = reader.text(body.get("reason"), "/reason", longest=LONGEST)
        reader.check()
        return self.take(refuse_adjustment, found, reason=reason)


def _indicator(
    reader: Reader, body: dict[str, Any], district: Unit, known: dict[str, Indicator]
) -> Indicator | None:
    """Read an indicator that can be corrected later; any other is told why it cannot."""
    code = body.get("indicator")
    if isinstance(code, str) and code not in known:
        other = Indicator.objects.filter(district=district, code=code).first()
        if other is not None:
            text = _("%(indicator)s is computed: correct the figures that it is made of.")
            if not other.is_derived:
                text = _(
                    "%(indicator)s is not added up over months, so it cannot be made up for later."
                )
            reader.fault("/indicator", text % {"indicator": other.name})
            return None
    return reader.member(code, "/indicator", known)


def _found(view: ActorMixin, pk: int) -> Adjustment:
    view.actor.demand("adjustments.read")
    rows = adjustments(view.actor.district, view.actor.unit_ids("adjustments.read"))
    return get_object_or_404(rows, pk=pk)


def _whole(view: ActorMixin, row: Adjustment) -> dict[str, Any]:
    moved = row.effect or effect(row)
    told = _told(row) | {"effect": moved, "award_moved": is_award_moved(moved)}
    if not view.actor.can("subsidies.read", row.unit):
        told["effect"] = moved | {"subsidy": None}
    return told


def _told(row: Adjustment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "unit": row.unit.code,
        "indicator": row.indicator.code,
        "breakdown": row.breakdown.code,
        "month": month_text(row.month),
        "delta": plain(row.delta, row.indicator.stored_decimals),
        "reason": row.reason,
        "state": row.state,
        "requested_by": _name(row.requested_by),
        "requested_at": row.requested_at.isoformat(),
        "verified_by": _name(row.verified_by),
        "verified_at": row.verified_at.isoformat() if row.verified_at else None,
        "decided_by": _name(row.decided_by),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "refusal": row.refusal,
        "posted": month_text(row.posted) if row.posted else None,
        "effect": row.effect,
    }


def _name(person: Person | None) -> str | None:
    return person.name if person else None
