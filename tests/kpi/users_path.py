"""The users' path of worked example 9 in a small district: one unit holds the whole district."""

from datetime import date
from decimal import Decimal

from kpi.models import Actual
from targets.models import Indicator, Rollup, Term
from tests.district import NOW, District
from tests.worked_examples import example

PATH = example("9_plan_roll_forward")["rows"]
YEAR = example("9_plan_roll_forward")["年"]
UNIT = "grid1"
# code: (roll-up, decimals, is a percentage, divisor, [(side, source, coefficient)])
DERIVED = {
    "opening_users": (Rollup.FIRST, 0, False, 1,
                      [("n", "billed_users", 1), ("n", "mobile_net_adds", -1)]),
    "lost_users": (Rollup.SUM, 0, False, 1,
                   [("n", "mobile_gross_adds", 1), ("n", "mobile_net_adds", -1)]),
    "average_users": (Rollup.MEAN, 1, False, 2,
                      [("n", "billed_users", 2), ("n", "mobile_net_adds", -1)]),
    "average_churn": (Rollup.RATIO, 2, True, 1,
                      [("n", "mobile_gross_adds", 2), ("n", "mobile_net_adds", -2),
                       ("d", "billed_users", 2), ("d", "mobile_net_adds", -1)]),
    "arpu": (Rollup.RATIO, 2, False, 1,
             [("n", "mobile_revenue", 20_000),
              ("d", "billed_users", 2), ("d", "mobile_net_adds", -1)]),
    "effective_rate_b": (Rollup.RATIO, 2, True, 1,
                         [("n", "mobile_gross_adds", 1), ("n", "invalid_users", -1),
                          ("d", "mobile_gross_adds", 1)]),
}  # fmt: skip
REPORTED = {
    "mobile_gross_adds": "发展",
    "mobile_net_adds": "净增",
    "billed_users": "期末出账",
    "mobile_revenue": "收入(万元)",
}


def add_indicators(district: District) -> None:
    """Add billed and invalid users, and what is derived from them."""
    for position, code in enumerate(("billed_users", "invalid_users"), start=50):
        row = Indicator.objects.create(
            district=district.root, code=code, name_zh=code, measure_zh="户", entry="whole",
            rollup=Rollup.LAST if code == "billed_users" else Rollup.SUM, position=position,
        )  # fmt: skip
        Term.objects.create(indicator=row, source=row)
        district.indicators[code] = row
    for position, (code, shape) in enumerate(DERIVED.items(), start=60):
        rollup, decimals, is_percent, divisor, parts = shape
        row = Indicator.objects.create(
            district=district.root, code=code, name_zh=code, measure_zh="%" if is_percent else "户",
            rollup=rollup, decimals=decimals, is_percent=is_percent, divisor=divisor,
            is_derived=True, position=position,
        )  # fmt: skip
        for side, source, coefficient in parts:
            Term.objects.create(
                indicator=row, source=district.indicators[source], side=side,
                sign=1 if coefficient > 0 else -1, factor=abs(coefficient),
            )  # fmt: skip
        district.indicators[code] = row


def report(district: District, unit: str, indicator: str, month: date, value: str | int) -> None:
    Actual.objects.create(
        month=month, unit=district.units[unit], indicator=district.indicators[indicator],
        breakdown=district.breakdowns["all"], value=Decimal(value), as_of=month, reported_at=NOW,
    )  # fmt: skip


def build(district: District) -> None:
    """Report the twelve months; the revenue is that of the district."""
    add_indicators(district)
    for row in PATH:
        for indicator, name in REPORTED.items():
            report(district, UNIT, indicator, date(2026, row["月"], 1), row[name])
