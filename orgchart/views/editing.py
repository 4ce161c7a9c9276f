"""One shape for every form page: shown, checked, saved once, refused without losing input."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from orgchart.actors import business_day
from orgchart.errors import DomainError
from orgchart.forms import DayForm, OrganisationForm
from orgchart.models import Dealer, Person, Unit
from orgchart.queries.dealers import dealers
from orgchart.queries.people import people


def answer_form(
    request: HttpRequest,
    form_class: type[OrganisationForm],
    save: Callable[..., Any],
    *,
    initial: dict[str, Any],
    title: str,
    back: str,
    crumb: str,
    done: str,
    submit: str,
    sentence: str = "",
) -> HttpResponse:
    """Show the form, or give its cleaned values to `save` and lead back with the toast `done`.

    A refusal stands at the field it names. After a conflict the next attempt is made on the
    version that is stored now: the person has read who changed it.
    """
    actor = request.actor
    scope = {"district": actor.district, "on": actor.on}
    status = 200
    if request.method == "POST":
        form = form_class(request.POST, **scope)
        if form.is_valid():
            try:
                save(**form.cleaned_data, by=actor.person, at=request.now)
            except DomainError as refusal:
                status = refusal.status
                form = _refused(form, refusal, form_class, scope)
            else:
                messages.success(request, done)
                return redirect(back)
        else:
            status = 400
    else:
        form = form_class(initial=initial, **scope)
    context = {
        "form": form, "title": title, "sentence": sentence, "back": back, "crumb": crumb,
        "submit": submit,
    }  # fmt: skip
    return render(request, "orgchart/form.html", context, status=status)


def _refused(
    form: OrganisationForm,
    refusal: DomainError,
    form_class: type[OrganisationForm],
    scope: dict[str, Any],
) -> OrganisationForm:
    if "version" in refusal.extra:
        form = form_class({**form.data.dict(), "version": refusal.extra["version"]}, **scope)
        form.is_valid()
    faults = {fault.pointer.strip("/"): fault.detail for fault in refusal.faults}
    placed = {name: detail for name, detail in faults.items() if name in form.fields}
    for name, detail in placed.items():
        form.add_error(name, detail)
    if not placed:
        form.add_error(None, str(refusal))
    return form


def chosen_day(request: HttpRequest) -> tuple[date, forms.Form]:
    """Return the day asked for by `?on=`, today if none or no day, and the form that asks."""
    today = business_day(request.now)
    form = DayForm(request.GET if "on" in request.GET else None, initial={"on": today})
    on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else None
    return on or today, form


def unit_of(request: HttpRequest, code: str) -> Unit:
    """Return a unit of the actor's district that he or she may read, or 404."""
    units = Unit.objects.of(request.actor.district)
    unit_ids = readable_units(request)
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    return get_object_or_404(units, code=code)


def dealer_of(request: HttpRequest, code: str) -> Dealer:
    """Return a dealer that belongs, or belonged last, to a unit in scope, or 404."""
    actor = request.actor
    return get_object_or_404(dealers(actor.district, actor.on, readable_units(request)), code=code)


def person_of(request: HttpRequest, code: str) -> Person:
    """Return a person of the district within the actor's scope, or 404."""
    actor = request.actor
    return get_object_or_404(people(actor.district, actor.on, readable_units(request)), code=code)


def readable_units(request: HttpRequest) -> frozenset[int] | None:
    """Return the units whose organisation the actor may read; None is the whole district."""
    return request.actor.unit_ids("organisation.read")


def link(label: str, route: str, icon: str = "", *, primary: bool = False, **place: Any) -> dict:
    """Return an action of a page header; `place` are the route's arguments and the `query`."""
    query = place.pop("query", "")
    url = reverse(route, kwargs=place or None) + (f"?{query}" if query else "")
    return {"label": label, "url": url, "icon": icon, "primary": primary}
