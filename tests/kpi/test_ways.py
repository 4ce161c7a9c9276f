"""The cheapest way to the next place, on worked example 4."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kpi.models import Actual
from kpi.queries.shade import grounds, rescored, score
from kpi.queries.ways import levers, to_next_band, top_total, ways_up
from kpi.rules.ways import least, steps_to
from tests.district import District
from tests.kpi import march


def scored(district: District):
    march.publish_card(district)
    march.report_march(district)
    facts = grounds(district.month)
    return facts, score(facts)


def test_grid2_leaves_its_tie_by_one_visit_or_one_new_group(district: District) -> None:
    facts, shades = scored(district)
    unit = district.units["grid2"].pk
    ways = ways_up(facts, shades, unit, levers(facts, unit))
    told = {way.lever.code: (way.more, way.gain, way.rank, way.is_tied) for way in ways}
    assert told["channel_visits"] == (1, Decimal("0.19"), 4, False)
    assert told["new_group"] == (1, Decimal("0.50"), 4, False)
    efforts = [way.lever.effort(way.more) for way in ways]
    assert efforts == sorted(efforts)


def test_each_way_is_the_least_that_gains_a_place(district: District) -> None:
    facts, shades = scored(district)
    for unit in (one.pk for one in district.units.values() if one.pk in shades):
        now = shades[unit].place
        for way in ways_up(facts, shades, unit, levers(facts, unit)):
            lever, sign = way.lever, way.lever.sign
            after = rescored(facts, shades, unit, lever.changed(lever.now + way.more))[unit]
            assert after.place == (way.rank, way.is_tied) < now
            less = lever.now + way.more - sign * lever.step
            assert rescored(facts, shades, unit, lever.changed(less))[unit].place >= now


def test_the_first_has_no_way_up_and_grid1_cannot_pass_the_office(district: District) -> None:
    facts, shades = scored(district)
    first, grid1 = district.units["suburban"].pk, district.units["grid1"].pk
    assert ways_up(facts, shades, first, levers(facts, first)) == []
    assert ways_up(facts, shades, grid1, levers(facts, grid1)) == []
    assert top_total(shades, facts, grid1) == Decimal("118.60")


def test_thirteen_more_net_adds_reach_the_next_band(district: District) -> None:
    facts, _shades = scored(district)
    unit = district.units["grid2"].pk
    [(source, more)] = to_next_band(facts, unit, "K5")
    assert (source.code, more) == ("mobile_net_adds", 13)  # 150 of 1,016; 163 are 16.04%
    assert to_next_band(facts, district.units["grid1"].pk, "K5") == []  # in the best band
    assert to_next_band(facts, unit, "K4") == []


def test_a_figure_that_is_not_reported_is_no_lever(district: District) -> None:
    march.publish_card(district)
    march.report_march(district, without=(("grid1", "churn_rate"),))
    facts = grounds(district.month)
    shades = score(facts)
    unit = district.units["grid1"].pk
    found = levers(facts, unit)
    assert "churn_rate" not in {lever.code for lever in found}
    assert shades[unit].total is None and ways_up(facts, shades, unit, found) == []


def test_a_slider_is_marked_where_its_item_is_at_the_cap(district: District) -> None:
    scored(district)
    reported = Actual.objects.filter(
        unit=district.units["grid1"], indicator=district.indicators["channel_visits"]
    )
    tops = []
    for visits in ("39", "40", "41"):  # of 40, capped at 100%
        reported.update(value=Decimal(visits))
        facts = grounds(district.month)
        found = {lever.code: lever for lever in levers(facts, district.units["grid1"].pk)}
        tops.append(found["channel_visits"].top)
    assert tops == [40, 40, 40]
    assert found["fixed_net_adds"].top == 30  # 25, capped at 120%
    assert found["churn_rate"].top == Decimal("0.0658")  # 7.90% ÷ 1.2, and less is better


def test_a_ratio_over_zero_marks_no_slider(district: District) -> None:
    scored(district)
    unit = district.units["grid1"]
    Actual.objects.filter(unit=unit, indicator=district.indicators["mobile_gross_adds"]).update(
        value=Decimal(0)
    )
    found = {lever.code: lever for lever in levers(grounds(district.month), unit.pk)}
    net = found["mobile_net_adds"]  # 188 of 178, capped at 120%; of no gross additions
    assert sorted(net.marks) == [-188, -10, 26]  # of that item alone


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(1, 80))
def test_the_least_is_found_wherever_it_lies(marks: list[int], first: int) -> None:
    wanted = first if first <= max(marks) else None
    assert least(lambda steps: steps >= first, marks) == wanted


def test_net_adds_move_a_ratio_and_gross_adds_both_its_sides() -> None:
    given = {"numerator": 150, "divisor": 1016, "step": Fraction(1)}
    assert steps_to(Fraction("0.16"), above=1, below=0, **given) == 13  # 162.56 of 1016
    assert steps_to(Fraction("0.16"), above=0, below=1, **given) == -79  # 150 of 937.5
    assert steps_to(Fraction(1), above=1, below=1, **given) is None
