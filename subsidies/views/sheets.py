"""Commission sheets: the list, making one, its statements, its steps, its workbook."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orgchart.errors import DomainError, Invalid
from orgchart.permissions import Actor, require
from subsidies.access import may_make, may_return, sheet_of, statement_of
from subsidies.downloads import LONG, sheet_download, statements_download
from subsidies.models import SETTLED, CommissionSheet, SheetKind, SheetState, Statement
from subsidies.queries import returns as sources
from subsidies.queries.comparison import Compared, compared, sheet_before
from subsidies.queries.drafts import draft, obstacle
from subsidies.queries.sheets import (
    PayeeStatement,
    Sheet,
    earlier_versions,
    own_statements,
    seal_of,
    sheet_list,
    statements_of,
    summed,
    total_of,
)
from subsidies.services import commissions as services
from subsidies.services.exports import start_export
from subsidies.wording import (
    class_name,
    formula_text,
    line_name,
    month_name,
    odd_name,
    rule_of,
    state_name,
)
from targets.charts import Chart, Series
from targets.months import month_text
from targets.templatetags.amounts import amount, signed

CHIPS = {
    "made": "accent",
    "audited": "accent",
    "approved": "good",
    "paid": "good",
    "archived": "",
    "returned": "warn",
    "void": "",
}

DONE = (SheetState.PAID, SheetState.ARCHIVED)


@require("commissions.open")
def commission_sheets(request: HttpRequest) -> HttpResponse:
    """The sheets by month, and for the clerk the months that wait for one; staff: their own."""
    actor = request.actor
    if not actor.can("commissions.read"):
        context = {"statements": [_owned(row) for row in own_statements(actor.person)]}
        return render(request, "subsidies/own_commissions.html", context)
    kind = _kind(request)
    sheets = sheet_list(actor.district, actor.unit_ids("commissions.read"), kind=kind)
    waiting = sources.months_to_settle(actor.district, kind) if may_make(actor) else []
    context = {
        "kind": kind,
        "kinds": SheetKind.choices,
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
    kind = _kind(request)
    if request.method == "POST":
        try:
            made = services.make_sheet(
                district=actor.district, month=month, kind=kind, by=actor.person, at=request.now
            )
        except Invalid:
            pass  # the page below lists every fault
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(f"{reverse('commission_sheets')}?kind={kind}")
        else:
            messages.success(request, _("Commission sheet made"))
            return redirect("commission_sheet", pk=made.pk)
    refusal = obstacle(actor.district, month, kind)
    scheme = sources.scheme_in_force(actor.district, month, kind)
    drawn = draft(actor.district, month, scheme) if scheme else None
    former = sources.sheet_in_force(actor.district, month, kind)
    context = {
        "is_staff": kind == SheetKind.STAFF,
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
    """A sheet by payee, narrowed by `?unit=`; its steps and whose turn it is."""
    actor = request.actor
    row = sheet_of(actor, pk)
    unit_ids = actor.unit_ids("commissions.read")
    every = statements_of(row.pk, unit_ids, with_lines=True)
    before = sheet_before(row)
    units = {statement.unit.code: statement.unit for statement in every}
    chosen = request.GET.get("unit", "")
    shown = [each for each in every if each.unit.code == chosen] if chosen in units else every
    sheet = summed([row], unit_ids)[0]
    context = {
        "sheet": sheet,
        "shown": _shown(sheet, actor),
        "statements": shown,
        "compared": _comparison(compared(shown, before, unit_ids), chosen in units),
        "before_name": month_name(before.month) if before else "",
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


@require("commissions.open")
def statement(request: HttpRequest, pk: int, payee: str) -> HttpResponse:
    """A statement, line by line with its formula; beside the sheet or as a page."""
    actor = request.actor
    row = sheet_of(actor, pk)
    found = statement_of(actor, row, payee)
    before = sheet_before(row)
    own = found.payee == actor.person
    context = {
        "sheet": row,
        "month_name": month_name(row.month),
        "statement": found,
        "class_name": class_name(found.commission_class),
        "lines": _lines(found),
        "chart": _waterfall(compared([found], before, payee_code=payee)[0], row, before)
        if before
        else None,
        "may_object": actor.can("commissions.object", None if own else found.unit),
        "may_adjust": may_make(actor) and row.state in SETTLED,
    }
    return render(request, "subsidies/statement.html", context)


def _waterfall(pair: Compared, row: CommissionSheet, before: CommissionSheet) -> Chart | None:
    """Return why somebody gets less or more than last month, line by line."""
    if pair.before is None or pair.now is None:
        return None
    first, last = month_name(before.month), month_name(row.month)
    steps = pair.steps
    return Chart(
        code="why",
        title=_("Against last month"),
        unit=_("yuan"),
        sentence=_("Net %(difference)s: %(before)s became %(now)s")
        % {
            "difference": signed(pair.difference, 2),
            "before": amount(pair.before.totals.net, 2),
            "now": amount(pair.now.totals.net, 2),
        },
        head=_("Item"),
        labels=[first, *(line_name(code) for code, _yuan in steps), last],
        series=[
            Series(
                _("Net"),
                [pair.before.totals.net, *(yuan for _code, yuan in steps), pair.now.totals.net],
                decimals=2,
            )
        ],
        kind="waterfall",
        totals=[first, last],
    )


@require("commissions.read")
def export(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The sheet as Excel: with the statements that the reader may see; a long one as a run."""
    actor = request.actor
    row = sheet_of(actor, pk)
    unit_ids = actor.unit_ids("commissions.read")
    if summed([row], unit_ids)[0].payees > LONG:
        run = start_export(sheet=row, unit_ids=unit_ids, by=actor.person, at=request.now)
        return redirect("run", pk=run.pk)
    return sheet_download(actor, row)


