"""Returns and their verification for programs: what each unit reported, and the auditor's acts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.api.actuals import MOST_CELLS, asked_month, written
from kpi.models import CheckState
from kpi.queries.board import month_row
from kpi.queries.cells import Key
from kpi.queries.doubts import doubt_text, doubt_title
from kpi.queries.verification import Checked, Returns, requires_verification, returns
from kpi.services.verification import send_back, verify_returns
from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from targets.amounts import plain
from targets.api.reading import Reader
from targets.models import Breakdown
from targets.months import month_text


class VerificationView(ActorMixin, APIView):
    """GET each unit's returns of a month: figures with versions, what is odd, what was done.

    `state` of a figure is null while nothing is reported, else unchecked, verified or returned.
    """

    @extend_schema(
        parameters=[OpenApiParameter("month", str), OpenApiParameter("page", int)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        self.actor.demand("month.read")
        district_id = self.actor.district.pk
        row = month_row(district_id, asked_month(request, self.actor))
        if row is None:
            raise Http404
        pages = PageNumberPagination()
        shown = pages.paginate_queryset(returns(district_id, row.month), request, view=self)
        response = pages.get_paginated_response([_told(one) for one in shown or []])
        response.data |= {
            "month": month_text(row.month),
            "month_state": row.state,
            "required": requires_verification(district_id, row.month),
        }
        return response


class UnitReturnsView(ActorMixin, APIView):
    """GET one unit's returns."""

    @extend_schema(operation_id="verification_unit_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, unit: str, month: date) -> Response:
        self.actor.demand("month.read")
        return Response(_told(_chosen(self, month, unit)))


class VerifyReturnsView(ActorMixin, APIView):
    """POST {"seen": [{"indicator", "breakdown", "version"}]}: verify exactly what was seen.

    All that is reported must be there, each figure in its version; else 409.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, unit: str, month: date) -> Response:
        self.actor.demand("actuals.verify")
        chosen = _chosen(self, month, unit)
        reader = Reader()
        seen = _cells(reader, reader.record(request.data, "/"), "seen", chosen)
        reader.check()
        verify_returns(
            unit=chosen.unit, month=month, seen=seen, by=self.actor.person, at=request.now
        )
        return Response(_told(_chosen(self, month, unit)))


class SendBackReturnsView(ActorMixin, APIView):
    """POST {"reason", "cells": [{"indicator", "breakdown", "version"}]}: send these back."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, unit: str, month: date) -> Response:
        self.actor.demand("actuals.verify")
        chosen = _chosen(self, month, unit)
        reader = Reader()
        body = reader.record(request.data, "/")
        cells = _cells(reader, body, "cells", chosen)
        reason = reader.text(body.get("reason"), "/reason", longest=200)
        reader.check()
        send_back(
            unit=chosen.unit, month=month, keys=list(cells), seen=cells, reason=reason,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(_told(_chosen(self, month, unit)))


def _chosen(view: ActorMixin, month: date, code: str) -> Returns:
    """Return a unit's returns; the district itself may have some. Raises Http404."""
    district = view.actor.district
    unit = get_object_or_404(Unit, district=district, code=code)
    if month_row(district.pk, month) is None:
        raise Http404
    ids = None if unit.pk == district.pk else [unit.pk]
    for one in returns(district.pk, month, ids):
        if one.unit.pk == unit.pk:
            return one
    raise Http404


def _cells(reader: Reader, body: Mapping[str, Any], name: str, chosen: Returns) -> dict[Key, int]:
    """Read the versions of the unit's figures that were seen."""
    known = {
        (one.cell.indicator.code, one.cell.breakdown.code): one.cell.key for one in chosen.figures
    }
    found: dict[Key, int] = {}
    for n, raw in enumerate(reader.items(body.get(name), f"/{name}", MOST_CELLS)):
        at = f"/{name}/{n}"
        given = reader.record(raw, at)
        codes = given.get("indicator"), given.get("breakdown") or Breakdown.WHOLE_CODE
        named = {"/".join(key): key for key in known}
        key = reader.member("/".join(map(str, codes)), f"{at}/indicator", named)
        version = reader.whole(given.get("version"), f"{at}/version", 1, 2**31 - 1)
        if key is not None:
            found[known[key]] = version
    return found


def _told(one: Returns) -> dict[str, Any]:
    act = one.latest
    return {
        "unit": one.unit.code,
        "name": one.unit.name,
        "reported": len(one.figures) - one.missing,
        "missing": one.missing,
        "verified": one.count(CheckState.VERIFIED),
        "returned": one.count(CheckState.RETURNED),
        "odd": sum(figure.is_unexplained for figure in one.figures),
        "is_verified": one.is_verified,
        "latest": None
        if act is None
        else {
            "verdict": act.verdict,
            "by": act.by.name,
            "at": act.at.isoformat(),
            "reason": act.reason,
        },
        "figures": [_figure(figure) for figure in one.figures],
    }


def _figure(one: Checked) -> dict[str, Any]:
    cell, doubt = one.cell, one.doubt
    decimals = cell.indicator.stored_decimals
    actual = cell.actual
    return written(cell) | {
        "task": plain(cell.task, decimals),
        "last_month": plain(one.last, decimals),
        "state": None if one.state is None else CheckState(one.state).name.lower(),
        "by": actual.reported_by.name if actual and actual.reported_by else None,
        "at": actual.reported_at.isoformat() if actual else None,
        "doubt": None
        if doubt is None
        else {
            "code": doubt.code,
            "title": doubt_title(doubt),
            "text": doubt_text(doubt, cell.value or Decimal(0), cell.indicator),
        },
        "reason": one.reason,
    }
