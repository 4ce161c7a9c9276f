"""What a dealer's users of a month add up to: the figures its statement is computed from."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from subsidies.rules.scheme import Scheme

Prices = Mapping[date, Decimal]  # joining month → yuan paid then for a counted user


@dataclass(frozen=True, slots=True)
class User:
    """A user as billed in a month; `net` is billed revenue less arrears, in yuan."""

    user: str
    joined_on: date
    first_minutes: Decimal
    minutes: Decimal
    net: Decimal
    is_low_quality: bool = False
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """A dealer's month, counted; shapes as a dealer's return keeps them."""

    gross: int = 0
    zero_call: int = 0
    low_quality: int = 0
    instalments: Mapping[int, Mapping[Decimal, int]] = field(default_factory=dict)
    revenue_groups: tuple[tuple[Decimal, int], ...] = ()
    clawbacks: tuple[tuple[int, Decimal], ...] = ()
    retained: Mapping[date, int] = field(default_factory=dict)


def month_number(joined_on: date, month: date) -> int:
    """Return which month of a user's time on net `month` is; the joining month is the first."""
    return (month.year - joined_on.year) * 12 + month.month - joined_on.month + 1


def tally(
    scheme: Scheme,
    month: date,
    users: Iterable[User],
    paid: Prices,
    recovered: Mapping[str, Decimal] | None = None,
) -> Tally:
    """Count a dealer's users of a month (rules §7).

    New are those who joined in the month; without a call in it they are not counted, and whoever
    left in it is paid nothing, so that nothing is to be taken back. A user in
    the n-th month brings an instalment if he called long enough. Revenue is shared of users on
    net in the share months. Who left in the month, within the term after joining in an earlier
    one, is charged back at what was paid for him, less what was `recovered` of him already
    ({user: yuan}); nothing was paid for a user without calls.
    Counted users of earlier months who did not leave are `retained`, by joining month.
    """
    gross = zero_call = low_quality = 0
    by_month = {each.month: each for each in scheme.instalments}
    instalments: dict[int, Counter[Decimal]] = {number: Counter() for number in by_month}
    shared: Counter[Decimal] = Counter()
    charged: Counter[Decimal] = Counter()
    retained: Counter[date] = Counter()
    share = scheme.revenue_share
    for user in users:
        number = month_number(user.joined_on, month)
        is_counted = user.first_minutes > 0 or not scheme.excludes_zero_call
        has_left = user.left_on is not None and month_number(user.left_on, month) >= 1
        if number == 1 and not has_left:
            gross += 1
            zero_call += user.first_minutes <= 0
            low_quality += user.is_low_quality and is_counted
        elif number > 1 and is_counted:
            retained[user.joined_on.replace(day=1)] += not has_left
        if number in by_month and user.minutes >= by_month[number].min_call_minutes:
            instalments[number][by_month[number].bands.at(user.net).start] += 1
        if share.first_month <= number <= share.last_month and user.net > 0:
            shared[user.net] += 1
        if _is_charged_back(user, month, scheme.clawback.within_days) and is_counted:
            price = paid.get(user.joined_on.replace(day=1), Decimal(0))
            price -= (recovered or {}).get(user.user, Decimal(0))
            if price > 0:
                charged[price] += 1
    return Tally(
        gross=gross,
        zero_call=zero_call if scheme.excludes_zero_call else 0,
        low_quality=low_quality,
        instalments={number: dict(counts) for number, counts in instalments.items()},
        revenue_groups=tuple(sorted(shared.items())),
        clawbacks=tuple((count, price) for price, count in sorted(charged.items())),
        retained=dict(retained),
    )


def _is_charged_back(user: User, month: date, within_days: int) -> bool:
    """Return whether the user left in the month, in time, having joined in an earlier one."""
    left = user.left_on
    if left is None or (left.year, left.month) != (month.year, month.month):
        return False
    if month_number(user.joined_on, month) < 2:
        return False
    return left - user.joined_on <= timedelta(days=within_days)
