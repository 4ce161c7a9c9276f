"""The expense claims that name a promotion; lent by the app above, which knows both."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from orgchart.permissions import Actor


@dataclass(frozen=True, slots=True)
class NamedClaim:
    """A claim of a promotion; `spent` is what is granted, else what is asked and not void."""

    number: str
    url: str
    state_name: str
    claimant: str
    amount: Decimal
    granted: Decimal | None
    spent: Decimal


# The claims of a promotion's code that the actor may see.
LENT: dict[str, Callable[[Actor, str], list[NamedClaim]]] = {}


def claims_naming(actor: Actor, code: str) -> list[NamedClaim]:
    """Return the claims that name the promotion, as far as the actor sees them."""
    return [claim for read in LENT.values() for claim in read(actor, code)]
