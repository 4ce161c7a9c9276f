"""Where weights and seasons come from: history, capacity, channels; years, calendars (rules §3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from targets.rules.breakdown import MONTHS, Impossible, Obstacle, largest_remainder

HUNDREDTHS = 10_000  # a hundred percent, in steps of 0.01


class Source(StrEnum):
    """What a unit's share is measured by."""

    HISTORY = "history"
    CAPACITY = "capacity"
    CHANNELS = "channels"


class Season(StrEnum):
    """What a season is filled from; typed over, it is custom."""

    LAST_YEARS = "last_years"
    FLAT = "flat"
    WORKING_DAYS = "working_days"


@dataclass
class NoShare(Exception):
    """A source counts, and no unit has anything of it."""

    source: Source


class BlendNotWhole(Exception):
    """The shares of the sources do not make 100 %."""

    def __init__(self, total: Decimal) -> None:
        super().__init__(f"the blend makes {total}, not 100")
        self.total = total


def blended(
    blend: Mapping[Source, Decimal], measures: Mapping[Source, Sequence[Decimal | int | None]]
) -> list[Decimal]:
    """Return percentages of the units, two decimals, that make exactly 100.

    `blend` are the percentages of the sources, `measures` each source's figures by unit (None
    counts as nothing). weight = a·history share + b·capacity share + c·channel share. Raises
    BlendNotWhole, NoShare, or Impossible when a figure is negative.
    """
    total = sum(blend.values(), Decimal(0))
    if total != 100:
        raise BlendNotWhole(total)
    count = len(next(iter(measures.values())))
    ideal = [Fraction(0)] * count
    for source, part in blend.items():
        if not part:
            continue
        figures = [Fraction(figure or 0) for figure in measures[source]]
        whole = sum(figures)
        if whole <= 0:
            raise NoShare(source)
        ideal = [
            share + Fraction(part) * figure / whole
            for share, figure in zip(ideal, figures, strict=True)
        ]
    return percentages(ideal)


def percentages(weights: Sequence[Fraction | int]) -> list[Decimal]:
    """Return the weights as percentages of two decimals that make exactly 100.

    Raises Impossible when a weight is negative or all are zero.
    """
    shares = largest_remainder(HUNDREDTHS, [Fraction(weight) for weight in weights])
    return [Decimal(share).scaleb(-2) for share in shares]


def season_of_years(years: Sequence[Sequence[Decimal | int]]) -> list[Decimal]:
    """Return the season of whole years: the mean of each year's own shares, so that a large
    year weighs no more than a small one. Raises Impossible for a year without any figure."""
    whole = [sum(map(Fraction, year), Fraction(0)) for year in years]
    if not years or any(total <= 0 for total in whole):
        raise Impossible(Obstacle.NO_WEIGHT)
    return percentages(
        [
            sum((Fraction(year[n]) / total for year, total in zip(years, whole, strict=True)),
                Fraction(0))
            for n in range(MONTHS)
        ]
    )  # fmt: skip
