"""The demo's outlets day by day in the two latest months, with something to look into.

What the outlets of a unit bring adds up to its day, and over October to the dealer's return.
"""

from collections import Counter
from datetime import date, timedelta

from fieldwork.models import AlarmKind, AlarmReason
from portal.demo import UNITS, daily, stream
from portal.demo.returns import shares
from portal.demo.year import OPEN_MONTH, MonthOfDemo, months

MONTHS = (OPEN_MONTH - 1, OPEN_MONTH)
SEEN_UNTIL, CLOSED_UNTIL = 16, 12  # November: what began by then was looked into, and closed
ANSWERS = {
    AlarmKind.JUMP: ((AlarmReason.PROMOTION, "店庆促销两天，用户到店核实"),
                     (AlarmReason.FALSE, "抽查 5 户有 2 户未通话，已提醒店主")),
    AlarmKind.DROP: ((AlarmReason.RIVAL, "移动在门口促销，已补海报和礼品"),
                     (AlarmReason.STOCK, "号卡用完，当日补送 30 张")),
    AlarmKind.ZERO: ((AlarmReason.SHUT, "店面装修，25 日恢复营业"),
                     (AlarmReason.STAFF, "店员离职，新店员周五培训")),
    AlarmKind.FREE: ((AlarmReason.OTHER, "拟划归邻近网格经理，待例会确认"),
                     (AlarmReason.OTHER, "区部讨论后指定经理")),
}  # fmt: skip
Days = dict[date, Counter[str]]


def outlet_days(month: MonthOfDemo) -> Days:
    """Return day → users by outlet."""
    totals, before = _totals(month), _totals(months()[month.month.month - 2])
    found: Days = {}
    for number, unit in enumerate(UNITS):
        # Grid 4 and the group centre have not reported November: billing knows it all the same.
        total = totals.get(unit) or before[unit] * month.as_of.day // 31
        table = _spread(unit, month, total)
        if month.month.month == OPEN_MONTH:
            _disturb(table, unit, month, total, number)
        for day, users in table.items():
            found.setdefault(day, Counter()).update(users)
    return found


def _totals(month: MonthOfDemo) -> dict[str, int]:
    return {
        unit: int(value)
        for (unit, indicator, _all), value in month.figures.items()
        if indicator == daily.INDICATOR
    }


def _spread(unit: str, month: MonthOfDemo, total: int) -> Days:
    """Spread each outlet's users evenly over the month, as many a day as the unit had."""
    random = stream(f"outlets/{month.month:%m}/{unit}")
    places = []
    for dealer, users in shares(unit, month.month, total):
        offset = random.random()
        places += [((n + offset) / users, dealer.code) for n in range(users)]
    queue = [code for _place, code in sorted(places)]
    stood, table = 0, {}
    for day, until in daily.courses(month.month, month.as_of, {unit: total})[unit].items():
        table[day] = Counter(queue[stood:until])
        stood = until
    return table


def _disturb(table: Days, unit: str, month: MonthOfDemo, total: int, number: int) -> None:
    """Let one outlet rise, one fall and one or two stand still; every sum stays."""
    codes = [dealer.code for dealer, _users in shares(unit, month.month, total)]
    last = month.as_of
    rise, fall = last - timedelta(days=2 * number % 7), last - timedelta(days=3 * number % 8)
    _set(table, codes[4], rise, 6 + number % 3, codes[0])
    _set(table, codes[1], fall, number % 2, codes[0])
    for code, since in ((codes[-1], 7 + number), (codes[-3], 6 + 2 * number)):
        for back in range(since if number % 2 or code == codes[-1] else 0):
            _set(
                table, code, last - timedelta(days=back), 0, codes[0], last - timedelta(days=since)
            )


def _set(
    table: Days, code: str, day: date, users: int, other: str, until: date | None = None
) -> None:
    """Give an outlet so many on a day, in exchange with another outlet's days up to `until`."""
    while table[day][code] != users:
        step = 1 if users > table[day][code] else -1
        # Where the exchange leaves the most to both.
        free = [one for one in table if one != day and (until is None or one <= until)]
        one = max(free, key=lambda one: table[one][code if step > 0 else other])
        table[day].update({code: step, other: -step})
        table[one].update({code: -step, other: step})
