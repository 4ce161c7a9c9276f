"""Who stands where in a campaign, what each has won and lacks, and how it keeps pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

CENT = Decimal("0.01")
MOST_PLACES = 1000


class Tie(StrEnum):
    """How contestants with the same result share the prizes of the places they take up."""

    SHARE = "share"  # the prizes of those places are put together and split to the cent
    EACH = "each"  # each takes the best of those prizes in full
    EARLIER = "earlier"  # who had the result first is ahead; the same day: share


@dataclass(frozen=True, slots=True)
class Prize:
    """An amount in yuan for each of the next `places` places."""

    places: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Level:
    """An amount in yuan for everybody whose result reaches `at`."""

    at: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What can be won. Places and levels add up; of the levels only the best reached one counts.

    `threshold` is the least result that qualifies for a place (the most, where less is better).
    Raises ValueError whose message begins with the field that is wrong.
    """

    prizes: tuple[Prize, ...] = ()
    levels: tuple[Level, ...] = ()
    threshold: Decimal | None = None
    tie: Tie = Tie.SHARE
    less_is_better: bool = False

    def __post_init__(self) -> None:
        if not self.prizes and not self.levels:
            raise ValueError("prizes: none")
        amounts = [prize.amount for prize in self.prizes]
        if not all(_is_payable(amount) for amount in amounts):
            raise ValueError("prizes: amount")
        if any(prize.places < 1 for prize in self.prizes) or len(self.places) > MOST_PLACES:
            raise ValueError("prizes: places")
        if amounts != sorted(amounts, reverse=True):
            raise ValueError("prizes: order")
        if not all(_is_payable(level.amount) for level in self.levels):
            raise ValueError("levels: amount")
        harder = sorted(self.levels, key=lambda level: self.merit(level.at))
        paid = [level.amount for level in harder]
        if len({level.at for level in harder}) != len(harder) or paid != sorted(set(paid)):
            raise ValueError("levels: order")

    @property
    def places(self) -> list[Decimal]:
        """The prize of each place, from the first."""
        return [prize.amount for prize in self.prizes for _ in range(prize.places)]

    def merit(self, value: Decimal) -> Decimal:
        """Return the value turned so that more is better."""
        return -value if self.less_is_better else value

    def qualifies(self, value: Decimal) -> bool:
        return self.threshold is None or self.merit(value) >= self.merit(self.threshold)


