"""Who may change a plan in which state, beyond the table of roles."""

from django.utils.translation import gettext as _

from orgchart.errors import Locked
from orgchart.permissions import Actor
from targets.models import Plan, PlanState


def may_write_tasks(actor: Actor, plan: Plan) -> bool:
    """Clerks write drafts; only who may release a plan changes a released one."""
    return actor.can("tasks.write") and (
        plan.state == PlanState.DRAFT or actor.can("targets.release")
    )


def demand_tasks(actor: Actor, plan: Plan) -> None:
    """Raise PermissionDenied, or Locked for somebody who may write drafts only."""
    actor.demand("tasks.write")
    if not may_write_tasks(actor, plan):
        raise Locked(
            _("Version %(version)s is released. Only the district head changes it.")
            % {"version": plan.version}
        )
