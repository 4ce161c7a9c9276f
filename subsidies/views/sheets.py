"""Commission sheets: the list, making one, its statements, its steps, its workbook."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orgchart.errors import DomainError, Invalid
from orgchart.permissions import Actor, require
from subsidies.access import may_make, may_return, sheet_of
from subsidies.downloads import sheet_download
from subsidies.models import CommissionSheet, SheetState
from subsidies.queries import returns as sources
from subsidies.queries.drafts import draft, obstacle
from subsidies.queries.sheets import (
    DealerStatement,
    Sheet,
    earlier_versions,
    seal_of,
    sheet_list,
    statements_of,
    summed,
    total_of,
)
from subsidies.services import commissions as services
from subsidies.wording import (
    class_name,
    formula_text,
    line_name,
    month_name,
    rule_of,
    state_name,
)
from targets.months import month_text

CHIPS = {"made": "accent", "audited": "accent", "approved": "good", "returned": "warn", "void": ""}


@require("commissions.read")
def commission_sheets(request: HttpRequest) -> HttpResponse:
    """The sheets by month, and for the clerk the months that wait for one."""
    actor = request.actor
    sheets = sheet_list(actor.district, actor.unit_ids("commissions.read"))
    waiting = sources.months_to_settle(actor.district) if may_make(actor) else []
    context = {
        "sheets": [_shown(sheet, actor) for sheet in sheets],
        "waiting": [{"month": month, "name": month_name(month)} for month in waiting],
        "sentence": _judgement(sheets, waiting),
        "may_make": may_make(actor),
        "sees_returns": actor.unit_ids("commissions.read") is None,
    }
    return render(request, "subsidies/sheets.html", context)


@require("commissions.make")
def make(request: HttpRequest, month: date) -> HttpResponse:
    """What the sheet of a month would hold; POST makes it."""
    actor = request.actor
    if request.method == "POST":
        try:
            made = services.make_sheet(
                district=actor.district, month=month, by=actor.person, at=request.now
            )
        except Invalid:
            pass  # the page below lists every fault
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("commission_sheets")
        else:
            messages.success(request, _("Commission sheet made"))
            return redirect("commission_sheet", pk=made.pk)
    refusal = obstacle(actor.district, month)
    scheme = sources.scheme_in_force(actor.district, month)
    drawn = draft(actor.district, month, scheme) if scheme else None
    former = sources.sheet_in_force(actor.district, month)
    context = {
        "month": month,
        "month_name": month_name(month),
        "month_text": month_text(month),
        "refusal": refusal,
        "drawn": drawn,
        "former": former if former and former.state == SheetState.RETURNED else None,
        "can_be_made": drawn is not None and not refusal and not drawn.faults,
    }
    return render(request, "subsidies/make.html", context)


@require("commissions.read")
def commission_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet by dealer, narrowed by `?unit=`; its steps and whose turn it is."""
    actor = request.actor
    row = sheet_of(actor, pk)
    unit_ids = actor.unit_ids("commissions.read")
    every = statements_of(row.pk, unit_ids)
    units = {statement.unit.code: statement.unit for statement in every}
    chosen = request.GET.get("unit", "")
    shown = [each for each in every if each.unit.code == chosen] if chosen in units else every
    sheet = summed([row], unit_ids)[0]
    context = {
        "sheet": sheet,
        "shown": _shown(sheet, actor),
        "statements": shown,
        "totals": total_of(shown),
        "users": sum(each.counted_users for each in shown),
        "units": list(units.values()),
        "chosen": chosen if chosen in units else "",
        "versions": [_shown(each, actor) for each in earlier_versions(sheet)]
        if unit_ids is None
        else [],
        "is_intact": seal_of(row) == row.seal if row.seal else None,
        "is_whole": unit_ids is None,
    }
    return render(request, "subsidies/sheet.html", context)


@require("commissions.read")
def statement(request: HttpRequest, pk: int, dealer: str) -> HttpResponse:
    """A dealer's statement, line by line with its formula; beside the sheet or as a page."""
    actor = request.actor
    row = sheet_of(actor, pk)
    found = statements_of(
        row.pk, actor.unit_ids("commissions.read"), dealer_code=dealer, with_lines=True
    )
    if not found:
        raise Http404
    context = {
        "sheet": row,
        "month_name": month_name(row.month),
        "statement": found[0],
        "class_name": class_name(found[0].commission_class),
        "lines": _lines(found[0]),
    }
    return render(request, "subsidies/statement.html", context)


@require("commissions.read")
def export(request: HttpRequest, pk: int) -> FileResponse:
    """The sheet as Excel: with the statements that the reader may see."""
    return sheet_download(request.actor, sheet_of(request.actor, pk))


@require_POST
@require("commissions.audit")
def audit(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.audit_sheet, _("Audited"))


@require_POST
@require("commissions.approve")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.approve_sheet, _("Approved"))


@require_POST
@require("commissions.read")
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the sheet to its maker with a reason."""
    row = sheet_of(request.actor, pk)
    if not may_return(request.actor, row.state):
        raise PermissionDenied
    reason = request.POST.get("reason", "")
    return _step(request, pk, services.return_sheet, _("Returned"), reason=reason)


def _step(
    request: HttpRequest,
    pk: int,
    service: Callable[..., CommissionSheet],
    done: str,
    **more: Any,
) -> HttpResponse:
    row = sheet_of(request.actor, pk)
    try:
        service(sheet=row, by=request.actor.person, at=request.now, **more)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("commission_sheet", pk=pk)


def _shown(sheet: Sheet, actor: Actor) -> dict[str, Any]:
    """Return what the pages say of a sheet: names, chip, and what the reader may do next."""
    took_part = {step.by.pk for step in sheet.steps if step.by}
    is_third = actor.person.pk not in took_part
    turns = {
        SheetState.MADE: "commissions.audit",
        SheetState.AUDITED: "commissions.approve",
    }
    turn = turns.get(SheetState(sheet.state))
    is_my_turn = turn is not None and actor.can(turn)
    labels = {
        SheetState.MADE: _("Made by"),
        SheetState.AUDITED: _("Audited by"),
        SheetState.APPROVED: _("Approved by"),
    }
    return {
        "sheet": sheet,
        "month_name": month_name(sheet.month),
        "month_text": month_text(sheet.month),
        "state_name": state_name(sheet.state),
        "chip": CHIPS[sheet.state],
        "steps": [{"label": labels[SheetState(step.state)], "step": step} for step in sheet.steps],
        "can_audit": is_my_turn and is_third and sheet.state == SheetState.MADE,
        "can_approve": is_my_turn and is_third and sheet.state == SheetState.AUDITED,
        "has_taken_part": is_my_turn and not is_third,
        "can_return": turn is not None and may_return(actor, sheet.state),
        "can_remake": may_make(actor) and sheet.state == SheetState.RETURNED,
    }


def _judgement(sheets: list[Sheet], waiting: list[date]) -> str:
    if waiting:
        return _("%(month)s waits for its sheet.") % {"month": month_name(waiting[0])}
    pending = [sheet for sheet in reversed(sheets) if sheet.state != SheetState.APPROVED]
    if pending:
        return _("%(month)s: %(state)s.") % {
            "month": month_name(pending[0].month),
            "state": state_name(pending[0].state),
        }
    return _("All sheets are approved.") if sheets else ""


def _lines(found: DealerStatement) -> list[dict[str, Any]]:
    return [
        {
            "name": line_name(line.code),
            "amount": line.amount,
            "is_deduction": line.is_deduction,
            "rule": rule_of(line.formula),
            "formula": formula_text(line.formula),
        }
        for line in found.lines
    ]
