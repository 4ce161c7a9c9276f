"""Who changed what, when and why."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from orgchart.filters import TrailFilter
from orgchart.models import Person, Unit
from orgchart.permissions import require
from orgchart.queries.people import in_units
from orgchart.queries.trail import readable, trail

PER_PAGE = 50


@require("trail.read")
def trail_page(request: HttpRequest) -> HttpResponse:
    """The audit trail of the units in scope, newest first."""
    actor = request.actor
    unit_ids = actor.unit_ids("trail.read")
    units = Unit.objects.of(actor.district)
    people = Person.objects.filter(district=actor.district)
    if unit_ids is not None:
        units, people = units.filter(pk__in=unit_ids), people.filter(in_units(unit_ids, actor.on))
    chosen = TrailFilter(
        request.GET, queryset=trail(actor.district, unit_ids), units=units, people=people
    )
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page_obj": page,
        "count": page.paginator.count,
        "entries": readable(actor.district, page.object_list, unit_ids),
    }
    return render(request, "orgchart/trail.html", context)
