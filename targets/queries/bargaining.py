"""Whose turn it is on a released plan: answers of the units, proposals, orphaned amounts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from orgchart.models import Unit
from targets.models import (
    Acceptance,
    Indicator,
    Plan,
    PlanState,
    Proposal,
    ProposalKind,
    ProposalState,
    SheetKind,
)
from targets.months import parse_month


@dataclass(frozen=True, slots=True)
class ProposedCell:
    """A month of a proposal; rates as ratios."""

    breakdown: str
    month: date
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal with its figures: `orphaned` is what nobody carries if it is agreed to."""

    proposal: Proposal
    cells: tuple[ProposedCell, ...]
    decimals: int

    @property
    def before(self) -> Decimal:
        return sum((cell.before for cell in self.cells), Decimal(0))

    @property
    def after(self) -> Decimal:
        return sum((cell.after for cell in self.cells), Decimal(0))

    @property
    def orphaned(self) -> Decimal:
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's answer to the version in force; `acceptance` None: its turn, or the head's."""

    unit: Unit
    acceptance: Acceptance | None
    open: tuple[Proposed, ...]

    @property
    def code(self) -> str:
        """Return accepted, countered (the head's turn) or waiting (the unit's turn)."""
        if any(each.proposal.kind == ProposalKind.COUNTER for each in self.open):
            return "countered"
        return "accepted" if self.acceptance else "waiting"


@dataclass(frozen=True, slots=True)
class Bargain:
    """A plan's answers: of the units that the reader may see, and all proposals of theirs."""

    plan: Plan
    standings: tuple[Standing, ...]
    past: tuple[Proposed, ...]

    @property
    def is_answerable(self) -> bool:
        """Whether a version is out and nothing changed since."""
        return self.plan.state == PlanState.RELEASED

    @property
    def is_settled(self) -> bool:
        return self.is_answerable and bool(self.standings) and all(
            standing.code == "accepted" for standing in self.standings
        )  # fmt: skip

    @property
    def open(self) -> list[Proposed]:
        return [each for standing in self.standings for each in standing.open]


def units_of(plan: Plan) -> list[Unit]:
    """Return the units that have tasks of their own and so answer; not the district itself."""
    return list(
        Unit.objects.filter(
            pk__in=plan.sheets.filter(kind=SheetKind.UNITS).values("rows__unit"),
        )
        .exclude(pk=plan.district_id)
        .order_by("position", "pk")
    )


def proposed(proposal: Proposal, indicators: dict[str, Indicator]) -> Proposed:
    """Return the proposal with its figures."""
    return Proposed(
        proposal,
        tuple(
            ProposedCell(
                cell["breakdown"], parse_month(cell["month"]), Decimal(cell["before"]),
                Decimal(cell["after"]),
            )
            for cell in proposal.cells
        ),
        max((indicators[cell["indicator"]].stored_decimals for cell in proposal.cells), default=0),
    )  # fmt: skip


def bargain(plan: Plan, unit_ids: frozenset[int] | None) -> Bargain:
    """Return the answers to the version in force; `unit_ids` None: of every unit."""
    units = [unit for unit in units_of(plan) if unit_ids is None or unit.pk in unit_ids]
    indicators = {row.code: row for row in Indicator.objects.filter(district=plan.district_id)}
    accepted = {
        row.unit_id: row
        for row in Acceptance.objects.filter(plan=plan, version=plan.version).select_related("by")
    }
    found = Proposal.objects.filter(plan=plan, unit__in=units).select_related(
        "unit", "sheet", "by", "decided_by"
    )
    known = [proposed(row, indicators) for row in found]
    return Bargain(
        plan,
        tuple(
            Standing(
                unit, accepted.get(unit.pk),
                tuple(
                    each for each in known
                    if each.proposal.unit_id == unit.pk
                    and each.proposal.state == ProposalState.OPEN
                ),
            )
            for unit in units
        ),
        tuple(each for each in known if each.proposal.state != ProposalState.OPEN),
    )  # fmt: skip


def turns(plan: Plan, unit_ids: frozenset[int] | None) -> dict[str, Any]:
    """Return the units that have not answered and the proposals to decide, for the to-do lists."""
    if plan.state != PlanState.RELEASED:
        return {"waiting": [], "open": []}
    answers = bargain(plan, unit_ids)
    return {
        "waiting": [each.unit for each in answers.standings if each.code == "waiting"],
        "open": answers.open,
    }
