"""Grids as their template needs them: written figures, keys of cells, sentences about them."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from targets.amounts import plain
from targets.models import SheetKind
from targets.months import month_text
from targets.queries.closed import closed_months
from targets.queries.sheets import Cell, Grid, Line, Working, working
from targets.templatetags.amounts import amount


def shown_lines(table: Grid) -> list[dict[str, Any]]:
    """Return the rows with written cells; months that are closed say so."""
    is_segment = table.sheet.kind == SheetKind.SEGMENT
    closed = (
        set() if is_segment
        else closed_months(table.sheet.plan.district_id, table.months)
    )  # fmt: skip
    return [
        {
            "line": line,
            "total": amount(line.total, line.decimals),
            "unit_total": amount(line.unit_total, line.decimals),
            "required": plain(line.required, line.decimals) or "",
            "cells": [
                _shown_cell(table, line, n, cell, is_segment, closed)
                for n, cell in enumerate(line.cells)
            ],
        }
        for line in table.lines
    ]


def _shown_cell(
    table: Grid, line: Line, index: int, cell: Cell, is_segment: bool, closed: set[date]
) -> dict[str, Any]:
    value = cell.value
    if value is not None and line.is_percent:
        value = value * 100
    key = (
        {"row": line.row_id, "month": month_text(cell.month)}
        if is_segment
        else {
            "unit": line.unit_code, "indicator": line.indicator_code,
            "breakdown": line.breakdown_code, "month": month_text(cell.month),
        }
    )  # fmt: skip
    return {
        "cell": cell,
        "key": json.dumps(key),
        "text": amount(value, line.decimals),
        "value": "" if value is None else plain(value, line.decimals),
        "is_closed": cell.month in closed,
        "explain": _("The month is closed; its task stands.") if cell.month in closed
        else explain(line, index),
    }  # fmt: skip


def explain(line: Line, index: int) -> str:
    """Say how a cell follows from its row: row total × season, and which way it was rounded."""
    found = working(line, index)
    if found is None:
        return ""
    values = {
        "base": amount(found.base, line.decimals),
        "share": _share(found),
        "exact": amount(found.exact, line.decimals + 3),
        "value": amount(line.cells[index].value, line.decimals),
        "rank": found.rank,
    }
    if found.is_exact:
        return _("row total %(base)s × %(share)s = %(value)s") % values
    if found.is_raised:
        return (
            _(
                "row total %(base)s × %(share)s = %(exact)s, taken as %(value)s "
                "(remainder no. %(rank)s, one more)"
            )
            % values
        )
    return (
        _(
            "row total %(base)s × %(share)s = %(exact)s, taken as %(value)s "
            "(remainder no. %(rank)s, none left)"
        )
        % values
    )


def _share(found: Working) -> str:
    """Return "season 7.80 %", or "season 7.80 ÷ 91.20" where locks or flat weights narrow it."""
    if found.whole == 100:
        return _("season %(share)s%%") % {"share": amount(found.season, 2)}
    return _("season %(share)s ÷ %(whole)s") % {
        "share": amount(found.season, 2), "whole": amount(found.whole, 2),
    }  # fmt: skip


def shown_totals(table: Grid) -> dict[str, Any]:
    """Return the written totals and the proof: the sum by unit and by month."""
    columns = table.columns
    if columns is None or table.total is None or not table.lines:
        return {}
    decimals = table.lines[0].decimals
    total = amount(table.total, decimals)
    locked = table.locked
    return {
        "columns": [amount(value, decimals) for value in columns],
        "total": total,
        "required": amount(table.required, decimals) if table.required is not None else "",
        "required_plain": plain(table.required, decimals) or "",
        "rolled": amount(table.rolled, decimals) if table.rolled else "",
        "is_off": bool(table.difference),
        "by_unit": " + ".join(f"{name} {amount(value, decimals)}"
                              for name, value in table.unit_totals),
        "by_month": " + ".join(amount(value, decimals) for value in columns),
        "locks": len(locked),
        "locked_sum": amount(
            sum((cell.value or Decimal(0) for _line, cell in locked), Decimal(0)), decimals
        ),
    }  # fmt: skip
