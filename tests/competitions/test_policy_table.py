"""Every combination of terms over many months, against an oracle that shares nothing with the
rules: it says of each unit alone whether it wins, and hands out a split cent by cent."""

import itertools
import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from competitions.rules import (
    GateCode,
    NoQualifier,
    Policy,
    ReasonCode,
    Standing,
    State,
    decide,
)
from tests.competitions.test_rules import TIES

GATES = [
    tuple(gate for gate, is_on in zip(GateCode, on, strict=True) if is_on)
    for on in itertools.product((True, False), repeat=3)
]
POLICIES = [
    Policy(Decimal("1.01"), no_qualifier, tie, gates, veto)
    for no_qualifier, tie, gates, veto in itertools.product(NoQualifier, TIES, GATES, (True, False))
]
FIGURES = [f"{gate}_{side}" for gate in GateCode for side in ("task", "actual")]


def unit(name: str, score: str | None = "100", **changed: object) -> Standing:
    """Return a unit that completed each task exactly."""
    return replace(
        Standing(
            name, None if score is None else Decimal(score), *[Decimal(10)] * 4,
            fixed_net_task=Decimal(10), fixed_net_actual=Decimal(10),
        ),
        **changed,
    )  # fmt: skip


def situations() -> dict[str, list[Standing]]:
    """Return ties at each level, misses of each gate, vetoes and gaps; then many at random."""
    more, less = Decimal(11), Decimal("9.99")
    found = {
        "nobody": [],
        "one": [unit("a")],
        "first by a hundredth": [unit("a", "99.99"), unit("b")],
        "tied throughout": [unit("a"), unit("b"), unit("c")],
        "tied, revenue differs": [unit("a"), unit("b", revenue_actual=more), unit("c")],
        "tied, volume differs": [unit("a"), unit("b"), unit("c", volume_actual=more)],
        "tied, each rate another": [
            unit("a", revenue_actual=more), unit("b", volume_actual=more), unit("c"),
        ],
        "two of three tied on": [
            unit("a", revenue_actual=more), unit("b"), unit("c", revenue_actual=more),
        ],
        "rates equal as fractions only": [
            unit("a", revenue_task=Decimal(3), revenue_actual=Decimal(4)),
            unit("b", revenue_task=Decimal(9), revenue_actual=Decimal(12)),
        ],
        "a task of zero": [unit("a", revenue_task=Decimal(0)), unit("b"), unit("c")],
        "no task anywhere": [unit("a", volume_task=Decimal(0)), unit("b", volume_task=Decimal(0))],
        "a negative task": [
            unit("a", volume_task=Decimal(-4), volume_actual=Decimal(-2)), unit("b"),
        ],
        "first vetoed": [unit("a", "101", veto=True), unit("b"), unit("c")],
        "first vetoed, one next": [unit("a", "101", veto=True), unit("b"), unit("c", "99")],
        "one of the tied vetoed": [unit("a", veto=True), unit("b"), unit("c")],
        "all vetoed": [unit("a", veto=True), unit("b", veto=True)],
        "outsider first": [unit("a", "150", eligible=False), unit("b")],
        "outsiders only": [unit("a", eligible=False)],
        "outsider unreported": [unit("a", None, eligible=False), unit("b")],
        "no score": [unit("a"), unit("b", None)],
    }  # fmt: skip
    for gate in GateCode:
        short = {f"{gate}_actual": less}
        found[f"first misses {gate}"] = [unit("a", "101", **short), unit("b"), unit("c")]
        found[f"one of the tied misses {gate}"] = [unit("a"), unit("b", **short), unit("c")]
        found[f"all miss {gate}"] = [unit("a", **short), unit("b", **short)]
    for figure in FIGURES:
        found[f"no {figure}"] = [unit("a"), unit("b", "1", **{figure: None})]
    lots = random.Random(9)
    for number in range(24):
        found[f"random {number}"] = [random_unit(lots, name) for name in "abcdef"]
    return found


