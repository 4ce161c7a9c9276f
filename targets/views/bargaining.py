"""Release and answers: whose turn it is, proposals decided, versions with their differences."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orgchart.errors import DomainError, Fault, Invalid
from orgchart.models import Unit
from orgchart.permissions import require
from targets.amounts import parse_amount, plain
from targets.models import Plan, PlanRelease, Proposal, ProposalKind, ProposalState, TaskSheet
from targets.months import month_text, parse_month
from targets.queries.bargaining import Bargain, Proposed, bargain, proposed, units_of
from targets.queries.closed import closed_months
from targets.queries.releases import CellChange, changed_cells
from targets.queries.sheets import Grid, Line, grid, sheets_of
from targets.services.bargaining import (
    Wish,
    accept_plan,
    ask_to_borrow,
    counter_propose,
    insist,
    withdraw_proposal,
)
from targets.services.rehoming import Home, agree
from targets.templatetags.amounts import amount, signed
from targets.views.plan_bar import plan_bar, plan_of_request

SHOWN_CELLS = 500
CHIPS = {"accepted": ("good", "check"), "countered": ("warn", ""), "waiting": ("wait", "")}
STATES = {
    ProposalState.OPEN: "warn", ProposalState.MET: "good", ProposalState.INSISTED: "bad",
    ProposalState.WITHDRAWN: "", ProposalState.OVERTAKEN: "",
}  # fmt: skip


@require_GET
@require("tasks.read")
def answers(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """Show who accepted the version in force and what is to be decided."""
    plan = plan_of_request(request, year)
    if plan is None:
        return render(request, "targets/sheet_none.html", {"plan": None})
    actor = request.actor
    found = bargain(plan, actor.unit_ids("tasks.read"))
    mine = _own_units(request, plan)
    return render(
        request, "targets/answers.html",
        {
            "plan": plan, "bar": plan_bar(plan, "plan_answers"), "sentence": _sentence(found),
            "is_answerable": found.is_answerable and plan.version > 0,
            "standings": [_standing(request, found, each) for each in found.standings],
            "open": [_shown(request, each) for each in found.open],
            "past": [_shown(request, each) for each in found.past],
            "may_decide": actor.can("targets.release"),
            "mine": [
                {"unit": unit, "sheets": _own_sheets(plan, unit)}
                for unit in mine
            ] if found.is_answerable and plan.version else [],
            "releases": list(plan.releases.select_related("by")),
        },
    )  # fmt: skip


@require_POST
@require("tasks.answer")
def accept(request: HttpRequest, year: int) -> HttpResponse:
    """Accept the version that was seen, for one's own unit."""
    plan = _plan(request, year)
    unit = _own_unit(request, plan)
    try:
        accept_plan(
            plan=plan, unit=unit, version=_version(request), by=request.actor.person,
            at=request.now,
        )  # fmt: skip
        messages.success(request, _("Accepted v%(version)s") % {"version": plan.version})
    except DomainError as error:
        return _refused(request, error, "plan_answers", year)
    return redirect("plan_answers", year=year)


@require("tasks.answer")
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Show the unit's rows of a table; a POST counter-proposes or asks to borrow."""
    plan = _plan(request, year)
    unit = _own_unit(request, plan)
    sheet = get_object_or_404(TaskSheet, plan=plan, code=code)
    sheet.plan = plan
    table = grid(sheet, {unit.pk})
    if not table.lines:
        raise Http404
    error = None
    if request.method == "POST":
        try:
            _propose(request, sheet, unit, table)
            messages.success(request, _("Handed to the district head"))
            return redirect("plan_answers", year=year)
        except DomainError as refusal:
            error = refusal
    context = {
        "plan": plan, "unit": unit, "sheet": sheet, "bar": plan_bar(plan, "plan_answers"),
        "rows": [_form_row(request, line, plan) for line in table.lines],
        "months": _form_months(plan, table.months),
        "refusal": error, "faults": {fault.pointer: fault.detail for fault in error.faults}
        if error else {},
        "post": request.POST, "is_borrowing": request.POST.get("kind") == ProposalKind.BORROW,
        "measure": sheet.indicator.measure if sheet.indicator else "",
    }  # fmt: skip
    return render(request, "targets/propose.html", context, status=error.status if error else 200)


