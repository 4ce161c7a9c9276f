"""What becomes of the units' answers when a new version is released."""

from datetime import datetime

from django.utils.translation import gettext as _

from targets.models import Acceptance, Plan, PlanRelease, Proposal, ProposalState
from targets.queries.releases import tasks_of_unit


def carry_answers(plan: Plan, release: PlanRelease, *, at: datetime) -> None:
    """Carry a yes to the new version where the unit's tasks are the same; overtake the rest.

    An open proposal ends when a cell that it speaks of is no longer what the unit had before it.
    """
    before = PlanRelease.objects.filter(plan=plan, version=release.version - 1).first()
    if before is None:
        return
    Acceptance.objects.bulk_create(
        Acceptance(
            plan=plan, unit=old.unit, version=release.version, at=old.at, by=old.by,
            carried_from=old.carried_from or old.version,
        )
        for old in Acceptance.objects.filter(plan=plan, version=before.version).select_related(
            "unit"
        )
        if tasks_of_unit(before.tasks, old.unit.code) == tasks_of_unit(release.tasks, old.unit.code)
    )  # fmt: skip
    waiting = Proposal.objects.select_for_update(of=("self",)).filter(
        plan=plan, state=ProposalState.OPEN
    )
    for proposal in waiting.select_related("unit", "sheet"):
        rows = release.tasks.get(proposal.sheet.code, {})
        is_same = all(
            rows.get(f"{proposal.unit.code}|{cell['breakdown']}|{cell['indicator']}", [None] * 12)[
                int(cell["month"][-2:]) - 1
            ]
            == cell["before"]
            for cell in proposal.cells
        )
        if not is_same:
            proposal.state = ProposalState.OVERTAKEN
            proposal.decided_at = at
            proposal.answer = _("Version %(version)s") % {"version": release.version}
            proposal.save(update_fields=["state", "decided_at", "answer"])
