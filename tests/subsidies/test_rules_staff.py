"""Staff commission: the coefficient table of worked example 6, its edges, its properties."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subsidies.rules.lines import Adjustment, LineCode
from subsidies.rules.money import to_cents
from subsidies.rules.scheme import SchemeInvalid
from subsidies.rules.staff import (
    Coefficient,
    StaffMonth,
    StaffScheme,
    coefficient,
    own_score,
    statements,
)
from tests.worked_examples import example

STAFF = example("6_commission")["网格经理_直销经理佣金"]
SCORES = st.decimals(0, 120, places=2)


def scheme(kind: Coefficient, **rates: str) -> StaffScheme:
    return StaffScheme.from_json(
        {"coefficient": kind.value, "rates": {post: {"adds": rate} for post, rate in rates.items()}}
    )


def of_example() -> list[StaffMonth]:
    """Return its four people; the piece commission is the figure at 1 yuan a piece."""
    return [
        StaffMonth(
            "grid" if row["人员"].startswith("网格") else "direct",
            Decimal(row["KPI"]),
            {"adds": Decimal(row["计件佣金"])},
        )
        for row in STAFF["rows"]
    ]


def test_the_table_of_the_example_is_reproduced() -> None:
    # Grid and direct-sales managers are one peer group there: the only direct-sales manager
    # has 0.9, where a group of his own would give him 1.
    scores = [Decimal(row["KPI"]) for row in STAFF["rows"]]
    found = statements(scheme(Coefficient.EVERYBODY, grid="1.00", direct="1.00"), of_example())
    for result, score, row in zip(found, scores, STAFF["rows"], strict=True):
        assert coefficient(score, scores) == Fraction(row["系数"])
        assert result.line("piece").amount == Decimal(row["计件佣金"])
        assert result.settlement.paid == Decimal(row["应发"])
    assert sum(each.settlement.paid for each in found) == Decimal(STAFF["total"])


def test_within_the_post_a_post_of_one_has_one() -> None:
    found = statements(scheme(Coefficient.POST, grid="1.00", direct="1.00"), of_example())
    assert [str(each.settlement.paid) for each in found] == [
        "2046.00", "1725.50", "1269.00", "1288.00"
    ]  # fmt: skip


def test_or_the_score_itself_is_the_coefficient() -> None:
    found = statements(scheme(Coefficient.SCORE, grid="1.00", direct="1.00"), of_example())
    # 1860.00 × 103.40 %, 1725.50 × 96.15 %, 1410.00 × 88.90 %, 1288.00 × 88.90 %
    assert [str(each.settlement.paid) for each in found] == [
        "1923.24", "1659.07", "1253.49", "1145.03"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("share", "goal", "score"),
    [
        ("0", "0.5000", "88.90"),  # the scheme counts no goals
        ("30", None, "88.90"),  # who has none is scored as the unit
        ("30", "1.1000", "95.23"),
        ("50", "0", "44.45"),  # nothing done is a goal too
        ("33.33", "0.8333", "87.04"),  # 59.26963 + 27.773889 = 87.0435…
    ],
)
def test_the_own_goal_counts_by_its_share(share: str, goal: str | None, score: str) -> None:
    body = {"coefficient": "score", "rates": {"grid": {"adds": "1.00"}}, "personal": share}
    policy = StaffScheme.from_json(body)
    assert policy.to_json().get("personal", "0") == share
    month = StaffMonth(
        "grid", Decimal("88.90"), {"adds": Decimal(100)},
        personal=None if goal is None else Decimal(goal),
    )  # fmt: skip
    assert own_score(policy, month) == Decimal(score)
    [found] = statements(policy, [month])
    assert found.settlement.paid == Decimal(score)


@pytest.mark.parametrize("share", ["50.01", "-1", "1.001", "NaN", 30, None])
def test_a_goal_counts_half_at_most(share: Any) -> None:
    body = {"coefficient": "score", "rates": {"grid": {"adds": "1.00"}}, "personal": share}
    with pytest.raises(SchemeInvalid) as refused:
        StaffScheme.from_json(body)
    assert [fault.path for fault in refused.value.faults] == ["/personal"]


def test_equal_scores_give_everyone_one() -> None:
    peers = [StaffMonth("grid", Decimal("88.90"), {"adds": Decimal(1288)})] * 2
    for result in statements(scheme(Coefficient.POST, grid="1.00"), peers):
        assert result.settlement.paid == Decimal(1288)
        assert [line.code for line in result.lines] == [LineCode.PIECE, LineCode.KPI_ABOVE]


def test_neither_share_nor_coefficient_is_rounded_before_the_product() -> None:
    peers = [StaffMonth("grid", Decimal(score), {"adds": Decimal(1)}, 3) for score in (0, 1, 3)]
    found = statements(scheme(Coefficient.POST, grid="0.50"), peers)
    # 0.50 ÷ 3 × 1.1 = 0.1833…; with the share rounded to 0.17 it would be 0.187.
    assert [str(each.settlement.paid) for each in found] == ["0.15", "0.16", "0.18"]


@pytest.mark.parametrize("figure", ["0", "-12"])
def test_no_pieces_earn_nothing_and_owe_nothing(figure: str) -> None:
    [found] = statements(
        scheme(Coefficient.SCORE, grid="3.00"),
        [StaffMonth("grid", Decimal(50), {"adds": Decimal(figure)})],
    )
    assert found.settlement.net == 0


def test_corrections_and_debts_are_settled_like_a_dealers() -> None:
    [found] = statements(
        scheme(Coefficient.POST, grid="1.00"),
        [
            StaffMonth(
                "grid", Decimal(90), {"adds": Decimal(10)}, brought_forward=Decimal("-4.00"),
                adjustments=(Adjustment("2026-02/piece/1", Decimal("-9.00")),),
            )
        ],
    )  # fmt: skip
    assert (found.settlement.paid, found.settlement.carried) == (0, Decimal("-3.00"))


@settings(max_examples=40)
@given(
    st.lists(st.tuples(SCORES, st.integers(0, 9999), st.integers(1, 4)), min_size=1, max_size=8),
    st.decimals("0.01", 50, places=2),
    st.sampled_from(Coefficient),
)
def test_whatever_the_figures(
    people: list[tuple[Decimal, int, int]], rate: Decimal, kind: Coefficient
) -> None:
    peers = [StaffMonth("grid", score, {"adds": Decimal(n)}, many) for score, n, many in people]
    scores = [score for score, _n, _many in people]
    for month, found in zip(peers, statements(scheme(kind, grid=str(rate)), peers), strict=True):
        exact = Fraction(month.figures["adds"] * rate) / month.holders
        factor = (
            Fraction(month.score) / 100
            if kind is Coefficient.SCORE
            else coefficient(month.score, scores)
        )
        if kind is not Coefficient.SCORE:
            assert Fraction(9, 10) <= factor <= Fraction(11, 10)
        assert found.settlement.paid == to_cents(exact * factor)
        assert found.settlement.carried == 0
        assert found.settlement.gross - found.settlement.deductions == found.settlement.net


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"coefficient": "post"}, "/rates"),
        ({"coefficient": "rank", "rates": {"grid": {"adds": "1"}}}, "/coefficient"),
        ({"coefficient": "post", "rates": {"grid": {}}}, "/rates/grid"),
        ({"coefficient": "post", "rates": {"grid": {"adds": "0"}}}, "/rates/grid/adds"),
        ({"coefficient": "post", "rates": {"grid": {"adds": "1.005"}}}, "/rates/grid/adds"),
        ({"coefficient": "post", "rates": {"grid": {"adds": "NaN"}}}, "/rates/grid/adds"),
        ({"coefficient": "post", "rates": {"grid": {"adds": 1.5}}}, "/rates/grid/adds"),
        ([], "/rates"),
    ],
)
def test_a_scheme_that_cannot_be_paid_by_is_refused_at_its_place(body: Any, place: str) -> None:
    with pytest.raises(SchemeInvalid) as refused:
        StaffScheme.from_json(body)
    assert place in [fault.path for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0.005", "0.01"), ("0.00499", "0.00"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("7", "7.00")],
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, cents: str) -> None:
    assert str(to_cents(Decimal(amount))) == cents
