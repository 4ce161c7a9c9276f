"""Reporting: the month's sheet of all units, or one unit's list of fields."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.models import Actual, CheckState, Month, MonthState
from kpi.present import card as present
from kpi.present import what_if, words
from kpi.queries.board import leaderboard
from kpi.queries.cells import Cell, Key, expected_cells
from kpi.queries.months import chosen_month, months
from kpi.queries.shade import grounds, score
from kpi.queries.verification import latest_verifications
from kpi.queries.ways import levers, ways_up
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from targets.amounts import plain
from targets.models import Breakdown, Indicator
from targets.months import last_day, month_after, month_text


@require("actuals.read")
def actuals(request: HttpRequest) -> HttpResponse:
    """A month's figures: of the unit asked for, of one's only unit, else the sheet of all."""
    actor: Actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if month is None:
        return render(request, "kpi/actuals.html", {})
    unit_ids = actor.unit_ids("actuals.read")
    cells = expected_cells(actor.district.pk, month.month, unit_ids)
    units = list({cell.unit.pk: cell.unit for cell in cells}.values())
    context: dict[str, Any] = {
        "month": month_text(month.month),
        "units": [{"code": u.code, "name": u.short} for u in units] if len(units) > 1 else [],
        "as_of": _as_of(month, actor, cells),
        "save_url": reverse("api_actuals_sheet"),
        "is_open": month.state == MonthState.OPEN,
    }
    code = request.GET.get("unit", "")
    if code and code not in {unit.code for unit in units}:
        raise Http404
    if code or (unit_ids is not None and len(units) == 1):
        unit = next(one for one in units if not code or one.code == code)
        context |= _form(month, unit, [c for c in cells if c.unit.pk == unit.pk], actor)
        return render(request, "kpi/actuals_unit.html", context)
    context |= _sheet(month, cells, actor)
    return render(request, "kpi/actuals.html", context)


def _as_of(month: Month, actor: Actor, cells: list[Cell]) -> dict[str, Any]:
    """Return the as-of day to report for, and the latest that was reported."""
    last = last_day(month.month)
    first: date = month.month
    day = max(first, min(actor.on, last))
    latest = max((cell.actual.as_of for cell in cells if cell.actual), default=None)
    return {
        "value": day.isoformat(),
        "first": first.isoformat(),
        "last": min(last, max(actor.on, first)).isoformat(),
        "shown": words.day(day),
        "latest": words.day(latest) if latest else "",
    }


def _may_write(month: Month, unit: Unit, actor: Actor) -> bool:
    return month.state == MonthState.OPEN and actor.can("actuals.write", unit)


def _values(cell: Cell, *, is_open: bool) -> dict[str, Any]:
    """Return the attributes of a cell: its key, and its figure as the sheet counts it."""
    indicator = cell.indicator
    value = cell.value
    if value is not None and indicator.is_percent:
        value *= 100
    return {
        "key": json.dumps(
            {
                "unit": cell.unit.code,
                "indicator": indicator.code,
                "breakdown": cell.breakdown.code,
                "month": month_text(cell.month),
            }
        ),
        "value": plain(value, indicator.decimals) or "",
        "shown": words.shown(cell.value, indicator) if cell.value is not None else "",
        "version": cell.version or "",
        "decimals": indicator.decimals,
        "is_percent": indicator.is_percent,
        "is_missing": cell.value is None,
        "is_open": is_open,
        "doubt": _explanation(cell),
        "is_returned": _is_returned(cell),
    }


def _is_returned(cell: Cell) -> bool:
    return bool(cell.actual and cell.actual.check_state == CheckState.RETURNED)


def _explanation(cell: Cell) -> str:
    """Return what there is to say of a figure: sent back, odd and why, counted with what."""
    if cell.actual is None:
        return ""
    parts = [_("sent back by the auditor")] if _is_returned(cell) else []
    parts += [cell.actual.doubt_reason] if cell.actual.doubt_reason else []
    return _("; ").join([*parts, *_counted(cell)])


def _counted(cell: Cell) -> list[str]:
    """Say what late corrections add to a figure and what it then counts."""
    if not cell.adjustment:
        return []
    text = _("adjustment %(value)s") % {"value": words.shown(cell.adjustment, cell.indicator)}
    if cell.actual and cell.actual.counted is not None:
        counted = words.shown(cell.actual.counted, cell.indicator)
        text = _("%(adjustment)s, counted %(counted)s") % {
            "adjustment": text,
            "counted": counted,
        }
    return [text]


def _sheet(month: Month, cells: list[Cell], actor: Actor) -> dict[str, Any]:
    """Return the rows of the sheet; columns are indicators, by member where entered so."""
    columns: dict[tuple[int, int], tuple[Indicator, Breakdown]] = {}
    for cell in sorted(cells, key=lambda c: (c.indicator.position, c.breakdown.position)):
        columns.setdefault((cell.indicator.pk, cell.breakdown.pk), (cell.indicator, cell.breakdown))
    by_key = {cell.key: cell for cell in cells}
    units = list({cell.unit.pk: cell.unit for cell in cells}.values())
    rows = []
    missing = 0
    for unit in units:
        is_open = _may_write(month, unit, actor)
        row: list[dict[str, Any] | None] = []
        for indicator_id, breakdown_id in columns:
            found = by_key.get((unit.pk, indicator_id, breakdown_id))
            row.append(_values(found, is_open=is_open) if found else None)
            missing += found is not None and found.value is None
        rows.append({"unit": unit.short, "code": unit.code, "cells": row})
    late = sorted({cell.unit.short for cell in cells if cell.value is None})
    heads = [
        {
            "name": indicator.short,
            "part": "" if breakdown.code == Breakdown.WHOLE_CODE else breakdown.name,
            "measure": indicator.measure,
            "title": indicator.name,
        }
        for indicator, breakdown in columns.values()
    ]
    sentence = _("Everything is reported.")
    if missing:
        sentence = _("%(count)s figures are missing: %(units)s.") % {
            "count": missing,
            "units": words.joined(late),
        }
    return {
        "heads": heads,
        "rows": rows,
        "sentence": sentence,
        "may_write": any(_may_write(month, unit, actor) for unit in units),
    }


def _form(month: Month, unit: Unit, cells: list[Cell], actor: Actor) -> dict[str, Any]:
    """Return one unit's fields with task and last month beside them, and where it stands."""
    before = _last_month(unit, month.month)
    is_open = _may_write(month, unit, actor)
    fields = [
        _values(cell, is_open=is_open)
        | {
            "id": f"f-{cell.indicator.code}-{cell.breakdown.code}",
            "name": _field_name(cell),
            "note": _field_note(cell, before),
        }
        for cell in cells
    ]
    missing = sum(field["is_missing"] for field in fields)
    return {
        "unit": {"code": unit.code, "name": unit.name},
        "fields": fields,
        "sent_back": _sent_back(month, unit, fields),
        "counts": _("%(done)s reported, %(missing)s missing")
        % {"done": len(fields) - missing, "missing": missing},
        "due": _due(month, actor),
        "may_write": is_open,
        "standing": _standing(month, unit),
    }


