"""The closing checklist of a month, and the steps that are taken from it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kpi.models import Month, MonthState
from kpi.queries.months import chosen_month, months
from kpi.services.months import close_month, open_next_month, publish_month, reopen_month
from kpi.services.rescoring import start_rescoring
from orgchart.errors import DomainError
from orgchart.permissions import require
from portal.queries.closing import checklist, done
from portal.queries.reopening import consequences
from targets.months import month_after, month_text


@require("month.read")
def closing(request: HttpRequest) -> HttpResponse:
    """The checklist of the month, with the buttons of the person's next steps."""
    actor = request.actor
    rows = months(actor.district.pk)
    row = chosen_month(rows, request.GET.get("month", ""))
    following = _following(rows, actor.on)
    context: dict[str, Any] = {
        "may_open": actor.can("month.close"),
        "following": month_text(following),
        "following_label": date_format(following, "YEAR_MONTH_FORMAT"),
    }
    if row is not None:
        steps = checklist(row)
        missing = next(step for step in steps if step.code == "reported")
        context |= {
            "month": month_text(row.month),
            "label": date_format(row.month, "YEAR_MONTH_FORMAT"),
            "steps": steps,
            "sentence": _("%(done)s of %(all)s steps done")
            % {"done": done(steps), "all": len(steps)},
            "needs_reason": not missing.is_done,
            "may_close": row.state == MonthState.OPEN and actor.can("month.close"),
            "may_publish": row.state == MonthState.CLOSED and actor.can("month.publish"),
            "may_reopen": row.state != MonthState.OPEN and actor.can("month.reopen"),
        }
    return render(request, "portal/closing.html", context)


@require_POST
@require("month.close")
def closing_open(request: HttpRequest, month: date) -> HttpResponse:
    """The clerk opens the month that follows the last one."""
    try:
        open_next_month(
            district=request.actor.district, month=month, by=request.actor.person, at=request.now
        )
    except DomainError as error:
        messages.error(request, str(error))
    return _back(month)


@require_POST
@require("month.close")
def closing_close(request: HttpRequest, month: date) -> HttpResponse:
    """The clerk ends entry; with figures missing it takes a reason."""
    reason = request.POST.get("reason", "")
    return _step(request, month, close_month, _("Month closed"), reason=reason)


@require_POST
@require("month.publish")
def closing_publish(request: HttpRequest, month: date) -> HttpResponse:
    """The clerk or the head freezes the scores; subsidies and the award follow."""
    return _step(request, month, publish_month, _("Month published"))


@require("month.reopen")
def closing_reopen(request: HttpRequest, month: date) -> HttpResponse:
    """The head sees what reopening touches, then opens the month again with a reason."""
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        return _step(request, month, reopen_month, _("Month reopened"), reason=reason)
    row = get_object_or_404(
        Month.objects.exclude(state=MonthState.OPEN),
        district=request.actor.district,
        month=month,
    )
    context = {
        "month": month_text(row.month),
        "label": date_format(row.month, "YEAR_MONTH_FORMAT"),
        "consequences": consequences(row),
        "is_published": row.state == MonthState.PUBLISHED,
        "back": f"{reverse('closing')}?month={month_text(row.month)}",
    }
    return render(request, "portal/reopen.html", context)


@require_POST
@require("month.close")
def closing_rescore(request: HttpRequest) -> HttpResponse:
    """Every month that is not published is scored again; the run's page shows how far it is."""
    actor = request.actor
    run = start_rescoring(district=actor.district, by=actor.person, at=request.now)
    return redirect("run", pk=run.pk)


def _step(
    request: HttpRequest, month: date, service: Callable[..., Month], text: str, **given: str
) -> HttpResponse:
    row = get_object_or_404(Month, district=request.actor.district, month=month)
    try:
        service(month=row, by=request.actor.person, at=request.now, **given)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text)
    return _back(month)


def _following(rows: list[Month], on: date) -> date:
    return month_after(rows[-1].month) if rows else on.replace(day=1)


def _back(month: date) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('closing')}?month={month_text(month)}")
