"""A dealer's figures of one month, and what of them is impossible."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from subsidies.rules.lines import Adjustment
from subsidies.rules.scheme import Fault, Invalid, Scheme
from subsidies.rules.sheet import ZERO


class DealerMonthInvalid(Invalid):
    """Figures of a dealer that contradict each other or the scheme."""


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


def counted_users(scheme: Scheme, figures: DealerMonth) -> int:
    """Return for how many new users commission is paid."""
    return figures.gross - (figures.zero_call if scheme.excludes_zero_call else 0)


def faults_of(scheme: Scheme, figures: DealerMonth) -> Iterator[Fault]:
    """Yield every figure that contradicts another one or the scheme."""
    for name in ("gross", "zero_call", "low_quality_users"):
        count: int = getattr(figures, name)
        if count < 0:
            yield Fault(f"/{name}", "negative", str(count))
    if figures.zero_call > figures.gross:
        yield Fault("/zero_call", "above_gross", str(figures.zero_call))
    if figures.low_quality_users > counted_users(scheme, figures):
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
