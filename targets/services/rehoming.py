"""Agreeing to a proposal: the unit gets its figures, what it gives up gets a new home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart.errors import Fault, Invalid, VersionConflict
from orgchart.models import Person
from targets.amounts import plain
from targets.models import (
    Acceptance,
    PlanRelease,
    Proposal,
    ProposalKind,
    ProposalState,
    SheetRow,
    Task,
    TaskSheet,
)
from targets.months import months_of, parse_month
from targets.queries.closed import closed_months
from targets.rules.bargaining import NoRoom, added
from targets.rules.breakdown import scaled, unscaled
from targets.services.bargaining import close, hold_answerable, hold_open
from targets.services.plans import release_plan
from targets.services.sheets.cells import TaskEntry, check_open, value_fault, write_tasks

Place = tuple[date, int, int, int]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a part of the orphaned amount goes: a row, and a month or None for all open ones.

    `amount` below zero takes from there, where the unit asked for more than it had.
    """

    unit: str
    breakdown: str
    month: date | None
    amount: Decimal
    pointer: str = ""


@transaction.atomic
def agree(
    *, proposal: Proposal, homes: Sequence[Home], by: Person, at: datetime, answer: str = ""
) -> PlanRelease:
    """Give the unit what it proposed, home the difference, release the next version.

    The table's sum stays: Raises Invalid while the homes do not add up to the orphaned amount,
    when one is closed, locked or would fall below zero; VersionConflict when a cell is no longer
    what the unit saw. A borrowing needs no homes; the unit's yes to it is kept.
    """
    proposal = hold_open(proposal)
    plan = hold_answerable(proposal.plan, None)
    sheet = TaskSheet.objects.select_related("plan__district").get(pk=proposal.sheet_id)
    rows = {
        ((row.unit.code if row.unit else ""), row.breakdown.code): row
        for row in sheet.rows.select_related("unit", "indicator", "breakdown")
    }
    stored = _tasks(sheet, list(rows.values()))
    values = _proposed_values(proposal, rows, stored)
    _check_sum(sheet, proposal, values, stored, homes)
    by_place = {
        (month, row.unit_id, row.indicator_id, row.breakdown_id): row
        for row in rows.values() for month in months_of(plan.year) if row.unit_id
    }  # fmt: skip
    _home(sheet, homes, rows, stored, values)
    changed = {place: value for place, value in values.items() if stored[place].value != value}
    _check_values(changed, by_place, stored)
    check_open(
        [TaskEntry(place[1], place[2], place[3], place[0], value, None)
         for place, value in changed.items()],
        stored, plan.district,
    )  # fmt: skip

    reason = answer.strip()[:500] or _("%(unit)s: %(reason)s") % {
        "unit": proposal.unit.short, "reason": proposal.reason[:400]}  # fmt: skip
    had_accepted = Acceptance.objects.filter(
        plan=plan, unit=proposal.unit, version=plan.version
    ).first()
    write_tasks(
        sheets=[sheet], values=changed, stored=stored,
        rows={place: by_place[place] for place in changed}, by=by, at=at,
        action="rehome_tasks" if proposal.kind == ProposalKind.COUNTER else "lend_tasks",
        reason=reason,
    )  # fmt: skip
    _follow_totals(list(rows.values()), changed, stored)
    close(proposal, ProposalState.MET, answer.strip()[:500], by=by, at=at)
    release = release_plan(plan=plan, by=by, at=at, reason=reason)
    if proposal.kind == ProposalKind.BORROW and had_accepted:
        Acceptance.objects.get_or_create(
            plan=plan, unit=proposal.unit, version=release.version,
            defaults={"by": proposal.by, "at": proposal.at, "carried_from": had_accepted.version},
        )  # fmt: skip
    return release


def _tasks(sheet: TaskSheet, rows: Sequence[SheetRow]) -> dict[Place, Task]:
    """Return the table's cells, locked for change."""
    tasks = Task.objects.select_for_update().filter(
        month__in=months_of(sheet.plan.year),
        unit_id__in={row.unit_id for row in rows},
        indicator_id__in={row.indicator_id for row in rows},
    )
    return {(task.month, task.unit_id, task.indicator_id, task.breakdown_id): task
            for task in tasks}  # fmt: skip


