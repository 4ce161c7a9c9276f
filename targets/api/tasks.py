"""Monthly tasks: listed, saved in bulk; sheets broken down, their cells and locks."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import ngettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from targets.amounts import plain
from targets.api.reading import Reader, listed
from targets.models import (
    Breakdown,
    Indicator,
    Plan,
    SegmentTask,
    SheetKind,
    SheetMethod,
    Task,
    TaskSheet,
)
from targets.months import month_text
from targets.permissions import demand_tasks
from targets.queries.sheets import Grid, grid
from targets.queries.tasks import tasks_of_year
from targets.services.sheets import (
    SegmentEntry,
    TaskEntry,
    adopt_total,
    break_down,
    lock_cells,
    roll_forward,
    save_segment_tasks,
    save_tasks,
    unlock_cells,
)

MOST_CELLS = 5000
PAGE_SIZE = 500


@dataclass(frozen=True)
class Codes:
    """The district's units, indicators and breakdowns by code."""

    units: dict[str, Unit]
    indicators: dict[str, Indicator]
    breakdowns: dict[str, Breakdown]

    @classmethod
    def of(cls, district: Unit) -> "Codes":
        return cls(
            {unit.code: unit for unit in Unit.objects.filter(district=district)},
            {row.code: row for row in Indicator.objects.filter(district=district)},
            {row.code: row for row in Breakdown.objects.filter(district=district)},
        )


def _sheet(district: Unit, year: int, code: str) -> TaskSheet:
    sheets = TaskSheet.objects.select_related("plan__district", "indicator")
    return get_object_or_404(sheets, plan__district=district, plan__year=year, code=code)


class TasksView(ActorMixin, APIView):
    """GET the tasks that the caller may see, paged; PUT cells with their versions."""

    @extend_schema(
        parameters=[
            OpenApiParameter("year", int), OpenApiParameter("indicator", str),
            OpenApiParameter("unit", str), OpenApiParameter("month", str),
            OpenApiParameter("page", int),
        ],
        responses=OpenApiTypes.OBJECT,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        self.actor.demand("tasks.read")
        reader = Reader()
        asked = request.query_params
        year = _digits(reader, asked.get("year", str(self.actor.on.year)), "/year", 2000, 2099)
        page = _digits(reader, asked.get("page", "1"), "/page", 1, 100_000)
        month = reader.month(asked["month"], "/month") if asked.get("month") else None
        filters = {
            name: reader.text(asked[name], f"/{name}")
            for name in ("indicator", "unit")
            if asked.get(name)
        }
        reader.check()
        tasks = tasks_of_year(
            self.actor.district, year, self.actor.unit_ids("tasks.read"), month=month, **filters
        )
        start = (page - 1) * PAGE_SIZE
        found = list(tasks[start : start + PAGE_SIZE])
        count = tasks.count()
        return Response(
            {
                "count": count,
                "next": page + 1 if start + PAGE_SIZE < count else None,
                "results": [_written(task) for task in found],
            }
        )

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request) -> Response:
        self.actor.demand("tasks.write")
        cells = read_cells(request.data, Codes.of(self.actor.district), is_shown=False)
        for plan in Plan.objects.filter(
            district=self.actor.district, year__in={cell.month.year for cell in cells}
        ):
            demand_tasks(self.actor, plan)
        save_tasks(
            district=self.actor.district, cells=cells, by=self.actor.person, at=request.now,
            source="api",
        )  # fmt: skip
        return Response({"cells": [_written(task) for task in _stored(cells)]})


