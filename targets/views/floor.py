"""The floor calculator: net target ÷ effective rate with its chain, and taking it over."""

from decimal import Decimal
from math import ceil
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orgchart.errors import DomainError, Doubtful
from orgchart.permissions import require
from targets.forms import FloorForm
from targets.models import Driver, Plan
from targets.queries import plans as queries
from targets.queries.annual import detail_tables
from targets.rules import floor as rules
from targets.rules.annual import ARPU, PLANNING_RATE, USERS
from targets.rules.growth import rounded
from targets.services.plans import Layer, TargetEntry, save_annual_targets
from targets.templatetags.amounts import amount, percent
from targets.views.annual_sheets import tabs
from targets.views.plan_bar import plan_bar, plan_of_request

GROSS, NET, REVENUE = "mobile_gross_adds", "mobile_net_adds", "mobile_revenue"


@require_http_methods(["GET", "POST"])
@require("targets.read")
def floor_calculator(request: HttpRequest, year: int) -> HttpResponse:
    """Calculate with the plan's figures or others; POST takes the result over into the plan."""
    actor = request.actor
    if actor.unit_ids("targets.read") is not None:
        raise PermissionDenied  # the district's targets are not a unit's to read
    if request.method == "POST":
        actor.demand("targets.write")
    plan = plan_of_request(request, year)
    assert plan is not None
    table = queries.annual_table(plan)
    given = request.POST if request.method == "POST" else request.GET
    started = _of_plan(plan, table)
    form = FloorForm(
        {name: given.get(name, started.get(name, "")) for name in FloorForm.base_fields}
    )
    result = _result(form) if form.is_valid() else None
    doubt = ""
    if request.method == "POST" and result is not None:
        try:
            _take_over(request, plan, table, form, result["gross_adds"])
            messages.success(request, _("Taken over into the annual targets"))
            return redirect("annual_targets_of_year", year=year)
        except Doubtful as error:
            doubt = str(error)
        except DomainError as error:
            messages.error(request, str(error))
    return render(
        request, "targets/floor.html",
        {
            "plan": plan, "bar": plan_bar(plan, "floor_calculator"),
            "tabs": tabs(plan, detail_tables(plan, table)), "code": "floor",
            "form": form, "result": result, "doubt": doubt,
            "reason": request.POST.get("reason", ""),
            "changes": _changes(table, form, result)
            if result and actor.can("targets.write") else [],
            "versions": _versions(table),
            "sentence": _sentence(plan, form, result) if result else "",
        },
    )  # fmt: skip


def _rows(table: queries.TargetTable) -> dict[str, queries.TargetRow]:
    return {row.code: row for row in table.all_rows}


def _target(table: queries.TargetTable, code: str) -> Decimal | None:
    row = _rows(table).get(code)
    return row.department.target if row and row.department else None


def _of_plan(plan: Plan, table: queries.TargetTable) -> dict[str, Any]:
    """Return the form's first figures: those of the plan, as far as it has them."""
    rows = _rows(table)
    planned = _target(table, PLANNING_RATE)
    net, gross = _target(table, NET), _target(table, GROSS)
    rate = planned or (rules.effective_rate(net, gross) if net and gross else None)
    arpu = next(
        (row.cells["department_target"].value
         for one in detail_tables(plan, table) for row in one.rows if row.code == ARPU), None,
    )  # fmt: skip
    users = rows.get(USERS)
    figures: dict[str, Any] = {
        "by": FloorForm.BY_NET, "net_target": net, "revenue": _target(table, REVENUE),
        "arpu": arpu, "opening_users": users.base if users else None, "planned": gross,
        "rate": None if rate is None else rounded(rate * 100, 2),
    }  # fmt: skip
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else value
        for name, value in figures.items()
        if value is not None
    }


def _result(form: FloorForm) -> dict[str, Any]:
    """Return every figure of a valid form, finished."""
    given, chain, net = form.cleaned_data, form.chain(), form.net()
    floor = rules.gross_adds_floor(net, form.ratio("rate"))
    mix = rules.mix(net, form.tiers()) if form.tiers() else None
    reached = (
        rules.reached(net, int(given["planned"]), form.ratio("rate_reached"))
        if given["planned"] and given["rate_reached"] else None
    )  # fmt: skip
    return {
        "net": net,
        "gross_adds": floor.gross_adds,
        "exact": floor.exact,
        "is_whole": floor.exact == floor.gross_adds,
        "needs_none": net <= 0,
        "chain": chain,
        "rates": rules.rate_costs(net, form.ratio("rate")),
        "mix": mix,
        "reached": reached,
    }


def _sentence(plan: Plan, form: FloorForm, result: dict[str, Any]) -> str:
    if result["needs_none"]:
        return _("The net target needs no gross additions: it is 0 or below.")
    dearer = next((cost for cost in result["rates"] if cost.rate < form.ratio("rate")), None)
    words = {
        "rate": percent(form.ratio("rate")), "year": plan.year,
        "gross": amount(result["gross_adds"]), "net": amount(result["net"]),
    }  # fmt: skip
    sentence = (
        _(
            "At an effective rate of %(rate)s%%, %(year)s needs %(gross)s gross additions "
            "for %(net)s net"
        )
        % words
    )
    point = [cost for cost in result["rates"] if cost.rate == form.ratio("rate") - rules.POINT]
    if dearer is None or not point:
        return sentence
    return sentence + _("; one point less costs %(difference)s") % {
        "difference": amount(point[0].difference)
    }


def _wanted(form: FloorForm, gross: int, table: queries.TargetTable) -> dict[str, Decimal]:
    """Return what taking over writes: net and gross of table 3-0, the planned rate of 3-2."""
    wanted = {NET: Decimal(ceil(form.net())), GROSS: Decimal(gross)}
    if PLANNING_RATE in _codes(table):
        wanted[PLANNING_RATE] = form.cleaned_data["rate"] / 100
    return wanted


def _codes(table: queries.TargetTable) -> set[str]:
    return {row.code for row in table.all_rows}


def _changes(
    table: queries.TargetTable, form: FloorForm, result: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """Return (name, before, after) of the targets that taking over would change."""
    rows, changes = _rows(table), []
    for code, wanted in _wanted(form, result["gross_adds"], table).items():
        now = _target(table, code)
        if now != wanted:
            write = percent if code == PLANNING_RATE else amount
            name = rows[code].name if code in rows else code
            changes.append((name, write(now), write(wanted)))
    return changes


def _versions(table: queries.TargetTable) -> list[tuple[str, int]]:
    return [
        (code, row.version) for code, row in _rows(table).items()
        if code in (NET, GROSS, PLANNING_RATE) and row.version is not None
    ]  # fmt: skip


def _take_over(
    request: HttpRequest, plan: Plan, table: queries.TargetTable, form: FloorForm, gross: int
) -> None:
    """Save the figures as targets of the department. Raises the service's refusals."""
    entries = []
    for code, figure in _wanted(form, gross, table).items():
        seen = request.POST.get(f"version_{code}", "")
        entries.append(
            TargetEntry(
                code, int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
                department=Layer(Driver.TARGET, figure),
                reason=request.POST.get("reason", "").strip()[:500] or None,
            )
        )  # fmt: skip
    save_annual_targets(plan=plan, entries=entries, by=request.actor.person, at=request.now)
