"""A manager reports a day on the phone and sees the burn-up; a head opens the unit's charts."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, overflows, serious_findings
from tests.browser.sheets import paste

GROSS = "#d-mobile_gross_adds-all"


def test_a_day_reported_on_the_phone_moves_the_burn_up(open_page: Callable[..., Page]) -> None:
    page = open_page("grid1", "/daily/?day=2026-11-21", viewport=PHONE)
    chart = page.locator("[data-chart]")
    expect(chart.locator("svg").first).to_be_visible()
    expect(chart).to_contain_text("到11月20日完成 671")

    field = page.locator(GROSS)
    field.fill("650")  # less than the 671 of the 20th
    field.press("Enter")
    page.get_by_role("button", name="存").click()
    entry = page.locator(".ui-entry").filter(has=field)
    expect(entry).to_contain_text("月累计变小了")
    expect(entry).to_contain_text("少于 11-20 的 671")
    assert not overflows(page)

    field.fill("702")
    field.press("Enter")
    page.get_by_role("button", name="存").click()
    expect(page.locator("#toasts")).to_contain_text("已存 1 项")
    expect(chart).to_contain_text("到11月21日完成 702")
    expect(chart.locator("svg").first).to_be_visible()
    expect(page.locator("#daily-after")).to_contain_text("702")

    page.goto("/pace/")
    expect(page.locator("h1")).to_have_text("进度")
    expect(page.locator(".ui-stat").first).to_contain_text("702")
    page.goto("/actuals/")
    expect(page.locator("#f-mobile_gross_adds-all")).to_have_value("702")


def test_a_sheet_of_days_takes_a_paste(open_page: Callable[..., Page]) -> None:
    page = open_page("clerk", "/daily/?month=2026-11", viewport=DESKTOP)
    row = page.locator("table[data-sheet] tbody tr").filter(has_text="网格4")
    row.locator("td").first.click()
    paste(page, "20\t41\t63")
    page.keyboard.press("Control+S")
    expect(page.locator("#toasts")).to_contain_text("已存 3 项")
    page.reload()
    row = page.locator("table[data-sheet] tbody tr").filter(has_text="网格4")
    expect(row.locator("td").nth(2)).to_have_text("63")


def test_the_units_card_has_the_charts_of_a_meeting(open_page: Callable[..., Page]) -> None:
    page = open_page("head", "/cards/grid1/2026-03/", viewport=DESKTOP)
    charts = page.locator("#charts [data-chart]")
    expect(charts).to_have_count(6)
    for chart in charts.all():
        expect(chart.locator("svg").first).to_be_visible()
    titles = ["逐月总分", "逐月完成率", "燃起图", "逐月名次", "各考核项", "从满分到总分"]
    for chart, title in zip(charts.all(), titles, strict=True):
        expect(chart.locator("figcaption")).to_contain_text(title)
    ranks = charts.nth(3)
    ranks.get_by_text("查看表格").click()
    expect(ranks.locator("tbody tr")).to_have_count(3)
    assert serious_findings(page) == []
