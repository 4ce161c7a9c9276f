"""Reporting day by day: one unit's fields of a day, or a month's sheet of units and days."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kpi.models import DailyFigure, Month, MonthState
from kpi.present import pace as present
from kpi.present import words
from kpi.queries.cells import Cell, Key, expected_cells, reporting_units
from kpi.queries.daily import FOCUS, daily_rows, paced_indicators
from kpi.queries.months import chosen_month, months
from kpi.queries.pace import pace_board
from kpi.rules.pace import Calendar
from orgchart.days import parse_day
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from orgchart.queries.trail import readable, trail
from targets.amounts import plain
from targets.models import Breakdown, Indicator, Rollup
from targets.months import last_day, month_text

ENTRIES_SHOWN = 5


@require("actuals.read")
def daily(request: HttpRequest) -> HttpResponse:
    """A day's figures of the unit asked for, of one's only unit, else the month's sheet."""
    actor: Actor = request.actor
    day = _asked(request.GET.get("day", ""))
    text = f"{day:%Y-%m}" if day else request.GET.get("month", "")
    month = chosen_month(months(actor.district.pk), text)
    if month is None:
        return render(request, "kpi/daily.html", {})
    if day is None or day.replace(day=1) != month.month:
        day = max(month.month, min(actor.on, last_day(month.month)))
    scope = actor.unit_ids("actuals.read")
    units = reporting_units(actor.district.pk, month.month, scope)
    code = request.GET.get("unit", "")
    unit = next((one for one in units if one.code == code), None)
    if code and unit is None:
        raise Http404
    if unit is None and scope is not None and len(units) == 1:
        unit = units[0]
    indicators = paced_indicators(actor.district.pk)
    asked = request.GET.get("indicator") or FOCUS
    indicator = next((row for row in indicators if row.code == asked), None)
    context: dict[str, Any] = {
        "month": month_text(month.month),
        "units": [{"code": u.code, "name": u.short} for u in units] if len(units) > 1 else [],
        "save_url": reverse("api_daily_sheet"),
        "indicator": indicator.code if indicator else "",
    }
    if unit is not None:
        context |= _form(month, unit, day, indicator, indicators, actor)
        return render(request, "kpi/daily_unit.html", context)
    context |= _sheet(month, units, indicator, indicators, actor)
    return render(request, "kpi/daily.html", context)


def _asked(text: str) -> date | None:
    try:
        return parse_day(text)
    except ValueError:
        return None


def _may_write(month: Month, unit: Unit, actor: Actor) -> bool:
    return month.state == MonthState.OPEN and actor.can("actuals.write", unit)


def _values(cell: Cell, row: DailyFigure | None, day: date, *, is_open: bool) -> dict[str, Any]:
    """Return the attributes of a figure: its key, and its value as the sheet counts it."""
    indicator = cell.indicator
    value = row.value if row else None
    return {
        "key": json.dumps(
            {
                "unit": cell.unit.code,
                "indicator": indicator.code,
                "breakdown": cell.breakdown.code,
                "day": day.isoformat(),
            }
        ),
        "value": plain(value, indicator.decimals) or "",
        "shown": words.shown(value, indicator) if value is not None else "",
        "version": row.version if row else "",
        "decimals": indicator.decimals,
        "is_open": is_open,
        "note": row.note if row else "",
    }


def _form(
    month: Month,
    unit: Unit,
    day: date,
    indicator: Indicator | None,
    indicators: list[Indicator],
    actor: Actor,
) -> dict[str, Any]:
    """Return a unit's fields of a day, the day before beside them, and the burn-up."""
    rows: dict[tuple[Key, date], DailyFigure] = {
        ((row.unit_id, row.indicator_id, row.breakdown_id), row.day): row
        for row in daily_rows(actor.district.pk, month.month, [unit.pk])
    }
    cells = [
        cell
        for cell in expected_cells(actor.district.pk, month.month, [unit.pk])
        if cell.indicator.rollup == Rollup.SUM
    ]
    is_open = _may_write(month, unit, actor) and day <= actor.on
    fields = []
    for cell in cells:
        row = rows.get((cell.key, day))
        fields.append(
            _values(cell, row, day, is_open=is_open)
            | {
                "id": f"d-{cell.indicator.code}-{cell.breakdown.code}",
                "name": _name(cell),
                "task": _task(cell, rows, day),
            }
        )
    done = sum(field["value"] != "" for field in fields)
    chart = None
    if indicator is not None:
        board = pace_board(
            indicator, month.month, today=actor.on, calendar=Calendar.NATURAL,
            unit_ids=frozenset({unit.pk}),
        )  # fmt: skip
        chart = present.burn_up(
            board.course, indicator, board.as_of, board.calendar, f"burn-up-{unit.code}"
        )
    entries = trail(actor.district, [unit.pk]).filter(
        subject=f"daily/{unit.code}/{month_text(month.month)}"
    )[:ENTRIES_SHOWN]
    return {
        "unit": {"code": unit.code, "name": unit.name},
        "day": _day(month, day, actor),
        "fields": fields,
        "may_write": is_open,
        "counts": _("%(done)s reported, %(missing)s missing")
        % {"done": done, "missing": len(fields) - done},
        "chart": chart,
        "sentence": present.sentence(board) if indicator else "",
        "choices": [
            {
                "label": row.short,
                "url": f"?{urlencode(_query(unit, day, row))}",
                "is_active": row == indicator,
            }
            for row in indicators
        ],
        "entries": readable(actor.district, entries, [unit.pk]),
    }


