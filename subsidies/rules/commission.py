"""A dealer's commission statement for a month, line by line (rules §7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from subsidies.rules.money import to_cents
from subsidies.rules.scheme import (
    Band,
    Fault,
    Instalment,
    Invalid,
    PoolPart,
    Scheme,
    TierMode,
)
from subsidies.rules.sheet import ZERO, Settlement, settle


class DealerMonthInvalid(Invalid):
    """Figures of a dealer that contradict each other or the scheme."""


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
class RevenueGroup:
    """Users on the share months with their average net revenue of the month, in yuan."""

    average: Decimal
    users: int


@dataclass(frozen=True, slots=True)
class Clawback:
    """Users lost within the term, the price once paid for each, and what was already taken back."""

    users: int
    unit_price_paid: Decimal
    already_recovered: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Penalty:
    """An amount an audit finding costs, with the reference of the finding."""

    reference: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A correction of a sealed line (补差): positive is still paid, negative is taken back."""

    reference: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PoolDue:
    """A part of what joining brought in an earlier month, "2026-03", that falls due now.

    `users` were counted then and `amount` yuan held back for them. `retained` are those still
    there; only a part that `is_retained` asks for them.
    """

    joined: str
    month: int
    amount: Decimal
    users: int
    is_retained: bool
    retained: int | None = None


@dataclass(frozen=True, slots=True)
class DealerMonth:
    """A dealer's figures of one month.

    `instalment_counts` is {month n: {lower bound of the revenue band: users that called enough}}
    and has every instalment month of the scheme; a band left out has no users. `brought_forward`
    is the carried amount of the month before, zero or negative.
    """

    dealer_class: str
    gross: int
    zero_call: int
    instalment_counts: Mapping[int, Mapping[Decimal, int]]
    revenue_groups: tuple[RevenueGroup, ...] = ()
    clawbacks: tuple[Clawback, ...] = ()
    low_quality_users: int = 0
    penalties: tuple[Penalty, ...] = ()
    brought_forward: Decimal = ZERO
    adjustments: tuple[Adjustment, ...] = ()
    pool_dues: tuple[PoolDue, ...] = ()


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


def statement(scheme: Scheme, figures: DealerMonth) -> Statement:
    """Return the dealer's statement. Raises DealerMonthInvalid naming every impossible figure."""
    faults = tuple(_faults(scheme, figures))
    if faults:
        raise DealerMonthInvalid(faults)

    counted = _counted_users(scheme, figures)
    one_time, volume = _one_time(scheme, counted), _volume(scheme, counted)
    held = tuple(_pool_held(scheme, one_time.amount + volume.amount, counted))
    unit_price = scheme.one_time.per_user + _round_down(
        volume.amount / counted if counted else ZERO
    )
    if held:
        at_joining = one_time.amount + volume.amount - held[0].amount
        unit_price = _round_down(at_joining / counted if counted else ZERO)
    lines = (
        one_time,
        volume,
        *held,
        *_pool_parts(figures.pool_dues),
        *(_instalment(each, figures) for each in scheme.instalments),
        _revenue_share(scheme, figures),
        _clawback(scheme, figures),
        _low_quality(scheme, figures, counted, unit_price),
        _penalty(figures),
        *adjustment_lines(figures.adjustments),
    )
    return Statement(lines, counted, unit_price, settled(lines, figures.brought_forward))


def settled(lines: Iterable[StatementLine], brought_forward: Decimal) -> Settlement:
    """Return what lines and a carried amount, zero or negative, settle to."""
    gross = deductions = ZERO
    for line in lines:
        if line.code.is_deduction:
            deductions += line.amount
        else:
            gross += line.amount
    return settle(gross=gross, deductions=deductions, brought_forward=brought_forward)


def _counted_users(scheme: Scheme, figures: DealerMonth) -> int:
    return figures.gross - (figures.zero_call if scheme.excludes_zero_call else 0)


