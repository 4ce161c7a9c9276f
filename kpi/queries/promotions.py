"""The promotions that are to fill a month's gap; lent by the app above, which knows them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from orgchart.models import Unit


@dataclass(frozen=True, slots=True)
class PlannedPromotion:
    """A promotion to come; `is_sure`: approved, so that its users count against the gap."""

    day: date
    unit: Unit
    place: str
    setting: str
    expected: int
    is_sure: bool
    url: str


class Lender(Protocol):
    """Whoever keeps promotions."""

    def planned(
        self, district: Unit, unit_ids: Collection[int] | None, after: date, until: date
    ) -> list[PlannedPromotion]:
        """Return those of the units after a day up to another, by day."""

    def plan_url(self, unit: str, day: date, expected: int) -> str:
        """Return the page that plans one, filled in."""


LENT: dict[str, Lender] = {}


def planned(
    district: Unit, unit_ids: Collection[int] | None, after: date, until: date
) -> list[PlannedPromotion]:
    """Return the promotions to come of the units (None: all)."""
    return [each for one in LENT.values() for each in one.planned(district, unit_ids, after, until)]


def plan_url(unit: str, day: date, expected: int) -> str:
    """Return where a promotion is planned; "" where nobody keeps any."""
    return next((one.plan_url(unit, day, expected) for one in LENT.values()), "")
