"""The demo's actuals and events, month by month (rules §13.6, §13.7; worked examples 8 and 9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random

from kpi.models import EventKind
from portal.demo import DISTRICT, UNITS, YEAR, march, plan, stream
from targets.months import last_day
from targets.rules.breakdown import largest_remainder

Cell = tuple[str, str, str]  # unit, indicator, breakdown

FINISHED = range(1, 11)  # the published months
OPEN_MONTH = 11
AS_OF = date(YEAR, OPEN_MONTH, 20)  # how far November is reported
NOT_REPORTED = ("grid4", "group")  # in November
OPENING_USERS = 56_400

UNIT_FACTOR = {
    "grid1": 1.03, "grid2": 0.97, "grid3": 1.00, "grid4": 0.88, "suburban": 1.08, "group": 1.01,
}  # fmt: skip
MONTH_FACTOR = {2: 0.93, 3: 1.03, 9: 1.06, 12: 1.04}
IMPROVES_AFTER = 6  # grid 4, by 1.5 points a month
NOISE = 0.04
# What happened beside the personality of a unit: a factor on everything it sells in the month.
SPELLS = {
    ("group", 4): 1.07,  # a school signs
    ("suburban", 5): 0.95, ("grid1", 5): 1.03,
    ("suburban", 6): 0.95, ("grid1", 6): 1.03,
    ("suburban", 7): 0.92, ("grid3", 7): 1.09,  # the new handset counter opens
    ("suburban", 8): 0.95,
    ("grid1", 9): 1.03,
}  # fmt: skip
# Totals that the worked examples fix: gross adds of January and February make 11 480 (8);
# mobile revenue of the two makes 491.37, and net adds follow the path (9).
GROSS = {1: 6_740, 2: 4_740}
REVENUE = {1: "250.35", 2: "241.02"}
NET = {
    1: 2604, 2: -1075, 4: 720, 5: 1036, 6: 263, 7: 227, 8: 1434, 9: 2907, 10: 918, 11: 638,
}  # fmt: skip
# Figures set by hand, so that the year has the stories that its README tells.
SET = {
    (5, "suburban", "mobile_revenue"): "42.10",  # ties with grid 1, which has the better rate
}
# (month, unit, kind, count, day, note)
SET_EVENTS: tuple[tuple[int, str, EventKind, int, int, str], ...] = (
    (8, "grid2", EventKind.VETO, 1, 27, "一网点虚假发展，一票否决"),
)
_CHANCES = {  # late report, audit finding, complaint
    "grid1": (0.15, 0.05, 0.10), "grid2": (0.35, 0.10, 0.20), "grid3": (0.15, 0.10, 0.10),
    "grid4": (0.50, 0.35, 0.45), "suburban": (0.15, 0.05, 0.10), "group": (0.10, 0.05, 0.05),
}  # fmt: skip
_NEW_GROUPS = {
    "grid1": (0, 2), "grid2": (0, 2), "grid3": (0, 1), "grid4": (0, 1), "suburban": (1, 4),
    "group": (1, 5),
}  # fmt: skip
_NOTES = {
    EventKind.LATE_REPORT: "报表迟报", EventKind.AUDIT_FINDING: "稽核发现差错",
    EventKind.COMPLAINT: "有效投诉", EventKind.NEW_GROUP: "新增集团单位",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to be noted."""

    unit: str
    kind: EventKind
    count: int
    on: date
    note: str


@dataclass(frozen=True, slots=True)
class MonthOfDemo:
    """What is reported for a month, as of a day."""

    month: date
    as_of: date
    figures: dict[Cell, Decimal]
    events: tuple[Happening, ...]


def months() -> list[MonthOfDemo]:
    """Return January to November; billed users run on from month to month."""
    tasks = _tasks()
    users = dict(zip(UNITS, largest_remainder(OPENING_USERS, _shares()), strict=True))
    found = []
    for number in (*FINISHED, OPEN_MONTH):
        figures = march.figures() if number == march.MONTH else _figures(number, tasks, users)
        for (when, unit, indicator), value in SET.items():
            if when == number:
                figures[unit, indicator, "all"] = Decimal(value)
        for unit in UNITS:
            users[unit] += int(figures[unit, "mobile_net_adds", "all"])
            figures[unit, "billed_users", "all"] = Decimal(users[unit])
        month = date(YEAR, number, 1)
        quality = stream(f"quality/{number}")
        invalid = {
            (unit, "invalid_users", "all"): Decimal(
                round(figures[unit, "mobile_gross_adds", "all"] * quality.randint(28, 46) / 100)
            )
            for unit in UNITS
        }
        if number == OPEN_MONTH:
            figures = {
                cell: value for cell, value in figures.items() if cell[0] not in NOT_REPORTED
            }
        figures |= invalid  # from the order system: nobody has to report them
        as_of = AS_OF if number == OPEN_MONTH else last_day(month)
        found.append(MonthOfDemo(month, as_of, figures, tuple(_events(number, as_of))))
    return found


def _tasks() -> dict[tuple[int, str, str, str], Decimal]:
    """Return the tasks by month, unit, indicator and breakdown; tiers added up to "all"."""
    found: dict[tuple[int, str, str, str], Decimal] = {}
    for task in plan.tasks():
        part = task.breakdown if task.indicator == "fixed_net_adds" else "all"
        key = (task.month.month, task.unit, task.indicator, part)
        found[key] = found.get(key, Decimal(0)) + task.value
    return found


