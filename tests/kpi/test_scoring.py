"""Worked example 4 through the services: every line, total and rank, and its variants."""

from decimal import Decimal

import pytest
from django.db.models import ProtectedError

from kpi.models import Score, ScoreLine
from kpi.queries.scores import unit_scores
from kpi.services.actuals import save_actuals
from kpi.services.events import note_event, void_event
from kpi.services.months import close_month, publish_month, reopen_month
from kpi.services.scoring import rescore
from orgchart import jobs
from orgchart.errors import Invalid, Locked
from targets.models import Task
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import march
from tests.kpi.scheme import EXAMPLE
from tests.worked_examples import UNITS

RANKS = {UNITS[name]: rank for name, rank in EXAMPLE["名次(1,2,2,4)"].items()}
TOTALS = {UNITS[name]: Decimal(total) for name, total in EXAMPLE["总分"].items()}


@pytest.fixture
def scored(district: District) -> District:
    march.publish_card(district)
    march.report_march(district)
    march.score(district)
    return district


def totals(district: District) -> dict[str, Decimal | None]:
    scores = Score.objects.filter(month=MARCH, unit__district=district.root)
    return {score.unit.code: score.total for score in scores.select_related("unit")}


def ranks(district: District) -> dict[str, int | None]:
    scores = Score.objects.filter(month=MARCH, unit__district=district.root)
    return {score.unit.code: score.rank for score in scores.select_related("unit")}


def test_totals_and_ranks_are_those_of_the_example(scored: District) -> None:
    assert totals(scored) == TOTALS
    assert ranks(scored) == RANKS


@pytest.mark.parametrize("name", EXAMPLE["base_case"])
def test_every_line_is_that_of_the_example(scored: District, name: str) -> None:
    case = EXAMPLE["base_case"][name]
    lines = {
        line.item.code: line
        for line in ScoreLine.objects.filter(
            month=MARCH, unit=scored.units[UNITS[name]]
        ).select_related("item")
    }
    for code, expected in case["items"].items():
        points = expected["score"]
        assert lines[code].points == (None if points is None else Decimal(points)), code
    card = Score.objects.get(month=MARCH, unit=scored.units[UNITS[name]])
    assert card.applicable_weight == case["适用权重合计"]
    assert card.unspread == Decimal(case["基础得分(未分摊)"])
    assert card.base == Decimal(case["基础得分"])
    assert card.bonus == Decimal(case["加分"])
    assert card.total == Decimal(case["总分"])


def test_a_second_run_writes_nothing(scored: District) -> None:
    assert rescore(district_id=scored.root.pk, month=MARCH) == 0


def test_a_veto_takes_the_score_and_ranks_last(scored: District) -> None:
    event = note_event(
        unit=scored.units["suburban"],
        month=MARCH,
        kind="veto",
        count=1,
        note="虚假发展",
        by=scored.people["auditor"],
        at=NOW,
    )
    march.score(scored)

    expected = EXAMPLE["veto_case"]
    assert totals(scored)["suburban"] == Decimal(expected["after"])
    assert ranks(scored) == {UNITS[name]: rank for name, rank in expected["名次"].items()}

    void_event(event=event, by=scored.people["auditor"], at=NOW, reason="查无此事")
    march.score(scored)
    assert totals(scored) == TOTALS


def test_an_award_veto_leaves_the_score(scored: District) -> None:
    note_event(
        unit=scored.units["suburban"],
        month=MARCH,
        kind="award_veto",
        count=1,
        note="取消评优",
        by=scored.people["auditor"],
        at=NOW,
    )
    march.score(scored)
    score = Score.objects.get(month=MARCH, unit=scored.units["suburban"])
    assert (score.total, score.rank, score.is_vetoed, score.is_award_vetoed) == (
        TOTALS["suburban"],
        1,
        False,
        True,
    )


def test_a_vetoed_unit_ranks_behind_an_honest_zero(district: District) -> None:
    march.publish_card(district)
    march.report_march(district)
    for _, unit in zip(range(2), ("grid1", "grid2"), strict=True):
        note_event(
            unit=district.units[unit],
            month=MARCH,
            kind="veto",
            count=1,
            note="挪用",
            by=district.people["auditor"],
            at=NOW,
        )
    march.score(district)
    found = ranks(district)
    assert (found["grid1"], found["grid2"], found["grid4"]) == (5, 5, 4)


@pytest.mark.parametrize("policy,expected", EXAMPLE["zero_target_网格3_K4"].items())
def test_a_target_of_zero_follows_the_policy(district: District, policy, expected) -> None:
    if policy == "recommend":
        return
    march.publish_card(district, {"exclude": "spread"}.get(policy, policy))
    march.report_march(district)
    march.score(district)
    score = Score.objects.get(month=MARCH, unit=district.units["grid3"])
    assert score.applicable_weight == expected["适用权重"]
    assert score.unspread == Decimal(expected["基础得分(未分摊)"])
    assert score.total == Decimal(expected["总分"])


