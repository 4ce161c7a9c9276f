"""The scoring statements are the rules of scoring, on any card, figures and engine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from kpi.models import Actual, Month, Score, Scorecard, ScoreLine
from kpi.queries.board import stamp_of
from kpi.queries.figures import figures
from kpi.queries.scores import unit_scores
from kpi.rules.scoring import Rule
from kpi.services import scoring
from kpi.services.actuals import save_actuals
from kpi.services.entries import ItemEntry
from kpi.services.months import close_month, publish_month
from kpi.services.scorecards import compile_curves, save_scorecard
from kpi.services.scoring import rescore, write_scores
from orgchart import jobs
from orgchart.errors import Invalid
from targets.amounts import LIMIT
from tests.district import MARCH, NOW, START, UNITS, District, build_district
from tests.kpi import march, scorebooks

BOOKS = scorebooks.books(tuple(UNITS))
BATCHES = st.sampled_from([scoring.BATCH, 2])  # the six units in one statement, or in three
KINDS = {code: kind for code, (kind, _, _) in UNITS.items()}
FULL = [Phase.explicit, Phase.generate, Phase.shrink]


@contextmanager
def undone() -> Iterator[None]:
    """Run in a transaction of its own and take everything back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def lines_of(district: District) -> dict[str, dict[str, ScoreLine]]:
    found: dict[str, dict[str, ScoreLine]] = {}
    for line in ScoreLine.objects.filter(month=MARCH).select_related("unit", "item"):
        found.setdefault(line.unit.code, {})[line.item.code] = line
    return found


def compare(
    wanted: Mapping[str, scorebooks.Expected], book: scorebooks.Book, district: District
) -> None:
    lines = lines_of(district)
    scores = {row.unit.code: row for row in Score.objects.select_related("unit")}
    assert set(scores) == set(wanted)
    for unit, expected in wanted.items():
        score = scores[unit]
        assert {code: line.points for code, line in lines[unit].items()} == expected.points
        assert (score.total, score.rank) == (expected.total, expected.rank), unit
        assert score.bonus == expected.bonus
        assert score.is_vetoed == ((unit, "veto") in book.events)
        if expected.card is None:
            event("a target is missing")
            assert score.total is None
        else:
            assert score.base == expected.card.base
            assert score.unspread == expected.card.unspread_base
            assert score.applicable_weight == expected.card.applicable_weight
            assert score.pending == len(expected.card.pending)


def check(book: scorebooks.Book, district: District, batch: int) -> None:
    with undone(), patch.object(scoring, "BATCH", batch):
        try:
            scorebooks.store(book, district)
        except Invalid:
            assume(False)
        wanted = scorebooks.expected(book, KINDS)
        assume(all((p or 0) <= LIMIT for one in wanted.values() for p in one.points.values()))
        rescore(district_id=district.root.pk, month=MARCH)
        compare(wanted, book, district)
        # The first run fills the month, the next writes what differs.
        ScoreLine.objects.filter(item__position__lt=3).update(points=None, basis_n=7)
        assert bool(rescore(district_id=district.root.pk, month=MARCH)) == bool(wanted)
        compare(wanted, book, district)
        assert rescore(district_id=district.root.pk, month=MARCH) == 0


