"""The sheet editor as fingers know it from Excel: keys, clipboard, undo, conflict, lock."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import serious_findings
from tests.browser.sheets import active, cell, paste, toast

ACTUALS = "/actuals/?month=2026-11"
SHEET = "/targets/sheets/2026/4-2/"


def test_keys_walk_type_and_take_back(open_page: Callable[..., Page]) -> None:
    page = open_page("clerk", ACTUALS)
    revenue, fixed = cell(page, "grid1", "mobile_revenue"), cell(page, "grid1", "fixed_revenue")
    below = cell(page, "grid2", "mobile_revenue")
    before, fixed_before = revenue.inner_text(), fixed.inner_text()

    revenue.click()
    page.keyboard.press("ArrowRight")
    expect(fixed).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("25.5")  # typing over replaces the figure
    page.keyboard.press("Enter")  # and goes down
    expect(revenue).to_have_text("25.50")
    expect(below).to_be_focused()

    page.keyboard.press("ArrowUp")
    page.keyboard.press("F2")  # editing keeps it
    expect(revenue.locator("input")).to_have_value("25.50")
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    page.keyboard.type("6")
    page.keyboard.press("Tab")  # and goes right
    expect(revenue).to_have_text("25.56")
    expect(fixed).to_be_focused()

    page.keyboard.type("9")
    page.keyboard.press("Escape")
    expect(fixed).to_have_text(fixed_before)
    page.keyboard.press("Delete")
    expect(fixed).to_have_text("待报")
    expect(page.get_by_text("2 格未保存")).to_be_visible()

    for _ in range(3):
        page.keyboard.press("Control+Z")
    expect(revenue).to_have_text(before)
    expect(fixed).to_have_text(fixed_before)
    expect(page.get_by_text("格未保存")).to_be_hidden()
    page.keyboard.press("Control+Y")
    expect(revenue).to_have_text("25.50")
    page.keyboard.press("Control+Z")
    expect(active(page)).to_have_count(1)


def test_what_excel_copies_can_be_pasted(open_page: Callable[..., Page]) -> None:
    page = open_page("clerk", ACTUALS)
    corner = cell(page, "grid3", "mobile_gross_adds")
    block = [
        cell(page, unit, indicator)
        for unit in ("grid3", "grid4")
        for indicator in ("mobile_gross_adds", "mobile_net_adds")
    ]
    before = [each.inner_text() for each in block]

    corner.click()
    paste(page, "1,487\t６１\r\n 510 \t−5\r\n")
    for each, text in zip(block, ["1,487", "61", "510", "−5"], strict=True):
        expect(each).to_have_text(text)
    expect(page.get_by_text("4 格未保存")).to_be_visible()

    page.keyboard.press("Control+Z")
    for each, text in zip(block, before, strict=True):
        expect(each).to_have_text(text)
    page.keyboard.press("Control+Shift+Z")
    expect(block[3]).to_have_text("−5")
    page.keyboard.press("Control+Z")


def test_a_paste_says_what_it_left_out(open_page: Callable[..., Page]) -> None:
    page = open_page("clerk", ACTUALS)
    cell(page, "grid1", "invalid_users").click()
    paste(page, "12,950\t1\r\n约一万\t2\r\n")
    expect(cell(page, "grid1", "invalid_users")).to_have_text("12,950")
    trouble = page.locator(".ui-sheet__trouble")
    expect(trouble).to_contain_text("2 格超出表格，没有贴入。")
    expect(trouble).to_contain_text("1 格不是可用的数字，保留原值。")
    page.keyboard.press("Control+Z")
    expect(page.get_by_text("格未保存")).to_be_hidden()


def test_two_people_at_one_cell_lose_nothing(open_page: Callable[..., Page]) -> None:
    clerk = open_page("clerk", ACTUALS)
    manager = open_page("grid1", "/actuals/?month=2026-11&unit=grid1")
    theirs = cell(manager, "grid1", "channel_visits")
    theirs.fill("29")
    theirs.press("Tab")
    manager.get_by_role("button", name="保存").click()
    expect(toast(manager, "已存 1 项")).to_be_visible()

    cell(clerk, "grid1", "channel_visits").click()
    clerk.keyboard.type("30")
    clerk.keyboard.press("Enter")
    clerk.keyboard.type("27")  # grid 2
    clerk.keyboard.press("Control+S")
    dialog = clerk.get_by_role("dialog", name="期间已被他人改动")
    expect(dialog.get_by_role("row").nth(1)).to_contain_text(re.compile("30.*29.*沈知远"))
    dialog.get_by_role("button", name="以后再说").click()
    expect(cell(clerk, "grid1", "channel_visits")).to_have_text("30")
    expect(clerk.get_by_text("2 格未保存")).to_be_visible()

    clerk.get_by_role("button", name="再试").click()
    dialog.get_by_label("29").check()
    dialog.get_by_role("button", name="按此保存").click()
    expect(toast(clerk, "已存 1 项")).to_be_visible()  # grid 2: the other is theirs
    expect(cell(clerk, "grid1", "channel_visits")).to_have_text("29")
    clerk.reload()
    expect(cell(clerk, "grid1", "channel_visits")).to_have_text("29")
    expect(cell(clerk, "grid2", "channel_visits")).to_have_text("27")


def test_a_locked_task_keeps_its_row_total(open_page: Callable[..., Page]) -> None:
    page = open_page("head", SHEET)
    november = cell(page, "grid1", "mobile_gross_adds", "t1", "2026-11")
    december = cell(page, "grid1", "mobile_gross_adds", "t1", "2026-12")
    total = page.locator("tr", has=november).locator("[data-total-row]")
    proof = page.locator("[data-proof-title]")
    expect(total).to_have_text("8,190")

    november.click()
    page.keyboard.type("600")
    page.keyboard.press("Enter")
    expect(proof).to_have_text("合计差 −39")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+L")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("原因").fill("月中门店装修")
    dialog.get_by_role("button", name="锁定").click()

    expect(december).to_have_text("694")  # 655 and the 39 that November gave
    expect(total).to_have_text("8,190")
    expect(proof).to_have_text("合计不变")
    expect(page.locator("#sheet-locks")).to_contain_text("月中门店装修")
    november.click()
    page.keyboard.press("F2")
    expect(page.get_by_role("note")).to_contain_text("锁定为 600 月中门店装修")
    page.get_by_role("note").get_by_role("button", name="解锁").click()
    expect(november).not_to_have_attribute("data-locked", "")


def test_leaving_with_unsaved_cells_is_asked_first(open_page: Callable[..., Page]) -> None:
    page = open_page("head", SHEET)
    december = cell(page, "suburban", "mobile_gross_adds", "t2", "2026-12")
    december.click()
    page.keyboard.type("700")
    page.keyboard.press("Enter")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    expect(december).to_have_text("700")  # kept for the tab
    expect(december).to_have_class(re.compile("is-changed"))
    expect(toast(page, "已恢复 1 项未保存的填写")).to_be_visible()


def test_a_broken_sum_offers_where_the_difference_goes(open_page: Callable[..., Page]) -> None:
    page = open_page("head", SHEET)
    november = cell(page, "grid2", "mobile_gross_adds", "t1", "2026-11")
    december = cell(page, "grid2", "mobile_gross_adds", "t1", "2026-12")
    total = page.locator("tr", has=november).locator("[data-total-row]")
    proof = page.locator("[data-proof-title]")
    offers = page.get_by_role("group", name="保持合计")
    expect(offers).to_be_hidden()

    november.click()
    page.keyboard.type("600")  # 575 before
    page.keyboard.press("Enter")
    expect(offers).to_contain_text("合计差 +25")
    offers.get_by_role("button", name="由本行其余月份吸收").click()
    expect(december).to_have_text("565")  # the one other open month of the row
    expect(total).to_have_text("7,378")
    expect(proof).to_have_text("合计不变")
    page.keyboard.press("Control+Z")
    expect(december).to_have_text("590")

    offers.get_by_role("button", name="由本月其余行吸收").click()
    expect(proof).to_have_text("合计不变")
    expect(november).to_have_text("600")
    page.keyboard.press("Control+Z")

    cell(page, "grid4", "mobile_gross_adds", "t1", "2026-12").click()
    offers.get_by_role("button", name="由选中的单元格吸收").click()
    expect(cell(page, "grid4", "mobile_gross_adds", "t1", "2026-12")).to_have_text("430")
    expect(proof).to_have_text("合计不变")
    page.keyboard.press("Control+Z")

    offers.get_by_role("button", name="改合计").click()
    expect(proof).to_have_text("合计改为 70,025")
    page.keyboard.press("Control+Z")
    expect(proof).to_have_text("合计差 +25")
    page.keyboard.press("Control+Y")
    page.keyboard.press("Control+S")
    expect(page.locator("[data-proof]")).to_contain_text("年任务 70,025")
    expect(proof).to_have_text("合计不变")


def test_a_lock_is_undone_and_redone_with_the_figures_it_moved(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("head", "/targets/sheets/2026/4-1/")
    november = cell(page, "grid1", "mobile_revenue", "t1", "2026-11")
    december = cell(page, "grid1", "mobile_revenue", "t1", "2026-12")
    before = [november.inner_text(), december.inner_text()]
    november.click()
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    november.click()
    page.keyboard.press("Control+L")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("原因").fill("机房搬迁")
    dialog.get_by_role("button", name="锁定").click()
    expect(november).to_have_attribute("data-locked", "")
    moved = december.inner_text()
    assert moved != before[1]

    page.keyboard.press("Control+Z")  # the lock
    expect(november).not_to_have_attribute("data-locked", "")
    expect(november).to_have_text("20.00")
    expect(december).to_have_text(before[1])
    page.keyboard.press("Control+Y")
    expect(november).to_have_attribute("data-locked", "")
    expect(december).to_have_text(moved)
    page.keyboard.press("Control+Z")
    expect(november).not_to_have_attribute("data-locked", "")
    page.keyboard.press("Control+Z")  # the figure
    expect(november).to_have_text(before[0])
    expect(page.get_by_text("格未保存")).to_be_hidden()


def test_rows_with_totals_of_their_own_are_mended_row_by_row(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("head", "/targets/sheets/2026/5-4/")
    cells = page.locator("#sheet tbody tr").first.locator("[data-cell]")
    row = cells.all_inner_texts()
    total = page.locator("#sheet tbody tr").first.locator("[data-total-row]")
    before = total.inner_text()
    cells.nth(10).click()
    page.keyboard.type("600")
    page.keyboard.press("Enter")
    offers = page.get_by_role("group", name="保持合计")
    expect(offers).to_contain_text("乡镇 / 移动用户发展 −133")
    expect(offers.get_by_role("button", name="由本月其余行吸收")).to_be_hidden()
    cells.nth(0).click()
    page.keyboard.press("Shift+ArrowRight")
    offers.get_by_role("button", name="由选中的单元格吸收").click()
    expect(total).to_have_text(before)
    expect(offers).to_be_hidden()
    after = cells.all_inner_texts()
    assert after[2:10] + after[11:] == row[2:10] + row[11:]
    assert serious_findings(page) == []
    for _ in range(2):
        page.keyboard.press("Control+Z")
    assert cells.all_inner_texts() == row
