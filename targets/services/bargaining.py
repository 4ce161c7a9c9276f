"""Bargaining over a released plan: units accept, counter-propose or ask to borrow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import plain
from targets.models import (
    Acceptance,
    Plan,
    PlanState,
    Proposal,
    ProposalKind,
    ProposalState,
    SheetKind,
    SheetRow,
    Task,
    TaskSheet,
)
from targets.months import month_text, months_of
from targets.queries.bargaining import units_of
from targets.queries.closed import closed_months
from targets.rules.bargaining import NoRoom, scaled_year
from targets.rules.breakdown import scaled, unscaled
from targets.services.plans import hold_plan
from targets.services.sheets.cells import value_fault


@dataclass(frozen=True, slots=True)
class Wish:
    """What a unit wants in a row: its year, or figures of months (rates as ratios)."""

    breakdown: str
    total: Decimal | None = None
    months: tuple[tuple[date, Decimal], ...] = ()
    pointer: str = ""


@transaction.atomic
def accept_plan(*, plan: Plan, unit: Unit, version: int, by: Person, at: datetime) -> Acceptance:
    """Accept the unit's tasks of the version in force; a second time is the first.

    Raises VersionConflict for another version, Locked while the next one is being prepared or
    a counter-proposal of the unit waits.
    """
    plan = hold_answerable(plan, version)
    _check_unit(plan, unit)
    open_ = Proposal.objects.filter(
        plan=plan, unit=unit, state=ProposalState.OPEN, kind=ProposalKind.COUNTER
    )
    if open_.exists():
        raise Locked(_("A counter-proposal of the unit waits. Withdraw it before accepting."))
    acceptance, is_new = Acceptance.objects.get_or_create(
        plan=plan, unit=unit, version=version, defaults={"by": by, "at": at}
    )
    if is_new:
        note(plan, unit, "accept_plan", None, "accepted", by=by, at=at)
    return acceptance


@transaction.atomic
def counter_propose(
    *, sheet: TaskSheet, unit: Unit, version: int, wishes: Sequence[Wish], reason: str,
    by: Person, at: datetime,
) -> Proposal:  # fmt: skip
    """Ask for other figures in a table; a yearly total is spread over the open months.

    An acceptance of the version is taken back. Raises Invalid with every fault (closed, locked,
    no reason, nothing changed), Locked when a proposal for the table waits already.
    """
    plan = hold_answerable(sheet.plan, version)
    _check_unit(plan, unit)
    reason = demand_reason(reason)
    rows = _rows_of_unit(sheet, unit)
    faults: list[Fault] = []
    cells: list[dict[str, Any]] = []
    for wish in wishes:
        row = rows.get(wish.breakdown)
        if row is None:
            faults.append(Fault(wish.pointer, _("The unit has no such row in this table.")))
            continue
        cells += _wished(plan, row, wish, faults)
    if faults:
        raise Invalid(faults[0].detail, faults)
    if not cells:
        raise Invalid(_("No figure differs from the plan."))
    Acceptance.objects.filter(plan=plan, unit=unit, version=version).delete()
    return _propose(ProposalKind.COUNTER, sheet, unit, version, cells, reason, by, at)


@transaction.atomic
def ask_to_borrow(
    *, sheet: TaskSheet, unit: Unit, version: int, breakdown: str, lower: date, raise_: date,
    amount: Decimal, reason: str, by: Person, at: datetime,
) -> Proposal:  # fmt: skip
    """Ask to move `amount` of a row's task from month `lower` to `raise_`; the year stays.

    Raises as counter_propose does.
    """
    plan = hold_answerable(sheet.plan, version)
    _check_unit(plan, unit)
    reason = demand_reason(reason)
    row = _rows_of_unit(sheet, unit).get(breakdown)
    if row is None or row.indicator.is_percent:
        raise Invalid(_("The unit has no such row in this table."), [Fault("breakdown", "")])
    if lower == raise_:
        raise Invalid(_("Choose two different months."), [Fault("to", _("Another month."))])
    if amount <= 0:
        raise Invalid(_("Write an amount above 0."), [Fault("amount", _("Above 0."))])
    now = _year(plan, row)
    faults: list[Fault] = []
    wish = Wish(breakdown, months=tuple(
        (month, now[month].value + step)
        for month, step in ((lower, -amount), (raise_, amount)) if month in now
    ), pointer="amount")  # fmt: skip
    cells = _wished(plan, row, wish, faults)
    if faults:
        raise Invalid(faults[0].detail, faults)
    if len(cells) != 2:
        raise Invalid(_("Both months need a task."))
    return _propose(ProposalKind.BORROW, sheet, unit, version, cells, reason, by, at)


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal, by: Person, at: datetime) -> Proposal:
    """Take an open proposal back. Raises Locked when it is decided."""
    proposal = hold_open(proposal)
    return close(proposal, ProposalState.WITHDRAWN, "", by=by, at=at)


@transaction.atomic
def insist(*, proposal: Proposal, answer: str, by: Person, at: datetime) -> Proposal:
    """Decline a proposal with a reason: the version stands, and it is the unit's turn again."""
    answer = demand_reason(answer)
    proposal = hold_open(proposal)
    return close(proposal, ProposalState.INSISTED, answer, by=by, at=at)


