"""What on a commission sheet deserves a second look: a dealer's month against the one before."""

from decimal import Decimal
from enum import StrEnum

from subsidies.rules.sheet import Settlement

WORTH_A_LOOK = Decimal(100)  # yuan: below it a doubling is noise
TIMES = 2


class Odd(StrEnum):
    """Why a statement is flagged."""

    NEW = "new"
    GONE = "gone"
    NEGATIVE = "negative"
    DOUBLED = "doubled"
    HALVED = "halved"


def odd(now: Settlement | None, before: Settlement | None) -> tuple[Odd, ...]:
    """Return the flags of a dealer: None where it had no statement in the month.

    Doubled and halved compare the gross, at least twice or at most half of it and at least
    100 yuan apart.
    """
    if now is None:
        return (Odd.GONE,)
    found = [Odd.NEW] if before is None else []
    if now.net < 0:
        found.append(Odd.NEGATIVE)
    if before is not None and abs(now.gross - before.gross) >= WORTH_A_LOOK:
        if now.gross >= TIMES * before.gross:
            found.append(Odd.DOUBLED)
        elif now.gross * TIMES <= before.gross:
            found.append(Odd.HALVED)
    return tuple(found)