def _is_payable(amount: Decimal) -> bool:
    return amount > 0 and amount == amount.quantize(CENT)


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant's result and the day it was reached; None is "not reported", never zero."""

    code: str
    value: Decimal | None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """A better prize within sight: its amount, and what the result lacks to draw level (≥ 0).

    `place` is the place it belongs to; None for a level.
    """

    amount: Decimal
    gap: Decimal
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contestant stands and what that is worth in yuan; `rank` is None without a result.

    `next_place` and `next_level` are the next better prizes of either kind.
    """

    code: str
    value: Decimal | None
    rank: int | None
    is_qualified: bool
    for_place: Decimal
    for_level: Decimal
    next_place: Aim | None
    next_level: Aim | None

    @property
    def amount(self) -> Decimal:
        return self.for_place + self.for_level


def standings(terms: Terms, entrants: Sequence[Entrant]) -> tuple[Standing, ...]:
    """Return everybody's standing, the best first; who has no result comes last.

    Ranks are those of sport, 1, 2, 2, 4. Those below the threshold have a rank and no place's
    prize; they are never ahead of one who qualifies. Odd cents of a split go to those listed
    first. Prizes of places that nobody qualified for stay unpaid.
    """
    ranked = [each for each in entrants if each.value is not None]
    ranked.sort(key=lambda each: _order(terms, each))
    groups: list[list[Entrant]] = []
    for each in ranked:
        if groups and _order(terms, groups[-1][0]) == _order(terms, each):
            groups[-1].append(each)
        else:
            groups.append([each])
    ranks: dict[str, int] = {}
    for group in groups:
        rank = len(ranks) + 1
        ranks |= dict.fromkeys((each.code for each in group), rank)
    won = _won(terms, groups)
    found = [
        _standing(terms, each, ranks[each.code], position, won, ranked)
        for position, each in enumerate(ranked)
    ]
    for each in entrants:
        if each.value is None:
            found.append(Standing(each.code, None, None, False, Decimal(0), Decimal(0), None, None))
    return tuple(found)


def _order(terms: Terms, entrant: Entrant) -> tuple[Decimal, date]:
    assert entrant.value is not None
    since = entrant.since if terms.tie is Tie.EARLIER else None
    # Of whom no day is known, nobody is earlier.
    return -terms.merit(entrant.value), since or date.max


def _won(terms: Terms, groups: Sequence[Sequence[Entrant]]) -> dict[str, Decimal]:
    """Return what each contestant wins for a place."""
    places = terms.places
    won: dict[str, Decimal] = {}
    taken = 0
    for group in groups:
        value = group[0].value
        assert value is not None
        mine = places[taken : taken + len(group)]
        taken += len(group)
        if not mine or not terms.qualifies(value):
            continue
        if terms.tie is Tie.EACH:
            won |= dict.fromkeys((each.code for each in group), mine[0])
            continue
        cents, odd = divmod(int(sum(mine) * 100), len(group))
        for position, each in enumerate(group):
            won[each.code] = Decimal(cents + (position < odd)).scaleb(-2)
    return won


def _standing(
    terms: Terms,
    entrant: Entrant,
    rank: int,
    position: int,
    won: Mapping[str, Decimal],
    ranked: Sequence[Entrant],
) -> Standing:
    value = entrant.value
    assert value is not None
    reached = [level.amount for level in terms.levels if _reaches(terms, value, level.at)]
    for_level = max(reached, default=Decimal(0))
    return Standing(
        code=entrant.code,
        value=value,
        rank=rank,
        is_qualified=terms.qualifies(value),
        for_place=won.get(entrant.code, Decimal(0)),
        for_level=for_level,
        next_place=_next_place(terms, position, won, ranked),
        next_level=_next_level(terms, value, for_level),
    )


def _reaches(terms: Terms, value: Decimal, at: Decimal) -> bool:
    return terms.merit(value) >= terms.merit(at)


def _next_place(
    terms: Terms, position: int, won: Mapping[str, Decimal], ranked: Sequence[Entrant]
) -> Aim | None:
    """Return the nearest place whose prize is better than what is won now.

    To have it, one draws level with whoever holds it, and qualifies. A gap of nothing means
    being level already: the prize is shared, or somebody was there earlier.
    """
    entrant = ranked[position]
    assert entrant.value is not None
    mine, merit = won.get(entrant.code, Decimal(0)), terms.merit(entrant.value)
    aims = []
    for place, amount in enumerate(terms.places[: position + 1]):
        if amount <= mine:
            break
        holder = ranked[place].value
        assert holder is not None
        # A place whose holder does not qualify is free for whoever does.
        wanted = terms.merit(holder) if terms.qualifies(holder) else merit
        if terms.threshold is not None:
            wanted = max(wanted, terms.merit(terms.threshold))
        aims.append(Aim(amount, max(wanted - merit, Decimal(0)), place + 1))
    return min(aims, key=lambda aim: (aim.gap, aim.place), default=None)


def _next_level(terms: Terms, value: Decimal, for_level: Decimal) -> Aim | None:
    better = [level for level in terms.levels if level.amount > for_level]
    if not better:
        return None
    nearest = min(better, key=lambda level: terms.merit(level.at))
    return Aim(nearest.amount, terms.merit(nearest.at) - terms.merit(value))


@dataclass(frozen=True, slots=True)
class Pace:
    """A span in natural days up to a day, both ends included, before it: nothing elapsed."""

    days: int
    elapsed: int

    @property
    def remaining(self) -> int:
        return self.days - self.elapsed

    @property
    def time_progress(self) -> Fraction:
        return Fraction(self.elapsed, self.days)

    def per_day(self, gap: Decimal) -> int | None:
        """Return the whole number needed on each day that is left; None when none is left."""
        return ceil(gap / self.remaining) if self.remaining else None

    def forecast(self, value: Decimal) -> int | None:
        """Return where the result lands if it goes on like this; None before the first day ends."""
        return floor(Fraction(value) / self.elapsed * self.days) if self.elapsed else None


def pace(starts_on: date, ends_on: date, day: date) -> Pace:
    """Return the pace of a span on a day."""
    days = (ends_on - starts_on).days + 1
    return Pace(days, min(max((day - starts_on).days + 1, 0), days))
