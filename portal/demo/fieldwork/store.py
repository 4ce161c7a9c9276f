"""The demo's store: what is kept, what comes in each month, what the units ask for and hand out."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.demo import UNITS, outlets, stream
from portal.demo.returns import suspended_dealer
from portal.demo.year import OPEN_MONTH, MonthOfDemo

BY_DEALER = (OPEN_MONTH - 1, OPEN_MONTH)  # months whose cards are handed out dealer by dealer
USED = 94  # percent of what a unit is issued is handed out in the month
_RAN_OUT = ("cup", OPEN_MONTH)  # a delivery that did not come: the store's shortage


@dataclass(frozen=True, slots=True)
class Item:
    """An item; `share`: what a unit asks for in a month, in thousandths of its gross adds."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    measure: str
    warning_level: int
    share: int


ITEMS = (
    Item("sim-4g", "手机卡", "SIM card", "card", "card", 900, 1080),
    Item("sim-campus", "校园卡", "Campus SIM card", "card", "card", 120, 140),
    Item("phone", "千元智能机", "Entry smartphone", "terminal", "set", 50, 60),
    Item("modem", "光猫", "Optical modem", "terminal", "set", 60, 75),
    Item("cup", "保温杯", "Thermos cup", "gift", "piece", 100, 90),
    Item("umbrella", "雨伞", "Umbrella", "gift", "piece", 80, 60),
    Item("oil", "食用油", "Cooking oil", "gift", "box", 30, 25),
    Item("leaflet", "宣传单页", "Leaflet", "material", "copy", 3000, 4000),
    Item("poster", "海报", "Poster", "material", "copy", 200, 150),
)


@dataclass(frozen=True, slots=True)
class HandOut:
    """What a unit gives away in a month, to a dealer or in its own work."""

    unit: str
    item: str
    quantity: int
    on: date
    dealer: str | None = None


def shops_of(unit: str, month: date) -> list[str]:
    """Return a unit's dealers of a month: not the suspended one afterwards."""
    gone = suspended_dealer().code if month > outlets.SUSPENDED else ""
    return [each.code for each in outlets.dealers_of(unit) if each.code != gone]


def needs(month: MonthOfDemo) -> dict[str, dict[str, int]]:
    """Return what each unit asks for in a month: unit → item → count."""
    random = stream(f"store/{month.month:%m}")
    found: dict[str, dict[str, int]] = {}
    for unit in UNITS:
        gross = int(month.figures.get((unit, "mobile_gross_adds", "all"), 900))
        found[unit] = {
            item.code: max(1, gross * item.share * random.randint(95, 105) // 100_000)
            for item in ITEMS
        }
    return found


def receipts(month: MonthOfDemo) -> dict[str, int]:
    """Return what is delivered on the third: what the units need, and in January a stock."""
    asked = needs(month)
    found = {
        item.code: sum(each[item.code] for each in asked.values())
        + (item.warning_level * 3 // 2 if month.month.month == 1 else 0)
        for item in ITEMS
    }
    item, number = _RAN_OUT
    if month.month.month == number:
        found[item] = found[item] * 4 // 5
    return found


def hand_outs(month: MonthOfDemo) -> list[HandOut]:
    """Return what the units hand out; SIM cards and phones by dealer in the latest months."""
    random = stream(f"store/out/{month.month:%m}")
    found = []
    is_split = month.month.month in BY_DEALER
    for unit, counts in needs(month).items():
        shops = sorted(shops_of(unit, month.month))
        for item, count in counts.items():
            used = count * USED // 100
            on = month.as_of - timedelta(days=random.randint(0, 3))
            if not (is_split and item in ("sim-4g", "phone")):
                found.append(HandOut(unit, item, used, on))
                continue
            weights = [random.randint(1, 9) for _shop in shops]
            parts = [used * weight // sum(weights) for weight in weights]
            day = month.month + timedelta(days=random.randint(6, 15))
            found += [
                HandOut(unit, item, part, day, shop)
                for shop, part in zip(shops, parts, strict=True) if part
            ]  # fmt: skip
    return found