@pytest.mark.slow
@settings(
    max_examples=200,
    deadline=None,
    phases=FULL,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(book=BOOKS, batch=BATCHES)
def test_the_statements_score_as_the_rules_do(
    district: District, book: scorebooks.Book, batch: int
) -> None:
    check(book, district, batch)


def single(district: District, indicator: str, weight: str, **given: object) -> None:
    """Put a card of one item in force: proportional unless said otherwise, without a cap."""
    entry = ItemEntry(
        code="K1",
        name_zh="指标",
        rule=str(given.pop("rule", Rule.PROPORTIONAL)),
        indicator=indicator,
        weight=Decimal(weight),
        params=given or {"cap": None},
    )
    card = save_scorecard(
        district=district.root,
        code="v1",
        name_zh="评分办法",
        unit_kinds=[UNITS["grid1"][0]],
        valid_from=START,
        items=[entry],
        by=None,
        at=NOW,
    )
    card.state = "published"
    card.save()


def grid1(district: District) -> ScoreLine:
    rescore(district_id=district.root.pk, month=MARCH)
    return ScoreLine.objects.get(month=MARCH, unit=district.units["grid1"])


def report(district: District, indicator: str, task: Decimal, actual: Decimal) -> None:
    march.set_task(district, "grid1", indicator, task)
    Actual.objects.create(
        month=MARCH,
        unit=district.units["grid1"],
        indicator=district.indicators[indicator],
        breakdown=district.breakdowns["all"],
        value=actual,
        as_of=MARCH,
        reported_at=NOW,
    )


@pytest.mark.parametrize("weight", ["1", "33.33", "99.99", "100", "15.33"])
def test_the_largest_figures_are_scored_exactly(district: District, weight: str) -> None:
    single(district, "mobile_revenue", weight)
    report(district, "mobile_revenue", -LIMIT, LIMIT)
    assert grid1(district).points == 3 * Decimal(weight)


@pytest.mark.parametrize(
    "weight,given",
    [
        ("46.0001", {}),
        ("99.9999", {}),
        ("10", {"cap": "1000"}),
        ("45.999", {}),
        ("10", {"rule": "bands", "bands": [["1000", "1"]]}),
    ],
)
def test_numbers_that_64_bits_cannot_score_are_refused(
    district: District, weight: str, given: dict[str, object]
) -> None:
    with pytest.raises(Invalid, match="K1"):
        single(district, "mobile_revenue", weight, **given)


def test_prices_that_64_bits_cannot_count_are_refused(district: District) -> None:
    card = march.publish_card(district)
    item = card.items.get(code="K8")
    item.params = {"per": {"late_report": "1000.01"}}
    item.save()
    with pytest.raises(Invalid, match="per"):
        compile_curves(card)


def test_a_sum_beyond_all_amounts_is_not_scored_rather_than_scored_wrong(
    district: District,
) -> None:
    single(district, "total_revenue", "99.99")
    report(district, "mobile_revenue", LIMIT, LIMIT)
    report(district, "fixed_revenue", Decimal(1), Decimal(1))
    line = grid1(district)
    assert (line.state, line.points) == ("no_target", None)


def test_points_beyond_all_amounts_are_not_counted(district: District) -> None:
    single(district, "mobile_revenue", "1")
    report(district, "mobile_revenue", Decimal("0.0001"), LIMIT)
    line = grid1(district)
    assert (line.state, line.points) == ("pending", None)
    assert Score.objects.get(unit=district.units["grid1"]).total is None


def test_a_ratio_beyond_all_amounts_is_not_scored_rather_than_scored_wrong(
    district: District,
) -> None:
    term = district.indicators["effective_rate"].terms.get(side="n")
    term.factor = 10_000
    term.save()
    single(district, "effective_rate", "10", rule="bands", bands=[["0.16", "10"], ["200", "12"]])
    report(district, "mobile_gross_adds", Decimal(1), Decimal("0.0001"))
    report(district, "mobile_net_adds", Decimal(1), Decimal(1))
    assert grid1(district).points == 12
    Actual.objects.filter(indicator__code="mobile_net_adds").update(value=LIMIT)
    assert grid1(district).state == "pending"


@pytest.mark.parametrize(
    ("policy", "state", "points"),
    [("spread", "exempt", None), ("full", "scored", Decimal(10)), ("zero", "scored", Decimal(0))],
)
def test_a_ratio_over_zero_follows_the_policy_for_no_task(
    district: District, policy: str, state: str, points: Decimal | None
) -> None:
    single(district, "effective_rate", "10", rule="bands", bands=[["0.16", "10"], [None, "2"]])
    Scorecard.objects.update(zero_target=policy)
    report(district, "mobile_gross_adds", Decimal(1), Decimal(0))
    report(district, "mobile_net_adds", Decimal(1), Decimal(3))
    line = grid1(district)
    assert (line.state, line.points) == (state, points)
    told = unit_scores(district.root.pk, MARCH)[line.unit_id].lines[0]
    assert (told.value, told.reason.code.startswith(("not_assessed", "zero_target"))) == (
        None,
        True,
    )
    figure = figures(district_id=district.root.pk, months=[MARCH], codes=["effective_rate"])
    assert figure[line.unit_id, "effective_rate"].is_void


@pytest.mark.slow
def test_600_units_take_as_many_statements_as_six(db, django_assert_num_queries) -> None:
    district = build_district(unit_codes=tuple(f"grid{n}" for n in range(1, 601)))
    march.publish_card(district)
    march.report_march(district)
    for _ in range(2):  # filled, then compared: each is prepared once
        rescore(district_id=district.root.pk, month=MARCH)
    with django_assert_num_queries(7):
        rescore(district_id=district.root.pk, month=MARCH)
    assert Score.objects.count() == 600


@pytest.fixture
def scored(district: District) -> District:
    march.publish_card(district)
    march.report_march(district)
    jobs.drain()
    return district


def test_a_job_delivered_again_does_nothing(scored: District) -> None:
    before = Month.objects.get(month=MARCH).revision
    assert jobs.run("rescore", scored.root.pk, MARCH) is False
    assert Month.objects.get(month=MARCH).revision == before


def test_what_changes_no_score_still_changes_the_stamp_of_the_board(scored: District) -> None:
    before = stamp_of(Month.objects.get(month=MARCH))
    scores = list(Score.objects.order_by("unit_id").values())
    revenue = march.figures()["grid1", "fixed_revenue", "all"][1]
    save_actuals(
        district=scored.root,
        cells=[march.cell(scored, "grid1", "fixed_revenue", revenue + 1, version=1)],
        by=None,
        at=NOW,
    )
    assert jobs.drain() == 1
    assert list(Score.objects.order_by("unit_id").values()) == scores
    assert stamp_of(Month.objects.get(month=MARCH)) != before


def test_a_published_month_keeps_its_rows_whatever_the_card_becomes(scored: District) -> None:
    close_month(month=scored.month, by=None, at=NOW)
    publish_month(month=scored.month, by=None, at=NOW)
    before = list(ScoreLine.objects.values()), list(Score.objects.values())
    revision = Month.objects.get(month=MARCH).revision
    march.publish_card(scored, code="v2")
    assert rescore(district_id=scored.root.pk, month=MARCH) == 0
    assert (list(ScoreLine.objects.values()), list(Score.objects.values())) == before
    assert Month.objects.get(month=MARCH).revision == revision


def test_scoring_one_district_writes_no_row_of_another(scored: District) -> None:
    other = build_district("other", unit_codes=("grid1", "grid2"))
    march.publish_card(other)
    march.report_march(other)
    mine = list(Score.objects.filter(unit__district=scored.root).values())
    assert write_scores(other.root.pk, MARCH) == 2 * 9 + 2
    assert list(Score.objects.filter(unit__district=scored.root).values()) == mine
    assert write_scores(scored.root.pk, MARCH) == 0