def _faults(scheme: Scheme, figures: DealerMonth) -> Iterator[Fault]:
    for name in ("gross", "zero_call", "low_quality_users"):
        count: int = getattr(figures, name)
        if count < 0:
            yield Fault(f"/{name}", "negative", str(count))
    if figures.zero_call > figures.gross:
        yield Fault("/zero_call", "above_gross", str(figures.zero_call))
    if figures.low_quality_users > _counted_users(scheme, figures):
        yield Fault("/low_quality_users", "above_counted_users", str(figures.low_quality_users))
    if figures.dealer_class not in scheme.revenue_share.bands:
        yield Fault("/dealer_class", "unknown", figures.dealer_class)
    if figures.brought_forward > 0:
        yield Fault("/brought_forward", "positive", str(figures.brought_forward))
    yield from _instalment_faults(scheme, figures)
    for index, group in enumerate(figures.revenue_groups):
        if group.users < 0:
            yield Fault(f"/revenue_groups/{index}/users", "negative", str(group.users))
    for index, lost in enumerate(figures.clawbacks):
        if lost.users < 0:
            yield Fault(f"/clawbacks/{index}/users", "negative", str(lost.users))
        if lost.unit_price_paid < 0:
            yield Fault(
                f"/clawbacks/{index}/unit_price_paid", "negative", str(lost.unit_price_paid)
            )
        if lost.already_recovered < 0:
            yield Fault(
                f"/clawbacks/{index}/already_recovered", "negative", str(lost.already_recovered)
            )
    for due in figures.pool_dues:
        if due.is_retained and due.retained is None:
            yield Fault(f"/retained/{due.joined}", "retained_missing", due.joined)
        elif due.retained is not None and due.retained > due.users:
            yield Fault(f"/retained/{due.joined}", "above_joined", str(due.retained))
        elif due.retained is not None and due.retained < 0:
            yield Fault(f"/retained/{due.joined}", "negative", str(due.retained))
    for index, penalty in enumerate(figures.penalties):
        if penalty.amount < 0:
            yield Fault(f"/penalties/{index}/amount", "negative", str(penalty.amount))


def _instalment_faults(scheme: Scheme, figures: DealerMonth) -> Iterator[Fault]:
    known = {each.month: {band.start for band in each.bands.steps} for each in scheme.instalments}
    for month in known:
        if month not in figures.instalment_counts:
            yield Fault(f"/instalment_counts/{month}", "missing")
    for month, counts in figures.instalment_counts.items():
        if month not in known:
            yield Fault(f"/instalment_counts/{month}", "unknown")
            continue
        for start, users in counts.items():
            if start not in known[month]:
                yield Fault(f"/instalment_counts/{month}/{start}", "unknown_band")
            elif users < 0:
                yield Fault(f"/instalment_counts/{month}/{start}", "negative", str(users))


def _one_time(scheme: Scheme, counted: int) -> StatementLine:
    rate = scheme.one_time.per_user
    return StatementLine(
        code=LineCode.ONE_TIME,
        quantity=counted,
        rate=rate,
        amount=to_cents(counted * rate),
        formula=Formula("one_time", {"users": counted, "rate": rate}),
    )


def _volume(scheme: Scheme, counted: int) -> StatementLine:
    if scheme.volume.mode is TierMode.ALL_UNITS:
        band = scheme.volume.bands.at(counted)
        return StatementLine(
            code=LineCode.VOLUME,
            quantity=counted,
            rate=band.value,
            amount=to_cents(counted * band.value),
            formula=Formula(
                "volume_all_units", {"users": counted, "from": band.start, "rate": band.value}
            ),
        )
    parts = tuple(
        Part(users, band.value, users * band.value, band=band)
        for band in scheme.volume.bands.steps
        if (users := _users_within(band, counted)) > 0
    )
    return _line(LineCode.VOLUME, parts, Formula("volume_marginal", {"users": counted}))


def _users_within(band: Band, counted: int) -> int:
    """Return how many of the users numbered 1 to counted have a number in the band."""
    first = max(int(band.start), 1)
    last = counted if band.end is None else min(counted, int(band.end) - 1)
    return max(last - first + 1, 0)


def _round_down(price: Decimal) -> Decimal:
    # Down, so that charging back every user never takes more than was paid.
    return price.quantize(Decimal("0.0001"), rounding=ROUND_DOWN)


def pool_shares(pool: Sequence[PoolPart], amount: Decimal) -> list[Decimal]:
    """Return the yuan of each part, to the cent; together they are the amount."""
    reached, before, shares = Decimal(0), ZERO, []
    for part in pool:
        reached += part.share
        upto = to_cents(amount * reached)
        shares.append(upto - before)
        before = upto
    return shares


def _pool_held(scheme: Scheme, amount: Decimal, counted: int) -> Iterator[StatementLine]:
    """Yield what of the joining commission is paid in later months, a part for each."""
    shares = pool_shares(scheme.pool, amount)
    parts = tuple(
        Part(
            1, part.share, share, base=amount,
            reference=f"{part.month}/{'retained' if part.is_retained else 'all'}",
        )
        for part, share in zip(scheme.pool[1:], shares[1:], strict=True)
    )  # fmt: skip
    if parts:
        yield _line(
            LineCode.POOL_HELD, parts, Formula("pool_held", {"pool": amount, "users": counted})
        )