def random_unit(lots: random.Random, name: str) -> Standing:
    figures = {each: Decimal(lots.choice((9, 10, 10, 11))) for each in FIGURES}
    figures |= {f"{gate}_task": Decimal(lots.choice((0, 9, 9, 10))) for gate in GateCode}
    return unit(
        name, lots.choice(("99", "100", "100")), veto=lots.random() < 0.2,
        eligible=lots.random() < 0.9, **figures,
    )  # fmt: skip


Verdict = tuple[State, dict[str, Decimal], ReasonCode]


def oracle(policy: Policy, units: list[Standing]) -> Verdict:
    """Say from the plan's words who wins what, and what kind of reason has to be given."""
    contestants = [each for each in units if each.eligible]
    if not contestants:
        return State.NO_WINNER, {}, ReasonCode.NO_UNITS
    needed = ["score", *(f"{gate}_{side}" for gate in policy.gates for side in ("task", "actual"))]
    if any(getattr(each, name) is None for each in contestants for name in needed):
        return State.PENDING, {}, ReasonCode.UNREPORTED

    def may_win(one: Standing) -> bool:
        short = [
            gate
            for gate in policy.gates
            if getattr(one, f"{gate}_actual") < getattr(one, f"{gate}_task")
        ]
        return not short and not (policy.veto and one.veto)

    def is_first(one: Standing, among: list[Standing]) -> bool:
        return not any(other.score > one.score for other in among)

    first = [each for each in contestants if is_first(each, contestants)]
    runners = [each for each in first if may_win(each)]
    is_next = False
    if not runners:
        if policy.no_qualifier == "none":
            return State.NO_WINNER, {}, ReasonCode.FIRST_NOT_QUALIFIED
        able = [each for each in contestants if may_win(each)]
        if not able:
            return State.NO_WINNER, {}, ReasonCode.NONE_QUALIFIED
        runners, is_next = [each for each in able if is_first(each, able)], True
    if len(runners) == 1:
        code = ReasonCode.NEXT_QUALIFIED if is_next else ReasonCode.FIRST_AND_QUALIFIED
        return State.AWARDED, {runners[0].unit: policy.amount}, code

    def beats(one: Standing, other: Standing, figure: str) -> bool:
        """Compare a/t by crosswise products, whole numbers of hundredths."""
        task, actual = (int(getattr(one, f"{figure}_{side}") * 100) for side in ("task", "actual"))
        task_, actual_ = (
            int(getattr(other, f"{figure}_{side}") * 100) for side in ("task", "actual")
        )
        if task == 0 or task_ == 0:
            return task != 0 and task_ == 0
        return (actual - task) * abs(task_) > (actual_ - task_) * abs(task)

    for step in policy.tie[:-1]:
        figure = str(step).removesuffix("_rate")
        runners = [
            one for one in runners if not any(beats(other, one, figure) for other in runners)
        ]
        if len(runners) == 1:
            return State.AWARDED, {runners[0].unit: policy.amount}, ReasonCode.TIE_BROKEN
    if policy.tie[-1] == "each":
        won = {each.unit: policy.amount for each in runners}
        return State.AWARDED, won, ReasonCode.TIE_EACH
    cents: Counter[str] = Counter()
    turns = itertools.cycle(each.unit for each in runners)
    for _cent in range(int(policy.amount * 100)):
        cents[next(turns)] += 1
    shares = {name: Decimal(count) / 100 for name, count in cents.items()}
    return State.AWARDED, shares, ReasonCode.TIE_SPLIT


SITUATIONS = situations()


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_combination_of_terms_decides_as_the_oracle(situation: str) -> None:
    units = SITUATIONS[situation]
    for policy in POLICIES:
        found = decide(policy, units)
        told = (found.state, dict(found.winners), found.reason.code)
        assert told == oracle(policy, units), policy
        for verdict in found.verdicts:
            has_reason = bool(verdict.why_not)
            if found.state is not State.PENDING:
                assert has_reason is (verdict.unit not in found.winners), policy
            assert verdict.award == found.winners.get(verdict.unit)


def test_the_table_is_whole() -> None:
    """Every combination is there once, and each kind of decision occurs."""
    assert len(POLICIES) == len(set(POLICIES)) == 2 * 10 * 8 * 2
    codes = {oracle(policy, units)[2] for units in SITUATIONS.values() for policy in POLICIES}
    assert len(codes) == 9
