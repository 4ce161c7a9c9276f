"""The demo's promotions: 16 to 24 a month, 30 to 60 users each (rules §13.8).

Those of November are what the units' short plans say; what claims of a month name is within cost.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

from fieldwork.models import ActivityState, Setting
from orgchart.models import DealerTier
from portal.demo import UNITS, claims, outlets, stream
from portal.demo.organisation import ACCOUNTS, team
from portal.demo.year import OPEN_MONTH, MonthOfDemo
from targets.months import last_day

# Least and most a month: their sums are 16 and 24.
COUNTS = {
    "grid1": (2, 3), "grid2": (2, 3), "grid3": (4, 5), "grid4": (4, 6), "suburban": (3, 5),
    "group": (1, 2),
}  # fmt: skip
# Users expected of November's, by unit: in shops, outdoors (portal.demo.unit_plans.SHORT).
NOVEMBER = {
    "grid1": ((60,), (40,)), "grid2": ((45, 35), ()), "grid3": ((40, 45), (50, 35)),
    "grid4": ((45, 45), (30, 30, 30, 30)), "suburban": ((), (40, 40, 35, 35)), "group": ((), (45,)),
}  # fmt: skip
_OUTDOOR = {
    "grid1": ("人民广场", "学府路口", "锦绣家园东门"),
    "grid2": ("火车站广场", "文化宫门口", "滨河公园"),
    "grid3": ("中心医院路口", "步行街北口", "阳光小区西门"),
    "grid4": ("城东劳务市场", "北站劳务市场", "幸福社区", "和谐社区"),
    "suburban": ("和平乡集市", "新桥乡集市", "石桥乡集市", "东岭乡集市"),
    "group": ("石桥工业园", "学府小学门口"),
}
_MATERIALS = (
    "帐篷 1 顶，单页 500 张，气球 100 个",
    "拱门 1 座，海报 20 张，抽奖箱 1 个",
    "展架 2 个，单页 300 张，米 20 袋",
    "音响 1 套，单页 400 张，纸杯 200 个",
)
_SUMMARIES = (
    "上午人流集中，套餐讲解到位",
    "经销商出场地出人，下次提前一天贴海报",
    "新入网多，宽带意向 6 户待回访",
    "竞争对手同日摆点，赠品略少",
    "",
)
CANCELLED = 0.04


@dataclass(frozen=True, slots=True)
class PromotionOfDemo:
    """A promotion of the year; `users` None: no result. `state` as in fieldwork."""

    unit: str
    planned_on: date
    setting: str
    place: str
    dealer: str | None
    person: str
    materials: str
    expected: int
    budget: Decimal
    state: str
    users: int | None
    cost: Decimal | None
    summary: str
    reason: str


def promotions_of(month: MonthOfDemo) -> list[PromotionOfDemo]:
    """Return the promotions of a month, by unit and day; none cost less than its claims ask."""
    rows = _drawn(month)
    asked: dict[tuple[str, date], Decimal] = {}
    named = naming(month)
    for claim in claims.claims_of(month.month, last_day(month.month)):
        if day := named.get((claim.unit, claim.number)):
            amount = sum((line.amount for line in claim.lines), Decimal(0))
            asked[claim.unit, day] = asked.get((claim.unit, day), Decimal(0)) + amount
    return [
        each
        if each.cost is None
        else replace(each, cost=max(each.cost, asked.get((each.unit, each.planned_on), each.cost)))
        for each in rows
    ]


def naming(month: MonthOfDemo) -> dict[tuple[str, int], date]:
    """Return the day of the promotion that claims of the month name, by (unit, number).

    Claims for material and ways alone do, each the latest one held before it by its unit.
    """
    held = [each for each in _drawn(month) if each.users is not None]
    found = {}
    for claim in claims.claims_of(month.month, last_day(month.month)):
        kinds = {line.category for line in claim.lines}
        days = [
            each.planned_on
            for each in held
            if each.unit == claim.unit and each.planned_on < claim.submitted_at.date()
        ]
        if "promotion" in kinds and kinds <= {"promotion", "transport"} and days:
            found[claim.unit, claim.number] = max(days)
    return found


def _drawn(month: MonthOfDemo) -> list[PromotionOfDemo]:
    random = stream(f"promotions/{month.month:%m}")
    found = []
    for place, unit in enumerate(UNITS):
        sizes = _sizes(random, unit, is_open=month.month.month == OPEN_MONTH)
        days = _days(random, month, len(sizes), (place + 3) % 4)
        for number, ((setting, expected), day) in enumerate(zip(sizes, days, strict=True)):
            is_last = number == len(sizes) - 1
            found.append(_one(random, month, unit, setting, expected, day, is_last=is_last))
    return found


def _sizes(random: Random, unit: str, *, is_open: bool) -> list[tuple[str, int]]:
    """Return (kind, users expected) of a unit's promotions of a month."""
    if is_open:
        kinds = zip(Setting.values, NOVEMBER[unit], strict=True)
        return [(kind, expected) for kind, sizes in kinds for expected in sizes]
    kinds = (Setting.OUTDOOR,) if unit in ("suburban", "group") else tuple(Setting)
    count = random.randint(*COUNTS[unit])
    return [(str(random.choice(kinds).value), 5 * random.randint(6, 12)) for _ in range(count)]


