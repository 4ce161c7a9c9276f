"""Scores of a month, on worked example 4."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kpi.rules.curves import BadRule, FloorMeaning, Why
from kpi.rules.ranking import Standing, competition_ranks, rank
from kpi.rules.scoring import (
    UNBOUNDED,
    Bonus,
    Card,
    Completion,
    Line,
    Parameters,
    Reason,
    Result,
    Rule,
    TargetMissing,
    UnknownEvent,
    Veto,
    ZeroTarget,
    bonus_points,
    completion,
    has_full_weight,
    inverse_completion,
    item,
    line,
    score,
)
from targets.rules.growth import rounded
from tests.kpi.scheme import BONUS, EXAMPLE, bonus_count, read_item, read_result, results, scheme

UNITS = list(EXAMPLE["base_case"])
MARCH = {
    unit: score(scheme(), results(unit), bonus=BONUS, bonus_count=bonus_count(unit))
    for unit in UNITS
}
HUNDRED = Decimal(100)


def percent(value: Completion | None) -> str | None:
    if value is None:
        return None
    return "∞" if value == UNBOUNDED else f"{rounded(100 * Fraction(value), 2)}%"


def sentence(reason: Reason) -> str:
    """Write a reason the way the example does."""
    figures = reason.params
    match reason.code:
        case Why.BY_COMPLETION:
            return "按完成率"
        case Why.CAPPED:
            return f"封顶{rounded(100 * Fraction(figures['cap'] or 0), 0)}%"
        case Why.BELOW_FLOOR:
            return f"低于保底线{rounded(100 * Fraction(figures['floor'] or 0), 0)}%,不得分"
        case Why.NEGATIVE_AS_ZERO:
            return "负值按0"
        case Why.BAND:
            limit = figures["threshold"]
            band = "其余" if limit is None else f"≥{percent(Fraction(limit))}"
            return f"{percent(Fraction(figures['value'] or 0))} 落入档位 {band}"
        case Why.INVERSE:
            return f"目标/实际,封顶{rounded(100 * Fraction(figures['cap'] or 0), 0)}%"
        case Why.DEDUCTED | Why.USED_UP:
            return f"{figures['weight']} - {rounded(Fraction(figures['deducted'] or 0), 2)}"
        case Why.NOT_ASSESSED:
            return "目标为0:不考核,权重分摊"
    raise AssertionError(reason)


@pytest.mark.parametrize("unit", UNITS)
def test_every_line_of_march_scores_as_in_the_example(unit: str) -> None:
    expected = EXAMPLE["base_case"][unit]["items"]
    for scored in MARCH[unit].lines:
        row = expected[scored.code]
        assert (None if scored.points is None else str(scored.points)) == row["score"]
        assert percent(scored.completion) == row.get("rate")
        assert sentence(scored.reason) == row["why"]
        assert scored.is_assessed is row["applicable"]
        assert scored.weight == row["权重"]


@pytest.mark.parametrize("unit", UNITS)
def test_every_card_of_march_adds_up_by_hand(unit: str) -> None:
    expected, card = EXAMPLE["base_case"][unit], MARCH[unit]
    assert card.applicable_weight == expected["适用权重合计"]
    assert str(card.unspread_base) == expected["基础得分(未分摊)"]
    assert str(card.base) == expected["基础得分"]
    assert str(card.bonus) == expected["加分"]
    assert str(card.total) == expected["总分"] == EXAMPLE["总分"][unit]
    assert card.unspread_base == sum(row.points or 0 for row in card.lines)
    assert card.pending == ()
    assert card.range == (card.total, card.total)


def test_the_weights_of_the_scheme_make_100() -> None:
    assert has_full_weight(scheme())
    assert not has_full_weight(scheme()[1:])


def standing(unit: str, card: Card) -> Standing:
    rates = {row.code: row.completion for row in card.lines}
    return Standing(
        unit, card.total, (rates["K1"], rates["K2"], rates["K3"]), card.veto is Veto.ZERO
    )


def test_march_ranks_share_a_tie_and_skip_the_next_rank() -> None:
    totals = [MARCH[unit].total for unit in UNITS]
    ranks = dict(zip(UNITS, competition_ranks(totals), strict=True))
    assert ranks == EXAMPLE["名次(1,2,2,4)"]
    places = rank([standing(unit, MARCH[unit]) for unit in UNITS])
    assert {place.unit: place.rank for place in places} == ranks


def test_the_tie_break_orders_the_tied_on_the_page() -> None:
    tie = EXAMPLE["tie"]
    for unit in tie["units"]:
        assert str(MARCH[unit].total) == tie["score"]
        assert percent(MARCH[unit].lines[0].completion) == tie["K1 rates"][unit]
    order = [place.unit for place in rank([standing(unit, MARCH[unit]) for unit in UNITS])]
    first, second = tie["after tie-break"].split(" before ")
    assert order.index(first) + 1 == order.index(second)


def test_a_veto_takes_the_score_and_the_last_rank() -> None:
    case = EXAMPLE["veto_case"]
    unit = case["unit"]
    assert str(MARCH[unit].total) == case["before"]
    vetoed = score(
        scheme(), results(unit), bonus=BONUS, bonus_count=bonus_count(unit), veto=Veto.ZERO
    )
    assert str(vetoed.total) == case["after"]
    assert vetoed.lines == MARCH[unit].lines
    cards = MARCH | {unit: vetoed}
    places = rank([standing(name, card) for name, card in cards.items()])
    assert {place.unit: place.rank for place in places} == case["名次"]


def test_a_veto_of_the_award_leaves_score_and_rank() -> None:
    unit = EXAMPLE["veto_case"]["unit"]
    card = score(
        scheme(), results(unit), bonus=BONUS, bonus_count=bonus_count(unit), veto=Veto.AWARD_ONLY
    )
    assert str(card.total) == EXAMPLE["veto_case"]["before"]
    assert card.veto is Veto.AWARD_ONLY


@pytest.mark.parametrize(
    ("policy", "name"),
    [(ZeroTarget.SPREAD, "exclude"), (ZeroTarget.FULL, "full"), (ZeroTarget.ZERO, "zero")],
)
def test_a_zero_target_follows_its_policy(policy: ZeroTarget, name: str) -> None:
    expected = EXAMPLE["zero_target_网格3_K4"][name]
    card = score(scheme(policy), results("网格3"), bonus=BONUS)
    assert card.applicable_weight == expected["适用权重"]
    assert str(card.unspread_base) == expected["基础得分(未分摊)"]
    assert str(card.total) == expected["总分"]


def test_a_zero_target_needs_no_actual() -> None:
    card = score(scheme(), results("网格3") | {"K4": Result(target=Decimal(0))}, bonus=BONUS)
    assert card.total == MARCH["网格3"].total


def without_churn() -> dict[str, Result]:
    given = results("城乡结合办")
    return given | {"K6": replace(given["K6"], actual=None)}


def test_a_missing_actual_leaves_the_total_open_within_a_range() -> None:
    expected = EXAMPLE["missing_actual_城乡结合办_K6"]["before close"]
    card = score(scheme(), without_churn(), bonus=BONUS, bonus_count=6)
    assert list(card.pending) == expected["待报"]
    assert card.total is expected["总分"]
    assert card.range is not None
    assert [str(end) for end in card.range] == expected["可能区间"]
    assert str(card.base) == expected["基础得分"]
    assert str(card.bonus) == expected["加分"]


def test_a_month_closed_without_an_actual_scores_zero_for_it() -> None:
    expected = EXAMPLE["missing_actual_城乡结合办_K6"]["after deadline, policy zero"]
    given = without_churn()
    given["K6"] = replace(given["K6"], closed_at_zero=True)
    card = score(scheme(), given, bonus=BONUS, bonus_count=6)
    assert str(card.total) == expected["总分"]
    assert card.lines[5].reason.code is Why.CLOSED_AT_ZERO


def test_a_veto_settles_the_range_but_not_a_pending_total() -> None:
    card = score(scheme(), without_churn(), veto=Veto.ZERO)
    assert (card.total, card.range) == (None, (0, 0))


def test_a_missing_target_is_a_configuration_error_naming_the_items() -> None:
    given = results("网格1")
    codes = tuple(EXAMPLE["missing_target"].removeprefix("rejected: 缺目标: ").split(","))
    for code in codes:
        given[code] = replace(given[code], target=None)
    with pytest.raises(TargetMissing) as caught:
        score(scheme(), given)
    assert caught.value.codes == codes
    with pytest.raises(TargetMissing) as caught:
        score(scheme(), {})
    assert caught.value.codes == ("K1", "K2", "K3", "K4", "K6", "K7")


@pytest.mark.parametrize("case", EXAMPLE["unit_tests"], ids=lambda case: case["case"])
def test_single_items_score_as_in_the_example(case: dict[str, Any]) -> None:
    scored = line(
        read_item("K", case["kind"], case["权重"], case["参数"]), read_result(case["数据"])
    )
    assert str(scored.points) == case["得分"]
    assert percent(scored.completion) == case["rate"]
    assert sentence(scored.reason) == case["why"]


@pytest.mark.parametrize("row", EXAMPLE["min_max_percent_scheme"]["rows"])
def test_min_max_interpolates_between_two_points(row: dict[str, str]) -> None:
    rule = item(
        "K",
        Decimal(20),
        Rule.MIN_MAX,
        Parameters(
            low=Decimal("0.8"), low_points=Decimal(12), high=Decimal("1.2"), high_points=Decimal(24)
        ),
    )
    scored = line(rule, Result(target=HUNDRED, actual=Decimal(row["完成率"])))
    assert str(scored.points) == row["得分"]


def one(rule: Rule, parameters: Parameters, result: Result, weight: int = 10) -> Line:
    return line(item("K", Decimal(weight), rule, parameters), result)


BASE_SCORE = Parameters(
    cap=Decimal("1.2"), floor=Decimal("0.6"), floor_means=FloorMeaning.BASE_SCORE
)


@pytest.mark.parametrize(
    ("actual", "points", "why"),
    [
        ("-5", "6.00", Why.RAISED_TO_FLOOR),
        ("59.99", "6.00", Why.RAISED_TO_FLOOR),
        ("60", "6.00", Why.BY_COMPLETION),
        ("61", "6.10", Why.BY_COMPLETION),
        ("120", "12.00", Why.BY_COMPLETION),
        ("120.01", "12.00", Why.CAPPED),
    ],
)
def test_a_base_score_is_never_undercut(actual: str, points: str, why: Why) -> None:
    scored = one(Rule.PROPORTIONAL, BASE_SCORE, Result(HUNDRED, Decimal(actual)))
    assert (str(scored.points), scored.reason.code) == (points, why)


def test_without_a_cap_104_and_137_percent_rank_apart() -> None:
    points = [
        one(Rule.PROPORTIONAL, Parameters(), Result(HUNDRED, Decimal(actual))).points
        for actual in ("104", "137")
    ]
    assert points == [Decimal("10.40"), Decimal("13.70")]
    card = score([item("K", Decimal(10), Rule.PROPORTIONAL, Parameters())], {"K": Result(HUNDRED)})
    assert card.range == (0, None)


@pytest.mark.parametrize(
    ("target", "actual", "points"),
    [("8", "10", "7.50"), ("8", "4", "12.00"), ("8", "16", "0.00"), ("8", "20", "0.00")],
)
def test_the_linear_inverse_takes_two_minus_the_ratio(
    target: str, actual: str, points: str
) -> None:
    result = Result(Decimal(target), Decimal(actual))
    scored = one(Rule.INVERSE_LINEAR, Parameters(cap=Decimal("1.2")), result)
    assert str(scored.points) == points


def test_an_inverse_item_has_its_best_case_at_zero_and_below() -> None:
    assert inverse_completion(Decimal(8), Decimal(0)) == UNBOUNDED
    assert inverse_completion(Decimal(8), Decimal(-1)) == UNBOUNDED
    assert inverse_completion(Decimal(0), Decimal(1)) is None


def test_an_inverse_item_with_a_negative_target_still_prefers_lower() -> None:
    assert inverse_completion(Decimal(-20), Decimal(-25)) == Fraction(5, 4)
    assert inverse_completion(Decimal(-20), Decimal(-15)) == Fraction(3, 4)


@pytest.mark.parametrize(
    ("own", "best", "points"),
    [("50", "80", "6.25"), ("80", "80", "10.00"), ("-3", "80", "0.00"), ("-3", "-1", "0.00")],
)
def test_relative_points_compare_with_the_best(own: str, best: str, points: str) -> None:
    result = Result(actual=Decimal(own), best=Decimal(best))
    assert str(one(Rule.RELATIVE, Parameters(), result).points) == points


def test_relative_points_wait_for_the_best() -> None:
    assert one(Rule.RELATIVE, Parameters(), Result(actual=Decimal(1))).is_pending


def test_a_deduction_says_when_the_weight_is_used_up() -> None:
    rule = Parameters(per={"complaint": Decimal(1)})
    whys = [
        one(Rule.DEDUCTION, rule, Result(events={"complaint": count}), weight=5).reason.code
        for count in (0, 5, 6)
    ]
    assert whys == [Why.DEDUCTED, Why.DEDUCTED, Why.USED_UP]


def test_events_without_a_price_or_below_zero_are_refused() -> None:
    rule = Parameters(per={"complaint": Decimal(1)})
    for events in ({"fire": 1}, {"complaint": -1}):
        with pytest.raises(UnknownEvent):
            one(Rule.DEDUCTION, rule, Result(events=events))


@pytest.mark.parametrize(("count", "points"), [(0, "0.00"), (5, "2.50"), (6, "3.00"), (7, "3.00")])
def test_a_bonus_is_capped(count: int, points: str) -> None:
    earned, reason = bonus_points(BONUS, count)
    assert str(earned) == points
    assert reason.params == {"count": count, "per": BONUS.per, "cap": BONUS.cap}


def test_a_bonus_counts_no_negative_events() -> None:
    with pytest.raises(ValueError, match="less than 0"):
        bonus_points(Bonus(Decimal(1), Decimal(1)), -1)


def test_a_card_on_which_nothing_is_assessed_has_no_total() -> None:
    rule = item("K", HUNDRED, Rule.PROPORTIONAL, Parameters(cap=Decimal("1.2")))
    card = score([rule], {"K": Result(Decimal(0), Decimal(3))})
    assert (card.total, card.base, card.range, card.pending) == (None, None, None, ())


def test_completion_of_a_target_of_zero_is_undefined() -> None:
    assert completion(Decimal(0), Decimal(3)) is None


@pytest.mark.parametrize(
    ("rule", "parameters", "at_fault"),
    [
        (Rule.PROPORTIONAL, Parameters(cap=Decimal("0.6"), floor=Decimal("0.6")), "cap"),
        (Rule.PROPORTIONAL, Parameters(floor=Decimal("-0.1")), "floor"),
        (Rule.INVERSE, Parameters(), "cap"),
        (Rule.INVERSE, Parameters(cap=Decimal(0)), "cap"),
        (Rule.INVERSE_LINEAR, Parameters(), "cap"),
        (Rule.BANDS, Parameters(), "bands"),
        (Rule.BANDS, Parameters(bands=((Decimal(1), Decimal(-1)),)), "bands"),
        (Rule.BANDS, Parameters(bands=((Decimal(1), Decimal(1)),) * 2), "bands"),
        (Rule.DEDUCTION, Parameters(), "per"),
        (Rule.DEDUCTION, Parameters(per={"late": Decimal(-1)}), "per"),
        (Rule.MIN_MAX, Parameters(low=Decimal(1)), "low_points"),
        (
            Rule.MIN_MAX,
            Parameters(None, low=HUNDRED, low_points=HUNDRED, high=HUNDRED, high_points=HUNDRED),
            "high",
        ),
    ],
)
def test_bad_parameters_are_named(rule: Rule, parameters: Parameters, at_fault: str) -> None:
    with pytest.raises(BadRule) as caught:
        item("K", Decimal(10), rule, parameters)
    assert caught.value.field == at_fault


def test_a_weight_must_be_above_zero() -> None:
    with pytest.raises(BadRule) as caught:
        item("K", Decimal(0), Rule.RELATIVE, Parameters())
    assert caught.value.field == "weight"