def _shares() -> list[Fraction]:
    return [Fraction(share) for share in (19, 17, 15, 14, 20, 15)]


def factor(unit: str, number: int) -> float:
    """Return a unit's personality in a month, spells included."""
    personal = UNIT_FACTOR[unit]
    if unit == "grid4":
        personal += 0.015 * max(0, number - IMPROVES_AFTER)
    return personal * SPELLS.get((unit, number), 1.0)


def _figures(
    number: int, tasks: dict[tuple[int, str, str, str], Decimal], users: dict[str, int]
) -> dict[Cell, Decimal]:
    random = stream(f"actuals/{number}")
    progress = AS_OF.day / 30 if number == OPEN_MONTH else 1.0
    season = MONTH_FACTOR.get(number, 1.0) * progress

    def sold(unit: str, indicator: str, part: str = "all", noise: float = NOISE) -> float:
        task = float(tasks[number, unit, indicator, part])
        return task * factor(unit, number) * season * (1 + random.gauss(0, noise))

    gross = _whole([sold(unit, "mobile_gross_adds") for unit in UNITS], GROSS.get(number))
    revenue = [sold(unit, "mobile_revenue", noise=NOISE / 2) for unit in UNITS]
    legacy = float(tasks[number, DISTRICT, "mobile_revenue", "all"]) * progress
    revenue.append(legacy * (1 + random.gauss(0, 0.01)))
    fixed_total = int(Decimal(REVENUE[number]) * 100) if number in REVENUE else None
    cents = _whole([value * 100 for value in revenue], fixed_total)
    net = _net(number, gross, random, progress)
    found: dict[Cell, Decimal] = {(DISTRICT, "mobile_revenue", "all"): Decimal(cents[-1]) / 100}
    for index, unit in enumerate(UNITS):
        fixed = float(tasks[number, unit, "fixed_revenue", "all"]) * progress
        fixed *= 1 + (factor(unit, number) - 1) / 3 + random.gauss(0, 0.012)
        lost = gross[index] - net[index]
        churn = Decimal(lost) / (users[unit] + Decimal(net[index]) / 2)
        visits = float(tasks[number, unit, "channel_visits", "all"]) * progress
        visits *= min(1.1, 1 + (factor(unit, number) - 1) / 2 + random.gauss(0, 0.04))
        found |= {
            (unit, "mobile_revenue", "all"): Decimal(cents[index]) / 100,
            (unit, "fixed_revenue", "all"): _rounded(fixed, "0.01"),
            (unit, "mobile_gross_adds", "all"): Decimal(gross[index]),
            (unit, "mobile_net_adds", "all"): Decimal(net[index]),
            (unit, "churn_rate", "all"): churn.quantize(Decimal("0.0001"), ROUND_HALF_UP),
            (unit, "channel_visits", "all"): _rounded(visits, "1"),
        }
        for part in ("fixed_line", "broadband"):
            value = sold(unit, "fixed_net_adds", part, noise=2 * NOISE)
            found[unit, "fixed_net_adds", part] = _rounded(value, "1")
    return found


def _whole(values: Iterable[float], total: int | None) -> list[int]:
    """Return the values as integers; scaled to a total where the examples fix it."""
    listed = list(values)
    if total is None:
        return [round(value) for value in listed]
    return largest_remainder(total, [Fraction(max(value, 0.0)) for value in listed])


def _net(number: int, gross: list[int], random: Random, progress: float) -> list[int]:
    """Spread the district's net adds: good units keep more, and lose less in a bad month."""
    total = round(NET[number] * progress)
    weights = []
    for unit, users in zip(UNITS, gross, strict=True):
        quality = max(0.3, 1 + 3 * (factor(unit, number) - 1) + random.gauss(0, 0.06))
        weights.append(Fraction(users * (quality if total >= 0 else 1 / quality)))
    return largest_remainder(total, weights)


def _rounded(value: float, step: str) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(step), ROUND_HALF_UP)


def _events(number: int, as_of: date) -> Iterable[Happening]:
    month = date(YEAR, number, 1)
    if number == march.MONTH:
        for unit, kind, count, day, note in march.EVENTS:
            yield Happening(unit, kind, count, month.replace(day=day), note)
        return
    random = stream(f"events/{number}")
    days = (as_of - month).days
    for unit in UNITS:
        chances = _CHANCES[unit]
        kinds = (EventKind.LATE_REPORT, EventKind.AUDIT_FINDING, EventKind.COMPLAINT)
        for kind, chance in zip(kinds, chances, strict=True):
            on = month + timedelta(days=random.randint(0, days))
            if random.random() < chance:
                yield Happening(unit, kind, 1, on, _NOTES[kind])
        low, high = _NEW_GROUPS[unit]
        on = month + timedelta(days=random.randint(0, days))
        if count := random.randint(low, high):
            note = f"{_NOTES[EventKind.NEW_GROUP]} {count} 家"
            yield Happening(unit, EventKind.NEW_GROUP, count, on, note)
    for when, unit, kind, count, day, note in SET_EVENTS:
        if when == number:
            yield Happening(unit, kind, count, month.replace(day=day), note)
