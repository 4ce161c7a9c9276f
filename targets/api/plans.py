"""Annual targets and indicators for programs; cells of table 3-0 for its page."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from orgchart.errors import VersionConflict
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from targets.amounts import plain
from targets.api.reading import Reader, listed
from targets.models import Driver, Indicator, Plan
from targets.queries import plans as queries
from targets.queries.annual import DetailRow, detail_cells, detail_tables
from targets.queries.years import unit_years
from targets.rules.growth import rounded
from targets.services.plans import KEEP, Layer, TargetEntry, save_annual_targets

MOST_ROWS = 200


def _plan(district: Unit, year: int) -> Plan:
    return get_object_or_404(Plan.objects.select_related("district"), district=district, year=year)


class AnnualTargetsView(ActorMixin, APIView):
    """GET table 3-0, or the own units' annual tasks; PUT rows with their versions.

    A layer is {"growth": "0.12"} or {"target": "3059.39"}: what is given is its driver.
    """

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, year: int) -> Response:
        self.actor.demand("targets.read")
        plan = _plan(self.actor.district, year)
        return Response(self._written(plan))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, year: int) -> Response:
        self.actor.demand("targets.write")
        plan = _plan(self.actor.district, year)
        save_annual_targets(
            plan=plan, entries=_read_rows(request.data), by=self.actor.person, at=request.now,
            source="api",
        )  # fmt: skip
        plan.refresh_from_db()
        return Response(self._written(plan))

    def _written(self, plan: Plan) -> dict[str, Any]:
        head = {"year": plan.year, "state": plan.state, "version": plan.version}
        unit_ids = self.actor.unit_ids("targets.read")
        if unit_ids is not None:
            return head | {
                "rows": [],
                "units": [
                    {"unit": row.unit_code, "indicator": row.code,
                     "target": plain(row.target, row.decimals)}
                    for row in unit_years(plan, unit_ids)
                ],
            }  # fmt: skip
        table = queries.annual_table(plan)
        return head | {
            "rows": [_row(row) for row in table.rows],
            "tables": {
                detail.code: [_detail(row) for row in detail.rows]
                for detail in detail_tables(plan, table)
            },
        }


class AnnualCellsView(ActorMixin, APIView):
    """PUT cells of table 3-0 as its page shows them: growth in percent, a field per cell."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, year: int) -> Response:
        self.actor.demand("targets.write")
        plan = _plan(self.actor.district, year)
        rates = set(
            Indicator.objects.filter(district=plan.district, is_percent=True)
            .values_list("code", flat=True)
        )  # fmt: skip
        try:
            save_annual_targets(
                plan=plan, entries=_read_cells(request.data, rates),
                by=self.actor.person, at=request.now,
            )  # fmt: skip
        except VersionConflict as error:
            _show_conflicts(error, plan, rates)
            raise
        return Response({"cells": _cells(plan), "message": _("Saved")})


def _row(row: queries.TargetRow) -> dict[str, Any]:
    return {
        "indicator": row.code,
        "name": row.name,
        "measure": row.measure,
        "is_derived": row.is_derived,
        "version": row.version,
        "base": plain(row.base, row.decimals),
        "city": _layer(row.city, row.decimals),
        "department": _layer(row.department, row.decimals),
        "pressure": plain(row.pressure, row.decimals),
        "ratio": None if row.ratio is None else plain(rounded(row.ratio, 4), 4),
        "reason": row.reason,
    }


def _layer(layer: queries.Layer | None, decimals: int) -> dict[str, Any] | None:
    """Return a layer; `growth` is the entered one, or the exact one rounded to 4 decimals."""
    if layer is None:
        return None
    return {
        "driver": layer.driver,
        "growth": None if layer.growth is None else plain(rounded(layer.growth, 4), 4),
        "growth_missing": layer.why,
        "target": plain(layer.target, decimals),
        "increment": plain(layer.increment, decimals),
    }


def _read_rows(data: Any) -> list[TargetEntry]:
    reader = Reader()
    value, start = listed(data, "rows")
    entries = []
    for n, item in enumerate(reader.items(value, start or "/", MOST_ROWS)):
        pointer = f"{start}/{n}"
        row = reader.record(item, pointer)
        layers = {name: _read_layer(reader, row.get(name), f"{pointer}/{name}")
                  for name in ("city", "department")}  # fmt: skip
        entries.append(
            TargetEntry(
                indicator=reader.text(row.get("indicator"), f"{pointer}/indicator", longest=40),
                version=reader.version(row.get("version"), f"{pointer}/version"),
                base=reader.number_or_none(row["base"], f"{pointer}/base")
                if "base" in row else KEEP,
                reason=_reason(reader, row, pointer),
                pointers=_pointers(pointer),
                **layers,
            )
        )  # fmt: skip
    reader.check()
    return entries