@require_POST
@require("tasks.answer")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own unit's proposal back."""
    proposal = _proposal(request, pk)
    request.actor.demand("tasks.answer", proposal.unit)
    try:
        withdraw_proposal(proposal=proposal, by=request.actor.person, at=request.now)
        messages.success(request, _("Withdrawn"))
    except DomainError as error:
        return _refused(request, error, "plan_answers", proposal.plan.year)
    return redirect("plan_answers", year=proposal.plan.year)


@require("targets.release")
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a proposal with the rows that could take what is orphaned; a POST decides it."""
    proposal = _proposal(request, pk)
    sheet = proposal.sheet
    table = grid(sheet, None)
    error = None
    if request.method == "POST":
        try:
            answer = request.POST.get("answer", "")
            common = {"proposal": proposal, "by": request.actor.person, "at": request.now}
            if request.POST.get("step") == "insist":
                insist(answer=request.POST.get("reason", "") or answer, **common)
                messages.success(request, _("The plan stands; it is the unit's turn"))
            else:
                release = agree(homes=_homes(request, table), answer=answer, **common)
                messages.success(request, _("Released v%(version)s") % {"version": release.version})
            return redirect("plan_answers", year=proposal.plan.year)
        except DomainError as refusal:
            error = refusal
            proposal.refresh_from_db()
    indicators = {
        row.indicator.code: row.indicator for row in sheet.rows.select_related("indicator")
    }
    each = _shown(request, proposed(proposal, indicators))
    context = {
        "plan": proposal.plan, "each": each, "sheet": sheet,
        "bar": plan_bar(proposal.plan, "plan_answers"),
        "is_open": proposal.state == ProposalState.OPEN,
        "needs_homes": each["orphaned_raw"] != 0,
        "rows": [
            {"line": line, "name": f"home-{line.row_id}", "value": request.POST.get(
                f"home-{line.row_id}", ""), "month_name": f"month-{line.row_id}",
             "month": request.POST.get(f"month-{line.row_id}", "")}
            for line in table.lines if line.unit_id is not None
        ],
        "months": [
            month for month in _form_months(proposal.plan, table.months) if not month["is_closed"]
        ],
        "refusal": error,
        "answer": request.POST.get("answer", ""),
    }  # fmt: skip
    return render(request, "targets/decide.html", context, status=error.status if error else 200)


@require_GET
@require("tasks.read")
def version(request: HttpRequest, year: int, version: int) -> HttpResponse:
    """Show which cells a version changed, against the one before it."""
    plan = _plan(request, year)
    release = get_object_or_404(PlanRelease.objects.select_related("by"), plan=plan,
                                version=version)  # fmt: skip
    before = PlanRelease.objects.filter(plan=plan, version=version - 1).first()
    cells = changed_cells(plan, release, before, request.actor.unit_ids("tasks.read"))
    return render(
        request, "targets/version.html",
        {
            "plan": plan, "release": release, "before": before,
            "bar": plan_bar(plan, "plan_answers"), "cells": cells[:SHOWN_CELLS],
            "more": max(0, len(cells) - SHOWN_CELLS), "count": len(cells), "sums": _sums(cells),
            "is_known": before is not None and bool(before.tasks),
        },
    )  # fmt: skip


def _sums(cells: Sequence[CellChange]) -> list[dict[str, str]]:
    """Return what the changes of each table add up to: 0 is the proof that its sum stays."""
    sums: dict[str, list[CellChange]] = {}
    for cell in cells:
        sums.setdefault(cell.sheet, []).append(cell)
    return [
        {"sheet": sheet,
         "change": signed(sum(((cell.after or 0) - (cell.before or 0) for cell in group),
                              Decimal(0)), group[0].decimals)}
        for sheet, group in sums.items()
    ]  # fmt: skip


def _plan(request: HttpRequest, year: int) -> Plan:
    plans = Plan.objects.select_related("district")
    return get_object_or_404(plans, district=request.actor.district, year=year)


def _proposal(request: HttpRequest, pk: int) -> Proposal:
    found = Proposal.objects.select_related(
        "plan__district", "sheet__plan__district", "sheet__indicator", "unit", "by", "decided_by"
    )
    return get_object_or_404(found, pk=pk, plan__district=request.actor.district)


def _own_units(request: HttpRequest, plan: Plan) -> list[Unit]:
    """Return the units for which the person answers."""
    own = request.actor.unit_ids("tasks.answer")
    return [unit for unit in units_of(plan) if own is None or unit.pk in own]


def _own_unit(request: HttpRequest, plan: Plan) -> Unit:
    """Return the asked unit, or the only own one. Raises PermissionDenied for another's."""
    asked = request.POST.get("unit") or request.GET.get("unit")
    for unit in _own_units(request, plan):
        if asked in (None, "", unit.code):
            return unit
    raise PermissionDenied


