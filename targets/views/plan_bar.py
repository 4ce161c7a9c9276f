"""The plan in the bar of a page: year, state, and its neighbours."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from targets.models import Plan, PlanState
from targets.queries.plans import plan_for, plans_of


def plan_of_request(request: HttpRequest, year: int | None) -> Plan | None:
    """Return the asked year's plan, or the one of today; None when the district has none."""
    district = request.actor.district
    if year is None:
        return plan_for(district, request.actor.on.year)
    for plan in plans_of(district):
        if plan.year == year:
            return plan
    raise Http404


def plan_bar(plan: Plan, route: str) -> dict[str, Any]:
    """Return the bar: "2026 plan", its state, the years around it on the same route."""
    years = {other.year for other in plans_of(plan.district)}
    is_released = plan.state == PlanState.RELEASED
    label = (
        _("Released v%(version)s") % {"version": plan.version}
        if is_released
        else _("Draft v%(version)s") % {"version": plan.version + 1}
    )

    def url(year: int) -> str:
        return reverse(route, args=[year]) if year in years else ""

    return {
        "label": _("%(year)s plan") % {"year": plan.year},
        "prev_url": url(plan.year - 1),
        "next_url": url(plan.year + 1),
        "state": {"code": plan.state, "label": label},
    }
