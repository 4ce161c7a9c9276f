"""Annual targets: table 3-0 with both layers, the floor, versions, release."""

import json
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from orgchart.errors import DomainError
from orgchart.permissions import require
from targets.amounts import parse_amount
from targets.models import Indicator, Plan, PlanState, Rollup
from targets.queries import plans as queries
from targets.queries.reconciliation import floor_at, gross_adds_floor
from targets.queries.years import unit_years
from targets.services.plans import TargetEntry, open_plan, release_plan, save_annual_targets
from targets.templatetags.amounts import amount, percent, signed
from targets.views.plan_bar import plan_bar, plan_of_request


@require_GET
@require("targets.read")
def annual_targets(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """Show table 3-0; to those who see single units only, the units' annual tasks."""
    actor = request.actor
    plan = plan_of_request(request, year)
    if plan is None:
        return render(
            request, "targets/annual_none.html",
            {"year": actor.on.year, "can_open": actor.can("targets.write")},
        )  # fmt: skip
    context: dict[str, Any] = {"plan": plan, "bar": plan_bar(plan, "annual_targets_of_year")}
    unit_ids = actor.unit_ids("targets.read")
    if unit_ids is not None:
        return render(
            request, "targets/annual_units.html", context | {"rows": unit_years(plan, unit_ids)}
        )

    table = queries.annual_table(plan)
    can_write = actor.can("targets.write")
    versions = queries.versions(plan, table)
    return render(
        request,
        "targets/annual.html",
        context
        | {
            "table": table,
            "rows": [_sheet_row(row, can_write) for row in table.rows],
            "sentence": _sentence(table),
            "can_write": can_write,
            "can_release": actor.can("targets.release") and plan.state == PlanState.DRAFT,
            "draft": versions[0] if versions and versions[0].at is None else None,
            "versions": versions,
            "floor": _asked_floor(request, table),
            "missing": _addable(plan, table) if can_write else [],
        },
    )


def _sheet_row(row: queries.TargetRow, can_write: bool) -> dict[str, Any]:
    """Return a row with its cells; which figure was entered is explained on each."""
    shown = queries.shown_fields(row)
    cells = []
    for name, value in shown.items():
        layer = {"city": row.city, "department": row.department}.get(name.split("_")[0])
        is_typed = name in queries.FIELDS
        is_growth = name.endswith("growth")
        decimals = 2 if is_growth else row.decimals
        cells.append(
            {
                "key": json.dumps({"indicator": row.code, "field": name}),
                "value": value,
                "text": amount(None if value is None else Decimal(value), decimals),
                "decimals": decimals,
                "is_percent": is_growth,
                "is_readonly": row.is_derived or not is_typed or not can_write,
                "explain": _explain(name, layer) if is_typed and not row.is_derived else "",
                "why": layer.why if layer and is_growth else "",
            }
        )
    return {"row": row, "cells": cells}


def _explain(name: str, layer: queries.Layer | None) -> str:
    if layer is None:
        return ""
    is_entered = name.endswith(str(layer.driver))
    if name.endswith("growth"):
        if layer.why:
            return layer.why
        return (
            _("entered; the target follows from it") if is_entered
            else _("follows from the target and last year")
        )  # fmt: skip
    return (
        _("entered; kept as it is") if is_entered
        else _("last year × (1 + growth), rounded once")
    )  # fmt: skip


def _sentence(table: queries.TargetTable) -> str:
    """Say what the department asks of itself above the city, from the first total row."""
    total = next((row for row in table.rows if row.is_derived), None)
    if total is None or total.department is None or total.pressure is None:
        return ""
    return _(
        "%(name)s %(target)s %(measure)s, growth %(growth)s%%, %(pressure)s against the city's task"
    ) % {
        "name": total.name,
        "target": amount(total.department.target, total.decimals),
        "measure": total.measure,
        "growth": percent(total.department.growth),
        "pressure": signed(total.pressure, total.decimals),
    }


def _asked_floor(request: HttpRequest, table: queries.TargetTable) -> dict[str, Any] | None:
    """Return the floor at the asked rate (percent), else at the rate that the targets imply."""
    implied = gross_adds_floor(table)
    if implied is None:
        return None
    asked = request.GET.get("rate", "")
    error, floor = "", implied
    if asked:
        try:
            floor = floor_at(implied, parse_amount(asked) / Decimal(100))
        except ValueError:
            error = _("Write a rate above 0 and up to 100, such as 16.00.")
    return {"figure": floor, "asked": asked, "error": error}


def _addable(plan: Plan, table: queries.TargetTable) -> list[Indicator]:
    """Return the indicators that table 3-0 could still take up."""
    codes = [row.code for row in table.rows]
    return list(
        Indicator.objects.filter(district=plan.district, is_derived=False, rollup=Rollup.SUM)
        .exclude(code__in=codes)
    )  # fmt: skip


@require_POST
@require("targets.release")
def release(request: HttpRequest, year: int) -> HttpResponse:
    """Release the draft."""
    plan = _plan(request, year)
    seen = request.POST.get("version", "")
    try:
        made = release_plan(
            plan=plan, by=request.actor.person, at=request.now,
            reason=request.POST.get("reason", "")[:500],
            version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else None,
        )  # fmt: skip
        messages.success(request, _("Released v%(version)s") % {"version": made.version})
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("annual_targets_of_year", year=year)


@require_POST
@require("targets.write")
def add_row(request: HttpRequest, year: int) -> HttpResponse:
    """Take an indicator up into table 3-0, still without figures."""
    plan = _plan(request, year)
    try:
        save_annual_targets(
            plan=plan, entries=[TargetEntry(request.POST.get("indicator", ""), None)],
            by=request.actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("annual_targets_of_year", year=year)


@require_POST
@require("targets.write")
def open_year(request: HttpRequest) -> HttpResponse:
    """Open the plan of the current year."""
    try:
        open_plan(
            district=request.actor.district, year=request.actor.on.year,
            by=request.actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("annual_targets")


def _plan(request: HttpRequest, year: int) -> Plan:
    plans = Plan.objects.select_related("district")
    return get_object_or_404(plans, district=request.actor.district, year=year)