def hold_answerable(plan: Plan, version: int | None) -> Plan:
    """Lock a plan whose version is out. Raises Locked or VersionConflict otherwise."""
    plan = hold_plan(plan)
    if version is not None and version != plan.version:
        raise VersionConflict(
            _("Version %(version)s was released meanwhile.") % {"version": plan.version}
        )
    if plan.state != PlanState.RELEASED:
        raise Locked(
            _("Version %(version)s is being prepared. Answers count from its release on.")
            % {"version": plan.version + 1}
        )
    return plan


def hold_open(proposal: Proposal) -> Proposal:
    """Lock an open proposal with its plan. Raises Locked when it was decided meanwhile."""
    hold_plan(proposal.plan)
    held = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("plan__district", "sheet__plan__district", "unit", "by")
        .get(pk=proposal.pk)
    )
    if held.state != ProposalState.OPEN:
        raise Locked(_("This proposal is decided: %(state)s.") % {
            "state": held.get_state_display()})  # fmt: skip
    return held


def close(
    proposal: Proposal, state: ProposalState, answer: str, *, by: Person, at: datetime
) -> Proposal:
    """Write a decision and its trail entry; the caller holds the proposal."""
    before = proposal.state
    proposal.state, proposal.answer = state, answer
    proposal.decided_by, proposal.decided_at = by, at
    proposal.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    note(proposal.plan, proposal.unit, "decide_proposal", before, state, by=by, at=at,
         reason=answer, sheet=proposal.sheet.code, proposal=proposal.pk)  # fmt: skip
    return proposal


def demand_reason(reason: str) -> str:
    """Return the reason. Raises Invalid without one."""
    reason = reason.strip()[:500]
    if not reason:
        raise Invalid(_("Write a reason."), [Fault("reason", _("Write a reason."))])
    return reason


def note(
    plan: Plan, unit: Unit, action: str, before: object, after: object, *, by: Person,
    at: datetime, reason: str = "", **key: object,
) -> None:  # fmt: skip
    """Append the trail's entry of an answer."""
    audit.record(
        by=by, at=at, action=action, subject=f"plans/{plan.year}/answers",
        district=plan.district, unit=unit, reason=reason,
        changes=[{"key": {"unit": unit.code, "version": plan.version, **key},
                  "before": before, "after": after}],
    )  # fmt: skip


def _check_unit(plan: Plan, unit: Unit) -> None:
    if unit.pk not in {known.pk for known in units_of(plan)}:
        raise Invalid(_("The unit has no tasks in this plan."), [Fault("unit", "")])


def _rows_of_unit(sheet: TaskSheet, unit: Unit) -> dict[str, SheetRow]:
    if sheet.kind != SheetKind.UNITS:
        raise Invalid(_("Segment tables belong to no unit."))
    rows = sheet.rows.filter(unit=unit).select_related("unit", "indicator", "breakdown")
    return {row.breakdown.code: row for row in rows}