@require_POST
@require("commissions.audit")
def audit(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.audit_sheet, _("Audited"))


@require_POST
@require("commissions.approve")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.approve_sheet, _("Approved"))


@require_POST
@require("commissions.pay")
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """Register the payment with its voucher."""
    note = request.POST.get("note", "")
    return _step(request, pk, services.pay_sheet, _("Payment registered"), note=note)


@require_POST
@require("commissions.pay")
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.archive_sheet, _("Archived"))


@require("commissions.read")
def export_statements(request: HttpRequest, pk: int) -> FileResponse:
    """A file per payee, zipped, of the statements that the reader may see."""
    return statements_download(request.actor, sheet_of(request.actor, pk))


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
        SheetState.APPROVED: "commissions.pay",
        SheetState.PAID: "commissions.pay",
    }
    turn = turns.get(SheetState(sheet.state))
    is_my_turn = turn is not None and actor.can(turn)
    labels = {
        SheetState.MADE: _("Made by"),
        SheetState.AUDITED: _("Audited by"),
        SheetState.APPROVED: _("Approved by"),
        SheetState.PAID: _("Paid out by"),
        SheetState.ARCHIVED: _("Archived by"),
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
        "can_pay": is_my_turn and sheet.state == SheetState.APPROVED,
        "can_archive": is_my_turn and sheet.state == SheetState.PAID,
        "has_taken_part": is_my_turn
        and not is_third
        and sheet.state in (SheetState.MADE, SheetState.AUDITED),
        "can_return": sheet.state in (SheetState.MADE, SheetState.AUDITED)
        and may_return(actor, sheet.state),
        "can_remake": may_make(actor) and sheet.state == SheetState.RETURNED,
    }


def _comparison(pairs: list[Compared], is_narrowed: bool) -> list[dict[str, Any]]:
    """Return the payees beside the month before, the largest differences first."""
    rows = [
        {
            "payee": pair.payee,
            "unit": pair.unit,
            "before": pair.before.totals.net if pair.before else None,
            "now": pair.now.totals.net if pair.now else None,
            "difference": pair.difference,
            "why": _("%(line)s %(amount)s")
            % {"line": line_name(pair.largest[0]), "amount": signed(pair.largest[1], 2)}
            if pair.largest
            else "",
            "flags": [odd_name(flag) for flag in pair.flags],
        }
        for pair in pairs
        if pair.now is not None or not is_narrowed
    ]
    return sorted(rows, key=lambda row: -abs(row["difference"]))


def _kind(request: HttpRequest) -> str:
    """Return whose sheets are asked for; those of dealers when nothing or nonsense is."""
    asked = request.GET.get("kind", "")
    return asked if asked in SheetKind.values else SheetKind.DEALERS.value


def _owned(row: Statement) -> dict[str, Any]:
    """Return what the list of a person's own statements says of one."""
    return {
        "row": row,
        "month_name": month_name(row.sheet.month),
        "state_name": state_name(row.sheet.state),
        "chip": CHIPS[row.sheet.state],
    }


def _judgement(sheets: list[Sheet], waiting: list[date]) -> str:
    if waiting:
        return _("%(month)s waits for its sheet.") % {"month": month_name(waiting[0])}
    pending = [sheet for sheet in reversed(sheets) if sheet.state not in DONE]
    if pending:
        return _("%(month)s: %(state)s.") % {
            "month": month_name(pending[0].month),
            "state": state_name(pending[0].state),
        }
    return _("All sheets are paid out.") if sheets else ""


def _lines(found: PayeeStatement) -> list[dict[str, Any]]:
    return [
        {
            "pk": line.pk,
            "name": line_name(line.code),
            "amount": line.amount,
            "is_deduction": line.is_deduction,
            "rule": rule_of(line.formula),
            "formula": formula_text(line.formula),
        }
        for line in found.lines
    ]