def _proposed_values(
    proposal: Proposal, rows: dict[tuple[str, str], SheetRow], stored: dict[Place, Task]
) -> dict[Place, Decimal]:
    values: dict[Place, Decimal] = {}
    for cell in proposal.cells:
        row = rows.get((proposal.unit.code, cell["breakdown"]))
        if row is None:
            raise _stale()
        place = (parse_month(cell["month"]), row.unit_id, row.indicator_id, row.breakdown_id)
        task = stored.get(place)
        if task is None or plain(task.value, row.indicator.stored_decimals) != cell["before"]:
            raise _stale()
        values[place] = Decimal(cell["after"])
    return values


def _stale() -> VersionConflict:
    return VersionConflict(_("The unit's tasks changed since it proposed. Ask it to propose anew."))


def _check_sum(
    sheet: TaskSheet, proposal: Proposal, values: dict[Place, Decimal],
    stored: dict[Place, Task], homes: Sequence[Home],
) -> None:  # fmt: skip
    if sheet.indicator is not None and sheet.indicator.is_percent:
        if homes:
            raise Invalid(_("Rates are not homed elsewhere."), [Fault("homes", "")])
        return
    decimals = sheet.indicator.decimals if sheet.indicator else 2
    orphaned = sum((stored[place].value - value for place, value in values.items()), Decimal(0))
    homed = sum((home.amount for home in homes), Decimal(0))
    if orphaned != homed:
        sentence = _("%(orphaned)s is to be homed, %(homed)s is; %(left)s is left over.") % {
            "orphaned": plain(orphaned, decimals), "homed": plain(homed, decimals),
            "left": plain(orphaned - homed, decimals),
        }  # fmt: skip
        raise Invalid(sentence, [Fault("homes", sentence)])


def _home(
    sheet: TaskSheet, homes: Sequence[Home], rows: dict[tuple[str, str], SheetRow],
    stored: dict[Place, Task], values: dict[Place, Decimal],
) -> None:  # fmt: skip
    """Add the homes to `values`. Raises Invalid with every fault."""
    months = months_of(sheet.plan.year)
    closed = closed_months(sheet.plan.district_id, months, hold=True)
    faults = []
    for home in homes:
        row = rows.get((home.unit, home.breakdown))
        if row is None or row.unit_id is None:
            faults.append(Fault(home.pointer, _("The table has no such row.")))
            continue
        places = [(month, row.unit_id, row.indicator_id, row.breakdown_id) for month in months]
        places = [place for place in places if place in stored]
        decimals = row.indicator.decimals
        fixed = [
            n for n, place in enumerate(places)
            if place[0] in closed or stored[place].is_locked
            or (home.month is not None and place[0] != home.month)
            or (home.month is None and place in values)
        ]  # fmt: skip
        try:
            now = [scaled(values.get(place, stored[place].value), decimals) for place in places]
            parts = added(now, fixed, scaled(home.amount, decimals))
        except NoRoom:
            faults.append(Fault(home.pointer, _("No open month of this row can take it.")))
            continue
        except ValueError:
            faults.append(Fault(home.pointer, value_fault(home.amount, row.indicator)))
            continue
        values.update(
            {place: unscaled(part, decimals) for place, part in zip(places, parts, strict=True)}
        )
    if faults:
        raise Invalid(faults[0].detail, faults)


def _check_values(
    changed: dict[Place, Decimal], rows: dict[Place, SheetRow], stored: dict[Place, Task]
) -> None:
    faults = []
    for place, value in changed.items():
        row = rows[place]
        name = f"{row.unit.short} {row.breakdown.name}" if row.unit else row.breakdown.name
        sentence = value_fault(value, row.indicator)
        if not sentence and stored[place].is_locked:
            sentence = _("Locked at %(value)s: %(reason)s. Unlock it first.") % {
                "value": plain(stored[place].value, row.indicator.stored_decimals),
                "reason": stored[place].lock_reason,
            }  # fmt: skip
        if sentence:
            faults.append(Fault("homes", f"{name}: {sentence}"))
    if faults:
        raise Invalid(faults[0].detail, faults)


def _follow_totals(
    rows: Sequence[SheetRow], changed: dict[Place, Decimal], stored: dict[Place, Task]
) -> None:
    """Let rows with a year of their own follow their months."""
    followed = []
    for row in rows:
        step = sum(
            (value - stored[place].value for place, value in changed.items()
             if place[1:] == (row.unit_id, row.indicator_id, row.breakdown_id)),
            Decimal(0),
        )  # fmt: skip
        if row.total is not None and step:
            row.total += step
            followed.append(row)
    SheetRow.objects.bulk_update(followed, ["total"])
