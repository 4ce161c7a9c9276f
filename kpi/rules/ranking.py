"""Ranks of a month: competition ranking 1, 2, 2, 4 (rules §4.10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

Rate = Fraction | float
TIE_BREAKS = 3  # K1, K2, K3 (rules §4.10)


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit before ranking: its total (None while pending) and the rates of its items.

    `tie_breaks` part equal totals in their order (rules §4.10), the higher the better, none last;
    without them equal totals share a rank, and `completions` only order them on the page.
    `vetoed` means that the veto took the score; a veto of the award alone leaves the rank.
    """

    unit: str
    total: Decimal | None
    completions: tuple[Rate | None, ...] = ()
    vetoed: bool = False
    tie_breaks: tuple[Rate | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's rank and the points it lacks to the next better total; None where there is none.

    Where the total is that of the unit before, `parted_by` is the number of the tie-break (1 to 3)
    that put it behind `parted_from`; 0 and blank where the totals themselves decide.
    """

    unit: str
    rank: int | None
    total: Decimal | None
    gap_to_next: Decimal | None
    parted_by: int = 0
    parted_from: str = ""


def competition_ranks(values: Sequence[Decimal | Fraction | None]) -> list[int | None]:
    """Return the rank of each value, the highest first; equal ones share it, None has none."""
    best: dict[Decimal | Fraction, int] = {}
    ordered = sorted((value for value in values if value is not None), reverse=True)
    for position, value in enumerate(ordered, start=1):
        best.setdefault(value, position)
    return [None if value is None else best[value] for value in values]


def rank(standings: Sequence[Standing]) -> list[Place]:
    """Return the places in display order.

    Equal totals share a rank unless the scorecard's tie-breaks part them. Completions (K1, K2,
    K3) order them on the page, then the given order. Vetoed units rank last, behind an honest
    zero; units without a total are not ranked and come at the end.
    """
    places: list[Place] = []
    above: Standing | None = None
    for position, standing in enumerate(sorted(standings, key=_display_key), start=1):
        if standing.total is None:
            places.append(Place(standing.unit, None, None, None))
            continue
        before = places[-1] if places else None
        if before and above and _rank_key(above) == _rank_key(standing):
            places.append(replace(before, unit=standing.unit, total=standing.total))
        else:
            gap = above.total - standing.total if above and above.total is not None else None
            gap = None if standing.vetoed else gap
            number = _parting(above, standing) if above else 0
            name = above.unit if above and number else ""
            places.append(Place(standing.unit, position, standing.total, gap, number, name))
        above = standing
    return places


def ranks_among(ranks: Sequence[int | None]) -> list[int | None]:
    """Return the ranks that some of the units have among themselves."""
    return competition_ranks([None if rank is None else Decimal(-rank) for rank in ranks])


Rates = list[tuple[bool, Rate]]


def _falling(rates: Sequence[Rate | None]) -> Rates:
    return [(rate is None, -(rate or Fraction(0))) for rate in rates]


def _parting(above: Standing, below: Standing) -> int:
    """Return the number of the tie-break that parts two equal totals; 0 where the totals do."""
    *decided, over = _rank_key(above)
    *same, under = _rank_key(below)
    if decided != same:
        return 0
    return 1 + next(number for number, pair in enumerate(zip(over, under, strict=True))
                    if pair[0] != pair[1])  # fmt: skip


def _rank_key(standing: Standing) -> tuple[bool, Decimal, Rates]:
    none = (None,) * (TIE_BREAKS - len(standing.tie_breaks))
    parting = _falling((*standing.tie_breaks, *none))
    return standing.vetoed, -(standing.total or Decimal(0)), parting


def _display_key(standing: Standing) -> tuple[bool, bool, Decimal, Rates, Rates]:
    return standing.total is None, *_rank_key(standing), _falling(standing.completions)
