"""The demo's campaigns: the sprint to 1 000 users (plan §8.4), the value-added contest (§5.1)."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from portal.demo import YEAR, stream
from targets.rules.breakdown import largest_remainder

SPRINT, VALUE_ADDED, OCTOBER, BROADBAND = "sprint", "value_added", "october", "broadband"
_SHAPE: dict[str, Any] = {
    "tier": "", "units": [], "indicator": None, "measure": "户", "decimals": 0, "goal": None,
    "threshold": None, "levels": [], "tie": "share", "notice_days": 3, "source": "entered",
}  # fmt: skip
# The sprint's total at each report; the last is what it came to.
SPRINT_REPORTS = {date(YEAR, 3, 20): 172, date(YEAR, 3, 31): 655, date(YEAR, 4, 15): 1036}
VALUE_REPORTS = (date(YEAR, 10, 31), date(YEAR, 11, 10), date(YEAR, 11, 20))


def campaigns() -> dict[str, dict[str, Any]]:
    """Return the terms of each, an indicator by its code."""
    return {
        SPRINT: _SHAPE | {
            "name_zh": "冲刺1000户", "name_en": "Sprint to 1,000 users", "contestants": "dealers",
            "tier": "t1", "starts_on": date(YEAR, 3, 16), "ends_on": date(YEAR, 4, 15),
            "goal": Decimal(1000), "threshold": Decimal(40),
            "prizes": [[1, "800.00"], [2, "400.00"], [3, "200.00"]], "levels": [["80", "200.00"]],
            "note": "一级网点新发展移动用户，3月16日前走访传达到位。",
        },
        VALUE_ADDED: _SHAPE | {
            "name_zh": "增值业务发展竞赛", "name_en": "Value-added contest",
            "contestants": "people", "starts_on": date(YEAR, 10, 15),
            "ends_on": date(YEAR, 12, 31), "goal": Decimal(6000), "threshold": Decimal(60),
            "prizes": [[1, "500.00"], [2, "300.00"], [3, "100.00"]],
            "levels": [["120", "50.00"], ["200", "120.00"]], "tie": "earlier",
            "note": "新开通增值业务的户数，按人累计。",
        },
        OCTOBER: _SHAPE | {
            "name_zh": "十月移动发展赛", "name_en": "October gross adds", "contestants": "units",
            "source": "reported", "indicator": "mobile_gross_adds", "measure": "",
            "starts_on": date(YEAR, 10, 1), "ends_on": date(YEAR, 10, 31),
            "prizes": [[1, "600.00"], [1, "300.00"]],
        },
        BROADBAND: _SHAPE | {
            "name_zh": "年末宽带冲刺", "name_en": "Year-end broadband sprint",
            "contestants": "units", "source": "reported", "indicator": "fixed_net_adds",
            "measure": "", "starts_on": date(YEAR, 12, 1), "ends_on": date(YEAR, 12, 31),
            "prizes": [[1, "500.00"], [2, "200.00"]],
        },
    }  # fmt: skip


def sprint_results(dealers: Sequence[str]) -> Iterator[tuple[date, dict[str, int]]]:
    """Yield what each dealer had at each report: Zipf shares that drift a little."""
    random = stream("campaigns/sprint")
    weights = [Fraction(1 / rank**0.7) for rank in range(1, len(dealers) + 1)]
    random.shuffle(weights)
    had = dict.fromkeys(dealers, 0)
    before = 0
    for day, total in SPRINT_REPORTS.items():
        drift = [weight * Fraction(random.uniform(0.75, 1.25)) for weight in weights]
        new = largest_remainder(total - before, drift)
        had = {dealer: had[dealer] + more for dealer, more in zip(dealers, new, strict=True)}
        before = total
        yield day, dict(had)


def value_added_results(people: Sequence[str]) -> Iterator[tuple[date, dict[str, int]]]:
    """Yield what each person had at each report; two have not reported yet."""
    random = stream("campaigns/value-added")
    skill = {code: random.uniform(0.5, 1.6) for code in people}
    had = dict.fromkeys(people[:-2], 0)
    for day in VALUE_REPORTS:
        for code in had:
            had[code] += round(26 * skill[code] * random.uniform(0.7, 1.3))
        yield day, dict(had)
