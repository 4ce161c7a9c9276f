"""The page of the monthly competition: this month's race, the award, the winners' wall."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competitions import present, services
from competitions.models import Round, RoundState
from competitions.queries import (
    contest,
    reported_until,
    round_in_force,
    rounds,
)
from competitions.queries.honours import honours
from competitions.queries.objections import may_object
from competitions.queries.objections import objections as raised_against
from kpi.queries.months import chosen_month, months
from orgchart.errors import DomainError
from orgchart.permissions import require
from targets.months import month_text


@require("competition.read")
def competition(request: HttpRequest) -> HttpResponse:
    """A month's race: conditions by unit with what is short, the award and its steps."""
    actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    found = contest(month) if month else None
    held = rounds(actor.district.pk)
    context: dict[str, Any] = {
        "wall": present.wall(held),
        "honours": present.honours(honours(actor.district, held)),
    }
    if found is not None:
        raised = [] if found.round is None else raised_against(found.round)
        is_ripe = found.round is not None and actor.on > found.round.notice_ends_on
        context |= {
            "month": month_text(found.month),
            "award": present.award_panel(found, actor.on),
            "table": present.race(found, actor.own_unit_ids),
            "until": reported_until(month) if month and found.round is None else None,
            "policy": present.policy_facts(found.policy),
            "sentence": present.policy_sentence(found),
            "steps": present.steps(found, actor.on, raised),
            "objections": present.objections(raised),
            "may_object": found.round is not None
            and may_object(found.round, actor.on)
            and actor.can("competition.object")
            and not any(row.unit_id in actor.own_unit_ids for row in raised),
            "may_answer": actor.can("competition.propose"),
            "may_approve": is_ripe
            and all(row.is_upheld is not None for row in raised)
            and found.state == RoundState.DECIDED
            and actor.can("competition.approve"),
            "may_pay": found.state == RoundState.APPROVED and actor.can("competition.propose"),
        }
    return render(request, "competitions/competition.html", context)


@require_POST
@require("competition.approve")
def approve(request: HttpRequest, month: date) -> HttpResponse:
    """The head approves the award after its notice."""
    return _step(request, month, services.approve_round, _("Award approved"))


@require_POST
@require("competition.propose")
def pay(request: HttpRequest, month: date) -> HttpResponse:
    """The clerk registers that the award was paid."""
    return _step(request, month, services.pay_round, _("Payment registered"))


def _step(
    request: HttpRequest, month: date, service: Callable[..., Round], done: str
) -> HttpResponse:
    decided = round_in_force(request.actor.district.pk, month)
    if decided is None:
        raise Http404
    try:
        service(round=decided, by=request.actor.person, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(f"{reverse('competition')}?month={month_text(month)}")
