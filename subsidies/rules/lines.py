"""What a statement is made of: lines with their workings, and corrections of sealed ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from subsidies.rules.money import to_cents
from subsidies.rules.scheme import Band
from subsidies.rules.sheet import ZERO, Settlement, settle


class LineCode(StrEnum):
    """What a line of a statement pays or takes back."""

    ONE_TIME = "one_time"
    VOLUME = "volume"
    INSTALMENT = "instalment"
    REVENUE_SHARE = "revenue_share"
    CLAWBACK = "clawback"
    LOW_QUALITY = "low_quality"
    PENALTY = "penalty"
    POOL_HELD = "pool_held"
    POOL_PART = "pool_part"
    PAID_LATER = "paid_later"
    TAKEN_LATER = "taken_later"
    PIECE = "piece"
    KPI_ABOVE = "kpi_above"
    KPI_BELOW = "kpi_below"

    @property
    def is_deduction(self) -> bool:
        return self in (
            LineCode.CLAWBACK,
            LineCode.LOW_QUALITY,
            LineCode.PENALTY,
            LineCode.POOL_HELD,
            LineCode.TAKEN_LATER,
            LineCode.KPI_BELOW,
        )


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A correction of a sealed line (补差): positive is still paid, negative is taken back."""

    reference: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Formula:
    """How a line was computed: a code for the wording and the figures to put in."""

    code: str
    params: Mapping[str, Decimal | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a line: quantity × rate (× base), exact; `band` is the band that set the rate.

    `names` say what was counted, in Chinese and English, where the line alone does not.
    """

    quantity: int | Decimal
    rate: Decimal
    amount: Decimal
    base: Decimal | None = None
    band: Band | None = None
    reference: str = ""
    names: tuple[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the term with decimals as strings; from and to are the bounds of its band."""
        named = {} if self.names is None else {"names": list(self.names)}
        return named | {
            "quantity": _plain(self.quantity),
            "rate": str(self.rate),
            "amount": str(self.amount),
            "base": _plain(self.base),
            "from": _plain(self.band.start if self.band else None),
            "to": _plain(self.band.end if self.band else None),
            "reference": self.reference,
        }


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line; amount in yuan, rounded once from its parts, positive for deductions too.

    `rate` is None where the parts have different rates; otherwise quantity × rate is the amount.
    Staff lines have neither.
    """

    code: LineCode
    quantity: int | Decimal | None
    rate: Decimal | None
    amount: Decimal
    formula: Formula
    parts: tuple[Part, ...] = ()
    month: int | None = None

    @property
    def key(self) -> str:
        """Return a name that is unique within a statement, e.g. instalment_3."""
        return self.code.value if self.month is None else f"{self.code.value}_{self.month}"

    def working(self) -> dict[str, Any]:
        """Return how the line was computed as JSON-able data, decimals as strings."""
        return {
            "code": self.formula.code,
            "params": {name: _plain(value) for name, value in self.formula.params.items()},
            "parts": [part.as_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """A dealer's month: lines in printed order and what they settle to.

    `counted_users` earned commission. `unit_price` is what one of them brought at joining (one
    time plus volume, less what is held back for later months), to 4 decimals rounded down: the
    price a later clawback may take back.
    """

    lines: tuple[StatementLine, ...]
    counted_users: int
    unit_price: Decimal
    settlement: Settlement

    def line(self, key: str) -> StatementLine:
        """Return the line of that key; KeyError if the scheme has none."""
        for line in self.lines:
            if line.key == key:
                return line
        raise KeyError(key)


def _plain(value: Decimal | int | str | None) -> int | str | None:
    return str(value) if isinstance(value, Decimal) else value


def settled(lines: Iterable[StatementLine], brought_forward: Decimal) -> Settlement:
    """Return what lines and a carried amount, zero or negative, settle to."""
    gross = deductions = ZERO
    for line in lines:
        if line.code.is_deduction:
            deductions += line.amount
        else:
            gross += line.amount
    return settle(gross=gross, deductions=deductions, brought_forward=brought_forward)


def adjustment_lines(adjustments: Sequence[Adjustment]) -> Iterator[StatementLine]:
    """Yield what is still paid and what is taken back, as far as there is any."""
    for code, sign in ((LineCode.PAID_LATER, 1), (LineCode.TAKEN_LATER, -1)):
        parts = tuple(
            Part(1, sign * each.amount, sign * each.amount, reference=each.reference)
            for each in adjustments
            if sign * each.amount > 0
        )
        if parts:
            yield summed(code, parts, Formula("adjustment", {"count": len(parts)}))


def may_adjust(*, is_deduction: bool, line_amount: Decimal, adjusted: Decimal) -> bool:
    """Return whether corrections of a line, `adjusted` in all, stay within what it settled.

    What a line paid may be taken back once, what it deducted may be given back once (rules §7:
    never more than was paid).
    """
    signed = -line_amount if is_deduction else line_amount
    return signed + adjusted <= 0 if is_deduction else signed + adjusted >= 0


def summed(
    code: LineCode, parts: tuple[Part, ...], formula: Formula, *, month: int | None = None
) -> StatementLine:
    """Sum exact parts and round once; name a rate only when it alone explains the amount."""
    rates = {part.rate for part in parts}
    is_plain = len(rates) == 1 and all(part.base is None for part in parts)
    return StatementLine(
        code=code,
        quantity=sum((part.quantity for part in parts), start=0),
        rate=rates.pop() if is_plain else None,
        amount=to_cents(sum((part.amount for part in parts), Decimal(0))),
        formula=formula,
        parts=parts,
        month=month,
    )
