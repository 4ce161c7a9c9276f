"""Objecting to a decision, and answering."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competitions.models import Objection
from competitions.queries import round_in_force
from competitions.queries.objections import objecting_unit
from competitions.services.objections import answer_objection, raise_objection
from orgchart.errors import DomainError
from orgchart.permissions import require
from targets.months import month_text


@require_POST
@require("competition.object")
def competition_object(request: HttpRequest, month: date) -> HttpResponse:
    """A manager objects for the own unit during the notice."""
    actor = request.actor
    decided = round_in_force(actor.district.pk, month)
    unit = objecting_unit(actor.district, actor.own_unit_ids)
    if unit is None:
        raise PermissionDenied
    if decided is None:
        raise Http404
    return _done(
        request, month, _("Objection raised"),
        lambda: raise_objection(
            round=decided, unit=unit, text=request.POST.get("text", ""), by=actor.person,
            at=request.now,
        ),
    )  # fmt: skip


@require_POST
@require("competition.propose")
def competition_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The clerk answers an objection."""
    row = get_object_or_404(
        Objection.objects.select_related("round"),
        pk=pk,
        round__competition__district=request.actor.district,
    )
    return _done(
        request, row.round.month, _("Objection answered"),
        lambda: answer_objection(
            objection=row, is_upheld=request.POST.get("verdict") == "upheld",
            answer=request.POST.get("answer", ""), by=request.actor.person, at=request.now,
        ),
    )  # fmt: skip


def _done(
    request: HttpRequest, month: date, done: str, step: Callable[[], Any]
) -> HttpResponseRedirect:
    try:
        step()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(f"{reverse('competition')}?month={month_text(month)}")
