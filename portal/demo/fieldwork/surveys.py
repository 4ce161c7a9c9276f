"""The demo's surveys: the four forms of March 2026, and one of November that is still open."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from orgchart.actors import BUSINESS_ZONE
from orgchart.models import DealerTier
from portal.demo import GRIDS, UNITS, YEAR, outlets, stream
from portal.demo.fieldwork.accounts import STREETS, TOWNSHIPS, accounts
from portal.demo.organisation import ACCOUNTS

OPENED = date(YEAR, 3, 9)
CLOSED = date(YEAR, 4, 8)
# How many days after the deadline a unit sent its sheets; None: it never did.
_LATE: dict[tuple[str, str], int | None] = {
    ("promotion_plan", "group"): 1, ("channel_visit", "grid4"): 2, ("rival_channel", "grid2"): 2,
    ("rival_channel", "grid4"): None, ("market", "grid4"): 3,
}  # fmt: skip
_THEMES = ("春季入网", "宽带进村", "校园迎新", "充话费送话费", "合约机体验", "集团团购")
_MATERIALS = ("帐篷 1 顶，单页 500 张", "展架 2 个，礼品 60 份", "横幅 2 条，单页 300 张")
_LOOKS = ("好", "好", "中", "中", "差")
_STOCK = ("号卡 20 张，终端 6 台", "号卡充足", "终端缺货", "充值卡 30 张")
_NEWS = ("", "", "移动充话费送米", "电信宽带降到 600 元一年")
_PROBLEMS = (("", ""), ("", ""), ("门头褪色", "报市场岗更换"), ("店员不熟悉套餐", "周五到店培训"))
_RIVALS = ("指定专营店", "合作厅", "社区店", "手机卖场专柜")
_PRODUCTS = ("58 元全家享，宽带免费", "38 元畅聊套餐", "充 100 送 100", "融合宽带 69 元一月")
_LARGE = ("", "走访工业园企业", "对学校推送校讯通", "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as a unit sent it."""

    unit: str
    answers: dict[str, Any]
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class SurveyOfDemo:
    """A survey: to whom it went, what came back; `people` says whose the open sheets are."""

    kind: str
    month: str
    opened_on: date
    deadline: date
    units: tuple[str, ...]
    sheets: list[Sheet]
    closed_on: date | None
    people: dict[str, str] = field(default_factory=dict)


def surveys() -> list[SurveyOfDemo]:
    """Return the surveys in the order of their opening."""
    found = [
        _march("promotion_plan", 19, UNITS, _promotions),
        _march("channel_visit", 20, UNITS, _visits),
        _march("rival_channel", 28, UNITS, _rivals),
        _march("market", 30, (*GRIDS, "suburban"), _market),
    ]
    random = stream("surveys/november")
    sent = [
        Sheet(unit, answers, _at(date(YEAR, 11, 16), number))
        for unit in ("grid3", "suburban", "group")
        for number, answers in enumerate(_rivals(random, unit))
    ]
    return [
        *found,
        SurveyOfDemo(
            "rival_channel", f"{YEAR}年11月", date(YEAR, 11, 9), date(YEAR, 11, 18), UNITS, sent,
            None, {"grid1": ACCOUNTS["staff"]},
        ),
    ]  # fmt: skip


def _march(kind: str, day: int, units: tuple[str, ...], made: Any) -> SurveyOfDemo:
    random = stream(f"surveys/{kind}")
    deadline = date(YEAR, 3, day)
    sheets = []
    for unit in units:
        late = _LATE.get((kind, unit), -1 - random.randint(0, 4))
        for number, answers in enumerate(made(random, unit)):
            if late is not None:
                at = _at(deadline + timedelta(days=late), number)
                sheets.append(Sheet(unit, answers, at))
    return SurveyOfDemo(kind, f"{YEAR}年3月", OPENED, deadline, units, sheets, CLOSED)


def _at(day: date, number: int) -> datetime:
    return datetime.combine(day, time(9 + number % 9, 7 * number % 60), BUSINESS_ZONE)


