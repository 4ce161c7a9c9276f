"""Weights from history, capacity and channels; seasons from their sources; the shortfall rolled."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.models import Actual, Month, MonthState
from orgchart.errors import Invalid
from orgchart.models import AuditEntry
from targets.models import SheetRow, Task, TaskSheet
from targets.months import months_of
from targets.queries.sheets import grid
from targets.queries.weighing import working_days
from targets.rules.breakdown import Impossible
from targets.rules.weighing import (
    BlendNotWhole,
    NoShare,
    Source,
    blended,
    percentages,
    season_of_years,
)
from targets.services.sheets import break_down, roll_forward
from tests.district import NOW, District
from tests.targets.plan_2026 import sheet_4_2
from tests.worked_examples import BREAKDOWNS, UNITS, example

HISTORY_ONLY = {
    Source.HISTORY: Decimal(100),
    Source.CAPACITY: Decimal(0),
    Source.CHANNELS: Decimal(0),
}


def blend(history: str, capacity: str, channels: str) -> dict[Source, Decimal]:
    return dict(zip(Source, map(Decimal, (history, capacity, channels)), strict=True))


HISTORY_ONLY = blend("100", "0", "0")


def measures(*figures: Any) -> dict[Source, Any]:
    return dict(zip(Source, figures, strict=True))


def test_the_blend_weighs_the_shares_of_each_source() -> None:
    weights = blended(blend("50", "30", "20"), measures([60, 40], [1, 3], [10, 10]))
    assert weights == [Decimal("47.50"), Decimal("52.50")]


def test_weights_make_100_to_the_hundredth() -> None:
    assert blended(HISTORY_ONLY, measures([1, 1, 1], [0] * 3, [0] * 3)) == [
        Decimal("33.34"), Decimal("33.33"), Decimal("33.33"),
    ]  # fmt: skip


@pytest.mark.parametrize("total", ["99.99", "100.01", "0"])
def test_a_blend_that_does_not_make_100_is_refused(total: str) -> None:
    with pytest.raises(BlendNotWhole):
        blended(blend(total, "0", "0"), measures([1], [1], [1]))


def test_a_source_that_counts_needs_figures_and_one_that_does_not_needs_none() -> None:
    with pytest.raises(NoShare) as caught:
        blended(blend("0", "100", "0"), measures([1, 1], [None, 0], [1, 1]))
    assert caught.value.source is Source.CAPACITY
    assert blended(HISTORY_ONLY, measures([1, 3], [None, None], [0, 0])) == [25, 75]


def test_a_negative_figure_is_refused() -> None:
    with pytest.raises(Impossible):
        blended(HISTORY_ONLY, measures([-1, 3], [1, 1], [1, 1]))


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 10**7)] * 3), min_size=1, max_size=8), st.data())
def test_any_blend_makes_100_within_a_hundredth_of_the_ideal(rows: Any, data: Any) -> None:
    a = data.draw(st.integers(0, 100))
    b = data.draw(st.integers(0, 100 - a))
    parts = blend(str(a), str(b), str(100 - a - b))
    figures = measures(*map(list, zip(*rows, strict=True)))
    if any(parts[source] and not sum(figures[source]) for source in Source):
        with pytest.raises(NoShare):
            blended(parts, figures)
        return
    weights = blended(parts, figures)
    assert sum(weights) == 100
    for n, weight in enumerate(weights):
        ideal = sum(
            Fraction(parts[source]) * figures[source][n] / sum(figures[source])
            for source in Source
            if parts[source]
        )
        assert abs(Fraction(weight) - ideal) < Fraction(1, 100)


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.lists(st.integers(0, 10**6), min_size=12, max_size=12), min_size=1, max_size=4))
def test_any_years_make_a_season_of_100(years: list[list[int]]) -> None:
    if not all(map(sum, years)):
        with pytest.raises(Impossible):
            season_of_years(years)
        return
    assert sum(season_of_years(years)) == 100


def test_a_large_year_weighs_no_more_than_a_small_one() -> None:
    small, large = [1] + [0] * 11, [0, 1000] + [0] * 10
    assert season_of_years([small, large])[:2] == [50, 50]


def test_a_flat_season_is_a_twelfth_each() -> None:
    assert percentages([1] * 12) == [Decimal("8.34")] * 4 + [Decimal("8.33")] * 8


def test_working_days_leave_out_holidays_and_count_make_up_days() -> None:
    assert list(working_days(2025))[:2] == [19, 19]  # 26 January and 8 February 2025 are worked
    assert sum(working_days(2025)) == 248


# --- rolling forward -------------------------------------------------------------------------


@pytest.fixture
def plan(district: District) -> District:
    sheet = sheet_4_2(district)
    break_down(sheet=sheet, by=district.people["head"], at=NOW)
    return district


def sheet_of(district: District) -> TaskSheet:
    return TaskSheet.objects.select_related("plan__district", "indicator").get(
        plan=district.plan, code="4-2"
    )


def publish(district: District, actuals: list[int], row: SheetRow) -> None:
    """Report a row's first months and publish them; other rows meet their tasks."""
    months = months_of(district.plan.year)[: len(actuals)]
    for month, value in zip(months, actuals, strict=True):
        for task in Task.objects.filter(month=month, indicator_id=row.indicator_id):
            own = (task.unit_id, task.breakdown_id) == (row.unit_id, row.breakdown_id)
            Actual.objects.create(
                month=month, unit_id=task.unit_id, indicator_id=task.indicator_id,
                breakdown_id=task.breakdown_id, value=Decimal(value) if own else task.value,
                as_of=month, reported_at=NOW,
            )  # fmt: skip
        Month.objects.update_or_create(
            district=district.root, month=month, defaults={"state": MonthState.PUBLISHED}
        )


