"""A line's arithmetic is told so that it can be done again by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import inf
from typing import Any

import pytest
from django.utils.translation import override

from kpi.models import Actual, Scorecard
from kpi.models.scores import LineState
from kpi.present import curves, words
from kpi.present.formulas import formula
from kpi.present.origins import sources
from kpi.queries.scores import Line, curve_of
from kpi.queries.sources import Sources
from kpi.rules import scoring as rules
from kpi.services.entries import ItemEntry, compiled, item_of
from targets.models import Breakdown, Indicator, Term

USERS = Indicator(pk=1, measure_zh="户", decimals=0)
GROSS = Indicator(pk=2, name_zh="移动用户发展", short_zh="移动发展", measure_zh="户", decimals=0)
NET = Indicator(pk=3, name_zh="移动用户净增", short_zh="移动净增", measure_zh="户", decimals=0)
WHOLE = Breakdown(code=Breakdown.WHOLE_CODE)
RATE = Indicator(pk=4, measure_zh="%", decimals=2, is_percent=True)
AT = datetime(2026, 3, 31, 9, tzinfo=UTC)
BANDS = {"bands": [["0.16", "10"], ["0.14", "8"], [None, "0"]]}
MIN_MAX = {"low": "0.8", "low_points": "12", "high": "1.2", "high_points": "24"}
CAP = {"cap": "1.2", "floor": "0.6", "floor_means": "threshold"}


def line(
    rule: str,
    params: dict[str, Any],
    indicator: Indicator | None,
    *,
    weight: str = "10",
    **result: Any,
) -> Line:
    """Score an item as the engine does, and return its line."""
    role = "bonus" if rule == "bonus" else "item"
    entry = ItemEntry(code="X", rule=rule, name_zh="某项", role=role, params=params,
                      weight=Decimal(0 if role == "bonus" else weight))  # fmt: skip
    item = item_of(entry, indicator)
    item.scorecard = Scorecard(zero_target="spread")
    curve, item.basis, _per = compiled(item, "spread")
    counts = result.pop("events", {})
    if role == "bonus":
        earned = Fraction(params["per"]["new_group"]) * counts["new_group"]
        reason = rules.Reason(rules.Why.BONUS, {"per": Decimal(params["per"]["new_group"])})
        return Line(item, LineState.SCORED, None, None, earned, None,
                    curve.points(*earned.as_integer_ratio()), reason, curve, counts)  # fmt: skip
    given = rules.Result(events=counts, **result)
    ruled = rules.item("X", item.weight, rules.Rule(rule), words.parameters(params))
    scored = rules.line(ruled, given)
    x = rules._position(ruled, given) if scored.points is not None else None
    return Line(
        item, LineState.SCORED if scored.points is not None else LineState.NOT_ASSESSED,
        given.target, given.actual, x, scored.completion, scored.points, scored.reason,
        curve_of(item, "spread"), counts,
    )  # fmt: skip


def told(found: Line, sources: Sources | None = None) -> list[str]:
    with override("zh-hans"):
        return formula(found, sources)


def amounts(target: str | None, actual: str) -> dict[str, Any]:
    return {"target": None if target is None else Decimal(target), "actual": Decimal(actual)}


def ratio(net: int, gross: int) -> tuple[Line, Sources]:
    terms = [Term(source=NET, side="n"), Term(source=GROSS, side="d")]
    actuals = [Actual(indicator=NET, value=Decimal(net), adjustment=Decimal(0)),
               Actual(indicator=GROSS, value=Decimal(gross), adjustment=Decimal(0))]  # fmt: skip
    given = {"actual": Fraction(net, gross)} if gross else {"is_void": True}
    return line("bands", BANDS, RATE, **given), Sources(terms, [], [], actuals, [], [])


@pytest.mark.parametrize(
    ("net", "gross", "last"),
    [
        (188, 1148, "移动净增 188 ÷ 移动发展 1,148 = 16.38%"),
        (144, 900, "移动净增 144 ÷ 移动发展 900 = 16.00%"),
        # 14.00% would be in the band from 14%: as many decimals as it takes.
        (104, 743, "移动净增 104 ÷ 移动发展 743 = 13.9973%"),
        (-10, 786, "移动净增 −10 ÷ 移动发展 786 = −1.27%"),
    ],
)
def test_a_ratio_says_of_which_figures_it_is_one(net: int, gross: int, last: str) -> None:
    assert told(*ratio(net, gross))[-1] == last


def test_a_ratio_over_zero_names_its_divisor() -> None:
    steps = told(*ratio(150, 0))
    assert steps[1:] == ["移动净增 150 ÷ 移动发展 0", "分母为 0：不考核，权重分摊"]


@pytest.mark.parametrize(("reported", "shown"), [(True, "—"), (False, "")])
def test_a_ratio_over_zero_is_not_one_that_nobody_reported(reported: bool, shown: str) -> None:
    _line, found = ratio(150, 0)
    for row in found.actuals:
        row.reported_at, row.breakdown = AT, WHOLE
        row.value = row.value if reported else None
    (row,) = sources(None, None, RATE, found)
    assert row["value"] == shown, "blank is drawn as not reported"


@pytest.mark.parametrize(
    ("actual", "steps"),
    [
        ("786", ["完成率 = 786 ÷ 983 = 79.96%", "79.96%：低于保底 80%"]),
        ("787", ["完成率 = 787 ÷ 983 = 80.06%", "12 + (80.06% − 80%) ÷ (120% − 80%) × (24 − 12)"]),
        ("1180", ["完成率 = 1,180 ÷ 983 = 120.04%", "120.04%：封顶 120%"]),
    ],
)
def test_between_two_rates_the_way_is_written_out(actual: str, steps: list[str]) -> None:
    found = line("min_max", MIN_MAX, USERS, weight="20", **amounts("983", actual))
    assert told(found)[1:] == steps


@pytest.mark.parametrize(
    ("target", "actual", "last"),
    [
        ("34.97", "20.98", "59.99%：低于保底 60%"),
        ("100000", "59999", "59.9990%：低于保底 60%"),
        ("25", "22", "10 × 88.00%"),
        ("100", "120", "10 × 120.00%"),
        ("100", "119.995", "10 × 120.00%"),
        ("-20", "-26", "10 × 70.00%"),
    ],
)
def test_a_rate_is_read_as_exactly_as_its_points_need(target: str, actual: str, last: str) -> None:
    assert told(line("proportional", CAP, USERS, **amounts(target, actual)))[-1] == last


def test_an_actual_of_zero_is_no_division() -> None:
    found = line("inverse", {"cap": "1.2"}, RATE, weight="8", **amounts("0.079", "0"))
    assert found.x == inf
    assert told(found)[1:] == ["完成为 0.00：按封顶 120% 计", "8 × 120.00%"]


@pytest.mark.parametrize(
    ("own", "steps"),
    [
        ("144", ["10 × 144 ÷ 150", "10 × 96.00%"]),
        ("-10", ["10 × −10 ÷ 150", "−6.67%：负值按 0"]),
        ("0", ["10 × 0.00%"]),
    ],
)
def test_beside_the_best_unit_both_figures_stand(own: str, steps: list[str]) -> None:
    found = line("relative", {}, USERS, actual=Decimal(own), best=Decimal(150))
    assert told(found)[1:] == steps


@pytest.mark.parametrize(("count", "said"), [(6, "× 0.5"), (7, "× 0.5，最多 3")])
def test_a_bonus_says_when_its_cap_counts(count: int, said: str) -> None:
    params = {"per": {"new_group": "0.5"}, "cap": "3"}
    found = line("bonus", params, None, events={"new_group": count})
    with override("zh-hans"):
        assert words.reason(found) == f"新增集团 {count} {said}"


def test_without_a_task_the_rule_and_the_reason_remain() -> None:
    steps = told(line("proportional", CAP, USERS, **amounts("0", "3")))
    assert steps[1:] == ["任务为 0：不考核，权重分摊"]


def test_a_curve_is_labelled_where_it_ends() -> None:
    params = {"bands": [["0.16", "10"], ["0.14", "8"], ["0.12", "6"], ["0.10", "3"], [None, "0"]]}
    found = line("bands", params, RATE, actual=Fraction(188, 1148))
    drawn = curves.picture(found.item, "spread", found)
    assert [label["text"] for label in drawn["x_labels"]] == ["0%", "10%", "16%"]
