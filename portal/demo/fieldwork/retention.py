"""The demo's warned users and call-backs of the two latest months (rules §13.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from fieldwork.models import NOT_REACHED, CallResult, LeavingReason, WarningKind
from orgchart.actors import BUSINESS_ZONE
from portal.demo import UNITS, YEAR, outlets, stream
from portal.demo.organisation import team
from portal.demo.year import OPEN_MONTH, MonthOfDemo

MONTHS = (OPEN_MONTH - 1, OPEN_MONTH)
SHARE = 3  # percent of the billed users are warned in a month
# Out of a hundred: warned of what; contacted, reached and kept of all.
_KINDS = {
    WarningKind.LOW_BALANCE: 45, WarningKind.FALLING_USE: 30, WarningKind.NO_CALLS: 15,
    WarningKind.COMPLAINT: 10,
}  # fmt: skip
CONTACTED, REACHED, KEPT = 82, 58, 31
CONTACTED_NOW = 98  # in the present month: whoever is not called in three days shows on Today
_LEFT = 8  # users on the list of those who left, for a hundred warned ones
_BACK = 14  # of a hundred contacted ones who left, come back
_LOST = {
    CallResult.DECLINED: 48, CallResult.TRIAL_ONLY: 24, CallResult.POOR_NETWORK: 18,
    CallResult.OTHER: 10,
}  # fmt: skip
_MISSED = dict(zip(NOT_REACHED, (46, 24, 12, 10, 8), strict=True))
_REASONS = {
    LeavingReason.TARIFF: 30, LeavingReason.RIVAL: 22, LeavingReason.ONE_TIME: 16,
    LeavingReason.SERVICE: 10, LeavingReason.MOVED: 12, LeavingReason.DEBT: 7,
    LeavingReason.FALSE: 3,
}  # fmt: skip
_OFFERS = (
    "送 10 元话费，合约 6 个月",
    "换 46 元套餐",
    "加送 2G 流量",
    "上门处理",
    "预存 100 送 50",
    "",
)
_NAMES = "张王李赵陈刘杨黄周吴徐孙胡朱高林何郭马罗"


@dataclass(frozen=True, slots=True)
class Called:
    """A call of the demo."""

    at: datetime
    result: str
    reason: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """A user of a month's list with the calls, the last one last."""

    number: str
    name: str
    kind: str
    unit: str
    dealer: str
    person: str
    revenue: Decimal
    listed_on: date
    is_billed: bool | None
    calls: tuple[Called, ...]


def warned_of(month: MonthOfDemo) -> list[Warned]:
    """Return the users of a month; the present one has a second list, of its latest day."""
    random = stream(f"retention/{month.month:%m}")
    is_open = month.month.month == OPEN_MONTH
    first, second = date(YEAR, month.month.month, 4), month.as_of
    found: list[Warned] = []
    for unit in UNITS:
        users = int(month.figures.get((unit, "billed_users", "all"), Decimal(9_000)))
        people = team(unit)
        managers = {
            each.dealer: each.account_manager for each in outlets.affiliations()
            if each.unit == unit and each.account_manager in people
        }  # fmt: skip
        shops = sorted(each.code for each in outlets.dealers_of(unit))
        count = users * SHARE // 100
        for number in range(count + count * _LEFT // 100):
            is_left = number >= count
            is_new = is_open and number % 30 == 0
            listed_on = second if is_new else first
            kind = WarningKind.LEFT if is_left else _drawn(random, _KINDS)
            shop = random.choice(shops)
            calls = _calls(random, listed_on, is_left=is_left, is_new=is_new, is_open=is_open)
            last = calls[-1].result if calls else ""
            billed = None
            if not is_open and not is_left:
                billed = random.random() < (0.96 if last == CallResult.AGREED else 0.72)
            found.append(
                Warned(
                    f"13000{month.month:%m}{len(found):04d}",
                    random.choice(_NAMES) + random.choice(("先生", "女士")), kind, unit, shop,
                    managers.get(shop) or people[number % len(people)],
                    Decimal(random.randint(1200, 9800)) / 100, listed_on, billed, calls,
                )
            )  # fmt: skip
    return found


def _calls(
    random: Random, listed_on: date, *, is_left: bool, is_new: bool, is_open: bool
) -> tuple[Called, ...]:
    """Return the calls of a user: none for whom nobody called."""
    draw = random.random() * 100
    if draw >= (50 if is_new else CONTACTED_NOW if is_open else CONTACTED):
        return ()
    day = listed_on + timedelta(days=random.choice((1, 1, 2, 2, 3, 5)) if not is_new else 0)
    at = datetime.combine(day, time(random.randint(9, 17), random.randint(0, 59)), BUSINESS_ZONE)
    calls = []
    if not is_new and random.random() < 0.18:
        calls.append(Called(at, CallResult.NO_ANSWER))
        at += timedelta(hours=random.choice((2, 4, 22)))
    if draw >= (REACHED if not is_new else 14):
        calls.append(Called(at, _drawn(random, _MISSED)))
        return tuple(calls)
    offer = random.choice(_OFFERS)
    kept = draw < (_BACK * CONTACTED / 100 if is_left else KEPT if not is_new else 8)
    if kept:
        result = CallResult.RETURNED if is_left else CallResult.AGREED
        return (*calls, Called(at, result, "", offer))
    result = CallResult(_drawn(random, _LOST))
    reason = LeavingReason.NETWORK.value
    if result != CallResult.POOR_NETWORK:
        reason = _drawn(random, _REASONS)
    return (*calls, Called(at, result, reason, offer))


def _drawn(random: Random, chances: Mapping[str, int]) -> str:
    return str(random.choices(list(chances), list(chances.values()))[0])
