"""A commission sheet beside the one of the month before: by payee and by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orgchart.models import Dealer, Person, Unit
from subsidies.models import CommissionSheet
from subsidies.queries.returns import sheet_in_force
from subsidies.queries.sheets import ZERO, PayeeStatement, statements_of
from subsidies.rules.odd import Odd, odd
from targets.months import month_after


@dataclass(frozen=True, slots=True)
class Compared:
    """A payee in both months; None where there was no statement. `steps` are (line, yuan)."""

    now: PayeeStatement | None
    before: PayeeStatement | None

    @property
    def payee(self) -> Dealer | Person:
        return self._either.payee

    @property
    def unit(self) -> Unit:
        return self._either.unit

    @property
    def _either(self) -> PayeeStatement:
        found = self.now or self.before
        assert found is not None
        return found

    @property
    def difference(self) -> Decimal:
        """Net of this month less net of the last."""
        return (self.now.totals.net if self.now else ZERO) - (
            self.before.totals.net if self.before else ZERO
        )

    @property
    def flags(self) -> tuple[Odd, ...]:
        return odd(
            self.now.totals if self.now else None, self.before.totals if self.before else None
        )

    @property
    def steps(self) -> list[tuple[str, Decimal]]:
        """From the last net to this one, line by line; lines that did not change are left out."""
        codes = dict.fromkeys(
            line.code for each in (self.before, self.now) if each for line in each.lines
        )
        found = [(code, _effect(self.now, code) - _effect(self.before, code)) for code in codes]
        brought = (self.now.totals.brought_forward if self.now else ZERO) - (
            self.before.totals.brought_forward if self.before else ZERO
        )
        return [step for step in [*found, ("brought_forward", brought)] if step[1]]

    @property
    def largest(self) -> tuple[str, Decimal] | None:
        """The line that changed the most."""
        return max(self.steps, key=lambda step: abs(step[1]), default=None)


def _effect(statement: PayeeStatement | None, code: str) -> Decimal:
    if statement is None:
        return ZERO
    return sum(
        (
            -line.amount if line.is_deduction else line.amount
            for line in statement.lines
            if line.code == code
        ),
        ZERO,
    )


def sheet_before(sheet: CommissionSheet) -> CommissionSheet | None:
    """Return the sheet of the same kind in force of the month before."""
    return sheet_in_force(sheet.district, month_after(sheet.month, -1), sheet.kind)


def compared(
    statements: Sequence[PayeeStatement],
    before: CommissionSheet | None,
    unit_ids: frozenset[int] | None = None,
    *,
    payee_code: str = "",
) -> list[Compared]:
    """Pair the statements with those of the sheet before, in their order, the gone last."""
    earlier = (
        {}
        if before is None
        else {
            row.payee.pk: row
            for row in statements_of(before.pk, unit_ids, payee_code=payee_code, with_lines=True)
        }
    )
    pairs = [Compared(row, earlier.pop(row.payee.pk, None)) for row in statements]
    return pairs + [Compared(None, row) for row in earlier.values()]
