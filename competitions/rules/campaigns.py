"""Who stands where in a campaign, what that wins, and what is missing to the next prize."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal("0.00")
MOST_PRIZES = 50


class Tie(StrEnum):
    """What equal results get."""

    SPLIT = "split"  # the prizes of the places they take, in equal parts to the cent
    EACH = "each"  # the prize of the best of those places, each in full


@dataclass(frozen=True, slots=True)
class Terms:
    """Prizes in yuan by place, the best first; results in the unit of what is counted.

    Below `least` nobody gets a prize for a place. Whoever reaches `reach` gets `reach_amount`,
    whatever the place. Either may be None.
    """

    prizes: tuple[Decimal, ...] = ()
    least: Decimal | None = None
    reach: Decimal | None = None
    reach_amount: Decimal = ZERO
    tie: Tie = Tie.SPLIT

    def __post_init__(self) -> None:
        for amount in (*self.prizes, self.reach_amount):
            if amount < 0 or amount != amount.quantize(Decimal("0.01")):
                raise ValueError("prizes: whole cents, not negative")
        if any(after > before for before, after in zip(self.prizes, self.prizes[1:], strict=False)):
            raise ValueError("prizes: a later place gets no more than an earlier one")
        if len(self.prizes) > MOST_PRIZES:
            raise ValueError("prizes: too many")
        if not any(self.prizes) and (self.reach is None or not self.reach_amount):
            raise ValueError("prizes: nothing to win")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contestant stands.

    `rank` is 1 2 2 4 by result, None without one. `prize` is for the place, `bonus` for
    reaching. `gap` is what is missing to the least result that counts, then to the next
    contestant who gets more for the place, `to_reach` to the bonus; both None where there is
    nothing more to get.
    """

    code: str
    result: Decimal | None
    rank: int | None
    prize: Decimal = ZERO
    bonus: Decimal = ZERO
    gap: Decimal | None = None
    to_reach: Decimal | None = None

    @property
    def award(self) -> Decimal:
        return self.prize + self.bonus


def standings(terms: Terms, results: Sequence[tuple[str, Decimal | None]]) -> tuple[Standing, ...]:
    """Return the contestants, the best first; of equals the one listed first comes first.

    The prizes paid for places never exceed those promised under SPLIT; odd cents go to those
    listed first.
    """
    known = sorted(
        ((code, result) for code, result in results if result is not None),
        key=lambda each: -each[1],
    )
    found: list[Standing] = []
    gap: Decimal | None
    start = 0
    while start < len(known):
        result = known[start][1]
        tied = [code for code, one in known[start:] if one == result]
        prizes = _prizes(terms, start, len(tied), result)
        if terms.least is not None and result < terms.least and any(terms.prizes):
            gap = terms.least - result
        else:
            ahead = [
                one.result for one in found if one.prize > prizes[0] and one.result is not None
            ]
            gap = min(ahead) - result if ahead else None
        has_reached = terms.reach is not None and result >= terms.reach
        to_reach = None
        if terms.reach is not None and terms.reach_amount and not has_reached:
            to_reach = terms.reach - result
        found += [
            Standing(
                code, result, start + 1, prize, terms.reach_amount if has_reached else ZERO, gap,
                to_reach,
            )
            for code, prize in zip(tied, prizes, strict=True)
        ]  # fmt: skip
        start += len(tied)
    return (*found, *(Standing(code, None, None) for code, result in results if result is None))


def _prizes(terms: Terms, start: int, tied: int, result: Decimal) -> list[Decimal]:
    """Return what each of `tied` contestants gets who begin at a place (from 0)."""
    if terms.least is not None and result < terms.least:
        return [ZERO] * tied
    taken = terms.prizes[start : start + tied]
    if terms.tie is Tie.EACH:
        return [taken[0] if taken else ZERO] * tied
    cents, odd = divmod(int(sum(taken, ZERO) * 100), tied)
    return [Decimal(cents + (place < odd)).scaleb(-2) for place in range(tied)]
