"""The ledger of users: batches loaded from billing extracts, and the form that loads one."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kpi.queries.months import months
from orgchart.errors import DomainError
from orgchart.forms import RefusableForm
from orgchart.models import Run
from orgchart.permissions import require
from subsidies.models import LedgerBatch
from subsidies.services.ledger import start_load, withdraw_ledger
from subsidies.wording import month_name
from subsidies.workbooks.ledger import COLUMNS, MOST_BYTES
from targets.months import month_text, parse_month


class LedgerForm(RefusableForm):
    """A month and its extract."""

    month = forms.ChoiceField(label=gettext_lazy("Month"))
    file = forms.FileField(
        label=gettext_lazy("Billing extract"),
        help_text=gettext_lazy("Excel or CSV, at most 20 MB and 200,000 rows."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}),
    )


@require("commissions.make")
def ledger(request: HttpRequest) -> HttpResponse:
    """The batches, latest month first; POST starts loading a file and shows how far it is."""
    actor = request.actor
    form = LedgerForm(request.POST, request.FILES) if request.method == "POST" else LedgerForm()
    form.fields["month"].choices = [
        (month_text(row.month), month_name(row.month))
        for row in reversed(months(actor.district.pk))
    ]
    if form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > MOST_BYTES:
            form.add_error("file", _("The file is larger than 20 MB."))
        else:
            try:
                started = start_load(
                    district=actor.district, month=parse_month(form.cleaned_data["month"]),
                    name=file.name, content=file.read(), by=actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as error:
                form.refuse(error)
            else:
                if isinstance(started, Run):
                    return redirect("run", pk=started.pk)
                messages.info(request, _("This very file is loaded already; nothing changed."))
                return redirect("ledger")
    context = {
        "form": form,
        "batches": LedgerBatch.objects.filter(district=actor.district).select_related(
            "loaded_by", "withdrawn_by"
        ),
        "columns": [zh for zh, _en in COLUMNS.values()],
    }
    return render(request, "subsidies/ledger.html", context, status=422 if form.errors else 200)


@require_POST
@require("commissions.make")
def ledger_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a batch back, with the returns counted from it."""
    batch = get_object_or_404(LedgerBatch, pk=pk, district=request.actor.district)
    try:
        withdraw_ledger(batch=batch, by=request.actor.person, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Ledger withdrawn"))
    return redirect("ledger")