def _read_layer(reader: Reader, value: Any, pointer: str) -> Layer | None:
    if value is None:
        return None
    layer = reader.record(value, pointer)
    given = [name for name in ("growth", "target") if name in layer]
    driver = layer.get("driver")
    if driver is None and len(given) == 1:
        driver = given[0]
    if driver not in given:
        reader.fault(pointer, _("Give a growth or a target; with both, name the driver."))
        return None
    figure = reader.number_or_none(layer[driver], f"{pointer}/{driver}")
    return Layer(Driver(driver), figure)


def _pointers(row: str) -> dict[str, str]:
    fields = {name: f"{row}/{name.replace('_', '/')}" for name in queries.FIELDS}
    return fields | {"reason": f"{row}/reason", "indicator": f"{row}/indicator"}


def _reason(reader: Reader, row: dict[str, Any], pointer: str) -> str | None:
    if row.get("reason") is None:
        return None
    if row["reason"] == "":
        return ""
    return reader.text(row["reason"], f"{pointer}/reason", longest=500)


def _detail(row: DetailRow) -> dict[str, Any]:
    """Return a row of tables 3-1 to 3-3 as shown: shares, growths and rates in percent."""
    return {
        "indicator": row.code,
        "name": row.name,
        "measure": row.measure,
        "version": row.version,
        "is_derived": row.version is None and not any(c.is_typed for c in row.cells.values()),
    } | {
        name.removeprefix("parts_"): plain(cell.value, cell.decimals)
        for name, cell in row.cells.items()
    }


def _cells(plan: Plan) -> list[dict[str, Any]]:
    """Return every cell of tables 3-0 to 3-3 as its sheet shows it."""
    table = queries.annual_table(plan)
    return [
        {"indicator": row.code, "field": name, "value": value, "version": row.version}
        for row in table.rows
        for name, value in queries.shown_fields(row).items()
    ] + detail_cells(detail_tables(plan, table))


def _show_conflicts(error: VersionConflict, plan: Plan, rates: Collection[str]) -> None:
    """Turn both values of each conflict into what the sheet shows: percent, and what follows."""
    shown = {(cell["indicator"], cell["field"]): cell["value"] for cell in _cells(plan)}
    for conflict in error.extra.get("conflicts", ()):
        code, name, yours = conflict["indicator"], conflict["field"], conflict["yours"]
        if name == "reason":
            continue
        if yours is not None and (name.endswith("growth") or code in rates):
            conflict["yours"] = plain(Decimal(yours) * 100, 2)
        conflict["theirs"] = shown.get((code, name), conflict["theirs"])


def _read_cells(data: Any, rates: Collection[str]) -> list[TargetEntry]:
    """Return one entry per row from cells of {indicator, field, value, version}.

    `rates` are the indicators whose figures come in percent.
    When both figures of a layer changed, the target is the driver.
    """
    reader = Reader()
    rows: dict[str, dict[str, Any]] = {}
    value, start = listed(data, "cells")
    for n, item in enumerate(reader.items(value, start or "/", MOST_ROWS * len(queries.FIELDS))):
        pointer = f"{start}/{n}"
        cell = reader.record(item, pointer)
        code = reader.text(cell.get("indicator"), f"{pointer}/indicator", longest=40)
        name = reader.choice(cell.get("field"), f"{pointer}/field", queries.FIELDS)
        figure = reader.number_or_none(cell.get("value"), f"{pointer}/value")
        row = rows.setdefault(code, {"pointers": {"indicator": f"{pointer}/indicator"}})
        row["version"] = reader.version(cell.get("version"), f"{pointer}/version")
        row["pointers"][name] = row["pointers"]["reason"] = f"{pointer}/value"
        row["reason"] = _reason(reader, cell, pointer) or row.get("reason")
        is_growth = name.endswith("growth")
        if figure is not None and (is_growth or code in rates):
            figure = _ratio(reader, figure, f"{pointer}/value")
        if name == "base":
            row["base"] = figure
            continue
        layer, driver = name.split("_")
        if is_growth and layer in row:
            continue
        row[layer] = Layer(Driver(driver), figure)
    reader.check()
    return [
        TargetEntry(
            code, row["version"], base=row.get("base", KEEP), city=row.get("city"),
            department=row.get("department"), reason=row.get("reason"), pointers=row["pointers"],
        )
        for code, row in rows.items()
    ]  # fmt: skip


def _ratio(reader: Reader, percent: Decimal, pointer: str) -> Decimal:
    if percent != round(percent, 2):
        reader.fault(pointer, _("Percentages are kept with two decimals."))
    return percent / 100
