"""The expense claims that name a promotion; lent by the app above, which knows both."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

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


class Lender(Protocol):
    """Whoever keeps claims."""

    def naming(self, actor: Actor, code: str) -> list[NamedClaim]:
        """Return the claims of a promotion's code that the actor may see."""

    def new_url(self, actor: Actor, unit_id: int, code: str) -> str:
        """Return the form of a new claim for it; "" for who writes none in the unit."""


LENT: dict[str, Lender] = {}


def claims_naming(actor: Actor, code: str) -> list[NamedClaim]:
    """Return the claims that name the promotion, as far as the actor sees them."""
    return [claim for one in LENT.values() for claim in one.naming(actor, code)]


def claim_url(actor: Actor, unit_id: int, code: str) -> str:
    """Return where the actor claims for the promotion; "" where nobody keeps claims."""
    return next((one.new_url(actor, unit_id, code) for one in LENT.values()), "")