def _promotions(random: Random, unit: str) -> list[dict[str, Any]]:
    shops = [each.name_zh for each in outlets.dealers_of(unit)]
    found = []
    for number in range(3 + random.randint(0, 2)):
        day = date(YEAR, 3, 21) + timedelta(days=7 * number + random.randint(0, 1))
        users, shop = random.randint(30, 60), random.choice(shops)
        is_outside = random.random() < 0.6
        found.append({
            "name": f"{_THEMES[number % 6]}（{day:%m-%d}）", "day": day.isoformat(),
            "place": f"{shop}门前广场" if is_outside else shop,
            "type": "户外" if is_outside else "店面", "dealer": shop, "lead": "",
            "material": random.choice(_MATERIALS), "users": users,
            "budget": users * random.randint(18, 32),
        })  # fmt: skip
    return found


def _visits(random: Random, unit: str) -> list[dict[str, Any]]:
    found = []
    shops = sorted(outlets.dealers_of(unit), key=lambda each: (each.tier, each.code))
    for shop in shops[: 6 + random.randint(0, 3)]:
        is_first = shop.tier == DealerTier.TIER_1
        problem, measure = random.choice(_PROBLEMS)
        users = random.randint(30, 80) if is_first else random.randint(4, 24)
        found.append({
            "outlet": shop.name_zh, "look": random.choice(_LOOKS),
            **{code: random.choice(("yes", "yes", "yes", "no"))
               for code in ("sign", "counter", "poster", "leaflets", "promoter", "ledger")},
            "stock": random.choice(_STOCK), "users": users,
            "revenue": users * random.randint(36, 52), "rivals": random.choice(_NEWS),
            "problem": problem, "measure": measure,
            "again": date(YEAR, 4, 10).isoformat() if problem else "",
        })  # fmt: skip
    return found


def _rivals(random: Random, unit: str) -> list[dict[str, Any]]:
    streets = _areas(unit)
    found = []
    for number in range(4):
        operator = ("移动", "电信")[number % 2]
        is_mobile = operator == "移动"
        area = streets[number // 2 % len(streets)]
        found.append({
            "outlet": f"{area}{operator}{_RIVALS[number]}", "operator": operator,
            "area": random.randint(20, 120), "staff": random.randint(2, 7),
            "volume": random.randint(90, 260) if is_mobile else random.randint(30, 110),
            "commission": Decimal(random.randint(280, 620)) / 10,
            "deposit": random.choice((0, 2000, 5000)), "product": random.choice(_PRODUCTS),
            "advertising": random.choice(("门头灯箱", "公交站牌", "村口墙体广告", "")),
            "promotion": random.choice(("yes", "no")), "credit": random.choice(("yes", "no", "")),
            "large": random.choice(_LARGE),
        })  # fmt: skip
    return found


def _market(random: Random, unit: str) -> list[dict[str, Any]]:
    """Return a sheet for each township or street; villages, firms and so on are the accounts’."""
    rows = accounts()
    found = []
    for area in _areas(unit):
        sizes: dict[str, list[int]] = {}
        for row in rows:
            if row.area == area:
                sizes.setdefault(row.kind, []).append(row.size)
        homes = sizes.get("community", [])
        households = sum(sizes.get("village", [])) + sum(homes)
        ours = Decimal(random.randint(1900, 3100)) / 100
        mobile = Decimal(random.randint(5200, 6100)) / 100
        found.append({
            "area": area, "population": households * random.randint(31, 36) // 10,
            "households": households, "villages": len(sizes.get("village", [])),
            "firms": len(sizes.get("enterprise", [])) + len(sizes.get("sme_group", [])),
            "schools": len(sizes.get("school", [])), "communities": len(homes),
            "ports": sum(homes) * 7 // 10, "ours": ours, "mobile": mobile,
            "telecom": 100 - ours - mobile,
            "sites": len(sizes.get("labour", [])),
            "centre": "集镇主街" if unit == "suburban" else f"{area}步行街",
        })  # fmt: skip
    return found


def _areas(unit: str) -> list[str]:
    if unit in GRIDS:
        return [STREETS[GRIDS.index(unit)]]
    return [name for name, _villages in TOWNSHIPS] if unit == "suburban" else list(STREETS)
