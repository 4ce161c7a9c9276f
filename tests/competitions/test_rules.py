"""The monthly competition is decided as in worked example 7, under every policy."""

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest

from competitions.rules import (
    Decision,
    Gate,
    GateCode,
    NoQualifier,
    Policy,
    ReasonCode,
    Standing,
    State,
    TieStep,
    decide,
    gate,
)
from tests.worked_examples import UNITS, example

MONTHS = {month["title"][0]: month for month in example("7_competition")["months"]}
AMOUNT = Decimal("500.00")
RATES_THEN_SPLIT = (TieStep.REVENUE_RATE, TieStep.VOLUME_RATE, TieStep.SPLIT)
SECTIONS = {NoQualifier.NONE: "strict", NoQualifier.NEXT: "alternative next qualifier"}
# Every policy there is: no rate, one, or both in either order, then split or each.
TIES = [
    (*rates, ending)
    for length in range(3)
    for rates in itertools.permutations((TieStep.REVENUE_RATE, TieStep.VOLUME_RATE), length)
    for ending in (TieStep.SPLIT, TieStep.EACH)
]

by_month = pytest.mark.parametrize("month", MONTHS)
by_no_qualifier = pytest.mark.parametrize("no_qualifier", NoQualifier)
by_tie = pytest.mark.parametrize("tie", TIES, ids=lambda tie: "-".join(tie))


def standings(month: str) -> list[Standing]:
    return [
        Standing(
            unit=UNITS[row["单元"]],
            score=Decimal(row["KPI"]),
            revenue_task=Decimal(row["收入任务"]),
            revenue_actual=Decimal(row["收入完成"]),
            volume_task=Decimal(row["发展任务"]),
            volume_actual=Decimal(row["发展完成"]),
            veto=row["否决"],
        )
        for row in MONTHS[month]["table"]
    ]


def awards_of(amounts: dict[str, str]) -> dict[str, Decimal]:
    return {UNITS[name]: Decimal(amount) for name, amount in amounts.items()}


def expected_awards(month: str, no_qualifier: NoQualifier, tie: tuple[TieStep, ...]) -> Any:
    """Read the outcome from the example; a tie there names one outcome per way of settling it."""
    section = MONTHS[month][SECTIONS[no_qualifier]]
    if "tied" not in section:
        return awards_of(section["award"]) if section["winner"] else {}
    if tie == RATES_THEN_SPLIT:
        outcome = section["policy tie-break (收入完成率→发展完成率)"]
        return awards_of(outcome.get("still tied → split", outcome))
    if len(tie) > 1 and month == "5":
        # The revenue rate favours the group centre (102.41 % to 101.39 %), the volume rate the
        # suburban office (103.94 % to 101.39 %): whichever is compared first decides.
        return {"group" if tie[0] is TieStep.REVENUE_RATE else "suburban": AMOUNT}
    outcome = "policy split" if tie[-1] is TieStep.SPLIT else "policy each full"
    return awards_of(section[outcome])


@by_month
@by_no_qualifier
@by_tie
def test_every_policy_gives_the_award_of_the_example(
    month: str, no_qualifier: NoQualifier, tie: tuple[TieStep, ...]
) -> None:
    result = decide(Policy(AMOUNT, no_qualifier, tie), standings(month))

    assert result.winners == expected_awards(month, no_qualifier, tie)
    assert result.state is (State.AWARDED if result.winners else State.NO_WINNER)
    for verdict in result.verdicts:
        assert verdict.award == result.winners.get(verdict.unit)
        assert bool(verdict.why_not) is (verdict.unit not in result.winners)
    json.dumps([result.reason.as_json(), *(each.as_json() for each in all_why_not(result))])


@by_month
def test_ranks_and_gates_of_the_example(month: str) -> None:
    result = decide(Policy(AMOUNT), standings(month))
    for row in MONTHS[month]["table"]:
        verdict = result.verdict(UNITS[row["单元"]])
        assert verdict.rank == row["名次"]
        assert all(each.met for each in verdict.gates) is row["量收双完成"]


@by_month
@by_no_qualifier
@pytest.mark.parametrize("tie", [tie for tie in TIES if tie[-1] is TieStep.SPLIT])
def test_a_round_never_pays_more_or_less_than_its_amount_when_ties_are_split(
    month: str, no_qualifier: NoQualifier, tie: tuple[TieStep, ...]
) -> None:
    result = decide(Policy(AMOUNT, no_qualifier, tie), standings(month))
    assert sum(result.winners.values()) in (0, AMOUNT)


