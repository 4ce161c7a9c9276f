"""Drawing the month's sample of original papers, from the billing ledger or a list."""

from datetime import date
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from fieldwork.forms.audit import DrawForm
from fieldwork.models import SampleSource
from fieldwork.services.samples import Joined, draw_sample, read_joined
from fieldwork.views.importing import MOST_FAULTS, headings
from fieldwork.workbooks.audit import JOINED
from orgchart.errors import DomainError, Fault, Invalid
from orgchart.models import Unit
from orgchart.permissions import require
from portal.queries.joined_users import joined_users
from targets.months import month_after, month_text


@require("field.audit")
def draw(request: HttpRequest) -> HttpResponse:
    """Draw a month's users by chance; the seed is shown before and stays with the sample."""
    actor, status = request.actor, 200
    last_month = month_after(actor.on.replace(day=1), -1)
    form = DrawForm(
        request.POST or None, request.FILES or None,
        initial={"month": month_text(last_month), "seed": token_hex(4)},
    )  # fmt: skip
    faults: list[Fault] = []
    if request.method == "POST":
        status = 400
        if form.is_valid():
            typed = form.cleaned_data
            try:
                source, joined = _joined(actor.district, typed["month"], typed["file"])
                sample = draw_sample(
                    district=actor.district, month=typed["month"], joined=joined, source=source,
                    size=typed["size"], seed=typed["seed"], by=actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
                faults = [
                    each for each in error.faults if each.pointer.strip("/") not in form.fields
                ]
            else:
                text = _("%(count)s users drawn")
                messages.success(request, text % {"count": sample.users.count()})
                return redirect(f"{reverse('field_samples')}?in_month={month_text(sample.month)}")
    context = {
        "form": form,
        "faults": faults[:MOST_FAULTS],
        "more": max(0, len(faults) - MOST_FAULTS),
        "columns": headings(JOINED, JOINED),
    }
    return render(request, "portal/sample_draw.html", context, status=status)


def _joined(district: Unit, month: date, file: Any) -> tuple[SampleSource, list[Joined]]:
    if file:
        return SampleSource.LIST, read_joined(district, month, file.read())
    joined = joined_users(district, month)
    if joined is None:
        sentence = _("%(month)s has no billing ledger: add a list of the users who joined.") % {
            "month": month_text(month)
        }
        raise Invalid(sentence, [Fault("/file", sentence)])
    return SampleSource.LEDGER, joined