class BreakdownView(ActorMixin, APIView):
    """POST {"sheet": "4-2"}: break the sheet down and return it.

    "method" (row_first, month_first, both_margins) changes how; left out, it stays.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, year: int) -> Response:
        self.actor.demand("tasks.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        code = reader.text(body.get("sheet"), "/sheet", longest=10)
        version = reader.version(body.get("version"), "/version")
        method = None
        if body.get("method") is not None:
            method = reader.choice(body["method"], "/method", SheetMethod.values)
        reader.check()
        sheet = _sheet(self.actor.district, year, code)
        demand_tasks(self.actor, sheet.plan)
        changed = break_down(
            sheet=sheet, version=version, method=method, by=self.actor.person, at=request.now,
            source="api",
        )  # fmt: skip
        return Response({"changed": len(changed), **_grid(grid(sheet, None))})


class RollForwardView(ActorMixin, APIView):
    """POST {"sheet": "4-2", "reason": "…"}: spread the shortfall over the open months."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, year: int) -> Response:
        self.actor.demand("tasks.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        code = reader.text(body.get("sheet"), "/sheet", longest=10)
        reason = reader.text(body.get("reason"), "/reason", longest=500)
        reader.check()
        sheet = _sheet(self.actor.district, year, code)
        demand_tasks(self.actor, sheet.plan)
        changed = roll_forward(sheet=sheet, reason=reason, by=self.actor.person, at=request.now)
        return Response({"changed": len(changed), **_grid(grid(sheet, None))})


class SheetCellsView(ActorMixin, APIView):
    """PUT cells of a sheet as its page shows them: rates in percent.

    With {"change_total": true, "total"} the sums of the cells become the sheet's totals; `total`
    is the sum that the person saw.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, year: int, code: str) -> Response:
        self.actor.demand("tasks.write")
        sheet = _sheet(self.actor.district, year, code)
        demand_tasks(self.actor, sheet.plan)
        if sheet.kind == SheetKind.SEGMENT:
            return self._save_segments(request, sheet)
        cells = read_cells(request.data, Codes.of(self.actor.district), is_shown=True)
        with transaction.atomic():
            save_tasks(
                district=self.actor.district, cells=cells, by=self.actor.person, at=request.now
            )
            self._change_total(request, sheet)
        return Response({"cells": [_shown(task) for task in _stored(cells)],
                         "message": _saved(len(cells))})  # fmt: skip

    def _change_total(self, request: Request, sheet: TaskSheet) -> None:
        if not isinstance(request.data, dict) or request.data.get("change_total") is not True:
            return
        reader = Reader()
        total = reader.number_or_none(request.data.get("total"), "/total")
        reader.check()
        adopt_total(sheet=sheet, total=total, by=self.actor.person, at=request.now)

    def _save_segments(self, request: Request, sheet: TaskSheet) -> Response:
        reader = Reader()
        value, start = listed(request.data, "cells")
        cells = []
        for n, item in enumerate(reader.items(value, start or "/", MOST_CELLS)):
            pointer = f"{start}/{n}"
            cell = reader.record(item, pointer)
            cells.append(
                SegmentEntry(
                    reader.whole(cell.get("row"), f"{pointer}/row", 1, 2**31),
                    reader.month(cell.get("month"), f"{pointer}/month"),
                    reader.number_or_none(cell.get("value"), f"{pointer}/value"),
                    reader.version(cell.get("version"), f"{pointer}/version"),
                    pointer,
                )
            )
        reader.check()
        with transaction.atomic():
            save_segment_tasks(sheet=sheet, cells=cells, by=self.actor.person, at=request.now)
            self._change_total(request, sheet)
        wanted = {(cell.row_id, cell.month) for cell in cells}
        stored = SegmentTask.objects.filter(row__sheet=sheet).select_related("row__indicator")
        return Response(
            {
                "cells": [
                    {"row": cell.row_id, "month": month_text(cell.month),
                     "value": plain(cell.value, cell.row.indicator.stored_decimals),
                     "version": cell.version}
                    for cell in stored
                    if (cell.row_id, cell.month) in wanted
                ],
                "message": _saved(len(cells)),
            }
        )  # fmt: skip


class SheetLocksView(ActorMixin, APIView):
    """PUT cells with {"locked": true, "reason"} or {"locked": false}; returns their rows."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, year: int, code: str) -> Response:
        self.actor.demand("tasks.write")
        sheet = _sheet(self.actor.district, year, code)
        demand_tasks(self.actor, sheet.plan)
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        cells = read_cells(body, Codes.of(self.actor.district), is_shown=True)
        is_locked = body.get("locked") is True
        common = {"sheet": sheet, "cells": cells, "by": self.actor.person, "at": request.now}
        if is_locked:
            reason = reader.text(body.get("reason"), "/reason", longest=200)
            reader.check()
            tasks = lock_cells(reason=reason, **common)
        else:
            tasks = unlock_cells(**common)
        places = {(task.month, task.unit_id, task.indicator_id, task.breakdown_id)
                  for task in tasks}  # fmt: skip
        asked = {cell.place for cell in cells}
        return Response(
            {
                "cells": [
                    {**_shown(task), "moved": (task.month, task.unit_id, task.indicator_id,
                                               task.breakdown_id) not in asked}
                    for task in _at(places)
                ],
                "message": _locked(len(cells), len(places - asked), is_locked),
            }
        )  # fmt: skip


def read_cells(body: Any, codes: Codes, *, is_shown: bool) -> list[TaskEntry]:
    """Return the cells of a body, a list or {"cells": list}. Raises Invalid with every fault.

    `is_shown`: rates come in percent, as the sheet shows them, not as ratios. A breakdown that
    is null, "" or missing is the undivided one.
    """
    reader = Reader()
    value, start = listed(body, "cells")
    cells = []
    for n, item in enumerate(reader.items(value, start or "/", MOST_CELLS)):
        pointer = f"{start}/{n}"
        cell = reader.record(item, pointer)
        unit = reader.member(cell.get("unit"), f"{pointer}/unit", codes.units)
        indicator = reader.member(cell.get("indicator"), f"{pointer}/indicator", codes.indicators)
        breakdown = reader.member(
            cell.get("breakdown") or Breakdown.WHOLE_CODE, f"{pointer}/breakdown", codes.breakdowns
        )
        month = reader.month(cell.get("month"), f"{pointer}/month")
        amount = reader.number_or_none(cell.get("value"), f"{pointer}/value")
        version = reader.version(cell.get("version"), f"{pointer}/version")
        if unit is None or indicator is None or breakdown is None:
            continue
        if amount is not None and is_shown and indicator.is_percent:
            amount = amount / 100
        cells.append(
            TaskEntry(unit.pk, indicator.pk, breakdown.pk, month, amount, version, pointer)
        )
    reader.check()
    return cells


def _stored(cells: list[TaskEntry]) -> list[Task]:
    return _at({cell.place for cell in cells})


def _at(places: set[Any]) -> list[Task]:
    tasks = Task.objects.filter(
        month__in={place[0] for place in places}, unit_id__in={place[1] for place in places},
        indicator_id__in={place[2] for place in places},
    ).select_related("unit", "indicator", "breakdown", "locked_by")  # fmt: skip
    return [
        task
        for task in tasks
        if (task.month, task.unit_id, task.indicator_id, task.breakdown_id) in places
    ]


def _key(task: Task) -> dict[str, Any]:
    return {
        "unit": task.unit.code, "indicator": task.indicator.code,
        "breakdown": task.breakdown.code, "month": month_text(task.month),
    }  # fmt: skip


def _written(task: Task) -> dict[str, Any]:
    """Return the task as programs read it: rates are ratios."""
    return {
        **_key(task), "value": plain(task.value, task.indicator.stored_decimals),
        "version": task.version, "locked": task.is_locked,
    }  # fmt: skip


def _shown(task: Task) -> dict[str, Any]:
    """Return the task as the sheet shows it: rates in percent."""
    value: Decimal = task.value
    if task.indicator.is_percent:
        value = value * 100
    return {
        **_key(task), "value": plain(value, task.indicator.decimals), "version": task.version,
        "locked": task.is_locked, "lock_reason": task.lock_reason,
        "lock_note": task.locked_by.name if task.locked_by else "",
    }  # fmt: skip


def _grid(table: Grid) -> dict[str, Any]:
    decimals = table.lines[0].decimals if table.lines else 0
    return {
        "sheet": table.sheet.code,
        "version": table.sheet.version,
        "rows": [
            {
                "unit": line.unit_code,
                "breakdown": line.breakdown_code,
                "months": [plain(cell.value, decimals) for cell in line.cells],
                "versions": [cell.version for cell in line.cells],
                "total": plain(line.total, decimals),
            }
            for line in table.lines
        ],
        "months": [plain(value, decimals) for value in table.columns or []],
        "total": plain(table.total, decimals),
    }


def _saved(count: int) -> str:
    return ngettext("Saved %(count)s cell", "Saved %(count)s cells", count) % {"count": count}


def _locked(count: int, moved: int, is_locked: bool) -> str:
    sentence = (
        ngettext("Locked %(count)s cell, %(moved)s others moved",
                 "Locked %(count)s cells, %(moved)s others moved", count)
        if is_locked
        else ngettext("Unlocked %(count)s cell, %(moved)s others moved",
                      "Unlocked %(count)s cells, %(moved)s others moved", count)
    )  # fmt: skip
    return sentence % {"count": count, "moved": moved}


def _digits(reader: Reader, text: str, pointer: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        text = "-1"
    return reader.whole(int(text), pointer, low, high)
