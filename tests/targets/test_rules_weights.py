"""Weights from history, capacity and channels; what makes them impossible."""

from decimal import Decimal

import pytest

from targets.rules.weights import Ground, Trouble, Unweighable, flat_season, mixed_weights

UNITS = [
    {Ground.HISTORY: Decimal(600), Ground.CAPACITY: Decimal(1), Ground.CHANNELS: 3},
    {Ground.HISTORY: Decimal(400), Ground.CAPACITY: Decimal(3), Ground.CHANNELS: 1},
]


def mix(history: str, capacity: str, channels: str) -> dict[Ground, Decimal]:
    return dict(zip(Ground, map(Decimal, (history, capacity, channels)), strict=True))


def test_a_weight_is_the_mix_of_its_shares() -> None:
    # 50 × 60 % + 30 × 25 % + 20 × 75 % = 52.5
    assert mixed_weights(UNITS, mix("50", "30", "20")) == [Decimal("52.5"), Decimal("47.5")]


def test_a_ground_that_counts_for_nothing_may_be_missing() -> None:
    units = [{**unit, Ground.CAPACITY: None} for unit in UNITS]
    assert mixed_weights(units, mix("100", "0", "0")) == [60, 40]


@pytest.mark.parametrize(
    ("units", "parts", "trouble", "ground", "position"),
    [
        (UNITS, mix("50", "30", "19"), Trouble.MIX_NOT_WHOLE, None, None),
        (UNITS, mix("150", "-50", "0"), Trouble.MIX_NEGATIVE, None, None),
        ([UNITS[0], {**UNITS[1], Ground.CAPACITY: None}], mix("50", "30", "20"),
         Trouble.MISSING, Ground.CAPACITY, 1),
        ([UNITS[0], {**UNITS[1], Ground.HISTORY: Decimal(-1)}], mix("50", "30", "20"),
         Trouble.NEGATIVE, Ground.HISTORY, 1),
        ([{**unit, Ground.CHANNELS: 0} for unit in UNITS], mix("50", "30", "20"),
         Trouble.NOTHING, Ground.CHANNELS, None),
    ],
)  # fmt: skip
def test_what_no_weights_follow_from_is_named(units, parts, trouble, ground, position) -> None:
    with pytest.raises(Unweighable) as caught:
        mixed_weights(units, parts)
    assert (caught.value.trouble, caught.value.ground, caught.value.position) == (
        trouble, ground, position,
    )  # fmt: skip


def test_a_flat_season_is_twelve_times_alike_to_the_last_place() -> None:
    season = flat_season()
    assert sum(season) == 100
    assert season == [Decimal("8.3334")] * 4 + [Decimal("8.3333")] * 8
