"""The shade scores as the statements do; other figures move only what they should."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings

from kpi.models import Score, ScoreLine
from kpi.queries.shade import Change, grounds, rescored, score
from kpi.services.scoring import rescore
from orgchart.errors import Invalid
from targets.amounts import LIMIT
from tests.district import MARCH, UNITS, District, build_district
from tests.kpi import march, scorebooks
from tests.kpi.test_scoring_sql import undone

BOOKS = scorebooks.books(tuple(UNITS))


def check(book: scorebooks.Book, district: District) -> None:
    with undone():
        try:
            scorebooks.store(book, district)
        except Invalid:
            assume(False)
        rescore(district_id=district.root.pk, month=MARCH)
        district.month.refresh_from_db()
        shades = score(grounds(district.month))
        lines: dict[int, dict[str, Decimal | None]] = {}
        for row in ScoreLine.objects.select_related("item"):
            lines.setdefault(row.unit_id, {})[row.item.code] = row.points
        stored = {row.unit_id: row for row in Score.objects.all()}
        found = {pk: {c: one.points for c, one in s.lines.items()} for pk, s in shades.items()}
        assume(all((p or 0) <= LIMIT for one in found.values() for p in one.values()))
        assert found == lines
        for unit_id, shade in shades.items():
            row = stored[unit_id]
            assert (shade.total, shade.rank) == (row.total, row.rank)
            assert shade.is_award_vetoed == row.is_award_vetoed
            if shade.card:
                assert (shade.card.base, shade.card.bonus) == (row.base, row.bonus)


@pytest.mark.slow
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(book=BOOKS)
def test_the_shade_scores_as_the_statements_do(district: District, book: scorebooks.Book) -> None:
    check(book, district)


def test_three_more_fixed_lines_give_grid1_what_the_example_says(district: District) -> None:
    march.publish_card(district)
    march.report_march(district)
    unit = district.units["grid1"].pk
    facts = grounds(district.month)
    before = score(facts)
    more = Change({district.indicators["fixed_net_adds"].pk: Decimal(25)}, {"late_report": 0})
    after = rescored(facts, before, unit, more)
    assert (before[unit].total, before[unit].rank) == (Decimal("102.77"), 2)
    assert (after[unit].total, after[unit].rank) == (Decimal("104.47"), 2)
    assert {pk: s.total for pk, s in after.items() if pk != unit} == {
        pk: s.total for pk, s in before.items() if pk != unit
    }
    assert score(facts, {unit: more}) == after


def test_forty_units_are_gathered_with_as_many_queries_as_two(
    district: District, django_assert_num_queries
) -> None:
    few = build_district("few", unit_codes=("grid1", "grid2"))
    many = build_district("many", unit_codes=tuple(f"grid{n}" for n in range(1, 41)))
    for one in (few, many):
        march.publish_card(one)
        march.report_march(one)
        with django_assert_num_queries(10):
            assert len(score(grounds(one.month))) == len(one.units) - 2