def _sent_back(month: Month, unit: Unit, fields: list[dict[str, Any]]) -> str:
    """Say which figures the auditor sent back, and why."""
    names = [field["name"] for field in fields if field["is_returned"]]
    latest = latest_verifications(month.month, [unit.pk]).get(unit.pk) if names else None
    if latest is None:
        return ""
    return _("Sent back: %(names)s. %(by)s: %(reason)s") % {
        "names": words.joined(names),
        "by": latest.by.name,
        "reason": latest.reason,
    }


def _field_name(cell: Cell) -> str:
    if cell.breakdown.code == Breakdown.WHOLE_CODE:
        return cell.indicator.name
    return f"{cell.indicator.short} {cell.breakdown.name}"


def _field_note(cell: Cell, before: dict[Key, Decimal | None]) -> str:
    parts = [cell.indicator.measure]
    if cell.task is not None:
        parts.append(_("task %(task)s") % {"task": words.shown(cell.task, cell.indicator)})
    if (last := before.get(cell.key)) is not None:
        parts.append(_("last month %(value)s") % {"value": words.shown(last, cell.indicator)})
    return _("; ").join([*parts, *_counted(cell)])


def _last_month(unit: Unit, month: date) -> dict[Key, Decimal | None]:
    rows = Actual.objects.filter(month=month_after(month, -1), unit=unit)
    return {(row.unit_id, row.indicator_id, row.breakdown_id): row.value for row in rows}


def _due(month: Month, actor: Actor) -> str:
    """Say how much time is left to report."""
    if month.state != MonthState.OPEN or month.due_on is None:
        return str(month.get_state_display())
    left = month.due_on - actor.on
    if left < timedelta(0):
        return _("was due on %(day)s") % {"day": words.day(month.due_on)}
    if left == timedelta(0):
        return _("due today, 24:00")
    text = ngettext(
        "due on %(day)s, %(count)s day left", "due on %(day)s, %(count)s days left", left.days
    )
    return text % {"day": words.day(month.due_on), "count": left.days}


def _standing(month: Month, unit: Unit) -> dict[str, Any] | None:
    """Return the unit's rank, total, gates and cheapest ways up for the foot of the form."""
    row = next((one for one in leaderboard(month).rows if one.unit.pk == unit.pk), None)
    if row is None or row.card is None:
        return None
    given = grounds(month)
    ways = []
    if unit.pk in given.cards:
        ways = ways_up(given, score(given), unit.pk, levers(given, unit.pk))
    found = row.card.range
    total = words.total_in_words(row.score)
    if found is not None:
        total = f"{words.total_in_words(found[0])} – {words.total_in_words(found[1])}"
    return {
        "rank": row.rank,
        "is_tied": row.is_tied,
        "total": total,
        "ways": what_if.ways(ways),
        "gates": present.gate_rows(row.gates),
        "gap": ""
        if row.gap_to_next is None
        else _("%(gap)s points to the next rank") % {"gap": words.total_in_words(row.gap_to_next)},
    }
