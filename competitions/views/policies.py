"""The terms of the competition: read by everybody, drafted and tried, published by the head."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competitions import present
from competitions.forms import PolicyForm, policy_initial
from competitions.models import Competition, CompetitionPolicy
from competitions.queries import MONTHLY, drafts, policies, trials
from competitions.services.policies import (
    discard_policy,
    draft_policy,
    publish_policy,
    withdraw_policy,
)
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import require
from targets.months import month_after


@require("competition.read")
def competition_policies(request: HttpRequest) -> HttpResponse:
    """Every published version of the terms in words, those to come as well; drafts to writers."""
    actor = request.actor
    may_draft = actor.can("competition.draft")
    rows = drafts(actor.district.pk) if may_draft else []
    rows += policies(actor.district.pk)
    names = {unit.code: unit.short for unit in Unit.objects.of(actor.district)}
    context = {
        "versions": [present.policy_version(row, actor.on, names) for row in rows],
        "may_draft": may_draft,
        "may_publish": actor.can("competition.approve"),
    }
    return render(request, "competitions/policies.html", context)


@require("competition.draft")
def competition_policy_new(request: HttpRequest) -> HttpResponse:
    """A draft of terms from a month to come, tried over published months at will."""
    return _form_page(request, None)


@require("competition.draft")
def competition_policy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft again."""
    return _form_page(request, _of_district(request, pk))


def _form_page(request: HttpRequest, policy: CompetitionPolicy | None) -> HttpResponse:
    actor = request.actor
    held = get_object_or_404(Competition, district=actor.district, code=MONTHLY)
    if policy is None:
        latest = next(iter(policies(actor.district.pk)), None)
        initial = policy_initial(latest) | {"valid_from": month_after(actor.on.replace(day=1))}
    else:
        initial = policy_initial(policy) | {
            "valid_from": policy.valid_from, "reason": policy.reason,
        }  # fmt: skip
    form = PolicyForm(request.POST or None, initial=initial, district=actor.district)
    context: dict[str, Any] = {"form": form, "policy": policy}
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.POST.get("action") == "try":
        tried = CompetitionPolicy(competition=held, **form.values())
        units = Unit.objects.of(actor.district)
        context["trial"] = present.trial(trials(tried, actor.district.pk), units)
    elif request.method == "POST":
        try:
            draft_policy(
                competition=held, policy=policy, valid_from=form.cleaned_data["valid_from"],
                values=form.values(), by=actor.person, at=request.now,
            )  # fmt: skip
        except DomainError as error:
            status = error.status
            form.refuse(error)
        else:
            messages.success(request, _("Draft stored; the head publishes it"))
            return redirect("competition_policies")
    return render(request, "competitions/policy_form.html", context, status=status)


@require_POST
@require("competition.approve")
def competition_policy_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a draft hold from its month on."""
    return _step(request, pk, publish_policy, _("Terms published; the units' managers are told"))


@require_POST
@require("competition.approve")
def competition_policy_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Make terms that have not begun a draft again."""
    return _step(request, pk, withdraw_policy, _("Terms withdrawn"))


@require_POST
@require("competition.draft")
def competition_policy_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    return _step(request, pk, discard_policy, _("Draft discarded"))


def _step(request: HttpRequest, pk: int, service: Callable[..., Any], done: str) -> HttpResponse:
    row = _of_district(request, pk)
    try:
        service(policy=row, by=request.actor.person, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("competition_policies")


def _of_district(request: HttpRequest, pk: int) -> CompetitionPolicy:
    found: CompetitionPolicy = get_object_or_404(
        CompetitionPolicy, pk=pk, competition__district=request.actor.district
    )
    return found
