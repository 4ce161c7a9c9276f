"""Deciding a month's round, and taking it through notice, approval and payment (rules §9)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from competitions import queries, rules
from competitions.models import Award, CompetitionPolicy, Objection, Round, RoundState
from kpi.models import Month, MonthState
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Invalid, Locked, Refused
from orgchart.models import Person, Unit
from targets.months import month_text

# How a decision of the rules is stored; a pending one is not.
_STATES = {
    rules.State.AWARDED: RoundState.DECIDED,
    rules.State.NO_WINNER: RoundState.NO_WINNER,
}


@transaction.atomic
def decide_round(*, district_id: int, month: date, at: datetime) -> Round | None:
    """Decide the monthly competition of a published month; again only after a reopening.

    `at` is the instant of the publication: a round in force decided at another one is void. The
    month's row is locked, so of two deliveries the second finds the first one's round. Returns
    None without a policy, and while a figure of the decision is missing.
    """
    frozen = (
        Month.objects.select_for_update()
        .filter(district_id=district_id, month=month, state=MonthState.PUBLISHED)
        .first()
    )
    policy = queries.policy_in_force(district_id, month)
    if frozen is None or policy is None:
        return None
    current = queries.round_in_force(district_id, month)
    if current is not None:
        if current.decided_at == at:
            return current
        void_round(round=current, by=None, at=at)
    elif _is_withdrawn(policy, month, at):
        return None

    standings = queries.standings(policy, frozen)
    decision = rules.decide(queries.terms(policy), standings)
    if decision.state is rules.State.PENDING:
        return None
    return _store(policy, month, standings, decision, at)


def _is_withdrawn(policy: CompetitionPolicy, month: date, at: datetime) -> bool:
    """Return whether this publication was decided and voided: its figures have to change first."""
    return Round.objects.filter(
        competition=policy.competition, month=month, decided_at=at, state=RoundState.VOID
    ).exists()


def _store(
    policy: CompetitionPolicy,
    month: date,
    standings: Sequence[rules.Standing],
    decision: rules.Decision,
    at: datetime,
) -> Round:
    competition = policy.competition
    earlier = Round.objects.filter(competition=competition, month=month).count()
    decided = Round.objects.create(
        competition=competition,
        policy=policy,
        month=month,
        version=earlier + 1,
        state=_STATES[decision.state],
        decided_at=at,
        reason=decision.reason.as_json(),
        standings=queries.standings_json(standings, decision),
    )
    winners = Unit.objects.of(competition.district_id).filter(code__in=decision.winners)
    units = {unit.code: unit for unit in winners}
    Award.objects.bulk_create(
        Award(round=decided, unit=units[code], amount=amount)
        for code, amount in decision.winners.items()
    )
    _note(
        decided,
        "competition.decided",
        None,
        at,
        [
            {"key": {"unit": code}, "before": None, "after": amount}
            for code, amount in decision.winners.items()
        ],
    )
    return decided


@transaction.atomic
def approve_round(*, round: Round, by: Person, at: datetime) -> Round:
    """Approve the award after its days of notice, its objections answered by somebody else.

    Raises Locked in any other state or before, Refused to whoever had part in an objection.
    """
    current = locked_round(round)
    if current.state != RoundState.DECIDED:
        raise Locked(_("Only an award on notice can be approved."))
    last = current.notice_ends_on
    if business_day(at) <= last:
        raise Locked(
            _("The award is on notice until %(day)s; approve it after that day.")
            % {"day": last.isoformat()}
        )
    objections = Objection.objects.filter(round=current)
    if objections.filter(is_upheld=None).exists():
        raise Locked(_("An objection is not answered yet."))
    if objections.filter(Q(raised_by=by) | Q(answered_by=by)).exists():
        raise Refused(_("Whoever raised or answered an objection cannot approve the award."))
    current.state, current.approved_by, current.approved_at = RoundState.APPROVED, by, at
    current.save(update_fields=["state", "approved_by", "approved_at"])
    _note_state(current, "competition.approved", RoundState.DECIDED, by, at)
    return current


@transaction.atomic
def pay_round(*, round: Round, by: Person, at: datetime) -> Round:
    """Register that an approved award was paid, by somebody other than the approver."""
    current = locked_round(round)
    if current.state != RoundState.APPROVED:
        raise Locked(_("Only an approved award can be paid."))
    if current.approved_by_id == by.pk:
        raise Refused(_("Whoever approved the award cannot register its payment."))
    current.state, current.paid_by, current.paid_at = RoundState.PAID, by, at
    current.save(update_fields=["state", "paid_by", "paid_at"])
    _note_state(current, "competition.paid", RoundState.APPROVED, by, at)
    return current


@transaction.atomic
def void_round(*, round: Round, by: Person | None, at: datetime, reason: str = "") -> Round:
    """Take a round out of force and keep it as history.

    Without `by` it follows from reopening the month; a person has to give a reason.
    """
    current = locked_round(round)
    if current.state == RoundState.VOID:
        return current
    if by is not None and not reason.strip():
        raise Invalid(_("Give a reason."))
    before, current.state, current.void_reason = current.state, RoundState.VOID, reason
    current.save(update_fields=["state", "void_reason"])
    _note_state(current, "competition.voided", before, by, at, reason)
    return current


def locked_round(round: Round) -> Round:
    """Return the round again, locked: its steps and objections come one after the other."""
    return (
        Round.objects.select_for_update(of=("self",))
        .select_related("competition__district", "policy")
        .get(pk=round.pk)
    )


def _note_state(
    round: Round, action: str, before: Any, by: Person | None, at: datetime, reason: str = ""
) -> None:
    changes = [{"key": {"field": "state"}, "before": str(before), "after": str(round.state)}]
    _note(round, action, by, at, changes, reason)


def _note(
    round: Round,
    action: str,
    by: Person | None,
    at: datetime,
    changes: list[dict[str, Any]],
    reason: str = "",
) -> None:
    audit.record(
        by=by,
        at=at,
        action=action,
        subject=f"competitions/{round.competition.code}/{month_text(round.month)}",
        district=round.competition.district,
        changes=changes,
        reason=reason,
        source="job" if by is None else "web",
    )
