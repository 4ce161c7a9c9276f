"""The promotions that claims may name; lent by the app above, which knows where they are kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from orgchart.models import Unit

SINCE = timedelta(days=62)  # the month before last can still be claimed for


@dataclass(frozen=True, slots=True)
class NamedPromotion:
    """A promotion as a claim shows it; yuan. `per_user` is exact, None when nobody was won."""

    code: str
    unit: str
    day: date
    place: str
    state_name: str
    expected: int
    budget: Decimal
    users: int | None
    cost: Decimal | None
    per_user: Fraction | None
    url: str

    @property
    def label(self) -> str:
        return f"{self.day:%m-%d} {self.place} ({self.unit}, {self.code})"


class Lender(Protocol):
    """Whoever keeps promotions."""

    def claimable(
        self, district: Unit, unit_ids: Collection[int], since: date
    ) -> list[NamedPromotion]:
        """Return those of the units that money may be claimed for, the latest first."""

    def named(self, district: Unit, code: str) -> NamedPromotion | None:
        """Return the promotion of a code."""


LENT: dict[str, Lender] = {}


def offered(district: Unit, unit_ids: Collection[int], on: date) -> list[NamedPromotion]:
    """Return the promotions of the units that a claim of the day may name, the latest first."""
    return [each for one in LENT.values() for each in one.claimable(district, unit_ids, on - SINCE)]


def named(district: Unit, code: str) -> NamedPromotion | None:
    """Return the promotion of a claim; None where it names none."""
    found = (one.named(district, code) for one in LENT.values() if code)
    return next((each for each in found if each is not None), None)