def _year(plan: Plan, row: SheetRow) -> dict[date, Task]:
    return {
        task.month: task
        for task in Task.objects.filter(
            month__in=months_of(plan.year), unit=row.unit, indicator=row.indicator,
            breakdown=row.breakdown,
        )
    }  # fmt: skip


def _wished(plan: Plan, row: SheetRow, wish: Wish, faults: list[Fault]) -> list[dict[str, Any]]:
    """Return the cells of a row that the unit wants otherwise; note what cannot be."""
    now = _year(plan, row)
    months = months_of(plan.year)
    fixed = closed_months(plan.district_id, months) | {
        month for month in months if month not in now or now[month].is_locked
    }
    wanted = dict(wish.months)
    decimals = row.indicator.stored_decimals
    if wish.total is not None and not wanted:
        wanted = _spread(row, now, fixed, wish, faults)
    cells = []
    for month, value in sorted(wanted.items()):
        before = now[month].value if month in now else None
        if value == before:
            continue
        sentence = value_fault(value, row.indicator)
        if not sentence and before is None:
            sentence = _("There is no task in %(month)s.") % {"month": month_text(month)}
        if not sentence and month in fixed:
            sentence = _("%(month)s is closed or locked; its task stands.") % {
                "month": month_text(month)}  # fmt: skip
        if sentence:
            faults.append(Fault(wish.pointer, sentence))
            continue
        cells.append(
            {"breakdown": row.breakdown.code, "indicator": row.indicator.code,
             "month": month_text(month), "before": plain(before, decimals),
             "after": plain(value, decimals)}
        )  # fmt: skip
    return cells


def _spread(
    row: SheetRow, now: dict[date, Task], fixed: set[date], wish: Wish, faults: list[Fault]
) -> dict[date, Decimal]:
    """Return the open months in proportion, so that the row's year is the wished one."""
    decimals, total = row.indicator.decimals, wish.total or Decimal(0)
    months = sorted(now)
    if row.indicator.is_percent:
        faults.append(Fault(wish.pointer, _("A rate has no yearly total; propose months.")))
        return {}
    try:
        parts = scaled_year(
            [scaled(now[month].value, decimals) for month in months],
            [n for n, month in enumerate(months) if month in fixed], scaled(total, decimals),
        )  # fmt: skip
    except NoRoom:
        held = sum((now[month].value for month in months if month in fixed), Decimal(0))
        faults.append(
            Fault(
                wish.pointer,
                _("Closed and locked months hold %(held)s already; the year cannot be %(total)s.")
                % {"held": plain(held, decimals), "total": plain(total, decimals)},
            )
        )
        return {}
    except ValueError:
        faults.append(Fault(wish.pointer, value_fault(total, row.indicator)))
        return {}
    return {month: unscaled(part, decimals) for month, part in zip(months, parts, strict=True)}


def _propose(
    kind: ProposalKind, sheet: TaskSheet, unit: Unit, version: int,
    cells: list[dict[str, Any]], reason: str, by: Person, at: datetime,
) -> Proposal:  # fmt: skip
    """Store a proposal and its trail entry; one of a kind waits per table."""
    open_ = Proposal.objects.filter(sheet=sheet, unit=unit, kind=kind, state=ProposalState.OPEN)
    if open_.exists():
        raise Locked(_("A proposal for this table waits already. Withdraw it to change it."))
    proposal = Proposal.objects.create(
        plan=sheet.plan, sheet=sheet, unit=unit, kind=kind, version=version, cells=cells,
        reason=reason, by=by, at=at,
    )  # fmt: skip
    audit.record(
        by=by, at=at, action=f"propose_{kind}", subject=f"plans/{sheet.plan.year}/answers",
        district=sheet.plan.district, unit=unit, reason=reason,
        changes=[
            {"key": {"unit": unit.code, "sheet": sheet.code, "breakdown": cell["breakdown"],
                     "indicator": cell["indicator"], "month": cell["month"]},
             "before": cell["before"], "after": cell["after"]}
            for cell in cells
        ],
    )  # fmt: skip
    return proposal
