"""The subsidies of a month, each figure with its workings; the decision by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kpi.models import MonthState
from kpi.queries.months import chosen_month, months
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from subsidies.access import may_decide
from subsidies.downloads import subsidy_download
from subsidies.forms import DecisionForm
from subsidies.models import Entitlement, EntitlementState
from subsidies.queries.entitlements import Subsidy, SubsidyTable, revenue_sources, subsidy_table
from subsidies.services.entitlements import decide_floating
from subsidies.wording import amount_text, month_name, subsidy_note
from targets.months import month_text

FIGURES = ("fixed", "floating_base", "completion", "floating", "total")


@require("subsidies.read")
def subsidies(request: HttpRequest) -> HttpResponse:
    """The district's table, or the rows of the reader's unit; totals below."""
    actor = request.actor
    month = _chosen(request)
    context: dict[str, Any] = {"table": None}
    if month is not None:
        table = subsidy_table(actor.district, month, actor.unit_ids("subsidies.read"))
        context = {
            "table": table,
            "month": month,
            "month_text": month_text(month),
            "rows": [_row(row, month, may_decide(actor)) for row in table.rows],
            "sums": _sums(table),
            "sentence": _judgement(table),
            "is_published": table.month_state == MonthState.PUBLISHED,
        }
    return render(request, "subsidies/subsidies.html", context)


@require("subsidies.read")
def export(request: HttpRequest) -> FileResponse:
    """The table as Excel, with the rows that the reader may see."""
    actor = request.actor
    month = _chosen(request)
    if month is None:
        raise Http404
    return subsidy_download(actor, month)


@require("subsidies.read")
def workings(request: HttpRequest, month: date, unit: str, figure: str) -> HttpResponse:
    """The arithmetic of one figure of one unit: formula, numbers, policy, sources."""
    actor = request.actor
    row = _row_of(actor, month, unit)
    if figure not in FIGURES:
        raise Http404
    context = {
        "row": row,
        "figure": figure,
        "month": month,
        "note": subsidy_note(row),
        "cap_percent": None if row.policy.cap is None else f"{(row.policy.cap * 100):.0f}",
        "sources": revenue_sources(actor.district, month, row.unit.pk)
        if figure in ("completion", "floating", "total")
        else [],
    }
    return render(request, "subsidies/workings.html", context)


def decide(request: HttpRequest, month: date, unit: str) -> HttpResponse:
    """The floating part by hand, for a unit without a task (rules §8)."""
    actor = request.actor
    if not may_decide(actor):
        raise PermissionDenied
    row = _row_of(actor, month, unit)
    entitlement = Entitlement.objects.filter(unit=row.unit, month=month).first()
    if entitlement is None or not row.is_by_hand:
        raise Http404
    back = f"{reverse('subsidies')}?month={month_text(month)}"
    form = DecisionForm(
        request.POST or None,
        initial={
            "floating": row.floating if row.decided_by else None,
            "reason": row.reason,
            "version": row.version,
        },
    )
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                decide_floating(
                    entitlement=entitlement, by=actor.person, at=request.now, **form.cleaned_data
                )
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Decided"))
                return redirect(back)
    context = {"form": form, "row": row, "month": month, "back": back}
    return render(request, "subsidies/decide.html", context, status=status)


def _chosen(request: HttpRequest) -> date | None:
    row = chosen_month(months(request.actor.district.pk), request.GET.get("month", ""))
    return row.month if row else None


def _row_of(actor: Actor, month: date, unit_code: str) -> Subsidy:
    """Return the unit's row, 404 for a unit that the actor may not see."""
    unit = Unit.objects.of(actor.district).filter(code=unit_code).first()
    if unit is None or not actor.can("subsidies.read", unit):
        raise Http404
    rows = subsidy_table(actor.district, month, frozenset({unit.pk})).rows
    if not rows:
        raise Http404
    return rows[0]


def _row(row: Subsidy, month: date, is_decider: bool) -> dict[str, Any]:
    place = {"month": month, "unit": row.unit.code}
    urls = {
        figure: reverse("subsidies_workings", kwargs={**place, "figure": figure})
        for figure in FIGURES
    }
    return {
        "unit": row.unit,
        "row": row,
        "urls": urls,
        "note": subsidy_note(row),
        "is_pending": row.state == EntitlementState.PENDING,
        "needs_decision": row.state == EntitlementState.MANUAL and not row.decided_by,
        "decide_url": reverse("subsidies_decide", kwargs=place)
        if is_decider and row.is_by_hand
        else "",
    }


def _sums(table: SubsidyTable) -> dict[str, Decimal | None]:
    floating = [row.floating for row in table.rows]
    return {
        "fixed": sum((row.fixed for row in table.rows), Decimal(0)),
        "floating_base": sum((row.policy.floating_base for row in table.rows), Decimal(0)),
        "floating": None
        if None in floating
        else sum((part for part in floating if part is not None), Decimal(0)),
        "total": table.total,
    }


def _judgement(table: SubsidyTable) -> str:
    """Return the sentence above the table: the total, and who gives money away."""
    named = {"month": month_name(table.month)}
    if not table.rows:
        return _("No subsidy policy is in force in %(month)s.") % named
    if table.month_state != MonthState.PUBLISHED:
        return _("%(month)s is not published: floating parts are computed then.") % named
    undecided = [row.unit.short for row in table.rows if row.state == EntitlementState.MANUAL]
    if undecided:
        return _("%(units)s had no task: the floating part is to be decided by hand.") % {
            "units": _(", ").join(undecided)
        }
    if table.total is None:
        return _("Some revenue is not known yet: those floating parts are pending.")
    short = [row.unit.short for row in table.rows if row.completion and row.completion < 1]
    sentence = _("%(total)s yuan in all") % {"total": amount_text(table.total)}
    if short:
        missed = _("below their revenue task: %(units)s") % {"units": _(", ").join(short)}
        sentence = _("; ").join([sentence, missed])
    return sentence