def first_row(sheet: TaskSheet) -> SheetRow:
    return sheet.rows.select_related("unit").get(unit__code="grid1", breakdown__code="t1")


def roll(district: District, reason: str = "一季度缺口") -> list[Task]:
    return roll_forward(sheet=sheet_of(district), reason=reason, by=district.people["head"], at=NOW)


def tasks_of(row: SheetRow) -> list[int]:
    rows = Task.objects.filter(
        unit_id=row.unit_id, indicator_id=row.indicator_id, breakdown_id=row.breakdown_id
    ).order_by("month")
    return [int(task.value) for task in rows]


def test_the_shortfall_of_example_3f_goes_to_the_later_months(plan: District) -> None:
    given_3f = example("3_decomposition")["3F_roll_forward_after_March"]
    row = first_row(sheet_of(plan))
    assert tasks_of(row) == given_3f["plan"]
    publish(plan, given_3f["actual 1-3月"], row)
    roll(plan)
    assert tasks_of(row)[3:] == given_3f["4-12月滚动后"]
    assert tasks_of(row)[:3] == given_3f["plan"][:3]  # closed months keep their tasks
    row.refresh_from_db()
    assert row.rolled == given_3f["缺口"]
    assert sum(given_3f["actual 1-3月"]) + sum(tasks_of(row)[3:]) == given_3f["check"]


def test_the_proof_counts_what_was_rolled_and_the_trail_keeps_the_plan(plan: District) -> None:
    row = first_row(sheet_of(plan))
    publish(plan, [742, 551, 695], row)
    roll(plan)
    table = grid(sheet_of(plan), None)
    assert table.difference == 0
    assert table.rolled == 109
    entry = AuditEntry.objects.filter(action="roll_forward").get()
    assert entry.reason == "一季度缺口"
    assert {change["before"] for change in entry.changes} >= {"655", "672"}


def test_rolling_twice_changes_nothing_the_second_time(plan: District) -> None:
    publish(plan, [742, 551, 695], first_row(sheet_of(plan)))
    assert roll(plan)
    assert roll(plan) == []


def test_locked_cells_stand(plan: District) -> None:
    row = first_row(sheet_of(plan))
    december = date(plan.plan.year, 12, 1)
    Task.objects.filter(
        month=december, unit_id=row.unit_id, breakdown_id=row.breakdown_id,
        indicator_id=row.indicator_id,
    ).update(is_locked=True, lock_reason="促销档期")  # fmt: skip
    before = tasks_of(row)
    publish(plan, [742, 551, 695], row)
    roll(plan)
    after = tasks_of(row)
    assert after[11] == before[11]
    assert 742 + 551 + 695 + sum(after[3:]) == sum(before)


def test_breaking_down_again_starts_from_the_plan(plan: District) -> None:
    row = first_row(sheet_of(plan))
    before = tasks_of(row)
    publish(plan, [742, 551, 695], row)
    roll(plan)
    break_down(sheet=sheet_of(plan), by=plan.people["head"], at=NOW)
    row.refresh_from_db()
    assert (tasks_of(row), row.rolled) == (before, 0)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_asked_for(plan: District, reason: str) -> None:
    with pytest.raises(Invalid, match="原因"):
        roll(plan, reason)