def test_odd_cents_of_a_split_go_to_the_units_listed_first() -> None:
    policy = Policy(AMOUNT, tie=(TieStep.SPLIT,))
    listed = decide(policy, standings("6")).winners
    reversed_ = decide(policy, standings("6")[::-1]).winners
    assert [str(each) for each in listed.values()] == ["166.67", "166.67", "166.66"]
    assert list(reversed_) == ["grid1", "suburban", "group"]
    assert [str(each) for each in reversed_.values()] == ["166.67", "166.67", "166.66"]


@pytest.mark.parametrize(
    ("month", "no_qualifier", "code", "params"),
    [
        ("3", "none", ReasonCode.FIRST_AND_QUALIFIED, {"units": ("suburban",), "rank": 1}),
        ("4", "none", ReasonCode.FIRST_NOT_QUALIFIED, {"units": ("suburban",)}),
        ("4", "next", ReasonCode.NEXT_QUALIFIED, {"units": ("group",), "rank": 3}),
        (
            "5",
            "none",
            ReasonCode.TIE_BROKEN,
            {
                "units": ("group",),
                "tied": ("group", "suburban"),
                "rank": 1,
                "step": "revenue_rate",
            },
        ),
        (
            "6",
            "none",
            ReasonCode.TIE_SPLIT,
            {
                "units": ("group", "suburban", "grid1"),
                "tied": ("group", "suburban", "grid1"),
                "rank": 1,
            },
        ),
        ("7", "none", ReasonCode.FIRST_NOT_QUALIFIED, {"units": ("group",)}),
        ("7", "next", ReasonCode.NEXT_QUALIFIED, {"units": ("suburban",), "rank": 2}),
    ],
)
def test_the_reason_says_what_decided(
    month: str, no_qualifier: str, code: ReasonCode, params: dict[str, Any]
) -> None:
    reason = decide(Policy(AMOUNT, NoQualifier(no_qualifier)), standings(month)).reason
    assert (reason.code, reason.params) == (code, params)


def test_why_not_names_each_shortfall_and_place() -> None:
    result = decide(Policy(AMOUNT), standings("4"))
    assert why_not(result, "suburban") == [
        ("gate_missed", {"gate": "volume", "shortfall": "1"}),
    ]
    assert why_not(result, "grid1") == [("vetoed", {}), ("outranked", {"rank": 2})]
    assert why_not(result, "group") == [("outranked", {"rank": 3})]
    assert why_not(result, "grid2") == [
        ("gate_missed", {"gate": "revenue", "shortfall": "0.20"}),
        ("outranked", {"rank": 4}),
    ]


def test_a_place_ahead_of_the_winner_is_not_held_against_a_unit() -> None:
    result = decide(Policy(AMOUNT, NoQualifier.NEXT), standings("4"))
    assert why_not(result, "grid1") == [("vetoed", {})]


def test_why_not_names_the_step_a_tie_was_lost_on() -> None:
    result = decide(Policy(AMOUNT), standings("5"))
    assert why_not(result, "suburban") == [("lost_tie", {"step": "revenue_rate"})]


@pytest.mark.parametrize(
    ("actual", "met", "shortfall"),
    [("249.99", False, "0.01"), ("250.00", True, "0.00"), ("250.01", True, "0")],
)
def test_a_gate_is_compared_on_raw_figures(actual: str, met: bool, shortfall: str) -> None:
    result = gate(GateCode.REVENUE, Decimal("250.00"), Decimal(actual))
    assert (result.met, result.shortfall) == (met, Decimal(shortfall))


def test_an_unreported_gate_is_neither_met_nor_missed() -> None:
    assert gate(GateCode.VOLUME, Decimal(5), None) == Gate(
        GateCode.VOLUME, Decimal(5), None, None, None
    )


def standing(unit: str, score: str | None = "100", **changes: Any) -> Standing:
    figures: dict[str, Any] = {
        "revenue_task": Decimal(10),
        "revenue_actual": Decimal(11),
        "volume_task": Decimal(100),
        "volume_actual": Decimal(110),
        **changes,
    }
    return Standing(unit, None if score is None else Decimal(score), **figures)


@pytest.mark.parametrize(
    "figure", ["revenue_task", "revenue_actual", "volume_task", "volume_actual", "score"]
)
def test_any_missing_figure_leaves_the_round_pending(figure: str) -> None:
    if figure == "score":
        late = standing("late", score=None)
    else:
        late = standing("late", score="1", **{figure: None})

    result = decide(Policy(AMOUNT), [standing("leader"), late])

    assert (result.state, result.winners) == (State.PENDING, {})
    assert result.reason.params == {"units": ("late",)}
    assert ("missing", {"fields": [figure]}) in why_not(result, "late")
    assert result.verdict("leader").why_not == ()


