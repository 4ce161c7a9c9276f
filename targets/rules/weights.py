"""What a breakdown is weighed by: a·history + b·capacity + c·channels, and seasons (rules §3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from targets.rules.breakdown import MONTHS, largest_remainder, unscaled

PLACES = 4  # of a percentage
WHOLE = 100


class Ground(StrEnum):
    """What a share is taken of."""

    HISTORY = "history"
    CAPACITY = "capacity"
    CHANNELS = "channels"


class Trouble(StrEnum):
    """Why weights cannot be made."""

    MIX_NOT_WHOLE = "mix_not_whole"
    MIX_NEGATIVE = "mix_negative"
    MISSING = "missing"
    NEGATIVE = "negative"
    NOTHING = "nothing"


@dataclass
class Unweighable(Exception):
    """No weights follow from these grounds; the fields say where: a ground, a unit's position."""

    trouble: Trouble
    ground: Ground | None = None
    position: int | None = None
    found: Fraction = Fraction(0)

    def __str__(self) -> str:
        return f"{self.trouble} {self.ground or ''} {self.position or ''}".strip()


Mix = dict[Ground, Decimal]
Grounds = dict[Ground, Decimal | int | None]


def mixed_weights(units: Sequence[Grounds], mix: Mix) -> list[Decimal]:
    """Return each unit's weight in percent, four places, making exactly 100.

    A weight is Σ mix × the unit's share of the ground; the shares are exact and rounded once, by
    largest remainder. A ground of mix 0 is not looked at. Raises Unweighable: the mix does not
    make 100, a figure is missing or negative, or a ground sums to nothing.
    """
    parts = {ground: Fraction(mix.get(ground, Decimal(0))) for ground in Ground}
    if any(part < 0 for part in parts.values()):
        raise Unweighable(Trouble.MIX_NEGATIVE)
    if sum(parts.values()) != WHOLE:
        raise Unweighable(Trouble.MIX_NOT_WHOLE, found=sum(parts.values(), Fraction(0)))
    weights = [Fraction(0)] * len(units)
    for ground, part in parts.items():
        if not part:
            continue
        figures = []
        for position, unit in enumerate(units):
            figure = unit.get(ground)
            if figure is None:
                raise Unweighable(Trouble.MISSING, ground, position)
            if figure < 0:
                raise Unweighable(Trouble.NEGATIVE, ground, position)
            figures.append(Fraction(figure))
        whole = sum(figures, Fraction(0))
        if not whole:
            raise Unweighable(Trouble.NOTHING, ground)
        weights = [
            weight + part * figure / whole for weight, figure in zip(weights, figures, strict=True)
        ]
    return percentages(weights)


def percentages(weights: Sequence[Fraction | Decimal | int]) -> list[Decimal]:
    """Return the weights as percentages of four places that make exactly 100.

    Raises Impossible when one is negative or all are zero.
    """
    units = largest_remainder(WHOLE * 10**PLACES, [Fraction(weight) for weight in weights])
    return [unscaled(share, PLACES) for share in units]


def flat_season() -> list[Decimal]:
    """Return twelve months alike: 100 ÷ 12, the last places by largest remainder."""
    return percentages([1] * MONTHS)
