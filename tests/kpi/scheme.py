"""The scorecard of worked example 4, and its results, built from the file."""

from ast import literal_eval
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi.rules.scoring import Bonus, Item, Parameters, Result, Rule, ZeroTarget, item
from tests.worked_examples import EVENTS, example

EXAMPLE = example("4_kpi")
RULES = {
    "prop": Rule.PROPORTIONAL,
    "band": Rule.BANDS,
    "inverse": Rule.INVERSE,
    "deduct": Rule.DEDUCTION,
}
BONUS = Bonus(per=Decimal("0.5"), cap=Decimal(3))  # 新增集团单位每家 +0.5 分，最高 +3 分


def parameters(rule: Rule, raw: Mapping[str, str]) -> Parameters:
    """Read the parameters as the file writes them."""
    if rule is Rule.BANDS:
        steps = literal_eval(raw["bands"])
        return Parameters(
            bands=tuple(
                (None if limit is None else Decimal(limit), Decimal(points))
                for limit, points in steps
            )
        )
    if rule is Rule.DEDUCTION:
        return Parameters(per={EVENTS[name]: Decimal(price) for name, price in raw.items()})
    return Parameters(cap=Decimal(raw["cap"]), floor=Decimal(raw.get("floor", "0")))


def read_item(code: str, kind: str, weight: int, raw: Mapping[str, str]) -> Item:
    """Return the item of a row of the file."""
    return item(code, Decimal(weight), RULES[kind], parameters(RULES[kind], raw))


def scheme(zero_target: ZeroTarget = ZeroTarget.SPREAD) -> list[Item]:
    """The eight items of the scorecard."""
    return [
        item(
            row["code"],
            Decimal(row["权重"]),
            RULES[row["计分"]],
            parameters(RULES[row["计分"]], row["参数"]),
            zero_target,
        )
        for row in EXAMPLE["indicators"]
    ]


def read_result(raw: Mapping[str, str]) -> Result:
    """Read T, A and events as the file writes them."""
    events = {EVENTS[name]: int(count) for name, count in raw.items() if name in EVENTS}
    target, actual = raw.get("T"), raw.get("A")
    return Result(
        target=None if target is None else Fraction(target),
        actual=None if actual is None else Fraction(actual),
        events=events,
    )


def results(unit: str) -> dict[str, Result]:
    """The March results of a unit, by its Chinese name."""
    lines: dict[str, Any] = EXAMPLE["base_case"][unit]["items"]
    return {code: read_result(row["数据"]) for code, row in lines.items()}


def bonus_count(unit: str) -> int:
    """The new groups that the unit's bonus says; its cap is reached with 6 or more."""
    return int(Decimal(EXAMPLE["base_case"][unit]["加分"]) / BONUS.per)