def _days(random: Random, month: MonthOfDemo, count: int, shift: int) -> list[date]:
    """Return days of the month's weekends, evenly spread, later for a larger `shift`."""
    span = range(4, last_day(month.month).day + 1)
    weekend = [day for n in span if (day := month.month.replace(day=n)).weekday() >= 5]
    step = Fraction(len(weekend), count)
    return [weekend[min(int(n * step) + shift % max(1, int(step)), len(weekend) - 1)]
            for n in range(count)]  # fmt: skip


def _one(
    random: Random, month: MonthOfDemo, unit: str, setting: str, expected: int, day: date, *,
    is_last: bool,
) -> PromotionOfDemo:  # fmt: skip
    shops = [
        each for each in outlets.dealers_of(unit)
        if each.tier == DealerTier.TIER_1 and each.opened_on <= day
        and (each.closed_on is None or each.closed_on > day)
    ]  # fmt: skip
    shop = random.choice(shops) if shops else None
    person = random.choice(team(unit))
    budget = (expected * Decimal(random.randint(60, 95)) / 100).quantize(Decimal(1)) * 10
    users = min(60, max(30, round(expected * random.uniform(0.75, 1.15))))
    cost = (budget * random.randint(82, 108) / 100).quantize(Decimal("0.1"))
    place, summary = random.choice(_OUTDOOR[unit]), random.choice(_SUMMARIES)
    materials, is_off = random.choice(_MATERIALS), random.random() < CANCELLED
    state, reason = _state(month, unit, day, is_off=is_off, is_last=is_last)
    is_held = state == ActivityState.DONE
    return PromotionOfDemo(
        unit=unit, planned_on=day, setting=setting,
        place=f"{shop.name_zh}门前" if setting == Setting.SHOP and shop else place,
        dealer=shop.code if shop else None,
        person=ACCOUNTS["staff"] if unit == "grid1" else person,
        materials=materials, expected=expected, budget=budget, state=state,
        users=users if is_held else None, cost=cost if is_held else None,
        summary=summary if is_held else "", reason=reason,
    )  # fmt: skip


def _state(
    month: MonthOfDemo, unit: str, day: date, *, is_off: bool, is_last: bool
) -> tuple[str, str]:
    """Return state and reason: of November one result is owed, three plans are not approved."""
    is_open = month.month.month == OPEN_MONTH
    if not is_open and is_off:
        return ActivityState.CANCELLED, "下雨，场地改期"
    if day > month.as_of:
        if is_last and unit == "grid4":
            return ActivityState.RETURNED, "户均预算偏高，请压缩物料"
        is_new = is_last and unit in ("grid3", "suburban")
        return (ActivityState.SUBMITTED if is_new else ActivityState.APPROVED), ""
    if is_open and unit == "grid1":
        return ActivityState.APPROVED, ""
    return ActivityState.DONE, ""
