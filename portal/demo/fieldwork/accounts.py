"""The demo's accounts: villages, enterprises, groups, markets, venues, communities, malls."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import exp

from fieldwork.workbooks.accounts import COLUMNS
from kpi.models import EventKind
from portal.demo import GRIDS, YEAR, stream
from portal.demo.organisation import team
from portal.demo.year import MonthOfDemo, months

# township: its villages
TOWNSHIPS = (
    ("青山乡", "东岭 西岭 石门 柳湾 白沙 上坪 下坪 枫树 黄泥 竹园 李家 油榨"),
    ("柳林乡", "大塘 小塘 新屋 老屋 荷塘 梅冲 杉木 井边 樟树 月形 双桥"),
    ("石桥乡", "桥头 桥尾 水口 高岸 松山 茶亭 龙泉 麻田 长冲 花园 凤形"),
    ("新桥乡", "河东 河西 沙洲 渡口 岩前 岩后 土桥 银杏 仙人 马路 车田"),
)
STREETS = ("城东街道", "城南街道", "河西街道", "北站街道")
VILLAGE_GROUPS = 36  # signed by December, on an S curve
_TRADES = (
    ("机械", "Machinery"), ("建材", "Building"), ("食品", "Foods"), ("服饰", "Garments"),
    ("物流", "Logistics"), ("家具", "Furniture"), ("电子", "Electronics"), ("包装", "Packaging"),
    ("农业", "Farming"), ("商贸", "Trading"), ("酒店", "Hotel"), ("医药", "Pharmacy"),
)  # fmt: skip
_BRANDS = (
    ("宏远", "Hongyuan"), ("盛泰", "Shengtai"), ("嘉诚", "Jiacheng"), ("兴隆", "Xinglong"),
    ("博雅", "Boya"), ("天成", "Tiancheng"), ("永利", "Yongli"), ("鑫源", "Xinyuan"),
    ("国瑞", "Guorui"), ("恒发", "Hengfa"), ("同心", "Tongxin"), ("德润", "Derun"),
    ("凯旋", "Kaixuan"), ("华茂", "Huamao"), ("金桥", "Jinqiao"),
)  # fmt: skip
_SCHOOLS = ("一中", "二中", "三中", "实验小学", "城东小学", "河西小学", "职业学校", "卫校",
            "农校", "艺术学校", "北站小学", "石桥中学")  # fmt: skip
_LABOUR = ("城东劳务市场", "北站劳务市场", "河西零工市场", "新桥工地", "石桥工业园工地", "城南工地")
_LEISURE = ("茶馆", "台球厅", "棋牌室", "健身房", "影城", "农家乐", "咖啡馆")
_GARDENS = ("锦绣", "阳光", "碧水", "金域", "翠湖", "星河", "丽景", "万豪", "御园", "书香")
_GARDEN_KINDS = ("花园", "家园", "新村", "公馆")
_MALLS = (("城东手机大卖场", "城东街道", "grid1"), ("河西通讯广场", "河西街道", "grid2"))
_INFORMANTS = ("工商局登记窗口", "税务局办税厅", "外商投资服务中心", "劳动部门", "经销商介绍")
_CONTACTS = ("张", "王", "李", "赵", "陈", "刘", "杨", "黄", "周", "吴")
# Whose the SME groups are: enough for what each unit signs in the year.
_GROUP_UNITS = ("group", "grid1", "grid2", "group", "grid3", "group", "grid1", "grid4", "group",
                "grid2")  # fmt: skip
# How many of each kind were signed before the year.
_BEFORE = {
    "village": 6, "enterprise": 18, "sme_group": 60, "school": 3, "labour": 2, "leisure": 5,
    "community": 27, "mall": 2,
}  # fmt: skip
_SIZES = {
    "village": (280, 620), "enterprise": (15, 180), "sme_group": (8, 240), "school": (300, 2400),
    "labour": (120, 900), "leisure": (6, 40), "community": (240, 1800), "mall": (30, 80),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invented:
    """An account as the list of January has it."""

    kind: str
    unit: str
    name: str
    area: str
    stage: str
    stage_on: date
    size: int
    deadline: date | None
    responsible: str


@dataclass(frozen=True, slots=True)
class Move:
    """A step of the year: the account by kind, name and area."""

    account: tuple[str, str, str]
    unit: str
    stage: str
    on: date


@cache
def accounts() -> tuple[Invented, ...]:
    """Return the accounts as taken over in January."""
    random = stream("accounts")
    found: list[Invented] = []
    signed = dict.fromkeys(_BEFORE, 0)

    def add(kind: str, unit: str, name: str, area: str) -> None:
        is_signed = signed[kind] < _BEFORE[kind]
        signed[kind] += is_signed
        stage = "signed" if is_signed else random.choice(("lead", "lead", "contacted"))
        since = date(YEAR - 1, random.randint(1, 12), random.randint(1, 28))
        # Some are late by November.
        number = 10 if random.random() < 0.12 else 12
        deadline = date(YEAR, number, random.randint(1, 28))
        people = team(unit)
        # A few have nobody yet: what the page's sentence is for.
        owner = "" if not is_signed and random.random() < 0.03 else random.choice(people)
        found.append(
            Invented(
                kind, unit, name, area, stage, since, random.randint(*_SIZES[kind]),
                None if is_signed else deadline, owner,
            )
        )  # fmt: skip

    for township, villages in TOWNSHIPS:
        for village in villages.split():
            add("village", "suburban", f"{village}村", township)
    for number in range(72):
        brand, trade = _BRANDS[number % 15], _TRADES[(number // 15 + number) % 12]
        add("enterprise", "suburban", f"{brand[0]}{trade[0]}厂", TOWNSHIPS[number % 4][0])
    for number in range(168):
        brand, trade = _BRANDS[number % 15], _TRADES[(number // 15) % 12]
        add(
            "sme_group", _GROUP_UNITS[number % 10], f"{brand[0]}{trade[0]}公司", STREETS[number % 4]
        )
    for number, school in enumerate(_SCHOOLS):
        add("school", "group", school, STREETS[number % 4])
    for number, market in enumerate(_LABOUR):
        add("labour", "suburban", market, STREETS[number % 4])
    for number in range(14):
        name = f"{_BRANDS[number][0]}{_LEISURE[number % 7]}"
        add("leisure", GRIDS[number % 4], name, STREETS[number % 4])
    for number in range(38):
        name = f"{_GARDENS[number % 10]}{_GARDEN_KINDS[number // 10]}"
        add("community", GRIDS[number % 4], name, STREETS[number % 4])
    for name, area, unit in _MALLS:
        add("mall", unit, name, area)
    return tuple(found)


def account_list() -> bytes:
    """Return the accounts as the list that the clerk imports (CSV)."""
    random = stream("accounts/contacts")
    out = io.StringIO()
    writer = csv.writer(out)
    names = {column: zh for column, (zh, _en) in COLUMNS.items()}
    columns = ("name_zh", "kind", "unit", "area", "responsible", "contact", "contact_phone",
               "informant", "size", "expected_users", "expected_revenue", "deadline", "stage",
               "stage_on")  # fmt: skip
    writer.writerow(names[column] for column in columns)
    for number, row in enumerate(accounts(), start=1):
        users = max(5, row.size * random.randint(6, 22) // 100)
        writer.writerow(
            [
                row.name, row.kind, row.unit, row.area, row.responsible,
                random.choice(_CONTACTS) + random.choice(("主任", "经理", "老师", "会计")),
                f"1300001{number:04d}",
                random.choice(_INFORMANTS) if random.random() < 0.4 else "",
                row.size, users, users * random.randint(28, 52), row.deadline or "", row.stage,
                row.stage_on,
            ]
        )  # fmt: skip
    return out.getvalue().encode()


def moves(month: MonthOfDemo) -> list[Move]:
    """Return the steps of a month: as many groups signed as its events of new groups say."""
    return [move for move in _year() if move.on.replace(day=1) == month.month]


@cache
def _year() -> tuple[Move, ...]:
    random = stream("accounts/moves")
    waiting = [row for row in accounts() if row.stage != "signed"]
    found: list[Move] = []
    villages = _BEFORE["village"]

    def take(unit: str, kinds: tuple[str, ...]) -> Invented:
        row = next(row for row in waiting if row.unit == unit and row.kind in kinds)
        waiting.remove(row)
        return row

    def step(row: Invented, stage: str, on: date) -> None:
        found.append(Move((row.kind, row.name, row.area), row.unit, stage, on))

    for month in months():
        goal = _village_groups(month.month.month)
        for event in month.events:
            if event.kind != EventKind.NEW_GROUP:
                continue
            for number in range(event.count):
                kinds: tuple[str, ...] = ("sme_group", "school")
                if event.unit == "suburban":
                    kinds = ("village",) if villages < goal else ("enterprise",)
                    villages += villages < goal
                row = take(event.unit, kinds)
                step(row, "signed", max(month.month, event.on - timedelta(days=2 * number)))
        days = (month.as_of - month.month).days
        if month.month.month % 6:  # ten communities in eleven months
            row = next((row for row in waiting if row.kind == "community"), None)
            if row is not None:
                waiting.remove(row)
                step(row, "signed", month.month + timedelta(days=random.randint(3, days)))
        for row in random.sample(waiting, 6):
            stage = "negotiating" if random.random() < 0.8 else "lost"
            waiting.remove(row)
            if stage == "negotiating":
                waiting.append(row)
            step(row, stage, month.month + timedelta(days=random.randint(0, days)))
    return _in_order(found)


def _in_order(found: list[Move]) -> tuple[Move, ...]:
    """Return the steps by day; what is negotiated already is not negotiated again."""
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for move in sorted(found, key=lambda move: (move.on, move.account)):
        if move.stage == "negotiating" and move.account in seen:
            continue
        seen.add(move.account)
        kept.append(move)
    return tuple(kept)


def _village_groups(number: int) -> int:
    """Return how many village groups there should be by a month: an S curve to 36."""
    return round(VILLAGE_GROUPS / (1 + exp(-(number - 5) / 1.8)))
