"""The exported files add up, show their sums to every reader, and never run what a name says."""

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook

from orgchart.book import sheet_names
from orgchart.models import Dealer
from subsidies.models import CommissionSheet
from subsidies.queries.entitlements import subsidy_table
from subsidies.queries.sheets import statements_of, summed
from subsidies.services.commissions import approve_sheet, audit_sheet, make_sheet
from subsidies.services.entitlements import compute_entitlements
from subsidies.workbooks import commission_workbook, subsidy_workbook
from tests.district import MARCH, NOW, District
from tests.subsidies.district import build_example_5, build_example_6
from tests.worked_examples import example

TOTALS = ("应发小计", "扣减小计", "净额", "本期支付", "结转下期")


@pytest.fixture
def six(district: District) -> District:
    build_example_6(district)
    return district


def made(district: District) -> CommissionSheet:
    return make_sheet(district=district.root, month=MARCH, by=district.people["clerk"], at=NOW)


def exported(sheet: CommissionSheet) -> bytes:
    return commission_workbook(summed([sheet])[0], statements_of(sheet.pk, with_lines=True))


def cents(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_the_sums_are_formulas_with_the_values_of_example_6(six: District) -> None:
    content = exported(made(six))
    expected = example("6_commission")["total"]

    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    formulas = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    head, rows = 3, range(4, 9)
    columns = {values.cell(head, n).value: n for n in range(1, values.max_column + 1)}
    names = ("Gross", "Deductions", "Net", "Paid this month", "Carried")
    for name, total in zip(names, TOTALS, strict=True):
        place = columns[name]
        assert cents(values.cell(9, place).value) == Decimal(expected[total])
        assert formulas.cell(9, place).value.startswith("=SUM(")
        listed = sum(cents(values.cell(row, place).value) for row in rows)
        assert listed == Decimal(expected[total])
    for row in rows:
        assert formulas.cell(row, columns["Gross"]).value.startswith("=SUM(")


def test_another_reader_finds_the_same_sums(six: District) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(exported(made(six))))
    summary = book.get_sheet_by_name("Summary").to_python()
    total = next(row for row in summary if row[0] == "Total")
    assert cents(total[-2]) == Decimal("19286.99")
    assert cents(total[-3]) == Decimal("18684.38")
    lines = book.get_sheet_by_name("Lines").to_python()
    total = next(row for row in lines if row[0] == "Total")
    assert (cents(total[6]), cents(total[7])) == (Decimal("21285.18"), Decimal("2563.60"))
    listed = [row for row in lines[3:] if row[0] not in ("", "Total")]
    assert len(listed) == 40
    assert sum(cents(row[6]) for row in listed if row[6] != "") == Decimal("21285.18")


def test_every_dealer_has_a_statement_that_adds_up(six: District) -> None:
    content = exported(made(six))
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert len(book.worksheets) == 7
    carried = Decimal(0)
    for slip in book.worksheets[2:]:
        figures = {row[0].value: row[3].value for row in slip.iter_rows(min_row=5)}
        assert cents(figures["Net"]) == cents(figures["Paid this month"]) + cents(
            figures["Carried"]
        )
        carried += cents(figures["Carried"])
    assert carried == Decimal("-602.61")


def test_the_summary_is_ready_to_print(six: District) -> None:
    sheet = made(six)
    audit_sheet(sheet=sheet, by=six.people["auditor"], at=NOW)
    sheet = approve_sheet(sheet=sheet, by=six.people["head"], at=NOW)
    with translation.override("zh-hans"):
        book = openpyxl.load_workbook(io.BytesIO(exported(sheet)))
    page = book.worksheets[0]
    assert page.page_setup.orientation == "landscape"
    assert page.page_setup.paperSize == 9
    assert page.page_setup.fitToHeight == 0
    assert page.print_title_rows == "$1:$3"
    assert page.freeze_panes == "E4"
    assert "&P" in page.oddFooter.right.text
    texts = [str(cell.value) for row in page.iter_rows() for cell in row if cell.value]
    for name in ("clerk甲 2026-04-02", "auditor甲 2026-04-02", "head甲 2026-04-02", sheet.seal):
        assert any(name in text for text in texts), name
    assert book.worksheets[2].page_setup.orientation == "portrait"


def test_a_sheet_not_approved_says_so(six: District) -> None:
    page = openpyxl.load_workbook(io.BytesIO(exported(made(six)))).worksheets[0]
    texts = [str(cell.value) for row in page.iter_rows() for cell in row if cell.value]
    assert any("no basis for payment" in text for text in texts)


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x","y")', "+1+1", "-1", "@SUM(A1)", "\t=1", "a\x07b"]
)
def test_a_name_is_written_as_text_whatever_it_begins_with(six: District, name: str) -> None:
    dealer = Dealer.objects.get(district=six.root, code="hongda")
    Dealer.objects.filter(pk=dealer.pk).update(name_zh=name, name_en=name)
    with translation.override("en"):
        content = exported(made(six))
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    cell = next(row[3] for row in page.iter_rows(min_row=4) if row[2].value == "hongda")
    assert cell.data_type == "s"
    assert cell.value == name.replace("\x07", "")


def test_worksheet_names_are_legal_and_different() -> None:
    long = "经销商" * 20
    names = sheet_names(
        [long, long, "a/b:c*d?[e]\\f", "'quoted'", "", "History", "Summary", "summary", "𠮷" * 20],
        taken=["Summary"],
    )
    assert names[2:7] == ["abcdef", "quoted", "-", "History (2)", "Summary (2)"]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name.encode("utf-16-le")) // 2 <= 31 for name in names)


def test_a_managers_file_holds_the_own_units_dealers_only(six: District, signed_in: Any) -> None:
    sheet = made(six)
    for path in (f"/commissions/{sheet.pk}/export.xlsx",
                 f"/api/v1/commission-sheets/{sheet.pk}/export.xlsx"):  # fmt: skip
        answer = signed_in("test-grid2").get(path)
        content = b"".join(answer.streaming_content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        assert len(book.sheet_names) == 4
        assert not any("宏达" in str(row) for row in book.get_sheet_by_index(0).to_python())


def test_the_file_is_in_the_readers_language(six: District) -> None:
    sheet = made(six)
    with translation.override("en"):
        english = openpyxl.load_workbook(io.BytesIO(exported(sheet)))
    assert english.worksheets[0]["A1"].value == "Dealer commission sheet"
    assert english.worksheets[0]["B4"].value == "Grid 1"


def test_the_subsidies_file_gives_example_5(district: District) -> None:
    build_example_5(district)
    compute_entitlements(district_id=district.root.pk, month=MARCH, at=NOW)
    content = subsidy_workbook(subsidy_table(district.root, MARCH), district.root)
    page = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    total = next(row for row in page.iter_rows(min_row=4) if row[0].value == "Total")
    assert cents(total[8].value) == Decimal(example("5_subsidy")["district total"]["cap100"])
    assert cents(sum(page.cell(row, 9).value for row in range(4, 10))) == Decimal("9240.43")


def test_a_pending_floating_part_is_an_empty_cell(district: District) -> None:
    build_example_5(district)
    content = subsidy_workbook(subsidy_table(district.root, MARCH), district.root)
    page = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    assert page.cell(4, 3).value == 600
    assert page.cell(4, 8).value is None
