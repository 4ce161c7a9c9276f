"""The demo's dealer returns, inputs of its commission sheets (rules §13.8, example 6)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from orgchart.models import DealerTier
from portal.book.organisation import Dealer
from portal.book.results import DealerReturn
from portal.demo import UNITS, YEAR, march, stream
from portal.demo.outlets import SUSPENDED, dealers_of
from targets.rules.breakdown import largest_remainder

AVERAGES = ("8.40", "15.00", "36.50", "62.00", "96.80")  # net yuan per user
BOUNDS = ("0", "10", "20", "50")
TROUBLE_FROM = 4  # earlier, nobody but Heping village carries a debt into March
TROUBLE = 0.03

# Worked example 6: gross, zero-call, low-quality, users of months 3 and 6 by band, users by
# average revenue, clawback (users, price), penalty. The example prints low-quality shares only;
# these are the users that give them.
_MARCH = {
    "hongda": (236, 6, 31, (21, 34, 58, 17), (15, 22, 49, 12), (60, 210, 305, 88, 21),
               (14, "32"), "0"),
    "tiantian": (100, 0, 19, (9, 18, 30, 8), (8, 12, 25, 9), (30, 96, 150, 40, 9),
                 (6, "25"), "200"),
    "xijiao": (50, 1, 7, (3, 9, 14, 2), (2, 6, 11, 1), (15, 52, 61, 9), (2, "20"), "0"),
    "xuefu": (38, 12, 10, (11, 4, 3, 0), (7, 2, 2, 0), (22, 14, 6), (30, "20"), "500"),
    "heping": (0, 0, 0, (0, 0, 0, 0), (0, 1, 1, 0), (0, 4), (0, "20"), "0"),
}  # fmt: skip
# February leaves Heping village with exactly −37.20: 2.40 earned, 20.00 and 19.60 taken back.
_HEPING_FEBRUARY = (0, 0, 0, (0, 0, 0, 0), (0, 0, 0, 0), (0, 2), (1, "20"), "19.60")
_FAKE_OPENINGS = 38  # of the dealer suspended in August, taken back in full
FAKE_PENALTY = Decimal(2000)


def suspended_dealer() -> Dealer:
    """Return the dealer of grid 2 whose fake openings are found in August."""
    tier_2 = [dealer for dealer in dealers_of("grid2") if dealer.tier == DealerTier.TIER_2]
    return tier_2[0]


def returns(number: int, gross: Mapping[str, int]) -> tuple[DealerReturn, ...]:
    """Return the dealers' figures of a month; `gross` are the units' gross adds.

    A unit's users go to its dealers by a Zipf(1.1) share. March has the five dealers of the
    worked example and nobody else.
    """
    month = date(YEAR, number, 1)
    if number == march.MONTH:
        return tuple(_row(code, month, figures) for code, figures in _MARCH.items())
    random = stream(f"returns/{number}")
    found = []
    for unit in UNITS:
        for dealer, users in shares(unit, month, gross[unit]):
            figures = _drawn(random, users, number)
            if (dealer.code, number) == ("heping", 2):
                figures = _HEPING_FEBRUARY
            if (dealer, month) == (suspended_dealer(), SUSPENDED.replace(day=1)):
                figures = (*figures[:6], (_FAKE_OPENINGS, "20"), str(FAKE_PENALTY))
            found.append(_row(dealer.code, month, figures))
    return tuple(found)


def shares(unit: str, month: date, users: int) -> list[tuple[Dealer, int]]:
    """Return what each open dealer of a unit has of its users."""
    dealers = [dealer for dealer in dealers_of(unit) if _is_open(dealer, month)]
    weights = [
        Fraction(0) if (dealer.code, month.month) == ("heping", 2) else Fraction(1 / rank**1.1)
        for rank, dealer in enumerate(dealers, start=1)
    ]
    return list(zip(dealers, largest_remainder(users, weights), strict=True))


def _is_open(dealer: Dealer, month: date) -> bool:
    return dealer != suspended_dealer() or month <= SUSPENDED


def _drawn(random: Random, users: int, number: int) -> tuple[Any, ...]:
    """Draw a dealer's month from its gross adds; from April a few fall below zero."""
    zero_call = min(users, round(users * random.uniform(0.00, 0.05)))
    counted = users - zero_call
    low_quality = int(counted * random.uniform(0.05, 0.17))
    third = _spread(random, round(users * 0.62), (0.16, 0.26, 0.45, 0.13))
    sixth = _spread(random, round(users * 0.48), (0.16, 0.24, 0.47, 0.13))
    stock = _spread(random, round(users * 2.6), (0.09, 0.31, 0.44, 0.13, 0.03))
    lost, penalty = round(users * random.uniform(0.01, 0.06)), "0"
    in_trouble = random.random() < TROUBLE
    if in_trouble and number >= TROUBLE_FROM:
        low_quality = int(counted * 0.4)
        lost, penalty = 5 + 3 * users, str(100 * random.randint(2, 5))
    return (users, zero_call, low_quality, third, sixth, stock, (lost, "20"), penalty)


def _spread(random: Random, users: int, shares: tuple[float, ...]) -> tuple[int, ...]:
    weights = [Fraction(share * random.uniform(0.85, 1.15)) for share in shares]
    return tuple(largest_remainder(users, weights))


def _row(code: str, month: date, figures: tuple[Any, ...]) -> DealerReturn:
    gross, zero_call, low_quality, third, sixth, stock, clawback, penalty = figures
    return DealerReturn(
        dealer=code,
        month=month,
        gross=gross,
        zero_call=zero_call,
        low_quality=low_quality,
        instalments={
            "3": dict(zip(BOUNDS, third, strict=True)),
            "6": dict(zip(BOUNDS, sixth, strict=True)),
        },
        revenue_groups=[
            [average, users] for average, users in zip(AVERAGES, stock, strict=False) if users
        ],
        clawbacks=[list(clawback)] if clawback[0] else [],
        penalty=Decimal(penalty),
    )
