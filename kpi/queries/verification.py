"""What the auditor verifies: each unit's figures of a month with what is odd about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kpi.models import Actual, CheckState, ClosingRule, Verification
from kpi.queries.cells import Cell, Key, expected_cells
from kpi.queries.doubts import doubt_of
from kpi.rules.entry import Doubted
from orgchart.models import Unit
from targets.months import last_day, month_after


@dataclass(frozen=True, slots=True)
class Checked:
    """A figure with last month's, and what is odd about it (also when a reason was given)."""

    cell: Cell
    last: Decimal | None
    doubt: Doubted | None

    @property
    def state(self) -> int | None:
        """None while nothing is reported."""
        actual = self.cell.actual
        return None if actual is None or actual.value is None else actual.check_state

    @property
    def reason(self) -> str:
        return self.cell.actual.doubt_reason if self.cell.actual else ""

    @property
    def is_unexplained(self) -> bool:
        """Whether it is odd, nobody wrote why, and the auditor has not accepted it."""
        return self.doubt is not None and not self.reason and self.state != CheckState.VERIFIED


@dataclass(frozen=True, slots=True)
class Returns:
    """What a unit has returned for a month; `latest` is what the auditor last did with it."""

    unit: Unit
    figures: tuple[Checked, ...]
    latest: Verification | None

    def count(self, state: int | None) -> int:
        return sum(one.state == state for one in self.figures)

    @property
    def missing(self) -> int:
        return self.count(None)

    @property
    def is_verified(self) -> bool:
        """Whether everything reported is verified, and something is."""
        verified = self.count(CheckState.VERIFIED)
        return verified > 0 and verified + self.missing == len(self.figures)


def returns(district_id: int, month: date, unit_ids: Iterable[int] | None = None) -> list[Returns]:
    """Return every unit's returns of a month, in the units' order; eight queries."""
    cells = expected_cells(district_id, month, unit_ids)
    units = {cell.unit.pk: cell.unit for cell in cells}
    before = _last_month(month, units)
    latest = latest_verifications(month, units)
    figures: dict[int, list[Checked]] = {pk: [] for pk in units}
    for cell in cells:
        last = before.get(cell.key)
        found = None
        if cell.actual and cell.actual.value is not None:
            found = doubt_of(
                cell.actual.value,
                cell.indicator,
                as_of=cell.actual.as_of,
                last=last,
                task=cell.task,
            )
        figures[cell.unit.pk].append(Checked(cell, last, found))
    return [Returns(unit, tuple(figures[pk]), latest.get(pk)) for pk, unit in units.items()]


def _last_month(month: date, unit_ids: Iterable[int]) -> dict[Key, Decimal | None]:
    rows = Actual.objects.filter(month=month_after(month, -1), unit_id__in=list(unit_ids))
    return {(row.unit_id, row.indicator_id, row.breakdown_id): row.value for row in rows}


def latest_verifications(month: date, unit_ids: Iterable[int]) -> dict[int, Verification]:
    """Return what the auditor last did with each unit's returns; one query."""
    acts = Verification.objects.filter(month=month, unit_id__in=list(unit_ids))
    return {act.unit_id: act for act in acts.select_related("by").order_by("at", "pk")}


def requires_verification(district_id: int, month: date) -> bool:
    """Whether the rule in force on the month's last day asks for it; without a rule it does not."""
    rule = ClosingRule.objects.on(last_day(month)).filter(district_id=district_id).first()
    return bool(rule and rule.requires_verification)


def unverified(district_id: int, month: date) -> dict[Unit, int]:
    """Return how many reported figures of each unit are not verified; units with none are out."""
    found: dict[Unit, int] = {}
    for cell in expected_cells(district_id, month):
        actual = cell.actual
        if actual and actual.value is not None and actual.check_state != CheckState.VERIFIED:
            found[cell.unit] = found.get(cell.unit, 0) + 1
    return found
