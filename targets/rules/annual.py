"""Tables 3-1 to 3-3 of the plan: which rows they have, and what follows from what (plan §3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from targets.rules.floor import arpu, effective_rate
from targets.rules.growth import share

# Table 3-0: the rows that are entered; its total follows from the indicators' own terms.
OVERALL = (
    "mobile_revenue", "fixed_revenue", "mobile_gross_adds", "mobile_net_adds",
    "fixed_gross_adds", "fixed_net_adds",
)  # fmt: skip
# A row of table 3-0 and the parts that make it up in table 3-1 or 3-3.
PARTS = {
    "mobile_revenue": ("mobile_service_revenue", "mobile_vas_revenue"),
    "fixed_revenue": ("campus_broadband_revenue", "other_fixed_revenue"),
}
USERS, AVERAGE_USERS, FIXED_USERS = "billed_users", "average_billed_users", "fixed_billed_users"
ARPU, PLANNING_RATE, QUALITY_RATE = "arpu", "effective_rate", "quality_rate"
TABLES: dict[str, tuple[str, ...]] = {
    "3-1": (*PARTS["mobile_revenue"], "mobile_revenue", USERS, AVERAGE_USERS, ARPU),
    "3-2": (PLANNING_RATE, QUALITY_RATE),
    "3-3": ("fixed_revenue", *PARTS["fixed_revenue"], FIXED_USERS, "fixed_net_adds"),
}
# What tables 3-1 to 3-3 keep beside the rows of table 3-0.
DETAILS = frozenset(code for codes in TABLES.values() for code in codes) - frozenset(OVERALL)
# What nobody enters, although its row is kept: it follows from other rows.
FOLLOWING = {
    AVERAGE_USERS: frozenset({"city", "department"}), PLANNING_RATE: frozenset({"base"}),
    ARPU: frozenset({"base", "city", "department"}),
}  # fmt: skip
YUAN = 10_000  # in the plan's unit of money, 万元


@dataclass(frozen=True, slots=True)
class Figures:
    """Last year and the department's target of a row; None where it is not known."""

    base: Decimal | None
    target: Decimal | None


NOTHING = Figures(None, None)


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(values) else None


def summed(parts: Sequence[Figures]) -> Figures:
    """Return the sum row of parts; None on a side as soon as one part lacks it."""
    return Figures(_sum([part.base for part in parts]), _sum([part.target for part in parts]))


def share_of(part: Decimal | None, whole: Decimal | None) -> Fraction | None:
    """Return part ÷ whole exactly; None while one is missing or the whole is zero."""
    return None if part is None or whole is None else share(part, whole)


def average_users(opening: Decimal | None, closing: Decimal | None) -> Decimal | None:
    """Return the mean of opening and closing users (rules §1); None while one is missing."""
    return None if opening is None or closing is None else (opening + closing) / 2


def yearly_arpu(revenue: Decimal | None, users: Decimal | None) -> Fraction | None:
    """Return yuan per user and month of a year's revenue in 万元 (plan table 3-1), exact."""
    return None if revenue is None or users is None else arpu(revenue * YUAN, users)


def planning_rate(net: Decimal | None, gross: Decimal | None) -> Fraction | None:
    """Return measure A, net ÷ gross, that two rows of table 3-0 imply."""
    return None if net is None or gross is None else effective_rate(net, gross)


def gap(found: Decimal | None, asked: Decimal | None) -> Decimal | None:
    """Return found − asked; None while one is missing."""
    return None if found is None or asked is None else found - asked
