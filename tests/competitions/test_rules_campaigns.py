"""Places, ties, thresholds, levels and gaps of campaigns, also over any results."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competitions.rules.campaigns import Entrant, Level, Prize, Terms, Tie, pace, standings

D = Decimal
PRIZES = (Prize(1, D("300")), Prize(2, D("100")))


def won(terms: Terms, **values: int | None) -> dict[str, str]:
    entrants = [Entrant(code, None if v is None else D(v)) for code, v in values.items()]
    return {each.code: str(each.amount) for each in standings(terms, entrants) if each.amount}


def test_places_are_paid_in_order_and_missing_is_not_zero() -> None:
    assert won(Terms(PRIZES), a=5, b=9, c=None, d=7, e=6) == {
        "b": "300.00", "d": "100.00", "e": "100.00"
    }  # fmt: skip
    last = standings(Terms(PRIZES), [Entrant("a", None), Entrant("b", D(0))])[-1]
    assert (last.code, last.rank, last.amount) == ("a", None, 0)


def test_the_threshold_is_met_on_the_dot_and_keeps_prizes_unpaid_below_it() -> None:
    terms = Terms(PRIZES, threshold=D(10))
    assert won(terms, a=10, b=9) == {"a": "300.00"}
    assert won(terms, a=9, b=8) == {}


@pytest.mark.parametrize(
    ("tie", "first", "second"),
    [(Tie.SHARE, "200.00", "200.00"), (Tie.EACH, "300", "300"), (Tie.EARLIER, "100.00", "300.00")],
)
def test_a_tie_for_the_first_place_is_settled_as_declared(
    tie: Tie, first: str, second: str
) -> None:
    entrants = [Entrant("a", D(9), date(2026, 3, 9)), Entrant("b", D(9), date(2026, 3, 8))]
    found = {each.code: str(each.amount) for each in standings(Terms(PRIZES, tie=tie), entrants)}
    assert found == {"a": first, "b": second}


def test_a_split_is_exact_to_the_cent_odd_cents_to_those_listed_first() -> None:
    assert won(Terms((Prize(1, D("100")),)), a=1, b=1, c=1) == {
        "a": "33.34", "b": "33.33", "c": "33.33"
    }  # fmt: skip


def test_everybody_who_reaches_a_level_has_its_amount_beside_the_place() -> None:
    terms = Terms((Prize(1, D("300")),), (Level(D(50), D("30")), Level(D(100), D("80"))))
    assert won(terms, a=120, b=100, c=99, d=49) == {"a": "380.00", "b": "80", "c": "30"}


def test_less_is_better_turns_places_threshold_levels_and_gaps() -> None:
    terms = Terms(
        (Prize(1, D("300")),), (Level(D(2), D("50")),), threshold=D(3), less_is_better=True
    )
    found = standings(terms, [Entrant("a", D(4)), Entrant("b", D(1)), Entrant("c", D(3))])
    assert [(each.code, each.rank, str(each.amount)) for each in found] == [
        ("b", 1, "350.00"), ("c", 2, "0"), ("a", 3, "0")
    ]  # fmt: skip
    behind = found[2]
    assert behind.next_place and behind.next_place.gap == 3  # level with b, 4 → 1
    assert behind.next_level and behind.next_level.gap == 2


def test_the_gap_leads_to_the_holder_the_threshold_or_the_lead() -> None:
    terms = Terms(PRIZES, threshold=D(10))
    found = {
        each.code: each.next_place
        for each in standings(
            terms, [Entrant(*each) for each in zip("abcd", map(D, (20, 15, 15, 9)), strict=True)]
        )
    }  # fmt: skip
    assert found["a"] is None
    assert (found["b"].gap, found["b"].place) == (5, 1)  # type: ignore[union-attr]
    assert (found["d"].gap, found["d"].place) == (6, 2)  # type: ignore[union-attr]
    alone = standings(terms, [Entrant("a", D(4)), Entrant("b", D(3))])
    assert [(each.next_place.gap, each.next_place.place) for each in alone if each.next_place] == [
        (6, 1), (7, 1)
    ]  # fmt: skip
    level = standings(Terms(PRIZES), [Entrant("a", D(4)), Entrant("b", D(4))])
    assert [each.next_place.gap for each in level if each.next_place] == [0, 0]


@pytest.mark.parametrize(
    ("prizes", "levels", "field"),
    [
        ((), (), "prizes"),
        ((Prize(1, D("0")),), (), "prizes"),
        ((Prize(1, D("0.001")),), (), "prizes"),
        ((Prize(0, D("1")),), (), "prizes"),
        ((Prize(1, D("1")), Prize(1, D("2"))), (), "prizes"),
        ((), (Level(D(1), D("5")), Level(D(1), D("6"))), "levels"),
        ((), (Level(D(1), D("5")), Level(D(2), D("5"))), "levels"),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    prizes: tuple[Prize, ...], levels: tuple[Level, ...], field: str
) -> None:
    with pytest.raises(ValueError, match=f"^{field}:"):
        Terms(prizes, levels)


def test_pace_counts_both_ends_and_stops_at_the_last_day() -> None:
    first, last = date(2026, 3, 16), date(2026, 4, 30)
    assert (pace(first, last, date(2026, 3, 15)).elapsed, pace(first, last, first).elapsed) == (
        0,
        1,
    )
    running = pace(first, last, date(2026, 4, 7))
    assert (running.days, running.elapsed, running.remaining) == (46, 23, 23)
    assert running.per_day(D(24)) == 2 and running.forecast(D(501)) == 1002
    over = pace(first, last, date(2026, 6, 1))
    assert over.remaining == 0 and over.per_day(D(1)) is None


prizes_lists = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 50_000)), min_size=1, max_size=4
)
values = st.lists(st.none() | st.integers(-5, 12), max_size=12)


@st.composite
def contests(draw: st.DrawFn) -> tuple[Terms, list[Entrant]]:
    prizes = sorted(draw(prizes_lists), key=lambda each: -each[1])
    terms = Terms(
        tuple(Prize(places, D(cents).scaleb(-2)) for places, cents in prizes),
        tuple(Level(D(at), D(at + 10)) for at in draw(st.sets(st.integers(0, 9), max_size=2))),
        threshold=draw(st.none() | st.integers(-3, 8).map(D)),
        tie=draw(st.sampled_from([Tie.SHARE, Tie.EACH])),
    )
    entrants = [
        Entrant(f"c{number:02}", None if value is None else D(value))
        for number, value in enumerate(draw(values))
    ]
    return terms, entrants


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contests())
def test_nothing_is_paid_beyond_the_prizes_and_nobody_behind_has_more(
    contest: tuple[Terms, list[Entrant]],
) -> None:
    terms, entrants = contest
    found = standings(terms, entrants)
    assert sorted(each.code for each in found) == sorted(each.code for each in entrants)
    known = [each for each in found if each.value is not None]
    for each in known:
        assert each.rank == 1 + sum(other.value > each.value for other in known)  # type: ignore[operator]
    for ahead, behind in itertools.pairwise(known):
        same = ahead.value == behind.value
        assert ahead.for_place + (D("0.01") if same else 0) >= behind.for_place
    if terms.tie is Tie.SHARE:
        # Oracle: the first places, as many as qualify, and a tie astride the end pays in full.
        qualified = sum(terms.qualifies(each.value) for each in known)  # type: ignore[arg-type]
        assert sum(each.for_place for each in found) == sum(terms.places[:qualified])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contests(), st.integers(0, 11))
def test_one_more_than_the_gap_wins_the_better_prize(
    contest: tuple[Terms, list[Entrant]], pick: int
) -> None:
    terms, entrants = contest
    known = [each for each in standings(terms, entrants) if each.next_place]
    if not known:
        return
    chosen = known[pick % len(known)]
    aim = chosen.next_place
    assert aim is not None and chosen.value is not None and aim.gap >= 0
    moved = [
        Entrant(each.code, chosen.value + aim.gap + D("0.5")) if each.code == chosen.code else each
        for each in entrants
    ]
    after = next(each for each in standings(terms, moved) if each.code == chosen.code)
    assert after.for_place > chosen.for_place
