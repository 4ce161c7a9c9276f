"""The head's afternoon: next year's plan typed with the keyboard, the floor, undo, a conflict."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, overflows, serious_findings
from tests.browser.sheets import paste, toast
from tests.worked_examples import example

NEXT = "/targets/annual/2027/"
EXAMPLE = example("1_annual_targets")
CELLS = "/api/v1/plans/2027/targets/cells/"


def target_cell(page: Page, indicator: str, field: str) -> Locator:
    return page.locator(
        f'[data-cell][data-key*=\'"indicator": "{indicator}"\'][data-key*=\'"field": "{field}"\']'
    )


def type_over(page: Page, cell: Locator, text: str) -> None:
    cell.click()
    page.keyboard.type(text)
    page.keyboard.press("Tab")


def save(page: Page) -> None:
    """Save, and wait until what stands beside the sheet has followed."""
    with page.expect_response(lambda answer: "?table=" in answer.url):
        page.keyboard.press("Control+S")
    expect(toast(page, "已保存").first).to_be_visible()
    expect(page.get_by_text("格未保存")).to_be_hidden()


@pytest.fixture
def plan_2027(open_page: Callable[..., Page]) -> Page:
    page = open_page("head", "/targets/annual/")
    page.get_by_role("button", name="开立下年计划").click()
    page.wait_for_url(f"**{NEXT}")
    return page


def test_the_heads_afternoon(plan_2027: Page, open_page: Callable[..., Page]) -> None:
    page = plan_2027
    # Example 1: the bases in one paste, then growth or target as the plan enters them.
    target_cell(page, "mobile_revenue", "base").click()
    paste(page, "2,731.60\r\n454.80\r\n61800\r\n9270\r\n2460\r\n620\r\n")
    type_over(page, target_cell(page, "mobile_revenue", "city_growth"), "12")
    type_over(page, target_cell(page, "mobile_revenue", "department_target"), "3109.92")
    type_over(page, target_cell(page, "fixed_revenue", "city_growth"), "8%")
    type_over(page, target_cell(page, "fixed_revenue", "department_growth"), "10")
    type_over(page, target_cell(page, "mobile_gross_adds", "city_target"), "65000")
    type_over(page, target_cell(page, "mobile_gross_adds", "department_target"), "70,000")
    type_over(page, target_cell(page, "mobile_net_adds", "city_target"), "10000")
    type_over(page, target_cell(page, "mobile_net_adds", "department_target"), "11200")
    save(page)

    # What follows is on the page at once, the 13.85 % trap and the sum row included.
    rows = {row["指标"]: row for row in EXAMPLE["rows"]}
    total = rows["总收入(主营)"]
    for field, text in {
        "base": "3,186.40", "city_growth": "11.43", "city_target": "3,550.57",
        "department_growth": "13.30", "department_target": "3,610.20", "pressure": "59.63",
    }.items():  # fmt: skip
        assert text.replace(",", "") in json.dumps(total, ensure_ascii=False)
        expect(target_cell(page, "total_revenue", field)).to_have_text(text)
    trap = EXAMPLE["round_trip_trap"]
    expect(target_cell(page, "mobile_revenue", "department_growth")).to_have_text(
        trap["growth shown"].rstrip("%")
    )
    page.reload()
    expect(target_cell(page, "mobile_revenue", "department_target")).to_have_text("3,109.92")

    # Below the city: a reason is asked for at the cell.
    type_over(page, target_cell(page, "mobile_net_adds", "department_target"), "9000")
    page.keyboard.press("Control+S")
    expect(page.get_by_text("低于市分任务").first).to_be_visible()
    page.keyboard.press("Control+Z")
    expect(page.get_by_text("格未保存")).to_be_hidden()

    # A saved change is taken back.
    type_over(page, target_cell(page, "mobile_gross_adds", "department_target"), "71000")
    save(page)
    page.get_by_role("button", name="撤销上次保存").click()
    expect(target_cell(page, "mobile_gross_adds", "department_target")).to_have_text("70,000")

    # Somebody else saves the same cell meanwhile: both values are shown, theirs is taken.
    other = open_page("head", NEXT)
    type_over(other, target_cell(other, "fixed_revenue", "department_growth"), "11")
    save(other)
    type_over(page, target_cell(page, "fixed_revenue", "department_growth"), "12")
    page.keyboard.press("Control+S")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("11.00")
    expect(dialog).to_contain_text("12.00")
    dialog.get_by_role("radio").nth(1).check()
    dialog.get_by_role("button").last.click()
    expect(target_cell(page, "fixed_revenue", "department_growth")).to_have_text("11.00")


def test_the_floor_is_live_and_taken_over(open_page: Callable[..., Page]) -> None:
    page = open_page("head", "/targets/annual/2026/floor/")
    expect(page.locator("#floor-gross")).to_have_text("70,000")
    page.get_by_label("收入与 ARPU").check()
    expect(page.get_by_text("67,600")).to_be_visible()
    page.get_by_label("净增目标", exact=False).first.check()
    rate = page.locator("[name=rate]").first
    rate.fill("0")
    expect(page.locator("#floor-result")).to_contain_text("有效发展率必须大于 0")
    rate.fill("16")
    page.locator("[name=net_target]").first.fill("11250")
    expect(page.locator("#floor-gross")).to_have_text("70,313")
    page.get_by_role("button", name="带入目标").click()
    page.wait_for_url("**/targets/annual/2026/")
    expect(target_cell(page, "mobile_gross_adds", "department_target")).to_have_text("70,313")
    page.get_by_role("button", name="撤销上次保存").click()
    expect(target_cell(page, "mobile_gross_adds", "department_target")).to_have_text("70,000")


def test_a_manager_writes_the_short_plan_on_the_phone(open_page: Callable[..., Page]) -> None:
    page = open_page("grid3", "/unit-plans/", viewport=PHONE)
    page.wait_for_url("**/unit-plans/grid3/2026-11/")
    page.locator("[name=short-shop_promotion]").fill("17")
    page.get_by_role("button", name="保存短期计划").click()
    expect(page.get_by_text("促销可补上")).to_be_visible()
    assert not overflows(page)
    assert serious_findings(page) == []
    head = open_page("head", "/unit-plans/?month=2026-11")
    expect(head.get_by_role("row", name="网格3")).to_contain_text("17")
