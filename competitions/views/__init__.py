"""The page of the monthly competition: this month's race, the award, the winners' wall."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competitions import present, services
from competitions.forms import PolicyForm, policy_initial
from competitions.models import Competition, CompetitionPolicy, Round, RoundState
from competitions.queries import (
    MONTHLY,
    contest,
    honours,
    policies,
    reported_until,
    round_in_force,
    rounds,
    trials,
)
from kpi.queries.months import chosen_month, months
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import require
from targets.months import month_after, month_text


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
        is_ripe = found.round is not None and actor.on > found.round.notice_ends_on
        context |= {
            "month": month_text(found.month),
            "award": present.award_panel(found, actor.on),
            "table": present.race(found, actor.own_unit_ids),
            "until": reported_until(month) if month and found.round is None else None,
            "policy": present.policy_facts(found.policy),
            "sentence": present.policy_sentence(found),
            "steps": present.steps(found, actor.on),
            "may_approve": is_ripe
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


@require("competition.read")
def competition_policies(request: HttpRequest) -> HttpResponse:
    """Every version of the terms, those to come as well."""
    actor = request.actor
    context = {
        "versions": [present.policy_version(row, actor.on) for row in policies(actor.district.pk)],
        "may_write": actor.can("competition.approve"),
    }
    return render(request, "competitions/policies.html", context)


@require("competition.approve")
def competition_policy_new(request: HttpRequest) -> HttpResponse:
    """New terms from a month to come: tried over published months first, then stored."""
    actor = request.actor
    held = get_object_or_404(Competition, district=actor.district, code=MONTHLY)
    latest = next(iter(policies(actor.district.pk)), None)
    initial = policy_initial(latest) | {"valid_from": month_after(actor.on.replace(day=1))}
    form = PolicyForm(request.POST or None, initial=initial, district=actor.district)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.POST.get("action") == "try":
        draft = CompetitionPolicy(competition=held, **form.values())
        units = Unit.objects.of(actor.district)
        context["trial"] = present.trial(trials(draft, actor.district.pk), units)
    elif request.method == "POST":
        try:
            services.set_policy(
                competition=held, valid_from=form.cleaned_data["valid_from"],
                values=form.values(), reason=form.cleaned_data["reason"], by=actor.person,
                at=request.now,
            )  # fmt: skip
        except DomainError as error:
            status = error.status
            form.refuse(error)
        else:
            messages.success(request, _("Terms stored; the units' managers are told"))
            return redirect("competition_policies")
    return render(request, "competitions/policy_new.html", context, status=status)


@require_POST
@require("competition.approve")
def competition_policy_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back terms that have not begun."""
    actor = request.actor
    row = get_object_or_404(CompetitionPolicy, pk=pk, competition__district=actor.district)
    try:
        services.withdraw_policy(policy=row, by=actor.person, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Terms withdrawn"))
    return redirect("competition_policies")
