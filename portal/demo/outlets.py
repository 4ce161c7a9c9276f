"""The demo's 120 dealers and 12 legacy outlets, and whom they belong to (rules §13.2)."""

from datetime import date
from functools import cache

from orgchart.models import DealerKind, DealerTier
from portal.book.organisation import Affiliation, Dealer
from portal.demo import DISTRICT, UNITS, YEAR, stream
from portal.demo.organisation import account_managers

SUSPENDED = date(YEAR, 8, 31)  # last day of the dealer with the fake openings
LEGACY_OUTLETS = 12

# The five of worked example 6: (code, zh, en, unit, kind, commission class).
NAMED = (
    ("hongda", "宏达手机卖场", "Hongda handset mall", "grid1", DealerKind.MALL_MERCHANT, "A"),
    ("tiantian", "天天数码专营店", "Tiantian digital store", "grid2",
     DealerKind.EXCLUSIVE_STORE, "A"),
    ("xijiao", "西郊便民直供店", "Xijiao convenience store", "suburban",
     DealerKind.DIRECT_STORE, "B"),
    ("xuefu", "学府路网吧", "Xuefu Road internet café", "grid3", DealerKind.INTERNET_CAFE, "B"),
    ("heping", "和平村代办点", "Heping village point", "suburban", DealerKind.VILLAGE_POINT, "B"),
)  # fmt: skip
_K = DealerKind
# How many of each kind a unit has, the named ones included.
_MIX = {
    "grid1": {_K.PARTNER_HALL: 1, _K.EXCLUSIVE_STORE: 3, _K.MALL_MERCHANT: 3, _K.INTERNET_CAFE: 1,
              _K.DIRECT_STORE: 11, _K.COMMUNITY_POINT: 3},
    "grid2": {_K.PARTNER_HALL: 1, _K.EXCLUSIVE_STORE: 3, _K.MALL_MERCHANT: 3, _K.INTERNET_CAFE: 1,
              _K.DIRECT_STORE: 10, _K.COMMUNITY_POINT: 3},
    "grid3": {_K.EXCLUSIVE_STORE: 2, _K.INTERNET_CAFE: 1, _K.DIRECT_STORE: 13,
              _K.COMMUNITY_POINT: 2},
    "grid4": {_K.EXCLUSIVE_STORE: 2, _K.INTERNET_CAFE: 1, _K.DIRECT_STORE: 12,
              _K.COMMUNITY_POINT: 2},
    "suburban": {_K.PARTNER_HALL: 1, _K.EXCLUSIVE_STORE: 2, _K.INTERNET_CAFE: 1,
                 _K.DIRECT_STORE: 12, _K.VILLAGE_POINT: 14},
    "group": {_K.DIRECT_STORE: 12},
}  # fmt: skip
_TIER_1 = {_K.PARTNER_HALL, _K.EXCLUSIVE_STORE, _K.MALL_MERCHANT, _K.INTERNET_CAFE}
_SUFFIX = {
    _K.PARTNER_HALL: ("合作厅", "partner hall"),
    _K.EXCLUSIVE_STORE: ("专营店", "exclusive store"),
    _K.MALL_MERCHANT: ("手机柜", "handset counter"),
    _K.INTERNET_CAFE: ("网吧", "internet café"),
    _K.DIRECT_STORE: ("直供店", "direct-supply store"),
    _K.VILLAGE_POINT: ("村便民点", "village point"),
    _K.COMMUNITY_POINT: ("社区直销点", "community point"),
    _K.LEGACY: ("老点", "legacy outlet"),
}
_PLACES = (
    ("城东", "Chengdong"), ("城南", "Chengnan"), ("河西", "Hexi"), ("北站", "Beizhan"),
    ("新桥", "Xinqiao"), ("石桥", "Shiqiao"), ("柳林", "Liulin"), ("松岗", "Songgang"),
    ("梅园", "Meiyuan"), ("竹溪", "Zhuxi"), ("枫林", "Fenglin"), ("青山", "Qingshan"),
)  # fmt: skip
_BRANDS = (
    ("恒信", "Hengxin"), ("通达", "Tongda"), ("联讯", "Lianxun"), ("佳音", "Jiayin"),
    ("万和", "Wanhe"), ("启明", "Qiming"), ("华宇", "Huayu"), ("新天", "Xintian"),
    ("金铃", "Jinling"), ("远航", "Yuanhang"), ("顺风", "Shunfeng"), ("百汇", "Baihui"),
)  # fmt: skip


@cache
def _places() -> list[tuple[Dealer, str]]:
    """Return every dealer with its unit."""
    random = stream("outlets")
    names = [(p, b) for p in _PLACES for b in _BRANDS]
    random.shuffle(names)
    found = []
    for unit in UNITS:
        for kind, many in _MIX[unit].items():
            mine = [named for named in NAMED if (named[3], named[4]) == (unit, kind)]
            for code, zh, en, _unit, _kind, grade in mine:
                found.append((_dealer(code, zh, en, kind, grade), unit))
            for _n in range(many - len(mine)):
                place, brand = names.pop()
                suffix = _SUFFIX[kind]
                grade = "A" if kind in _TIER_1 else "B"
                code = f"d{len(found) + 1:03d}"
                zh, en = place[0] + brand[0] + suffix[0], f"{place[1]} {brand[1]} {suffix[1]}"
                found.append((_dealer(code, zh, en, kind, grade), unit))
    for number in range(1, LEGACY_OUTLETS + 1):
        place, brand = names.pop()
        suffix = _SUFFIX[_K.LEGACY]
        zh, en = place[0] + brand[0] + suffix[0], f"{place[1]} {brand[1]} {suffix[1]}"
        found.append((_dealer(f"old{number:02d}", zh, en, _K.LEGACY, ""), DISTRICT))
    return found


def _dealer(code: str, zh: str, en: str, kind: DealerKind, grade: str) -> Dealer:
    tier = DealerTier.TIER_1 if kind in _TIER_1 else DealerTier.TIER_2
    return Dealer(
        code=code, name_zh=zh, name_en=en, kind=kind, commission_class=grade,
        tier=DealerTier.LEGACY if kind == _K.LEGACY else tier,
        opened_on=date(2019 if kind == _K.LEGACY else 2024, 1, 1),
    )  # fmt: skip


def dealers() -> tuple[Dealer, ...]:
    return tuple(dealer for dealer, _unit in _places())


def affiliations() -> tuple[Affiliation, ...]:
    """Spread a unit's dealers over its account managers; every fifteenth has none."""
    found = []
    for index, (dealer, unit) in enumerate(_places()):
        managers = account_managers(unit)
        stray = index % 15 == 14 or not managers
        found.append(
            Affiliation(
                dealer=dealer.code,
                unit=unit,
                valid_from=dealer.opened_on,
                account_manager=None if stray else managers[index % len(managers)],
            )
        )  # fmt: skip
    return tuple(found)


def dealers_of(unit: str) -> list[Dealer]:
    """Return a unit's dealers, the strongest first: by tier, then as listed."""
    mine = [dealer for dealer, where in _places() if where == unit]
    return sorted(mine, key=lambda dealer: dealer.tier)
