"""Annual targets: table 3-0 with both layers, the floor, versions, release."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from orgchart.errors import DomainError
from orgchart.permissions import require
from targets.models import Indicator, Plan, PlanState, Rollup
from targets.queries import plans as queries
from targets.queries.annual import detail_tables, last_save
from targets.queries.published import published_year
from targets.queries.reconciliation import Floor, floor_at, gross_adds_floor, overall_checks
from targets.queries.years import unit_years
from targets.rules.annual import PLANNING_RATE, TABLES
from targets.services.annual import fill_last_year, undo_annual_targets
from targets.services.plans import TargetEntry, open_plan, release_plan, save_annual_targets
from targets.templatetags.amounts import amount, percent, signed
from targets.views.annual_sheets import OVERALL_TABLE, detail_sheet, overall_sheet, tabs
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
    bar = plan_bar(plan, "annual_targets_of_year")
    context: dict[str, Any] = {"plan": plan, "bar": bar}
    unit_ids = actor.unit_ids("targets.read")
    if unit_ids is not None:
        return render(
            request, "targets/annual_units.html", context | {"rows": unit_years(plan, unit_ids)}
        )

    table = queries.annual_table(plan)
    details = detail_tables(plan, table)
    asked = request.GET.get("table", "")
    detail = next((one for one in details if one.code == asked), None)
    can_write = actor.can("targets.write")
    versions = queries.versions(plan, table)
    published = published_year(plan.district_id, plan.year - 1)
    return render(
        request,
        "targets/annual.html",
        context
        | {
            "table": table,
            "code": detail.code if detail else OVERALL_TABLE,
            "tabs": tabs(plan, details),
            "sheet": detail_sheet(detail, published, can_write)
            if detail else overall_sheet(table, published, can_write),
            "checks": detail.checks if detail else overall_checks(plan, table),
            "sentence": _sentence(table),
            "can_write": can_write,
            "can_release": actor.can("targets.release") and plan.state == PlanState.DRAFT,
            "draft": versions[0] if versions and versions[0].at is None else None,
            "versions": versions,
            "can_open_next": can_write and plan.year == actor.on.year
            and not bar["next_url"],
            "floor": _floor(table),
            "last_save": last_save(plan) if can_write else None,
            "published": published,
            "missing": _addable(plan, table) if can_write and detail is None else [],
        },
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


def _floor(table: queries.TargetTable) -> Floor | None:
    """Return the floor at the planned rate of table 3-2, else at the rate the targets imply."""
    floor = gross_adds_floor(table)
    planned = next((row for row in table.details if row.code == PLANNING_RATE), None)
    if floor is None or planned is None or planned.department is None:
        return floor
    return floor_at(floor, planned.department.target)


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
def fill(request: HttpRequest, year: int) -> HttpResponse:
    """Take last year's figures over from what was published."""
    try:
        count = fill_last_year(plan=_plan(request, year), by=request.actor.person, at=request.now)
        messages.success(request, _("%(count)s rows took last year over") % {"count": count})
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("annual_targets_of_year", year=year)


@require_POST
@require("targets.write")
def undo(request: HttpRequest, year: int) -> HttpResponse:
    """Take the last save back."""
    entry = request.POST.get("entry", "")
    try:
        undo_annual_targets(
            plan=_plan(request, year), by=request.actor.person, at=request.now,
            entry=int(entry) if entry.isascii() and entry.isdigit() and len(entry) < 18 else 0,
        )  # fmt: skip
        messages.success(request, _("The figures before the last save are back"))
    except DomainError as error:
        messages.error(request, str(error))
    table = request.POST.get("table", "")
    query = f"?table={table}" if table in TABLES else ""
    return redirect(reverse("annual_targets_of_year", args=[year]) + query)


@require_POST
@require("targets.write")
def open_year(request: HttpRequest) -> HttpResponse:
    """Open the plan of the current year, or of the next one where that is asked for."""
    year = request.actor.on.year + (request.POST.get("year") == "next")
    try:
        open_plan(
            district=request.actor.district, year=year, by=request.actor.person, at=request.now
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("annual_targets")
    return redirect("annual_targets_of_year", year=year)


def _plan(request: HttpRequest, year: int) -> Plan:
    plans = Plan.objects.select_related("district")
    return get_object_or_404(plans, district=request.actor.district, year=year)