def _query(unit: Unit, day: date, indicator: Indicator) -> dict[str, str]:
    return {"unit": unit.code, "day": day.isoformat(), "indicator": indicator.code}


def _day(month: Month, day: date, actor: Actor) -> dict[str, Any]:
    last = min(last_day(month.month), max(actor.on, month.month))
    return {
        "value": day.isoformat(),
        "shown": words.day(day),
        "first": month.month.isoformat(),
        "last": last.isoformat(),
        "previous": (day - timedelta(days=1)).isoformat() if day > month.month else "",
        "next": (day + timedelta(days=1)).isoformat() if day < last else "",
    }


def _name(cell: Cell) -> str:
    if cell.breakdown.code == Breakdown.WHOLE_CODE:
        return cell.indicator.name
    return f"{cell.indicator.short} {cell.breakdown.name}"


def _task(cell: Cell, rows: dict[tuple[Key, date], DailyFigure], day: date) -> str:
    """Return measure, task and the latest figure before the day."""
    parts = [cell.indicator.measure]
    if cell.task is not None:
        parts.append(_("task %(task)s") % {"task": words.shown(cell.task, cell.indicator)})
    before: tuple[date, Decimal] | None = max(
        (
            (at, row.value)
            for (key, at), row in rows.items()
            if key == cell.key and at < day and row.value is not None
        ),
        default=None,
    )
    if before is not None:
        parts.append(
            _("%(day)s %(value)s")
            % {"day": words.day(before[0]), "value": words.shown(before[1], cell.indicator)}
        )
    return words.phrases(parts)


def _sheet(
    month: Month,
    units: list[Unit],
    indicator: Indicator | None,
    indicators: list[Indicator],
    actor: Actor,
) -> dict[str, Any]:
    """Return the sheet of an entered indicator: a row per unit and member, a column per day."""
    entered = [row for row in indicators if row.entry]
    indicator = indicator if indicator in entered else next(iter(entered), None)
    if indicator is None:
        return {}
    days = [month.month + timedelta(days=n) for n in range(last_day(month.month).day)]
    rows = {
        ((row.unit_id, row.indicator_id, row.breakdown_id), row.day): row
        for row in daily_rows(actor.district.pk, month.month, [unit.pk for unit in units])
    }
    lines = []
    for cell in expected_cells(actor.district.pk, month.month, [unit.pk for unit in units]):
        if cell.indicator != indicator:
            continue
        may_write = _may_write(month, cell.unit, actor)
        part = "" if cell.breakdown.code == Breakdown.WHOLE_CODE else cell.breakdown.name
        lines.append(
            {
                "unit": f"{cell.unit.short} {part}".strip(),
                "code": cell.unit.code,
                "task": words.shown(cell.task, indicator) if cell.task is not None else "—",
                "cells": [
                    _values(
                        cell, rows.get((cell.key, day)), day,
                        is_open=may_write and day <= actor.on,
                    )
                    for day in days
                ],
            }
        )  # fmt: skip
    text = month_text(month.month)
    return {
        "title": indicator.name,
        "measure": indicator.measure,
        "heads": [day.day for day in days],
        "rows": lines,
        "may_write": any(_may_write(month, unit, actor) for unit in units),
        "choices": [
            {
                "label": row.short,
                "url": f"?{urlencode({'month': text, 'indicator': row.code})}",
                "is_active": row == indicator,
            }
            for row in entered
        ],
    }