def _pool_parts(dues: Sequence[PoolDue]) -> Iterator[StatementLine]:
    """Yield what earlier months held back for now: amount × still there ÷ counted, to the cent."""
    parts = []
    for due in dues:
        staying = due.users if due.retained is None or not due.is_retained else due.retained
        amount = to_cents(due.amount * staying / due.users) if due.users else ZERO
        parts.append(
            Part(
                staying, due.amount, amount, base=Decimal(due.users),
                reference=f"{due.joined}/{due.month}",
            )
        )  # fmt: skip
    if parts:
        yield _line(LineCode.POOL_PART, tuple(parts), Formula("pool_part", {"count": len(parts)}))


def _instalment(instalment: Instalment, figures: DealerMonth) -> StatementLine:
    counts = figures.instalment_counts[instalment.month]
    parts = tuple(
        Part(users, band.value, users * band.value, band=band)
        for band in instalment.bands.steps
        for users in [counts.get(band.start, 0)]
    )
    formula = Formula(
        "instalment",
        {"month": instalment.month, "min_call_minutes": instalment.min_call_minutes},
    )
    return _line(LineCode.INSTALMENT, parts, formula, month=instalment.month)


def _revenue_share(scheme: Scheme, figures: DealerMonth) -> StatementLine:
    share = scheme.revenue_share
    parts = []
    for group in figures.revenue_groups:
        band = share.bands[figures.dealer_class].at(group.average)
        # Arrears can push net revenue below zero; it then earns nothing and owes nothing.
        base = max(group.average, Decimal(0))
        amount = group.users * base * band.value
        parts.append(Part(group.users, band.value, amount, base=group.average, band=band))
    formula = Formula(
        "revenue_share",
        {
            "dealer_class": figures.dealer_class,
            "first_month": share.first_month,
            "last_month": share.last_month,
        },
    )
    return _line(LineCode.REVENUE_SHARE, tuple(parts), formula)


def _clawback(scheme: Scheme, figures: DealerMonth) -> StatementLine:
    parts = []
    for lost in figures.clawbacks:
        # One user is never charged back more than was paid for him and is not yet taken back.
        price = max(lost.unit_price_paid - lost.already_recovered, Decimal(0))
        parts.append(Part(lost.users, price, lost.users * price))
    formula = Formula("clawback", {"within_days": scheme.clawback.within_days})
    return _line(LineCode.CLAWBACK, tuple(parts), formula)


def _low_quality(
    scheme: Scheme, figures: DealerMonth, counted: int, unit_price: Decimal
) -> StatementLine:
    users = figures.low_quality_users
    share = Fraction(users, counted) if counted else Fraction(0)
    factor = scheme.low_quality.bands.at(share).value
    rate = _round_down(unit_price * factor)
    return StatementLine(
        code=LineCode.LOW_QUALITY,
        quantity=users,
        rate=rate,
        amount=to_cents(users * rate),
        formula=Formula(
            "low_quality",
            {
                "users": users,
                "counted_users": counted,
                "unit_price": unit_price,
                "factor": factor,
            },
        ),
    )


def _penalty(figures: DealerMonth) -> StatementLine:
    parts = tuple(
        Part(1, each.amount, each.amount, reference=each.reference) for each in figures.penalties
    )
    return _line(LineCode.PENALTY, parts, Formula("penalty", {"count": len(parts)}))


def adjustment_lines(adjustments: Sequence[Adjustment]) -> Iterator[StatementLine]:
    """Yield what is still paid and what is taken back, as far as there is any."""
    for code, sign in ((LineCode.PAID_LATER, 1), (LineCode.TAKEN_LATER, -1)):
        parts = tuple(
            Part(1, sign * each.amount, sign * each.amount, reference=each.reference)
            for each in adjustments
            if sign * each.amount > 0
        )
        if parts:
            yield _line(code, parts, Formula("adjustment", {"count": len(parts)}))


def may_adjust(*, is_deduction: bool, line_amount: Decimal, adjusted: Decimal) -> bool:
    """Return whether corrections of a line, `adjusted` in all, stay within what it settled.

    What a line paid may be taken back once, what it deducted may be given back once (rules §7:
    never more than was paid).
    """
    signed = -line_amount if is_deduction else line_amount
    return signed + adjusted <= 0 if is_deduction else signed + adjusted >= 0


def _line(
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
