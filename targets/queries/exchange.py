"""A file against the plan: what it changes, what somebody else changed too, what cannot be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from targets.amounts import LIMIT
from targets.models import Batch, Indicator, Plan
from targets.months import month_text, parse_month
from targets.queries.closed import closed_months
from targets.queries.sheets import Cell, Grid, Line, grid, sheets_of


@dataclass(frozen=True, slots=True)
class Sent:
    """A figure of a file and the figure that it was exported with, as shown."""

    sheet: str
    key: str
    month: date
    value: Decimal
    base: Decimal | None
    place: str


@dataclass(frozen=True, slots=True)
class Step:
    """A cell where the file says something new: file, base, and the present value, as shown."""

    sent: Sent
    line: Line
    cell: Cell
    now: Decimal | None

    @property
    def stored(self) -> Decimal:
        """The file's value as stored: rates as ratios."""
        return self.sent.value / 100 if self.line.is_percent else self.sent.value


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """The comparison: `applies` only the file changed, `conflicts` both, `same` neither or alike.

    `faults`: (place, sentence), for changes that cannot be.
    """

    applies: tuple[Step, ...]
    conflicts: tuple[Step, ...]
    same: int
    faults: tuple[tuple[str, str], ...]


def sent_cells(batch: Batch) -> list[Sent]:
    """Return the stored cells of a batch."""
    return [
        Sent(
            cell["sheet"], cell["key"], parse_month(cell["month"]), Decimal(cell["value"]),
            None if cell["base"] is None else Decimal(cell["base"]), cell["place"],
        )
        for cell in batch.cells
    ]  # fmt: skip


def kept(cells: Iterable[Any]) -> list[dict[str, Any]]:
    """Return cells of a file as a batch stores them."""
    return [
        {"sheet": cell.sheet, "key": cell.key, "month": month_text(cell.month),
         "value": str(cell.value), "base": None if cell.base is None else str(cell.base),
         "place": cell.place}
        for cell in cells
    ]  # fmt: skip


def tables_of(plan: Plan) -> list[Grid]:
    """Return all tables of the plan, whole."""
    return [grid(sheet, None) for sheet in sheets_of(plan)]


def three_way(plan: Plan, cells: Sequence[Sent]) -> ThreeWay:
    """Compare file, base and present. A cell left as exported is never written back."""
    lines = {
        (table.sheet.code, f"{line.unit_code}|{line.breakdown_code}|{line.indicator_code}"): line
        for table in tables_of(plan) for line in table.lines
    }  # fmt: skip
    known = {row.code: row for row in Indicator.objects.filter(district=plan.district_id)}
    closed = closed_months(plan.district_id, {cell.month for cell in cells})
    applies: list[Step] = []
    conflicts: list[Step] = []
    faults: list[tuple[str, str]] = []
    same = 0
    for sent in cells:
        line = lines.get((sent.sheet, sent.key))
        if line is None or sent.month.year != plan.year:
            faults.append((sent.place, _("The plan knows no such row; rows are added in the "
                                         "portal.")))  # fmt: skip
            continue
        cell = line.cells[sent.month.month - 1]
        now = None if cell.value is None else cell.value * (100 if line.is_percent else 1)
        if sent.value in (sent.base, now):
            same += 1
            continue
        if sentence := _fault(sent, line, cell, known[line.indicator_code], closed):
            faults.append((sent.place, sentence))
            continue
        (applies if now == sent.base else conflicts).append(Step(sent, line, cell, now))
    return ThreeWay(tuple(applies), tuple(conflicts), same, tuple(faults))


def _fault(sent: Sent, line: Line, cell: Cell, indicator: Indicator, closed: set[date]) -> str:
    if sent.month in closed:
        return _("%(month)s is closed and its tasks stand. Change an open month.") % {
            "month": month_text(sent.month)}  # fmt: skip
    if cell.is_locked:
        return _("Locked: %(reason)s. Unlock it in the portal first.") % {
            "reason": cell.lock_reason}  # fmt: skip
    if sent.value != round(sent.value, line.decimals):
        return _("%(name)s is kept with %(count)s decimals.") % {
            "name": line.indicator, "count": line.decimals}  # fmt: skip
    if sent.value < 0 and not indicator.may_be_negative:
        return _("A task of %(name)s is not below 0.") % {"name": line.indicator}
    if line.is_percent and not 0 <= sent.value <= 100:
        return _("A rate lies between 0 and 100 %.")
    if abs(sent.value) > LIMIT:
        return _("The figure is too large.")
    return ""
