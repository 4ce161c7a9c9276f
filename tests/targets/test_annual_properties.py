"""Growth and floor on thousands of cases each: what must hold for every figure."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from targets.rules import growth as rules
from targets.rules.floor import chain_from_revenue, gross_adds_floor, mix, rate_costs, reached
from targets.rules.growth import Driver, NoGrowth

cases = settings(max_examples=2000, deadline=None)
figures = st.integers(-(10**9), 10**9).map(lambda number: Decimal(number).scaleb(-2))
positive = st.integers(1, 10**9).map(lambda number: Decimal(number).scaleb(-2))
percents = st.integers(-9_999, 50_000).map(lambda number: Decimal(number).scaleb(-4))
rates = st.integers(1, 10_000).map(lambda number: Fraction(number, 10_000))
nets = st.integers(-10_000, 1_000_000)


@cases
@given(st.none() | figures, figures)
def test_a_typed_target_is_never_moved_by_its_growth(base, target) -> None:
    figure = rules.from_target(base, target, 2)
    assert figure.target == target and figure.driver is Driver.TARGET
    if isinstance(figure.growth, NoGrowth):
        assert base is None or base <= 0
    else:
        assert Fraction(base) * (1 + figure.growth) == Fraction(target)
    assert figure.increment == (None if base is None else target - base)


@cases
@given(positive, percents)
def test_a_typed_growth_is_kept_and_its_target_rounded_once(base, rate) -> None:
    figure = rules.from_growth(base, rate, 2)
    assert figure.growth == Fraction(rate) and figure.driver is Driver.GROWTH
    assert abs(Fraction(figure.target) - figure.unrounded) <= Fraction(1, 200)
    assert figure.unrounded == Fraction(base) * (1 + Fraction(rate))


@cases
@given(st.lists(st.tuples(positive, percents), min_size=1, max_size=7))
def test_a_total_is_the_sum_of_rounded_targets_and_its_growth_that_of_the_sums(parts) -> None:
    rows = [rules.from_growth(base, rate, 2) for base, rate in parts]
    total = rules.total(rows)
    assert total.target == sum(row.target for row in rows)
    assert total.base == sum(row.base for row in rows)
    assert total.growth == Fraction(total.target) / Fraction(total.base) - 1


@cases
@given(nets, rates)
def test_the_floor_reaches_the_net_target_and_one_user_fewer_does_not(net, rate) -> None:
    floor = gross_adds_floor(net, rate)
    assert floor.gross_adds * rate >= net
    assert floor.gross_adds == 0 or (floor.gross_adds - 1) * rate < net


@cases
@given(st.integers(1, 10**6), rates)
def test_a_better_rate_never_costs_more(net, rate) -> None:
    costs = rate_costs(net, rate)
    assert [cost.gross_adds for cost in costs] == sorted(
        (cost.gross_adds for cost in costs), reverse=True
    )
    assert [cost.difference for cost in costs if cost.rate == rate] == [0]


@cases
@given(st.integers(1, 10**6), st.integers(0, 10**6), rates)
def test_the_further_gross_additions_close_the_gap_and_no_user_more(net, gross, rate) -> None:
    found = reached(net, gross, rate)
    assert (gross + found.extra_gross_adds) * rate >= net
    if found.extra_gross_adds:
        assert (gross + found.extra_gross_adds - 1) * rate < net


@cases
@given(st.lists(st.tuples(st.integers(1, 10**5), rates), min_size=1, max_size=4))
def test_a_mix_lies_between_its_tiers_and_keeps_their_net(tiers) -> None:
    found = mix(0, tiers)
    assert min(rate for _, rate in tiers) <= found.rate <= max(rate for _, rate in tiers)
    assert found.rate * found.gross_adds == found.net_adds


@cases
@given(positive, st.integers(1, 10**5), st.integers(0, 10**6), rates)
def test_the_chain_ends_at_the_arpu_it_began_with(revenue, cents, opening, rate) -> None:
    arpu = Decimal(cents).scaleb(-2)
    chain = chain_from_revenue(revenue, arpu, opening, rate)
    assert Fraction(revenue) / 12 / chain.average_users == Fraction(arpu)
    assert opening + chain.net_adds == chain.closing_users
    assert chain.floor.gross_adds - chain.implied_losses == chain.net_adds
