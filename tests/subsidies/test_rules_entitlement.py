"""Monthly entitlements give the figures of worked example 5."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from subsidies.rules.entitlement import Policy, State, district_total, entitlement
from tests.worked_examples import example

CAPS = {"cap100": Decimal(1), "cap120": Decimal("1.2"), "uncapped": None}
by_cap = pytest.mark.parametrize("cap_name", CAPS)


def row_policy(row: dict[str, Any], cap: Decimal | None) -> Policy:
    return Policy(Decimal(row["固定(元)"]), Decimal(row["浮动基数(元)"]), cap)


@by_cap
@pytest.mark.parametrize("row", example("5_subsidy")["rows"], ids=lambda row: row["业务单元"])
def test_every_unit_of_the_example_is_reproduced(row: dict[str, Any], cap_name: str) -> None:
    result = entitlement(
        row_policy(row, CAPS[cap_name]),
        Decimal(row["总收入任务(万元)"]),
        Decimal(row["总收入完成(万元)"]),
    )

    assert result.state is State.SETTLED
    assert percent(result.completion) == row["完成比例"]
    assert result.floating == Decimal(row[cap_name]["浮动"])
    assert result.total == Decimal(row[cap_name]["合计"])


@by_cap
def test_the_district_total_of_the_example_is_reproduced(cap_name: str) -> None:
    group = example("5_subsidy")
    results = [
        entitlement(
            row_policy(row, CAPS[cap_name]),
            Decimal(row["总收入任务(万元)"]),
            Decimal(row["总收入完成(万元)"]),
        )
        for row in group["rows"]
    ]
    assert district_total(results) == Decimal(group["district total"][cap_name])


# The example states these edges by their ratio; base, task and actual realise it.
EDGES = {
    "0 revenue": ("1000", "33.36", "0"),
    "half-up to 分: 800×66.666..%": ("800", "33.36", "22.24"),
    "negative revenue (调账)": ("1000", "100", "-6.19"),
    "exactly 120%": ("1000", "50", "60"),
    "150%": ("1000", "50", "75"),
}


@by_cap
@pytest.mark.parametrize("edge", example("5_subsidy")["edges"], ids=lambda edge: edge["case"])
def test_edges_of_the_example(edge: dict[str, Any], cap_name: str) -> None:
    base, task, actual = map(Decimal, EDGES[edge["case"]])
    result = entitlement(Policy(Decimal(0), base, CAPS[cap_name]), task, actual)
    assert percent(result.completion) == edge["ratio"]
    assert result.floating == Decimal(edge[cap_name])


def test_the_cap_is_said_to_bind_only_above_it() -> None:
    policy = Policy(Decimal(0), Decimal(1000), Decimal("1.2"))
    under, on, over = (entitlement(policy, Decimal(50), Decimal(it)) for it in (59, 60, 61))
    assert (under.capped, on.capped, over.capped) == (False, False, True)


@pytest.mark.parametrize("task", [Decimal(0), Decimal("-5")])
def test_without_a_positive_task_the_floating_part_is_left_to_a_person(task: Decimal) -> None:
    result = entitlement(Policy(Decimal(600), Decimal(800)), task, Decimal(10))
    assert result.state is State.MANUAL
    assert (result.completion, result.floating) == (None, Decimal("0.00"))
    assert result.total == Decimal("600.00")


@pytest.mark.parametrize(("task", "actual"), [(Decimal(33), None), (None, Decimal(33))])
def test_missing_revenue_or_task_is_pending_and_not_zero(
    task: Decimal | None, actual: Decimal | None
) -> None:
    result = entitlement(Policy(Decimal(600), Decimal(800)), task, actual)
    assert result.state is State.PENDING
    assert (result.fixed, result.floating, result.total) == (Decimal("600.00"), None, None)
    assert district_total([result]) is None


def percent(ratio: Fraction | None) -> str:
    assert ratio is not None
    hundredths = int(abs(ratio) * 10_000 + Fraction(1, 2))
    return f"{'-' if ratio < 0 else ''}{hundredths / 100:.2f}%"