def _own_sheets(plan: Plan, unit: Unit) -> list[dict[str, Any]]:
    found = []
    for sheet in sheets_of(plan):
        table = grid(sheet, {unit.pk})
        if table.lines and sheet.kind == "units":
            total = None if any(line.is_percent for line in table.lines) else table.total
            measure = sheet.indicator.measure if sheet.indicator else ""
            decimals = table.lines[0].decimals
            found.append({"sheet": sheet, "total": amount(total, decimals), "measure": measure})
    return found


def _version(request: HttpRequest) -> int:
    seen = request.POST.get("version", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else -1


def _refused(request: HttpRequest, error: DomainError, route: str, year: int) -> HttpResponse:
    messages.error(request, str(error))
    return redirect(route, year=year)


def _sentence(found: Bargain) -> str:
    if not found.plan.version:
        return _("Nothing is released yet.")
    if not found.is_answerable:
        return _("Version %(version)s is being prepared. Answers count from its release on.") % {
            "version": found.plan.version + 1}  # fmt: skip
    if found.is_settled:
        return _("v%(version)s is settled: every unit accepted.") % {"version": found.plan.version}
    left = [each for each in found.standings if each.code != "accepted"]
    return ngettext(
        "v%(version)s: %(count)s unit has not accepted", "v%(version)s: %(count)s units have not "
        "accepted", len(left),
    ) % {"version": found.plan.version, "count": len(left)}  # fmt: skip


def _standing(request: HttpRequest, found: Bargain, each: Any) -> dict[str, Any]:
    labels = {"accepted": _("accepted"), "countered": _("counter-proposed"),
              "waiting": _("to answer")}  # fmt: skip
    kind, icon = CHIPS[each.code]
    given = each.acceptance if each.code == "accepted" else None
    return {
        "unit": each.unit, "code": each.code, "label": labels[each.code], "kind": kind,
        "icon": icon, "by": given.by.name if given else "", "at": given.at if given else None,
        "carried": given.carried_from if given else None,
        "may_accept": each.code == "waiting" and found.is_answerable
        and request.actor.can("tasks.answer", each.unit),
    }  # fmt: skip


def _shown(request: HttpRequest, each: Proposed) -> dict[str, Any]:
    """Return a proposal with finished figures."""
    row = each.proposal
    is_rate = row.sheet.indicator is not None and row.sheet.indicator.is_percent
    decimals = each.decimals - 2 if is_rate else each.decimals
    scale = 100 if is_rate else 1
    is_counter = row.kind == ProposalKind.COUNTER
    return {
        "row": row, "kind": row.get_kind_display(), "state": row.get_state_display(),
        "chip": STATES[ProposalState(row.state)], "is_counter": is_counter,
        "orphaned_raw": Decimal(0) if is_rate else each.orphaned,
        "orphaned": amount(each.orphaned, decimals) if is_counter and not is_rate else "",
        "cells": [
            {"breakdown": cell.breakdown, "month": month_text(cell.month),
             "before": amount(cell.before * scale, decimals),
             "after": amount(cell.after * scale, decimals),
             "change": signed((cell.after - cell.before) * scale, decimals)}
            for cell in each.cells
        ],
        "before": amount(each.before, decimals), "after": amount(each.after, decimals),
        "may_withdraw": row.state == ProposalState.OPEN
        and request.actor.can("tasks.answer", row.unit),
    }  # fmt: skip


def _form_months(plan: Plan, months: Sequence[date]) -> list[dict[str, Any]]:
    closed = closed_months(plan.district_id, months)
    return [{"value": month_text(month), "is_closed": month in closed} for month in months]


def _form_row(request: HttpRequest, line: Line, plan: Plan) -> dict[str, Any]:
    """Return a row with its year and months, as typed or as they stand."""
    scale = 100 if line.is_percent else 1

    def field(name: str, value: Decimal | None) -> dict[str, Any]:
        now = "" if value is None else plain(value * scale, line.decimals)
        return {"name": name, "now": now, "value": request.POST.get(name, now)}

    closed = closed_months(plan.district_id, [cell.month for cell in line.cells])
    return {
        "line": line,
        "total": None if line.is_percent else field(f"total-{line.breakdown_code}", line.total),
        "cells": [
            {**field(f"cell-{line.breakdown_code}-{month_text(cell.month)}", cell.value),
             "month": cell.month.month, "reason": cell.lock_reason,
             "is_fixed": cell.month in closed or cell.is_locked or cell.value is None}
            for cell in line.cells
        ],
    }  # fmt: skip


def _propose(request: HttpRequest, sheet: TaskSheet, unit: Unit, table: Grid) -> Proposal:
    post = request.POST
    common = {
        "sheet": sheet, "unit": unit, "version": _version(request), "by": request.actor.person,
        "at": request.now, "reason": post.get("reason", ""),
    }  # fmt: skip
    faults: list[Fault] = []
    if post.get("kind") == ProposalKind.BORROW:
        step = _number(post.get("amount", ""), "amount", faults)
        lower, raised = (_month(post.get(name, ""), name, faults) for name in ("from", "to"))
        if faults or step is None or lower is None or raised is None:
            raise Invalid(faults[0].detail if faults else _("Write an amount."), faults)
        return ask_to_borrow(
            breakdown=post.get("breakdown", ""), lower=lower, raise_=raised, amount=step, **common
        )
    wishes = []
    for line in table.lines:
        row = _form_row(request, line, sheet.plan)
        scale = 100 if line.is_percent else 1
        months = {}
        for cell, field in zip(line.cells, row["cells"], strict=True):
            if field["is_fixed"] or field["value"] == field["now"]:
                continue
            value = _number(field["value"], field["name"], faults)
            if value is not None:
                months[cell.month] = value / scale
        total = row["total"]
        year = None
        if total and total["value"] != total["now"]:
            year = _number(total["value"], total["name"], faults)
        if year is not None and months:
            changed = sum((value - (cell.value or 0) for cell in line.cells
                           for month, value in months.items() if month == cell.month),
                          Decimal(0))  # fmt: skip
            if line.total is not None and line.total + changed != year:
                faults.append(
                    Fault(
                        total["name"],
                        _("The months add up to %(sum)s, not to %(year)s. Change one of them.")
                        % {
                            "sum": amount(line.total + changed, line.decimals),
                            "year": amount(year, line.decimals),
                        },
                    )
                )
        if months or year is not None:
            pointer = total["name"] if total else row["cells"][0]["name"]
            wishes.append(Wish(line.breakdown_code, year, tuple(months.items()), pointer))
    if faults:
        raise Invalid(faults[0].detail, faults)
    return counter_propose(wishes=wishes, **common)


def _homes(request: HttpRequest, table: Grid) -> list[Home]:
    faults: list[Fault] = []
    homes = []
    for line in table.lines:
        name = f"home-{line.row_id}"
        text = request.POST.get(name, "").strip()
        if not text:
            continue
        value = _number(text, name, faults)
        asked = request.POST.get(f"month-{line.row_id}", "")
        month = _month(asked, name, faults) if asked else None
        if value:
            homes.append(Home(line.unit_code, line.breakdown_code, month, value, name))
    if faults:
        raise Invalid(faults[0].detail, faults)
    return homes


def _number(text: str, name: str, faults: list[Fault]) -> Decimal | None:
    try:
        return parse_amount(text.strip().replace(",", ""))
    except ValueError:
        faults.append(Fault(name, _("“%(text)s” is no number.") % {"text": text[:20]}))
        return None


def _month(text: str, name: str, faults: list[Fault]) -> date | None:
    try:
        return parse_month(text)
    except ValueError:
        faults.append(Fault(name, _("Choose a month.")))
        return None
