"""Annual targets to release, proposals to decide, plans to answer."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from competitions.wording import join
from orgchart.permissions import Actor
from portal.queries.todos.base import Todo
from targets.models import Plan, PlanState
from targets.queries.bargaining import turns


def todos(actor: Actor) -> Iterator[Todo]:
    """Yield the plans that wait for the actor."""
    if actor.can("targets.release"):
        yield from _plans(actor)
    if actor.can("targets.release") or actor.can("tasks.answer"):
        yield from _bargains(actor)


def _plans(actor: Actor) -> Iterator[Todo]:
    for plan in Plan.objects.filter(district=actor.district, state=PlanState.DRAFT):
        text = _("Annual targets of %(year)s are a draft") % {"year": plan.year}
        yield Todo(_("Targets"), text, "", reverse("annual_targets"), _("Release"))


def _bargains(actor: Actor) -> Iterator[Todo]:
    """Yield the proposals that the head decides, and the plans that one's own unit answers."""
    for plan in Plan.objects.filter(district=actor.district, state=PlanState.RELEASED):
        url = reverse("plan_answers", args=[plan.year])
        kind = _("Targets")
        if actor.can("targets.release"):
            for each in turns(plan, None)["open"]:
                row = each.proposal
                text = _("%(unit)s proposes otherwise in table %(sheet)s") % {
                    "unit": row.unit.short, "sheet": row.sheet.code}  # fmt: skip
                yield Todo(kind, text, row.reason, reverse("proposal_decide", args=[row.pk]),
                           _("Decide"))  # fmt: skip
        elif waiting := turns(plan, actor.unit_ids("tasks.answer"))["waiting"]:
            text = _("Plan %(year)s v%(version)s to answer") % {
                "year": plan.year, "version": plan.version}  # fmt: skip
            yield Todo(kind, text, join([unit.short for unit in waiting]), url, _("Answer"))