def test_without_a_published_month_there_is_nothing_to_roll(plan: District) -> None:
    with pytest.raises(Invalid, match="已发布"):
        roll(plan)


# --- methods and the page --------------------------------------------------------------------


@pytest.mark.parametrize("key", ["month_first", "both_margins"])
def test_the_other_methods_give_example_3_through_the_api(
    plan: District, signed_in: Any, key: str
) -> None:
    answer = signed_in("test-head").post(
        f"/api/v1/plans/{plan.plan.year}/breakdown/", {"sheet": "4-2", "method": key},
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 200
    table = grid(sheet_of(plan), None)
    assert (table.total, table.difference) == (70_000, 0)
    assert [int(column) for column in table.columns or []] == [
        int(Fraction(value) * 700) for value in sheet_of(plan).season
    ]
    if key == "month_first":
        given = example("3_decomposition")["3A2_发展用户_month_first"]["rows"]
        expected = {(UNITS[row["单元"]], BREAKDOWNS[row["层级"]]): row["月"] for row in given}
        assert expected == {
            (line.unit_code, line.breakdown_code): [int(cell.value or 0) for cell in line.cells]
            for line in table.lines
        }


def test_both_margins_refuse_a_lock_in_words(plan: District) -> None:
    Task.objects.filter(month=date(plan.plan.year, 3, 1)).update(is_locked=True)
    with pytest.raises(Invalid, match="先行后月"):
        break_down(sheet=sheet_of(plan), method="both_margins", by=plan.people["head"], at=NOW)


def test_the_page_fills_weights_and_season_and_stores_nothing(
    plan: District, signed_in: Any
) -> None:
    sheet = sheet_of(plan)
    client = signed_in("test-head")
    url = f"/targets/sheets/{plan.plan.year}/4-2/"
    fields = {"propose": "season", "season-from": "flat", "version": sheet.version}
    page = client.post(url + "propose/", fields).content.decode()
    assert 'name="season-0" inputmode="decimal" value="8.34"' in page
    heads = [row for row in sheet.rows.order_by("position")]
    capacities = {f"capacity-{row.pk}": "100" for row in heads}
    fields = {"propose": "weights", "blend-history": "0", "blend-capacity": "100",
              "blend-channels": "0", **capacities}  # fmt: skip
    page = client.post(url + "propose/", fields).content.decode()
    assert 'value="16.67"' in page
    refused = client.post(url + "propose/", fields | {"blend-history": "1"})
    assert refused.status_code == 400
    assert "101" in refused.content.decode()
    sheet.refresh_from_db()
    assert sheet.season[0] != "8.34"


def test_history_typed_over_counts_instead_of_what_was_published(
    plan: District, signed_in: Any
) -> None:
    sheet = sheet_of(plan)
    client = signed_in("test-head")
    url = f"/targets/sheets/{plan.plan.year}/4-2/"
    heads = [line.row_id for line in grid(sheet, None).lines if line.span]
    fields = {"propose": "weights", "blend-history": "100", "blend-capacity": "0",
              "blend-channels": "0", **{f"history-{pk}": "0" for pk in heads},
              f"history-{heads[0]}": "30", f"history-{heads[1]}": "10"}  # fmt: skip
    page = client.post(url + "propose/", fields)
    weights = {unit["name"]: unit["value"] for unit in page.context["weighing"]["units"]}
    assert weights[f"weight-{heads[0]}"] == "75" and weights[f"weight-{heads[1]}"] == "25"


@pytest.mark.parametrize("method", ["month_first", "both_margins"])
def test_the_other_methods_keep_closed_months_and_the_total(plan: District, method: str) -> None:
    sheet = sheet_of(plan)
    publish(plan, [742, 551, 695], first_row(sheet))
    before = {line.row_id: [cell.value for cell in line.cells] for line in grid(sheet, None).lines}
    break_down(sheet=sheet, method=method, by=plan.people["head"], at=NOW)
    table = grid(sheet_of(plan), None)
    assert table.total == 70_000
    for line in table.lines:
        assert [cell.value for cell in line.cells][:3] == before[line.row_id][:3]
    assert [cell.value for line in table.lines for cell in line.cells[3:]] != [
        value for values in before.values() for value in values[3:]
    ]
    if method == "both_margins":
        assert [line.total for line in table.lines] == [sum(row) for row in before.values()]
