"""Events of a month: noted, and voided when mistaken."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kpi.models import Event, EventKind, Month, MonthState
from kpi.present import words
from kpi.present.origins import when
from kpi.queries.cells import reporting_units
from kpi.queries.months import chosen_month, months
from kpi.services.events import note_event, void_event
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from targets.months import month_text


class EventForm(forms.Form):
    """What happened, where, how often."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=gettext_lazy("Unit"))
    kind = forms.ChoiceField(choices=EventKind.choices, label=gettext_lazy("Kind"))
    count = forms.IntegerField(min_value=1, initial=1, label=gettext_lazy("Count"))
    occurred_on = forms.DateField(
        required=False,
        label=gettext_lazy("Date"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Note"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, month: Month, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = reporting_units(month.district_id, month.month, None)
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units])
        self.fields["occurred_on"].widget.attrs |= {"min": month.month.isoformat()}


@require("reasons.read")
def events(request: HttpRequest) -> HttpResponse:
    """The month's events, those of one's units; clerk and auditor note new ones."""
    actor: Actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if month is None:
        return render(request, "kpi/events.html", {})
    may_write = actor.can("events.write") and month.state == MonthState.OPEN
    form = EventForm(request.POST or None, month=month) if may_write else None
    if request.method == "POST":
        if not actor.can("events.write"):
            raise PermissionDenied
        if form is None:
            messages.error(request, _("The month is not open: nothing can be noted."))
        elif form.is_valid() and _noted(form, month, actor, request):
            return HttpResponseRedirect(_page(month.month))
    return render(request, "kpi/events.html", _context(month, actor, form))


def _noted(form: EventForm, month: Month, actor: Actor, request: HttpRequest) -> bool:
    given = form.cleaned_data
    try:
        note_event(
            **given,
            month=month.month,
            by=actor.person,
            at=request.now,
        )
    except DomainError as error:
        placed = {fault.pointer.strip("/"): fault.detail for fault in error.faults}
        for name, detail in placed.items():
            form.add_error(name if name in form.fields else None, detail)
        if not placed:
            form.add_error(None, str(error))
        return False
    messages.success(request, _("Noted"))
    return True


def _page(month: date) -> str:
    return f"{reverse('events')}?month={month_text(month)}"


def _context(month: Month, actor: Actor, form: EventForm | None) -> dict[str, Any]:
    rows = Event.objects.filter(month=month.month, unit__district_id=month.district_id)
    unit_ids = actor.unit_ids("reasons.read")
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=unit_ids)
    found = rows.select_related("unit", "noted_by").order_by("unit__position", "unit_id", "pk")
    return {
        "month": month_text(month.month),
        "form": form,
        "rows": [
            {
                "id": event.pk,
                "unit": event.unit.short,
                "kind": event.get_kind_display(),
                "is_veto": event.kind in {EventKind.VETO, EventKind.AWARD_VETO},
                "count": event.count,
                "note": event.note,
                "day": words.day(event.occurred_on) if event.occurred_on else "",
                "by": event.noted_by.name if event.noted_by else "—",
                "at": when(event.noted_at),
                "is_voided": event.voided_at is not None,
            }
            for event in found
        ],
    }


@require_POST
@require("events.write")
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a mistaken event out of the count, with a reason."""
    actor: Actor = request.actor
    event = get_object_or_404(
        Event.objects.select_related("unit__district"), pk=pk, unit__district=actor.district
    )
    try:
        void_event(
            event=event,
            by=actor.person,
            at=request.now,
            reason=request.POST.get("reason", "")[:200],
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Voided"))
    return HttpResponseRedirect(_page(event.month))
