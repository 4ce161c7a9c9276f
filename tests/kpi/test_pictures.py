"""The charts of a month: what they say, of whom, to whom; on the page and for programs."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from kpi.models import Actual, Month, MonthState, Score, Scorecard
from kpi.present import pictures
from kpi.queries.year_board import year_board
from orgchart.models import Unit
from targets.charts import Chart
from targets.models import Task
from tests.district import MARCH, District
from tests.kpi import march

PAGE = "/charts/?month=2026-03"
API = "/api/v1/charts/?month=2026-03"


@pytest.fixture
def scored(district: District) -> District:
    march.publish_card(district)
    march.report_march(district)
    march.score(district)
    return district


def charts(client: Any, query: str = "", language: str = "en") -> dict[str, Chart]:
    answer = client.get(f"{PAGE}{query}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return {panel.chart.code: panel.chart for panel in answer.context["panels"] if panel.chart}


def totals(district: District, number: int, points: dict[str, str]) -> Month:
    """Store totals of a month, as the statements would."""
    first = date(2026, number, 1)
    month, _made = Month.objects.get_or_create(
        district=district.root, month=first, defaults={"state": MonthState.OPEN}
    )
    for code, total in points.items():
        Score.objects.create(
            month=first, unit=district.units[code], scorecard=Scorecard.objects.get(),
            applicable_weight=100, base=total, bonus=0, total=total, rank=1,
        )  # fmt: skip
    return month


def test_the_race_adds_up_the_months_and_says_who_leads(district: District) -> None:
    march.publish_card(district)
    totals(district, 1, {"grid1": "100", "grid2": "90"})
    last = totals(district, 2, {"grid1": "80", "grid2": "95.5"})
    race = pictures.race(year_board(last), frozenset(), by_month=False)
    assert race is not None
    shown = dict(race.rows)
    assert race.columns == ["1月", "2月"]
    assert (shown["网格1"], shown["网格2"]) == (["100.00", "180.00"], ["90.00", "185.50"])
    assert shown["网格3"] == ["—", "—"]  # who has no points yet has no bar
    assert race.sentence == (
        "2月网格2以 185.50 分居首，领先网格1 5.50 分；榜首易手 1 次；1月、2月尚未发布"
    )
    alone = pictures.race(year_board(last), frozenset(), by_month=True)
    assert alone is not None and dict(alone.rows)["网格1"] == ["100.00", "80.00"]


def test_who_shares_the_lead_is_named_and_a_month_without_points_is_no_frame(
    district: District,
) -> None:
    march.publish_card(district)
    totals(district, 1, {})
    last = totals(district, 2, {"grid1": "80", "grid2": "80"})
    own = frozenset({district.units["grid2"].pk})
    race = pictures.race(year_board(last), own, by_month=False)
    assert race is not None
    assert (race.columns, race.lead) == (["2月"], "网格2")
    assert race.sentence.startswith("2月网格1、网格2以 80.00 分居首；")


def test_completion_is_held_against_time(scored: District, signed_in: Any) -> None:
    Actual.objects.filter(month=MARCH).update(as_of=date(2026, 3, 31))
    found = charts(signed_in("test-head"), "&indicator=total_revenue")
    units = found["completion-units"]
    shown = dict(units.rows)
    assert units.lead == ""
    task, actual = march.figures()["grid1", "mobile_revenue", "all"]
    fixed_task, fixed_actual = march.figures()["grid1", "fixed_revenue", "all"]
    rate = (actual + fixed_actual) / (task + fixed_task) * 100
    assert shown["Grid 1"][0] == f"{rate.quantize(Decimal('0.01'))}"
    assert shown["Grid 1"][1] == "100.00"
    assert {cells[3] for cells in shown.values()} <= {"Ahead", "Slightly behind", "Behind"}
    late = [name for name, cells in shown.items() if cells[3] != "Ahead"]
    assert units.sentence.startswith(f"{6 - len(late)} of 6 keep up with time")
    assert found["completion-indicators"].title.startswith("Whole district")
    one = charts(signed_in("test-head"), "&unit=grid1")["completion-indicators"]
    assert one.title.startswith("Grid 1")


def test_who_has_not_reported_is_pending_and_not_behind(scored: District, signed_in: Any) -> None:
    Actual.objects.filter(unit=scored.units["grid4"], month=MARCH).update(value=None)
    units = charts(signed_in("test-head"))["completion-units"]
    assert units.rows[-1] == ("Grid 4", ["not reported", units.rows[-1][1][1], "—", ""])
    assert "not reported: Grid 4" in units.sentence


def test_a_reader_sees_of_others_what_the_leaderboard_shows(
    scored: District, signed_in: Any
) -> None:
    staff = signed_in("test-staff")
    gate = charts(staff, "&indicator=mobile_gross_adds")["completion-units"]
    assert len(gate.rows) == 6
    own = charts(staff, "&indicator=mobile_net_adds")["completion-units"]
    assert [name for name, _cells in own.rows] == ["Grid 1"]
    assert (gate.lead, own.lead) == ("Grid 1", "Grid 1")  # the own unit stands out
    # Without a unit the own one, never the district.
    assert charts(staff)["completion-indicators"].title.startswith("Grid 1")
    assert staff.get(f"{PAGE}&unit=grid2").status_code == 404
    assert staff.get(f"{API}&unit=grid2").status_code == 403
    assert len(charts(staff)["race"].rows) == 6


def test_programs_get_the_same_figures_exactly(scored: District, signed_in: Any) -> None:
    head = signed_in("test-head")
    told = head.get(f"{API}&indicator=total_revenue&race=month").json()
    assert (told["month"], told["indicator"], told["unit"]) == ("2026-03", "total_revenue", None)
    by_code = {chart["code"]: chart for chart in told["charts"]}
    race = by_code["race"]
    totals = dict(zip(race["labels"], race["series"][0]["values"], strict=True))
    assert totals["网格1"] == "102.77"
    assert by_code["completion-units"]["series"][0]["values"][0].count(".") == 1
    refused = head.get(f"{API}&race=week&indicator=nothing").json()
    assert {fault["pointer"] for fault in refused["errors"]} == {"/race", "/indicator"}
    assert head.get(f"{API}&unit=nowhere").status_code == 404


def test_a_month_without_scores_and_a_district_without_months_say_so(
    district: District, signed_in: Any
) -> None:
    head = signed_in("test-head")
    page = head.get(PAGE).content.decode()
    assert "今年还没有月份出分。" in page
    Month.objects.all().delete()
    assert "还没有开账的月份" in head.get("/charts/").content.decode()


def test_twenty_units_take_as_many_statements_as_two(scored: District, signed_in: Any) -> None:
    client, counts = signed_in("test-head"), []
    for more in (0, 14):
        for number in range(more):
            unit = Unit.objects.create(
                code=f"more{number}", kind="grid", name_zh=f"网格{number + 10}",
                parent=scored.root, district=scored.root, opened_on=date(2026, 1, 1),
            )  # fmt: skip
            for model in (Task, Actual):
                rows = model.objects.filter(unit=scored.units["grid1"], month=MARCH).values()
                model.objects.bulk_create(
                    model(**{**row, "unit_id": unit.pk, "id": None} if "id" in row
                          else {**row, "unit_id": unit.pk})
                    for row in rows
                )  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            shown = charts(client)
        counts.append(len(asked))
        assert len(shown["completion-units"].rows) == 6 + more
    assert counts[0] == counts[1]


def test_the_heat_map_has_points_over_weight_and_opens_the_workings(
    scored: District, signed_in: Any
) -> None:
    head = signed_in("test-head")
    heat = charts(head)["heat"]
    grid1 = next(row for row in heat.rows if row[0] == "Grid 1")
    assert len(heat.rows) == 6
    by_item = dict(zip(heat.columns, grid1[1], strict=True))
    line = next(
        line
        for line in head.get("/api/v1/scorecards/grid1/2026-03/").json()["lines"]
        if line["code"] == "K4"
    )
    place = [series.name for series in heat.series].index("Grid 1")
    at = next(n for n, url in enumerate(heat.links[place]) if url.endswith("/K4/"))
    share = Decimal(line["points"]) / Decimal(line["weight"]) * 100
    assert heat.rows[place][1][at] == f"{share:.1f}" == by_item[heat.columns[at]]
    assert head.get(heat.links[place][at]).status_code == 200
    assert heat.shades[place][at] == ("good" if share >= 100 else "warn")
    assert "cells have their full mark; most is lost on" in heat.sentence
    own = charts(signed_in("test-staff"))["heat"]
    assert [name for name, _cells in own.rows] == ["Grid 1"]


def test_the_units_parts_lead_from_the_task_to_the_actual(scored: District, signed_in: Any) -> None:
    steps = charts(signed_in("test-head"), "&indicator=mobile_gross_adds")["contribution"]
    values = [value for value in steps.series[0].values if value is not None]
    assert values[0] + sum(values[1:-1]) == values[-1]
    assert list(steps.totals) == ["Task", "Actual"]
    assert len(values) == 8
    Actual.objects.filter(unit=scored.units["grid4"], month=MARCH).update(value=None)
    fewer = charts(signed_in("test-head"), "&indicator=mobile_gross_adds")["contribution"]
    assert "Grid 4" not in fewer.labels and fewer.sentence.endswith("not reported: Grid 4")
    # Of figures that the leaderboard does not show only the own unit's.
    own = charts(signed_in("test-staff"), "&indicator=mobile_net_adds")["contribution"]
    assert list(own.labels) == ["Task", "Grid 1", "Actual"]


@pytest.mark.parametrize("unit", ["grid1", "grid2", "grid3", "grid4", "suburban", "group"])
def test_the_items_lead_from_the_full_mark_to_the_total(
    scored: District, signed_in: Any, unit: str
) -> None:
    head = signed_in("test-head")
    steps = charts(head, f"&unit={unit}")["score-items"]
    values = [value for value in steps.series[0].values if value is not None]
    assert values[0] == 100 and values[0] + sum(values[1:-1]) == values[-1]
    total = head.get(f"/api/v1/scorecards/{unit}/2026-03/").json()["total"]
    assert steps.rows[-1][1] == [total]
    assert "score-items" not in charts(head)


def test_small_steps_stand_together() -> None:
    steps = [(f"u{n}", Decimal(n)) for n in range(1, 15)]
    chart = pictures.waterfall(
        ("task", Decimal(100)), steps, ("actual", Decimal(205)), 0,
        code="c", head="unit", title="t", series="s", unit="户", said=["one", "two"],
    )  # fmt: skip
    assert chart.labels[1:-1] == [f"u{n}" for n in range(5, 15)] + ["其余 4 项"]
    assert chart.rows[-2] == ("其余 4 项", ["10"])


def test_the_excel_file_has_the_same_figures_as_numbers(scored: District, signed_in: Any) -> None:
    evil = '=HYPERLINK("http://x")'
    Unit.objects.filter(code="grid1").update(name_zh=evil, short_zh="")
    path = "/charts/export.xlsx?month=2026-03&unit=grid1&indicator=mobile_gross_adds"
    answer = signed_in("test-head").get(path)
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert len(sheets) == 6
    race = next(rows for name, rows in sheets.items() if name.startswith("逐月赛跑"))
    assert [evil, 102.77] in [row[:2] for row in race]
    heat = next(rows for name, rows in sheets.items() if "热力图" in name)
    assert len(heat) == 4 + 6
    with ZipFile(BytesIO(answer.content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    own = signed_in("test-staff").get(path.replace("unit=grid1&", ""))
    names = CalamineWorkbook.from_filelike(BytesIO(own.content)).sheet_names
    assert not any(name.startswith("全区") for name in names)
