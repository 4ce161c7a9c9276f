"""Task sheet pages: grid, proof, weights and season, Excel, definitions; by role."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from targets.models import Task
from targets.queries.sheets import grid
from targets.services.sheets import break_down
from targets.views.sheet_figures import explain
from tests.district import NOW
from tests.targets.plan_2026 import enter_annual_targets, sheet_4_1, sheet_4_2

URL = "/targets/sheets/2026/4-2/"


@pytest.fixture
def sheet(district):
    made = sheet_4_2(district)
    break_down(sheet=made, by=district.people["head"], at=NOW)
    return made


def weighing(sheet, **changes) -> dict[str, str]:
    form = {"version": str(sheet.version), "total": "70000"}
    for line in grid(sheet, None).lines:
        if line.span:
            form[f"weight-{line.row_id}"] = str(line.weight)
        form[f"part-{line.row_id}"] = str(line.part)
    form |= {f"season-{n}": value for n, value in enumerate(sheet.season)}
    return form | changes


@pytest.mark.parametrize("account", ["head", "clerk", "auditor"])
def test_the_district_sees_the_sum_proved_by_unit_and_month(
    district, signed_in, sheet, account
) -> None:
    enter_annual_targets(district)
    page = signed_in(f"test-{account}").get(URL).content.decode()

    assert "网格1 12,600 + 网格2 11,900" in page
    assert "6,719 + 5,037 + 6,159" in page
    assert ("data-save-url" in page) is (account != "auditor")


@pytest.mark.parametrize(("account", "own"), [("grid1", "grid1"), ("supervisor", "grid2")])
def test_a_unit_sees_its_own_rows_to_read(district, signed_in, sheet, account, own) -> None:
    page = signed_in(f"test-{account}").get(URL)

    assert {line.unit_code for line in page.context["grid"].lines} == {own}
    text = page.content.decode()
    assert "data-save-url" not in text and "70,000" not in text


def test_the_formula_bar_says_how_a_cell_came_about(district, sheet) -> None:
    line = grid(sheet, None).lines[2]
    sentence = explain(line, 6)
    for figure in ("7,378", "7.80", "575.484", "576", "6"):
        assert figure in sentence


def test_new_weights_are_set_and_broken_down_at_once(district, signed_in, sheet) -> None:
    first, second = [line for line in grid(sheet, None).lines if line.span][:2]
    form = weighing(sheet, **{f"weight-{first.row_id}": "19", f"weight-{second.row_id}": "16"})

    response = signed_in("test-head").post(URL + "breakdown/", form)

    assert response.status_code == 302
    assert grid(sheet, None).lines[0].unit_total == Decimal("13300")


@pytest.mark.parametrize("typed", ["19", "abc", "", "-1", "1e1"])
def test_wrong_weights_are_refused_and_stay_in_the_fields(
    district, signed_in, sheet, typed
) -> None:
    first = grid(sheet, None).lines[0]
    form = weighing(sheet, **{f"weight-{first.row_id}": typed})

    response = signed_in("test-head").post(URL + "breakdown/", form)

    assert response.status_code == 400
    assert f'value="{typed}"' in response.content.decode()
    assert Task.objects.get(
        unit=district.units["grid1"], breakdown=district.breakdowns["t1"], month=date(2026, 1, 1)
    ).value == Decimal(786)


def test_weights_somebody_else_changed_are_a_conflict(district, signed_in, sheet) -> None:
    assert signed_in("test-head").post(
        URL + "breakdown/", weighing(sheet, version="9", total="80000")
    ).status_code == 409  # fmt: skip


def test_the_excel_file_adds_up_by_formulas_that_have_their_values(district, signed_in) -> None:
    made = sheet_4_1(district)
    break_down(sheet=made, by=district.people["head"], at=NOW)

    content = signed_in("test-auditor").get("/targets/sheets/2026/4-1/export.xlsx").content

    page = openpyxl.load_workbook(BytesIO(content)).active
    assert page.freeze_panes == "D5" and page["P5"].value == "=SUM(D5:O5)"
    assert page["D5"].number_format == "#,##0.00"
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[-1][3:] == [float(value) for value in grid(made, None).columns] + [3109.92]


def test_a_unit_exports_its_own_rows(district, signed_in, sheet) -> None:
    content = signed_in("test-grid1").get(URL + "export.xlsx").content
    page = openpyxl.load_workbook(BytesIO(content)).active
    assert {row[1].value for row in page.iter_rows(min_row=5, max_row=6)} == {"网格1"}
    assert page.max_row == 7


def test_sheets_lead_to_the_first_one_or_say_that_there_is_none(district, signed_in) -> None:
    client = signed_in("test-head")
    assert client.get("/targets/sheets/").status_code == 200
    sheet_4_2(district)
    assert client.get("/targets/sheets/").headers["Location"] == URL


def test_a_derived_indicator_is_shown_as_a_formula_in_words(district, signed_in) -> None:
    client = signed_in("test-staff")
    assert "移动用户净增 ÷ 移动用户发展" in client.get("/targets/indicators/").content.decode()
    page = client.get("/targets/indicators/total_revenue/").content.decode()
    assert "移动业务开账收入 + 固网业务主营收入" in page
    assert client.get("/targets/indicators/nothing/").status_code == 404
    assert signed_in("test-admin").get("/targets/indicators/").status_code == 403
    codes = [row["code"] for row in client.get("/api/v1/indicators/").json()["results"]]
    assert "effective_rate" in codes
