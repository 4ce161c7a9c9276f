"""A sheet of any length: written portion by portion, the same file, private to who asked."""

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from orgchart import runs
from orgchart.models import Run, RunState
from subsidies import downloads
from subsidies.models import CommissionSheet
from subsidies.queries.sheets import line_codes, statement_portions, statements_of, summed
from subsidies.services.commissions import make_sheet
from subsidies.workbooks import commission_workbook, large_workbook
from tests.district import MARCH, NOW, District
from tests.subsidies.district import build_example_6


@pytest.fixture
def sheet(district: District) -> CommissionSheet:
    build_example_6(district)
    return make_sheet(district=district.root, month=MARCH, by=district.people["clerk"], at=NOW)


def values(content: bytes, page: int) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return list(book.worksheets[page].iter_rows(values_only=True))


def test_the_long_way_writes_the_same_summary_and_lines(sheet: CommissionSheet) -> None:
    target = io.BytesIO()
    written = list(
        large_workbook(
            target, summed([sheet])[0], statement_portions(sheet.pk, size=2), line_codes(sheet.pk)
        )
    )
    assert written == [2, 4, 5]
    short = commission_workbook(summed([sheet])[0], statements_of(sheet.pk, with_lines=True))
    for page in (0, 1):
        assert values(target.getvalue(), page) == values(short, page)


def test_a_long_sheet_is_written_as_a_run_and_fetched_by_who_started_it(
    sheet: CommissionSheet, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "LONG", 4)
    monkeypatch.setattr("subsidies.views.sheets.LONG", 4)
    clerk = signed_in("test-clerk")
    answer = clerk.get(f"/commissions/{sheet.pk}/export.xlsx")
    run = Run.objects.get(kind="commission_export")
    assert answer["Location"] == f"/runs/{run.pk}/"
    assert clerk.get(f"/runs/{run.pk}/file/").status_code == 404  # nothing written yet
    runs.drain()
    run.refresh_from_db()
    assert (run.state, run.done, run.total) == (RunState.DONE, 5, 5)
    file = clerk.get(run.url)
    assert file.status_code == 200
    total = next(row for row in values(file.content, 0) if row[0] in ("合计", "Total"))
    assert Decimal(str(total[-2])) == sheet.paid
    assert signed_in("test-head").get(run.url).status_code == 404


def test_a_manager_writes_the_own_units_part_only(
    sheet: CommissionSheet, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subsidies.views.sheets.LONG", 1)
    manager = signed_in("test-grid1")
    manager.get(f"/commissions/{sheet.pk}/export.xlsx")
    runs.drain()
    run = Run.objects.get(kind="commission_export")
    names = {row[2] for row in values(manager.get(run.url).content, 1)}
    own = {row.payee.name for row in statements_of(sheet.pk) if row.unit.code == "grid1"}
    others = {row.payee.name for row in statements_of(sheet.pk)} - own
    assert own <= names and not others & names


def test_the_program_gets_the_file_itself(
    sheet: CommissionSheet, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "LONG", 4)
    answer = signed_in("test-clerk").get(f"/api/v1/commission-sheets/{sheet.pk}/export.xlsx")
    content = b"".join(answer.streaming_content)
    assert len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames) == 2