def test_a_missing_actual_leaves_the_total_empty(district: District) -> None:
    march.publish_card(district)
    march.report_march(district, without=(("suburban", "churn_rate"),))
    march.score(district)
    expected = EXAMPLE["missing_actual_城乡结合办_K6"]
    score = Score.objects.get(month=MARCH, unit=district.units["suburban"])
    assert (score.total, score.rank, score.pending) == (None, None, 1)
    assert score.base == Decimal(expected["before close"]["基础得分"])
    assert ranks(district)["grid1"] == 1
    card = unit_scores(district.root.pk, MARCH)[district.units["suburban"].pk]
    assert card.range == tuple(Decimal(end) for end in expected["before close"]["可能区间"])
    with pytest.raises(Invalid, match="1"):
        close_month(month=district.month, by=district.people["clerk"], at=NOW)


def test_after_the_deadline_a_missing_actual_scores_zero_with_a_reason(district: District) -> None:
    march.publish_card(district)
    march.report_march(district, without=(("suburban", "churn_rate"),))
    clerk = district.people["clerk"]
    close_month(month=district.month, by=clerk, at=NOW, reason="逾期未报")
    expected = EXAMPLE["missing_actual_城乡结合办_K6"]["after deadline, policy zero"]
    assert totals(district)["suburban"] == Decimal(expected["总分"])
    publish_month(month=district.month, by=clerk, at=NOW)

    reopen_month(month=district.month, by=district.people["head"], at=NOW, reason="补报")
    assert totals(district)["suburban"] is None


def test_a_missing_target_is_named_and_nothing_is_published(district: District) -> None:
    march.publish_card(district)
    march.report_march(district)
    Task.objects.filter(
        unit=district.units["grid1"], indicator=district.indicators["mobile_gross_adds"]
    ).delete()
    march.score(district)
    line = ScoreLine.objects.get(
        month=MARCH, unit=district.units["grid1"], item__code="K2", item__scorecard__code="v1"
    )
    assert line.state == "no_target"
    clerk = district.people["clerk"]
    close_month(month=district.month, by=clerk, at=NOW)
    with pytest.raises(Locked):
        publish_month(month=district.month, by=clerk, at=NOW)


def test_a_figure_by_product_waits_for_every_product_with_a_task(district: District) -> None:
    march.publish_card(district)
    march.report_march(district)
    save_actuals(
        district=district.root,
        cells=[
            march.cell(district, "grid1", "fixed_net_adds", None, breakdown="broadband", version=1)
        ],
        by=district.people["clerk"],
        at=NOW,
    )
    march.score(district)
    assert totals(district)["grid1"] is None


def test_a_published_month_is_never_rescored(scored: District) -> None:
    clerk = scored.people["clerk"]
    close_month(month=scored.month, by=clerk, at=NOW)
    publish_month(month=scored.month, by=clerk, at=NOW)
    before = list(ScoreLine.objects.values_list("unit_id", "item_id", "points"))
    assert rescore(district_id=scored.root.pk, month=MARCH) == 0
    with pytest.raises(Locked):
        save_actuals(
            district=scored.root,
            cells=[march.cell(scored, "grid1", "channel_visits", "41", version=1)],
            by=clerk,
            at=NOW,
        )
    assert list(ScoreLine.objects.values_list("unit_id", "item_id", "points")) == before


def test_a_month_nobody_opened_gets_no_scores(scored: District) -> None:
    assert rescore(district_id=scored.root.pk, month=MARCH.replace(month=5)) == 0
    assert Score.objects.filter(month=MARCH.replace(month=5)).count() == 0


def test_lines_of_a_replaced_card_disappear(scored: District) -> None:
    card = march.publish_card(scored, code="v2")
    march.score(scored)
    assert {line.item.scorecard_id for line in ScoreLine.objects.select_related("item")} == {
        card.pk
    }
    assert totals(scored) == TOTALS


def test_what_a_line_stands_for_is_not_deleted(scored: District) -> None:
    line = ScoreLine.objects.select_related("unit", "item").first()
    for row in (line.unit, line.item):
        with pytest.raises(ProtectedError):
            row.delete()


def test_districts_do_not_touch_each_other(scored: District) -> None:
    other = build_district("other", unit_codes=("grid1", "grid2"))
    march.publish_card(other)
    march.report_march(other)
    march.score(other)
    assert ranks(other) == {"grid1": 1, "grid2": 2}
    assert ranks(scored) == RANKS


def test_the_outbox_scores_what_was_reported(district: District) -> None:
    march.publish_card(district)
    march.report_march(district)
    assert jobs.drain() == 1
    assert totals(district) == TOTALS


@pytest.mark.parametrize("count", [6, 60])
def test_the_number_of_statements_does_not_depend_on_the_units(
    db, count: int, django_assert_num_queries
) -> None:
    district = build_district(unit_codes=tuple(f"grid{n}" for n in range(1, count + 1)))
    march.publish_card(district)
    march.report_march(district)
    for _ in range(2):  # filled, then compared; PostgreSQL prepares each text once
        rescore(district_id=district.root.pk, month=MARCH)
    with django_assert_num_queries(
        7
    ):  # savepoint, lock and revision, cards and cells, three statements, release
        rescore(district_id=district.root.pk, month=MARCH)
