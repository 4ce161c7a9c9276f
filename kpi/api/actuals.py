"""Actuals for programs and for the sheet: listed with what is missing, saved in bulk."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpi.queries.cells import Cell, expected_cells
from kpi.queries.months import chosen_month, months
from kpi.services.actuals import Figure, save_actuals
from kpi.services.entered import CellEntry
from orgchart.api import ActorMixin
from orgchart.errors import DomainError, Fault, Invalid
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from orgchart.permissions import Actor
from targets.amounts import plain
from targets.api.reading import Reader
from targets.models import Breakdown, Indicator
from targets.months import last_day, month_text

MOST_CELLS = 5000


class Codes:
    """What the codes of a district stand for."""

    def __init__(self, district: Unit) -> None:
        self.units = {unit.code: unit for unit in Unit.objects.filter(district=district)}
        self.indicators = {row.code: row for row in Indicator.objects.filter(district=district)}
        self.breakdowns = {row.code: row for row in Breakdown.objects.filter(district=district)}


class ActualsView(ActorMixin, APIView):
    """GET the figures of a month, unreported ones with value null; POST a list of figures."""

    @extend_schema(
        parameters=[OpenApiParameter("month", str), OpenApiParameter("unit", str)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        unit_ids = asked_units(request, self.actor)
        month = asked_month(request, self.actor)
        cells = expected_cells(self.actor.district.pk, month, unit_ids)
        pages = PageNumberPagination()
        shown = pages.paginate_queryset(cells, request, view=self)
        return pages.get_paginated_response([written(cell) for cell in shown or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("actuals.write")
        cells, codes = read_cells(request.data, "", self.actor)
        saved = save_actuals(
            district=self.actor.district,
            cells=cells,
            by=self.actor.person,
            at=request.now,
            source="api",
        )
        return Response({"results": [_saved(row, codes) for row in saved]})


class ActualsSheetView(ActorMixin, APIView):
    """POST {"as_of", "cells"}: what the sheet sends, rates in percent as it shows them."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("actuals.write")
        body = Reader().record(request.data, "/")
        given = body.get("cells", [])
        if isinstance(given, list):
            shared = {"as_of": body.get("as_of") or None}
            given = [shared | cell if isinstance(cell, dict) else cell for cell in given]
        cells, codes = read_cells(given, "/cells", self.actor, is_shown=True)
        try:
            saved = save_actuals(
                district=self.actor.district,
                cells=cells,
                by=self.actor.person,
                at=request.now,
            )
        except DomainError as error:
            raise as_shown(error, codes) from error
        count = len(saved)
        return Response(
            {
                "cells": [_saved(row, codes, is_shown=True) for row in saved],
                "message": ngettext("Saved %(count)s figure", "Saved %(count)s figures", count)
                % {"count": count},
            }
        )


def as_shown(error: DomainError, codes: Codes) -> DomainError:
    """Return the refusal with pointers into the sheet's body, and rates in percent."""
    error.faults = [Fault(f"/cells{fault.pointer}", fault.detail) for fault in error.faults]
    for kind in ("conflicts", "doubts"):
        for found in error.extra.get(kind, ()):
            if codes.indicators[found["indicator"]].is_percent:
                for name in ("yours", "theirs", "value", "suggestion"):
                    if found.get(name) is not None:
                        found[name] = f"{Decimal(found[name]) * 100:f}"
    return error


def asked_month(request: Request, actor: Actor) -> date:
    """Return the month asked for, else the latest open one. Raises Invalid and Http404."""
    if text := request.query_params.get("month"):
        reader = Reader()
        month = reader.month(text, "/month")
        reader.check()
        return month
    row = chosen_month(months(actor.district.pk))
    if row is None:
        raise Http404
    return row.month


