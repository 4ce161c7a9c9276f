"""Tables 3-0 to 3-3 as sheets: heads, cells, what each cell explains about itself."""

import json
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from targets.models import Plan
from targets.queries import plans as queries
from targets.queries.annual import DetailTable, Shown
from targets.queries.published import PublishedYear
from targets.templatetags.amounts import amount

OVERALL_TABLE = "3-0"


def titles() -> dict[str, str]:
    """Return the names of the tables, in the plan's words."""
    return {
        OVERALL_TABLE: _("Overall targets"),
        "3-1": _("Mobile users and revenue"),
        "3-2": _("Effective rate"),
        "3-3": _("Fixed network"),
    }


def tabs(plan: Plan, details: list[DetailTable]) -> list[dict[str, str]]:
    """Return the tabs of the page."""
    url, names = reverse("annual_targets_of_year", args=[plan.year]), titles()
    found = [{"code": OVERALL_TABLE, "name": names[OVERALL_TABLE], "url": url}]
    return found + [
        {"code": one.code, "name": names[one.code], "url": f"{url}?table={one.code}"}
        for one in details
    ]


def _overall_heads() -> dict[str, tuple[str, str, str]]:
    city, department = _("City branch"), _("Department")
    return {
        "base": (_("last year"), _("last year"), _("done")),
        "city_growth": (_("city growth"), city, _("growth") + " %"),
        "city_target": (_("city task"), city, _("task")),
        "department_growth": (_("department growth"), department, _("growth") + " %"),
        "department_target": (_("department target"), department, _("target")),
        "pressure": (_("department above city"), _("above city"), f"{department} − {city}"),
        "increment": (_("increment"), _("increment"), department),
    }


def _detail_heads() -> dict[str, tuple[str, str, str]]:
    """Return field → name, head, second line."""
    return {
        "base": (_("last year"), _("last year"), _("done")),
        "base_share": (_("share of last year"), _("share"), "%"),
        "department_growth": (_("growth"), _("growth"), "%"),
        "department_target": (_("target"), _("target"), _("Department")),
        "target_share": (_("share of target"), _("share"), "%"),
        "increment": (_("increment"), _("increment"), ""),
        "change": (_("change"), _("change"), "pp"),
        "implied": (_("implied by table 3-0"), _("implied"), _("table 3-0")),
    }


def overall_sheet(
    table: queries.TargetTable, published: PublishedYear, can_write: bool
) -> dict[str, Any]:
    """Return table 3-0: heads and rows of cells; the figure that was entered says so."""
    rows = []
    for row in table.rows:
        cells = []
        for name, value in queries.shown_fields(row).items():
            layer = {"city": row.city, "department": row.department}.get(name.split("_")[0])
            is_typed = name in queries.FIELDS and not row.is_derived
            is_growth = name.endswith("growth")
            why = layer.why if layer and is_growth else ""
            shown = Shown(
                None if value is None else Decimal(value), 2 if is_growth else row.decimals,
                is_typed, is_growth, why or (_explain(name, layer) if is_typed else ""),
            )  # fmt: skip
            cells.append(_cell(row.code, name, shown, published, can_write) | {"title": why})
        measure = row.measure + (" · " + _("sum") if row.is_derived else "")
        rows.append(
            {"name": row.name, "measure": measure, "is_total": row.is_derived,
             "version": row.version, "cells": cells}
        )  # fmt: skip
    return {"heads": list(_overall_heads().values()), "rows": rows}


def detail_sheet(table: DetailTable, published: PublishedYear, can_write: bool) -> dict[str, Any]:
    """Return a table of 3-1 to 3-3: heads and rows of cells."""
    heads = _detail_heads()
    names = [name.removeprefix("parts_") for name in table.rows[0].cells]
    rows = [
        {
            "name": row.name,
            "measure": row.measure + (" · " + _("sum") if row.is_total else ""),
            "is_total": row.is_total,
            "version": row.version,
            "cells": [
                _cell(row.code, name, cell, published, can_write)
                | {"title": cell.why if cell.value is None else ""}
                for name, cell in row.cells.items()
            ],
        }
        for row in table.rows
    ]
    return {"heads": [heads[name] for name in names], "rows": rows}


def _cell(
    code: str, name: str, shown: Shown, published: PublishedYear, can_write: bool
) -> dict[str, Any]:
    explain = shown.why
    if name == "base" and not explain and code in published.values:
        explain = _against_published(shown.value, published, code, shown.decimals)
    return {
        "key": json.dumps({"indicator": code, "field": name}),
        "value": "" if shown.value is None else f"{shown.value:.{shown.decimals}f}",
        "text": amount(shown.value, shown.decimals),
        "decimals": shown.decimals,
        "is_percent": shown.is_percent,
        "is_readonly": not (shown.is_typed and can_write),
        "explain": explain,
    }


def _against_published(
    value: Decimal | None, published: PublishedYear, code: str, decimals: int
) -> str:
    figure = published.values[code]
    words = {"year": published.year, "figure": amount(figure, decimals)}
    if value == figure:
        return _("as published for %(year)s") % words
    return _("%(year)s published: %(figure)s") % words


def _explain(name: str, layer: queries.Layer | None) -> str:
    if layer is None:
        return ""
    is_entered = name.endswith(str(layer.driver))
    if name.endswith("growth"):
        return (
            _("entered; the target follows from it") if is_entered
            else _("follows from the target and last year")
        )  # fmt: skip
    return (
        _("entered; kept as it is") if is_entered
        else _("last year × (1 + growth), rounded once")
    )  # fmt: skip
