"""The store's arithmetic: which lines an operation writes, what would go below zero, shortage."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Place = TypeVar("Place", bound=Hashable)

MOST = 1_000_000  # of an item at once


def postings(
    quantity: int, *, source: Place | None = None, target: Place | None = None
) -> list[tuple[Place, Place | None, int]]:
    """Return the lines of moving `quantity`: (place, place on the other side, signed count).

    Without a source it comes from outside, without a target it leaves. A move between places is
    two lines whose sum is zero.
    """
    lines: list[tuple[Place, Place | None, int]] = []
    if source is not None:
        lines.append((source, target, -quantity))
    if target is not None:
        lines.append((target, source, quantity))
    return lines


def below_zero(
    stock: Mapping[Key, int], changes: Iterable[tuple[Key, int]]
) -> dict[Key, tuple[int, int]]:
    """Return what the changes together would take below zero: (there, asked) by key.

    What is short already but gains is no fault of the change.
    """
    net: Counter[Key] = Counter()
    for key, change in changes:
        net[key] += change
    return {
        key: (stock.get(key, 0), -change)
        for key, change in net.items()
        if change < 0 and stock.get(key, 0) + change < 0
    }


def difference(counted: int, booked: int) -> int:
    """Return what a stock-take posts: + found, − missing, 0 nothing."""
    return counted - booked


def is_short(stock: int, promised: int, level: int) -> bool:
    """Return whether less than the warning level is free: in stock and not yet promised."""
    return level > 0 and stock - promised < level


def closing(opening: int, came: int, left: int) -> int:
    """Return what is there at the end of a month: in = out + balance (plan §6, 进出存)."""
    return opening + came - left
