"""A year of 24 rows × 12 months comes from Excel in one paste, and nobody's figure is lost."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sheets import cell, paste, toast
from tests.prepared import manage

ROWS, MONTHS = 24, 12
SHEET = "/targets/sheets/2027/6-9/"
MAKE_SHEET = """
from django.utils import timezone
from orgchart.models import Person, Unit
from targets.models import Breakdown, Indicator
from targets.services.plans import open_plan
from targets.services.sheets import RowEntry, create_sheet
district = Unit.objects.get(code="xx")
head = Person.objects.get(district=district, user__username="head")
now = timezone.now()
plan = open_plan(district=district, year=2027, by=head, at=now)
codes = ["t1", "t2", "fixed_line", "broadband"]
parts = Breakdown.objects.filter(district=district, code__in=codes)
units = Unit.objects.filter(district=district, code__in=[
    "grid1", "grid2", "grid3", "grid4", "suburban", "group"])
create_sheet(plan=plan, code="6-9", name_zh="出账用户任务", name_en="Billed users",
    indicator=Indicator.objects.get(district=district, code="billed_users"), dimension="tier",
    rows=[RowEntry(part, unit) for unit in units for part in parts], by=head, at=now)
"""
# From the paste to the frame after it: what the person waits for.
TIME_PASTE = """() => document.addEventListener("paste", () => {
  const start = performance.now();
  const told = () => (window.painted = performance.now() - start);
  requestAnimationFrame(() => requestAnimationFrame(told));
}, {capture: true, once: true})"""


@pytest.fixture(scope="module")
def demo_file(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with a plan of 2027 whose one table is still empty."""
    database = tmp_path_factory.mktemp("year") / "demo.sqlite3"
    shutil.copy(demo_file, database)
    manage(f"sqlite:///{database}", "shell", "-c", MAKE_SHEET)
    return database


def figure(row: int, month: int) -> int:
    return 1000 + row * 37 + month * 11


def as_excel_copies(add: int = 0) -> str:
    """Return the table with its merged heads, thousands, full-width digits and sums."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    lines = ["\t".join(["单元", "分解项", *(f"{m + 1}月" for m in range(MONTHS)), "合计"])]
    for row in range(ROWS):
        values = [figure(row, month) + add for month in range(MONTHS)]
        texts = [f"{value:,}" for value in values]
        texts[1] = texts[1].translate(wide)
        head = "单元" + str(row // 4) if row % 4 == 0 else ""
        lines.append("\t".join([head, f"项{row % 4}", *texts, f"{sum(values):,}"]))
    return "\r\n".join(lines) + "\r\n"


def texts(page: Page) -> list[str]:
    return page.locator("#sheet [data-cell]").all_inner_texts()


def test_24_by_12_cells_are_pasted_undone_redone_saved_and_a_conflict_is_settled(
    open_page: Callable[..., Page],
) -> None:
    head = open_page("head", SHEET)
    clerk = open_page("clerk", SHEET)
    blank = texts(head)
    assert len(blank) == ROWS * MONTHS
    expected = [f"{figure(row, month):,}" for row in range(ROWS) for month in range(MONTHS)]

    head.locator("#sheet [data-cell]").first.click()
    head.evaluate(TIME_PASTE)
    paste(head, as_excel_copies())
    expect(head.get_by_text("288 格未保存")).to_be_visible()
    assert texts(head) == expected
    painted = head.wait_for_function("() => window.painted").json_value()
    print(f"paste to painted: {painted:.0f} ms")
    assert painted < 500
    head.keyboard.press("Control+Z")
    expect(head.get_by_text("格未保存")).to_be_hidden()
    assert texts(head) == blank
    head.keyboard.press("Control+Y")
    assert texts(head) == expected
    head.keyboard.press("Control+S")
    expect(toast(head, "已保存 288 格")).to_be_visible()

    # The clerk, who sees what was saved, changes three of the cells.
    clerk.reload()
    for month, value in (("2027-01", "1"), ("2027-02", "2"), ("2027-03", "3")):
        cell(clerk, "grid1", "billed_users", "t1", month).click()
        clerk.keyboard.type(value)
        clerk.keyboard.press("Enter")
    clerk.keyboard.press("Control+S")
    expect(toast(clerk, "已保存 3 格")).to_be_visible()

    # The head pastes the table anew, five more in each cell: three of 288 are in conflict.
    head.locator("#sheet [data-cell]").first.click()
    paste(head, as_excel_copies(add=5))
    head.keyboard.press("Control+S")
    dialog = head.get_by_role("dialog", name="期间已被他人改动")
    expect(dialog.locator("tbody tr")).to_have_count(3)
    rows = dialog.locator("tbody tr")
    names = [rows.nth(index).locator("th").inner_text() for index in range(3)]
    theirs = next(index for index, name in enumerate(names) if "2月" in name)
    rows.nth(theirs).get_by_role("radio").nth(1).check()
    dialog.get_by_role("button", name="按此保存").click()
    expect(toast(head, re.compile("已保存 287 格"))).to_be_visible()
    expect(head.get_by_text("格未保存")).to_be_hidden()
    head.reload()
    after = [f"{figure(row, month) + 5:,}" for row in range(ROWS) for month in range(MONTHS)]
    shown = cell(head, "grid1", "billed_users", "t1", "2027-02")
    expect(shown).to_have_text("2")
    stored = texts(head)
    differing = [i for i, (a, b) in enumerate(zip(stored, after, strict=True)) if a != b]
    assert [stored[i] for i in differing] == ["2"]


def test_dragging_the_corner_fills_the_cells(open_page: Callable[..., Page]) -> None:
    page = open_page("head", SHEET)
    cells = page.locator("#sheet tbody tr").nth(20).locator("[data-cell]")
    cells.nth(8).click()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    cells.nth(8).click()
    box, end = cells.nth(8).bounding_box(), cells.nth(11).bounding_box()
    assert box and end
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3)
    page.mouse.down()
    page.mouse.move(end["x"] + 10, end["y"] + 10, steps=6)
    page.mouse.up()
    assert cells.all_inner_texts()[8:] == ["77"] * 4
    page.keyboard.press("Control+Z")
    assert cells.all_inner_texts()[8:] != ["77"] * 4
    cells.nth(8).click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+R")
    assert cells.all_inner_texts()[8:10] == ["77"] * 2
    for _ in range(2):
        page.keyboard.press("Control+Z")
    expect(page.get_by_text("格未保存")).to_be_hidden()
