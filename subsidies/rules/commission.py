"""A dealer's commission statement for a month, line by line (rules §7)."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from subsidies.rules.dealer_month import (
    DealerMonth,
    DealerMonthInvalid,
    PoolDue,
    counted_users,
    faults_of,
)
from subsidies.rules.lines import (
    Formula,
    LineCode,
    Part,
    Statement,
    StatementLine,
    adjustment_lines,
    settled,
    summed,
)
from subsidies.rules.money import to_cents
from subsidies.rules.scheme import Band, Instalment, PoolPart, Scheme, TierMode
from subsidies.rules.sheet import ZERO


def statement(scheme: Scheme, figures: DealerMonth) -> Statement:
    """Return the dealer's statement. Raises DealerMonthInvalid naming every impossible figure."""
    faults = tuple(faults_of(scheme, figures))
    if faults:
        raise DealerMonthInvalid(faults)

    counted = counted_users(scheme, figures)
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
    return summed(LineCode.VOLUME, parts, Formula("volume_marginal", {"users": counted}))


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
        yield summed(
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
        yield summed(LineCode.POOL_PART, tuple(parts), Formula("pool_part", {"count": len(parts)}))


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
    return summed(LineCode.INSTALMENT, parts, formula, month=instalment.month)


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
    return summed(LineCode.REVENUE_SHARE, tuple(parts), formula)


def _clawback(scheme: Scheme, figures: DealerMonth) -> StatementLine:
    parts = []
    for lost in figures.clawbacks:
        # One user is never charged back more than was paid for him and is not yet taken back.
        price = max(lost.unit_price_paid - lost.already_recovered, Decimal(0))
        parts.append(Part(lost.users, price, lost.users * price))
    formula = Formula("clawback", {"within_days": scheme.clawback.within_days})
    return summed(LineCode.CLAWBACK, tuple(parts), formula)


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
    return summed(LineCode.PENALTY, parts, Formula("penalty", {"count": len(parts)}))
