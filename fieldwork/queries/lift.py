"""What followed a promotion: the unit's daily figures, and the dealer's users in the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fieldwork.models import Activity
from fieldwork.rules.promotions import Lift, days_after, days_before, lift
from kpi.queries.daily import FOCUS, month_course
from kpi.rules.daily import Course
from orgchart.models import Dealer, Unit
from targets.models import Indicator

# What joined at a dealer on each of some days, None for a day that no ledger holds.
Joined = Callable[[Dealer, Sequence[date]], list[Decimal | None]]
# Read by an app that stands beside or above this one; it enters itself here.
LENT: dict[str, Joined] = {}


@dataclass(frozen=True, slots=True)
class After:
    """The lift of a unit or of a dealer; `name` is whose."""

    name: str
    is_dealer: bool
    lift: Lift


def lifts(promotion: Activity) -> list[After]:
    """Return the lift of the promotion's dealer, where it has one, and of its unit."""
    before, after = days_before(promotion.planned_on), days_after(promotion.planned_on)
    found = []
    if promotion.dealer and "ledger" in LENT:
        days = LENT["ledger"](promotion.dealer, [*before, *after])
        found.append(
            After(promotion.dealer.name, True, lift(days[: len(before)], days[len(before) :]))
        )
    days = _unit_days(promotion.unit, [*before, *after])
    found.append(After(promotion.unit.name, False, lift(days[: len(before)], days[len(before) :])))
    return found


def _unit_days(unit: Unit, days: Sequence[date]) -> list[Decimal | None]:
    """Return what each day brought by the unit's daily figures; None where none tells."""
    indicator = Indicator.objects.filter(district_id=unit.district_id, code=FOCUS).first()
    if indicator is None:
        return [None] * len(days)
    courses: dict[date, Course] = {}
    for month in {day.replace(day=1) for day in days}:
        [one] = month_course(indicator, month, [unit]).units or [None]
        courses[month] = one.course if one else Course()
    return [courses[day.replace(day=1)].brought(day) for day in days]
