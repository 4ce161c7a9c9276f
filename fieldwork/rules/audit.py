"""What the auditor compares: differences, balances, a sample that anybody can draw again."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal

SETTLE_WITHIN = 5  # days after the day of the takings
MOST_SAMPLED = 500


def difference(system: Decimal | None, receipts: Decimal | None) -> Decimal | None:
    """Return paid in less booked; None while one of them is not reported."""
    return None if system is None or receipts is None else receipts - system


def imbalance(opening: int, taken: int, sold: int, returned: int, balance: int) -> int:
    """Return what is missing (+) or too many (−): in = out + balance (rules §12)."""
    return opening + taken - sold - returned - balance


def drawn(keys: Iterable[str], size: int, seed: str) -> list[str]:
    """Return `size` of the keys by chance, fewer if there are fewer.

    The order is that of the SHA-256 of seed and key: it depends on nothing else, not on the
    order of the keys, and nobody foresees it without the seed.
    """
    return sorted(
        set(keys), key=lambda key: (hashlib.sha256(f"{seed}\n{key}".encode()).digest(), key)
    )[: max(0, size)]


def masked(number: str) -> str:
    """Return a number as lists show it, 130****0001; a short or masked one loses no less."""
    if "*" in number or not number:
        return number
    if len(number) < 8:
        return "****" + number[-2:]
    return f"{number[:3]}****{number[-4:]}"
