"""Goals of a month: opened, set, reported, assessed; an assessed one stays (闭环考核)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import Goal, Verdict
from fieldwork.models.goals import AGENT_VERDICTS, ENDED, PERSON_VERDICTS
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.goals import agents, standings
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import rounded
from targets.months import last_day, month_after, month_text

MOST = 100_000


@transaction.atomic
def open_goals(*, unit: Unit, month: date, by: Person, at: datetime) -> int:
    """Make a goal for everybody of the unit and each of its mall agents; return how many are new.

    Last month's figures are taken over; an agent who was dropped or withdrew then gets none.
    Again, it adds nothing. Raises Locked for a past month.
    """
    last = last_day(month)
    if last < business_day(at):
        raise Locked(_("%(month)s is over.") % {"month": month_text(month)})
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # two who open at once
    present = set(Goal.objects.filter(unit=unit, month=month).values_list("person", "dealer"))
    before = {
        (row.person_id, row.dealer_id): row
        for row in Goal.objects.filter(unit=unit, month=month_after(month, -1))
    }
    people = responsible_people(unit.district, last, [unit.pk])
    keys = [
        *((person.pk, None) for person in people),
        *((None, dealer.pk) for dealer in agents(unit.district, last, [unit.pk])),
    ]
    added = []
    for key in keys:
        if key in present:
            continue
        known = before.get(key)
        if known is not None and known.verdict in ENDED:
            continue
        added.append(
            Goal(
                unit=unit, month=month, person_id=key[0], dealer_id=key[1], due_on=last,
                groups=known.groups if known else 0, mobile=known.mobile if known else 0,
                fixed=known.fixed if known else 0,
            )
        )  # fmt: skip
    Goal.objects.bulk_create(added)
    if added:
        audit.record(
            by=by, at=at, action="goal.open", subject=f"goals/{unit.code}/{month_text(month)}",
            district=unit.district, unit=unit,
            changes=[{"key": "goals", "before": len(present), "after": len(present) + len(added)}],
        )  # fmt: skip
    return len(added)


@transaction.atomic
def set_goal(
    *, goal: Goal, version: int, groups: int, mobile: int, fixed: int, due_on: date, by: Person,
    at: datetime,
) -> Goal:  # fmt: skip
    """Set what is asked, by a day of the month. One's own: Refused."""
    row = held(goal, version)
    if by.pk == row.person_id:
        raise Refused(_("Somebody else sets your goal."))
    faults = _count_faults(groups=groups, mobile=mobile, fixed=fixed)
    if not row.month <= due_on <= last_day(row.month):
        faults.append(Fault("/due_on", _("The date lies outside the month.")))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    before = [row.groups, row.mobile, row.fixed]
    row.groups, row.mobile, row.fixed, row.due_on = groups, mobile, fixed, due_on
    row.version += 1
    row.save()
    _note(row, "goal.set", by=by, at=at, before=before, after=[groups, mobile, fixed])
    return row


@transaction.atomic
def report_goal(
    *, goal: Goal, version: int, mobile_done: int, fixed_done: int, by: Person, at: datetime
) -> Goal:
    """Report the users won so far."""
    row = held(goal, version)
    if faults := _count_faults(mobile_done=mobile_done, fixed_done=fixed_done):
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    before = [row.mobile_done, row.fixed_done]
    row.mobile_done, row.fixed_done = mobile_done, fixed_done
    row.reported_by, row.reported_at, row.version = by, at, row.version + 1
    row.save()
    _note(row, "goal.report", by=by, at=at, before=before, after=[mobile_done, fixed_done])
    return row


@transaction.atomic
def assess_goal(
    *, goal: Goal, version: int, verdict: str, remark: str, by: Person, at: datetime
) -> Goal:
    """Assess a goal from its last day on; what was reached is frozen.

    An account manager met or missed it, an agent is kept or dropped, or withdraws; against the
    figures, or ending with somebody, it takes a remark. What was completed goes into the month's
    staff commission as its scheme says. One's own: Refused. Raises Locked before the day, while
    something is not reported, and once assessed.
    """
    row = held(goal, version)
    if by.pk == row.person_id:
        raise Refused(_("Somebody else assesses your goal."))
    if business_day(at) < row.due_on:
        raise Locked(_("The goal runs until %(day)s.") % {"day": row.due_on.isoformat()})
    [found] = standings([row])
    if found.is_met is None:
        raise Locked(_("What was won is not reported yet, or nothing is asked."))
    faults = []
    if verdict not in (PERSON_VERDICTS if row.person_id else AGENT_VERDICTS):
        faults.append(Fault("/verdict", _("Choose one of the options.")))
    usual = (Verdict.MET, Verdict.KEPT) if found.is_met else (Verdict.MISSED, Verdict.KEPT)
    if verdict not in usual and not remark.strip():
        faults.append(Fault("/remark", _("Write why.")))
    if len(remark) > 200:
        faults.append(Fault("/remark", _("At most %(count)s characters.") % {"count": 200}))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    row.groups_done = found.parts[0][1]
    if found.completion is not None:
        share = found.completion
        row.completion = rounded(Decimal(share.numerator) / share.denominator, 4)
    row.verdict, row.remark = verdict, remark.strip()
    row.assessed_by, row.assessed_at, row.version = by, at, row.version + 1
    row.save()
    _note(row, "goal.assess", by=by, at=at, before="", after=verdict, reason=remark)
    return row


def held(goal: Goal, version: int) -> Goal:
    """Return the goal, locked, as it was read and not assessed yet."""
    row = (
        Goal.objects.select_for_update(of=("self",))
        .select_related("unit__district", "person", "dealer")
        .get(pk=goal.pk)
    )
    if row.verdict:
        raise Locked(_("This goal is assessed; it stays as it is."))
    if row.version != version:
        raise VersionConflict(
            _("Somebody changed this goal meanwhile. Compare and save again."),
            extra={"version": row.version},
        )
    return row


def _count_faults(**counts: int) -> list[Fault]:
    return [
        Fault(f"/{name}", _("Write a number from 0 to 100,000."))
        for name, count in counts.items()
        if not 0 <= count <= MOST
    ]


def _note(
    row: Goal, action: str, *, by: Person, at: datetime, before: Any, after: Any, reason: str = ""
) -> None:
    key = {"person": row.person.code} if row.person else {"dealer": row.dealer.code}
    audit.record(
        by=by, at=at, action=action, subject=f"goals/{row.unit.code}/{month_text(row.month)}",
        district=row.unit.district, unit=row.unit, reason=reason[:200],
        changes=[{"key": key, "before": before, "after": after}],
    )  # fmt: skip
