"""Goals: the month's list, one goal with its named accounts, reporting and assessing."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fieldwork.access import goal_of, may_report, units_for, visible_goals
from fieldwork.downloads import goals_download
from fieldwork.forms.goals import AssessForm, GoalForm, ReportForm
from fieldwork.models import Goal, Verdict
from fieldwork.models.goals import ENDED
from fieldwork.queries.goals import (
    Standing,
    goal_counts,
    named_accounts,
    not_reported,
    standings,
    to_assess,
)
from fieldwork.services import goals as services
from fieldwork.views.accounts import shown as shown_account
from kpi.queries.months import chosen_month, months
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from targets.months import last_day, month_text

CHIPS = {
    "": "wait", "met": "good", "missed": "bad", "kept": "good", "dropped": "bad", "withdrew": "bad",
}  # fmt: skip
STATES = {"late": not_reported, "assess": to_assess}


@require("field.read")
def goals(request: HttpRequest) -> HttpResponse:
    """The month's goals that the person may see: people by unit, then agents of the malls."""
    actor, month = request.actor, _month(request)
    rows = visible_goals(actor).filter(month=month)
    assessed, every = goal_counts(rows)
    state = request.GET.get("state", "")
    listed = STATES[state](rows, actor.on) if state in STATES else rows
    if state == "assess":
        listed = listed.exclude(person=actor.person)
    found = [shown(each) for each in standings(listed)]
    context = {
        "month": month_text(month),
        "state": state if state in STATES else "",
        "count": len(found),
        "people": [each for each in found if each["goal"].person],
        "agents": [each for each in found if each["goal"].dealer],
        "openable": units_for(actor, "field.confirm") if last_day(month) >= actor.on else [],
        "sentence": ngettext(
            "%(assessed)s of %(count)s goal is assessed.",
            "%(assessed)s of %(count)s goals are assessed.",
            every,
        )
        % {"assessed": assessed, "count": every},
    }
    return render(request, "fieldwork/goals.html", context)


@require("field.read")
def export(request: HttpRequest) -> FileResponse:
    """The month's goals as Excel."""
    month = _month(request)
    rows = standings(visible_goals(request.actor).filter(month=month))
    return goals_download(request.actor.district, month, rows)


@require("field.read")
def goal(request: HttpRequest, pk: int) -> HttpResponse:
    """One goal: how far it is, the accounts behind it, and whoever's turn it is."""
    return _page(request, goal_of(request.actor, pk))


@require_POST
@require("field.confirm")
def open_month(request: HttpRequest) -> HttpResponse:
    """Make the goals of a unit's month, with last month's figures."""
    actor, month = request.actor, _month(request)
    units = Unit.objects.of(actor.district).business().select_related("district")
    unit = get_object_or_404(units, code=request.POST.get("unit", "")[:40])
    actor.demand("field.confirm", unit)
    try:
        added = services.open_goals(unit=unit, month=month, by=actor.person, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(count)s goal opened", "%(count)s goals opened", added)
        messages.success(request, text % {"count": added})
    return redirect(f"{reverse('field_goals')}?month={month_text(month)}")


@require_POST
@require("field.confirm")
def set_goal(request: HttpRequest, pk: int) -> HttpResponse:
    """Set what is asked."""
    row = goal_of(request.actor, pk)
    request.actor.demand("field.confirm", row.unit_id)
    form = GoalForm(request.POST, goal=row, auto_id="set_%s")
    return _step(request, row, form, "set_form", services.set_goal, _("Saved"))


@require_POST
@require("field.write")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Report what was won."""
    row = goal_of(request.actor, pk)
    may_report(request.actor, row)
    form = ReportForm(request.POST)
    return _step(request, row, form, "report_form", services.report_goal, _("Reported"))


@require_POST
@require("field.confirm")
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    """Assess a goal; it stays."""
    row = goal_of(request.actor, pk)
    request.actor.demand("field.confirm", row.unit_id)
    form = AssessForm(request.POST, goal=row, auto_id="assess_%s")
    return _step(request, row, form, "assess_form", services.assess_goal, _("Assessed"))


def shown(each: Standing) -> dict[str, Any]:
    """Return what lists say of a goal."""
    goal = each.goal
    return {
        "goal": goal,
        "name": (goal.person or goal.dealer).name,
        "parts": each.parts,
        "completion": each.completion,
        "is_met": each.is_met,
        "missed": each.missed,
        "should_drop": each.should_drop and not goal.verdict,
        "verdict": goal.get_verdict_display() or _("awaiting assessment"),
        "chip": CHIPS[goal.verdict],
        "is_ended": goal.verdict in ENDED,
    }


def _month(request: HttpRequest) -> date:
    asked = request.POST.get("month") or request.GET.get("month", "")
    row = chosen_month(months(request.actor.district.pk), asked)
    return row.month if row else request.actor.on.replace(day=1)


def _step(
    request: HttpRequest, row: Goal, form: Any, name: str, service: Callable[..., Goal], said: str
) -> HttpResponse:
    if form.is_valid():
        try:
            service(goal=row, by=request.actor.person, at=request.now, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
            return _page(request, row, status=error.status, **{name: form})
        messages.success(request, said)
        return redirect("field_goal", pk=row.pk)
    return _page(request, row, status=400, **{name: form})


def _page(request: HttpRequest, row: Goal, *, status: int = 200, **forms: Any) -> HttpResponse:
    actor: Actor = request.actor
    [each] = standings([row])
    is_own = row.person_id == actor.person.pk
    may_confirm = actor.can("field.confirm", row.unit_id) and not is_own
    is_open = not row.verdict
    offered: dict[str, Any] = {"set_form": None, "report_form": None, "assess_form": None}
    if is_open and may_confirm:
        offered["set_form"] = GoalForm(goal=row, auto_id="set_%s")
        if actor.on >= row.due_on and each.is_met is not None:
            verdict = Verdict.KEPT if row.dealer_id else Verdict.MET
            if each.is_met is False and not row.dealer_id:
                verdict = Verdict.MISSED
            offered["assess_form"] = AssessForm(
                goal=row, auto_id="assess_%s",
                initial={"version": row.version, "verdict": verdict},
            )  # fmt: skip
    if is_open and (may_confirm or (is_own and actor.can("field.write"))):
        names = ("mobile_done", "fixed_done", "version")
        offered["report_form"] = ReportForm(initial={name: getattr(row, name) for name in names})
    context = shown(each) | offered | forms
    context |= {
        "month": month_text(row.month),
        "accounts": [shown_account(account, actor) for account in named_accounts(row)[:40]],
        "trail_url": f"?subject=goals/{row.unit.code}/{month_text(row.month)}"
        if actor.can("trail.read")
        else "",
    }
    return render(request, "fieldwork/goal.html", context, status=status)