def asked_units(request: Request, actor: Actor) -> frozenset[int] | None:
    """Return the unit asked for, else every unit in scope. Raises Http404, PermissionDenied."""
    actor.demand("actuals.read")
    code = request.query_params.get("unit")
    if not code:
        return actor.unit_ids("actuals.read")
    unit = get_object_or_404(Unit, district=actor.district, code=code)
    actor.demand("actuals.read", unit)
    return frozenset({unit.pk})


def read_cells(
    given: Any, start: str, actor: Actor, *, is_shown: bool = False
) -> tuple[list[CellEntry], Codes]:
    """Read cells as programs write them. Raises Invalid, PermissionDenied for others' units.

    A breakdown may be null, "" or "all" for an undivided figure; without an as-of date it is
    today, or the month's last day once that is past.
    """
    reader, codes = Reader(), Codes(actor.district)
    cells = []
    for index, row in enumerate(reader.items(given, start or "/", MOST_CELLS, least=1)):
        at = f"{start}/{index}"
        cell = reader.record(row, at)
        unit = reader.member(cell.get("unit"), f"{at}/unit", codes.units)
        indicator = reader.member(cell.get("indicator"), f"{at}/indicator", codes.indicators)
        breakdown = reader.member(
            cell.get("breakdown") or Breakdown.WHOLE_CODE, f"{at}/breakdown", codes.breakdowns
        )
        month = reader.month(cell.get("month"), f"{at}/month")
        value = reader.number_or_none(cell.get("value"), f"{at}/value")
        as_of = max(month, min(actor.on, last_day(month)))
        if (typed := cell.get("as_of")) is not None:
            as_of = reader.day(typed, f"{at}/as_of")
        version = reader.version(cell.get("version"), f"{at}/version")
        # "confirm" says the same as "reason": the figure is right, and why.
        reason = cell.get("reason") or cell.get("confirm") or ""
        if reason:
            reason = reader.text(reason, f"{at}/reason", longest=200)
        if unit is None or indicator is None or breakdown is None:
            continue
        actor.demand("actuals.write", unit)
        if value is not None and is_shown and indicator.is_percent:
            value /= 100
        cells.append(
            CellEntry(unit.pk, indicator.pk, breakdown.pk, month, value, as_of, version, reason)
        )
    reader.check()
    known = set(row.month for row in months(actor.district.pk))
    faults = [
        Fault(
            f"{start}/{index}/month",
            _("%(month)s is not open yet. The clerk opens it.") % {"month": month_text(cell.month)},
        )
        for index, cell in enumerate(cells)
        if cell.month not in known
    ]
    if faults:
        raise Invalid(faults[0].detail, faults)
    return cells, codes


def written(cell: Cell) -> dict[str, Any]:
    """Return a cell as programs read it; nothing reported is null, with version null.

    `adjustment` is there where late corrections count beside the value.
    """
    found = {
        "unit": cell.unit.code,
        "indicator": cell.indicator.code,
        "breakdown": None if cell.breakdown.code == Breakdown.WHOLE_CODE else cell.breakdown.code,
        "month": month_text(cell.month),
        "value": plain(cell.value, cell.indicator.stored_decimals),
        "as_of": cell.actual.as_of.isoformat() if cell.actual else None,
        "version": cell.version,
    }
    if cell.adjustment:
        found["adjustment"] = plain(cell.adjustment, cell.indicator.stored_decimals)
    return found


def _saved(row: Figure, codes: Codes, *, is_shown: bool = False) -> dict[str, Any]:
    """Return a saved row; the sheet names the breakdown as it sent it, and rates in percent."""
    indicator = row.indicator
    value, decimals = row.value, indicator.stored_decimals
    if is_shown and indicator.is_percent and value is not None:
        value, decimals = value * 100, indicator.decimals
    breakdown = row.breakdown.code
    if not is_shown and breakdown == Breakdown.WHOLE_CODE:
        breakdown = None
    return {
        "unit": row.unit.code,
        "indicator": indicator.code,
        "breakdown": breakdown,
        "month": month_text(row.month),
        "value": plain(value, decimals),
        "as_of": row.as_of.isoformat(),
        "version": row.version or None,
    }