def test_no_rank_is_given_while_a_score_is_missing() -> None:
    result = decide(Policy(AMOUNT), [standing("leader"), standing("late", score=None)])
    assert [each.rank for each in result.verdicts] == [None, None]


def test_a_unit_that_is_not_eligible_takes_no_part() -> None:
    outsider = standing("outsider", "150", revenue_actual=None, eligible=False)
    result = decide(Policy(AMOUNT), [outsider, standing("leader")])
    assert result.winners == {"leader": AMOUNT}
    assert result.verdict("outsider").rank is None
    assert why_not(result, "outsider") == [("not_eligible", {})]


def test_without_units_there_is_no_winner() -> None:
    result = decide(Policy(AMOUNT), [])
    assert (result.state, result.reason.code) == (State.NO_WINNER, ReasonCode.NO_UNITS)


def test_without_any_qualifier_next_finds_nobody() -> None:
    short = [standing("a", volume_actual=Decimal(99)), standing("b", "90", veto=True)]
    result = decide(Policy(AMOUNT, NoQualifier.NEXT), short)
    assert (result.state, result.reason.code) == (State.NO_WINNER, ReasonCode.NONE_QUALIFIED)


@by_no_qualifier
def test_of_units_sharing_the_first_place_those_that_qualify_contend(
    no_qualifier: NoQualifier,
) -> None:
    tied = [standing("a", veto=True), standing("b"), standing("c", volume_actual=Decimal(99))]
    result = decide(Policy(AMOUNT, no_qualifier), tied)
    assert result.winners == {"b": AMOUNT}
    assert result.reason.code is ReasonCode.FIRST_AND_QUALIFIED


def test_a_tie_below_the_first_place_is_broken_among_the_next_qualified() -> None:
    units = [
        standing("leader", "120", veto=True),
        standing("a"),
        standing("b", volume_actual=Decimal(111)),
    ]
    result = decide(Policy(AMOUNT, NoQualifier.NEXT), units)
    assert result.winners == {"b": AMOUNT}
    assert result.reason.params == {
        "units": ("b",),
        "tied": ("a", "b"),
        "rank": 2,
        "step": "volume_rate",
    }


def test_rates_are_compared_exactly_and_not_as_printed() -> None:
    units = [
        standing("a", revenue_task=Decimal("30000"), revenue_actual=Decimal("30001")),
        standing("b", revenue_task=Decimal("30000"), revenue_actual=Decimal("30001.01")),
    ]
    assert decide(Policy(AMOUNT), units).winners == {"b": AMOUNT}


def test_a_task_of_zero_is_met_but_loses_a_tie_on_its_rate() -> None:
    units = [standing("a", revenue_task=Decimal(0)), standing("b")]
    assert decide(Policy(AMOUNT), units).winners == {"b": AMOUNT}


def test_units_without_any_rate_stay_tied() -> None:
    units = [standing(unit, revenue_task=Decimal(0)) for unit in "ab"]
    assert decide(Policy(AMOUNT), units).winners == {"a": Decimal(250), "b": Decimal(250)}


def test_a_policy_may_add_the_fixed_network_gate() -> None:
    policy = Policy(AMOUNT, gates=(GateCode.REVENUE, GateCode.VOLUME, GateCode.FIXED_NET))
    fixed_net = {"fixed_net_task": Decimal(25), "fixed_net_actual": Decimal(22)}
    result = decide(policy, [standing("a", **fixed_net)])
    assert why_not(result, "a") == [("gate_missed", {"gate": "fixed_net", "shortfall": "3"})]


@pytest.mark.parametrize(
    "tie",
    [
        (),
        (TieStep.REVENUE_RATE,),
        (TieStep.SPLIT, TieStep.REVENUE_RATE),
        (TieStep.SPLIT, TieStep.EACH),
        (TieStep.VOLUME_RATE, TieStep.VOLUME_RATE, TieStep.EACH),
    ],
)
def test_a_tie_rule_that_settles_nothing_is_refused(tie: tuple[TieStep, ...]) -> None:
    with pytest.raises(ValueError, match="tie"):
        Policy(AMOUNT, tie=tie)


@pytest.mark.parametrize("amount", ["500.005", "-1"])
def test_an_amount_that_cannot_be_paid_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        Policy(Decimal(amount))


def all_why_not(result: Decision) -> list[Any]:
    return [reason for verdict in result.verdicts for reason in verdict.why_not]


def why_not(result: Decision, unit: str) -> list[tuple[str, dict[str, Any]]]:
    reasons = [reason.as_json() for reason in result.verdict(unit).why_not]
    return [(reason["code"], reason["params"]) for reason in reasons]
