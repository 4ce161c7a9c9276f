"""Dealer returns of a month: who has one, and the form to enter or correct it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kpi.queries.months import chosen_month, months
from orgchart.errors import DomainError
from orgchart.models import Dealer
from orgchart.permissions import require
from subsidies.access import may_make
from subsidies.forms import ReturnForm
from subsidies.models import DealerReturn
from subsidies.queries import returns as sources
from subsidies.services.returns import save_return
from subsidies.wording import class_name, month_name
from targets.months import month_text, parse_month


@require("commissions.read")
def dealer_returns(request: HttpRequest) -> HttpResponse:
    """Every dealer of the month with what was entered; `?show=` entered or missing."""
    actor = request.actor
    row = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    context: dict[str, Any] = {"rows": None}
    if row is not None:
        unit_ids = actor.unit_ids("commissions.read")
        every = [
            each
            for each in sources.return_rows(actor.district, row.month)
            if unit_ids is None or each.unit.pk in unit_ids
        ]
        entered = [each for each in every if each.entered]
        shows = {"entered": entered, "missing": [each for each in every if not each.entered]}
        show = request.GET.get("show", "")
        sheet = sources.sheet_in_force(actor.district, row.month)
        context = {
            "rows": shows.get(show, every),
            "show": show if show in shows else "",
            "month": row.month,
            "month_name": month_name(row.month),
            "month_text": month_text(row.month),
            "entered": len(entered),
            "all": len(every),
            "sheet": sheet,
            "is_locked": sheet is not None and sheet.state in sources.UNDER_REVIEW,
            "may_make": may_make(actor),
        }
    return render(request, "subsidies/returns.html", context)


@require("commissions.make")
def dealer_return(request: HttpRequest, month: date, dealer: str) -> HttpResponse:
    """The form of one dealer's month."""
    actor = request.actor
    subject = get_object_or_404(
        Dealer.objects.select_related("district"), district=actor.district, code=dealer
    )
    scheme = sources.scheme_in_force(actor.district, month)
    if scheme is None:
        raise Http404
    entered = DealerReturn.objects.filter(dealer=subject, month=month).first()
    back = f"{reverse('dealer_returns')}?month={month_text(month)}"
    dues = sources.pool_dues(actor.district, month, subject).get(subject.pk, ())
    form = ReturnForm(
        request.POST or None, scheme=sources.terms(scheme), entered=entered,
        joined=sorted({parse_month(due.joined) for due in dues if due.is_retained}),
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                save_return(
                    dealer=subject,
                    month=month,
                    entry=form.entry(),
                    version=form.cleaned_data["version"],
                    by=actor.person,
                    at=request.now,
                )
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(
                    request, _("Return of %(dealer)s saved") % {"dealer": subject.name}
                )
                return redirect(back)
    context = {
        "form": form,
        "dealer": subject,
        "class_name": class_name(subject.commission_class),
        "month_name": month_name(month),
        "scheme": scheme,
        "entered": entered,
        "back": back,
    }
    return render(request, "subsidies/return.html", context, status=status)
