"""The plan leaves as Excel, comes back changed, meets a conflict, is applied and rolled back."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from tests.browser.conftest import serious_findings

EXCEL = "/targets/excel/2026/"
NOVEMBER, DECEMBER, CLOSED = "N5", "O5", "D5"  # of the first row


def edited(source: Path, target: Path, cells: dict[str, object]) -> Path:
    book = openpyxl.load_workbook(source)
    for place, value in cells.items():
        book["4-2"][place] = value
    book.save(target)
    return target


def upload(page: Page, file: Path) -> None:
    page.goto(EXCEL)
    page.get_by_label("改好的文件").set_input_files(file)
    page.get_by_role("button", name="看差异").click()
    expect(page.locator("h1")).to_have_text(file.name)


def test_a_file_goes_out_comes_back_and_is_undone(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page("head", EXCEL)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出全部").click()
    exported = tmp_path / "exported.xlsx"
    download.value.save_as(exported)
    sheet = openpyxl.load_workbook(exported)["4-2"]
    november, december = sheet[NOVEMBER].value, sheet[DECEMBER].value

    upload(page, edited(exported, tmp_path / "first.xlsx", {NOVEMBER: november + 5}))
    expect(page.locator(".ui-head")).to_contain_text("待应用 1 格，冲突 0 格")
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_role("row", name="first.xlsx")).to_contain_text("已应用")

    both = {NOVEMBER: november + 7, DECEMBER: december + 1}
    upload(page, edited(exported, tmp_path / "second.xlsx", both))
    expect(page.locator(".ui-head")).to_contain_text("待应用 1 格，冲突 1 格")
    assert serious_findings(page) == []
    page.get_by_label(f"{november + 7:,}").check()
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_role("row", name="second.xlsx")).to_contain_text("2")
    page.get_by_role("row", name="first.xlsx").get_by_role("button", name="撤回").click()
    page.locator("#confirm [data-confirm-go]").click()
    expect(page.get_by_text("不能撤回")).to_be_visible()
    page.get_by_role("row", name="second.xlsx").get_by_role("button", name="撤回").click()
    page.locator("#confirm [data-confirm-go]").click()
    expect(page.get_by_role("row", name="second.xlsx")).to_contain_text("已撤回")

    wrong = {CLOSED: 1, DECEMBER: "很多"}
    upload(page, edited(exported, tmp_path / "wrong.xlsx", wrong))
    expect(page.locator(".ui-head")).to_contain_text("2 格有误")
    with page.expect_download() as download:
        page.get_by_role("link", name="取回标注文件").click()
    download.value.save_as(tmp_path / "marked.xlsx")
    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx")["4-2"]
    assert "2026-01" in marked[CLOSED].comment.text
    assert "很多" in marked[DECEMBER].comment.text
