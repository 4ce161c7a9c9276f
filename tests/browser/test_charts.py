"""The head plays the year's race, reads a chart as a table and takes the picture along."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, overflows


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_race_plays_and_the_picture_goes_along(
    viewport: dict[str, int], open_page: Callable[..., Page]
) -> None:
    page = open_page("head", "/charts/?month=2026-10", viewport=viewport)
    race = page.locator('[data-chart="chart-race"]')
    now = race.locator("[data-race-now]")
    expect(race).to_contain_text("10月城乡结合办以 1,009.38 分居首，领先网格1 27.37 分")
    expect(now).to_have_text("10月 · 城乡结合办 1,009.38")
    race.get_by_role("button", name="上一步").click()
    expect(now).to_contain_text("9月 ·")
    race.get_by_role("button", name="下一步").click()
    expect(race.get_by_role("button", name="下一步")).to_be_disabled()
    race.get_by_role("button", name="播放").click()  # from the first month, as it stood at the end
    expect(now).to_contain_text("1月 ·")
    expect(now).to_contain_text("2月 ·")
    race.get_by_role("button", name="暂停").click()
    stopped = now.text_content()
    page.wait_for_timeout(1700)
    expect(now).to_have_text(stopped or "")
    expect(race.locator(".ui-plot__picture svg").first).to_contain_text("网格4")

    race.get_by_text("查看表格").click()
    first = race.locator("tbody tr").first
    expect(first).to_contain_text("1,009.38")
    expect(race.locator("thead th")).to_have_count(1 + 10)
    with page.expect_download() as saved:
        race.get_by_role("button", name="PNG").click()
    assert saved.value.suggested_filename == "race.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")

    page.get_by_role("link", name="移动发展", exact=True).click()
    expect(page).to_have_url(re.compile("indicator=mobile_gross_adds"))
    units = page.locator('[data-chart="chart-completion-units"]')
    expect(units).to_contain_text("移动发展：完成率对时间进度")
    expect(units.locator(".ui-plot__picture svg").first).to_contain_text("超前")
    assert not overflows(page)


def test_without_motion_the_bars_jump(open_page: Callable[..., Page]) -> None:
    page = open_page("staff", "/charts/?month=2026-10")
    page.emulate_media(reduced_motion="reduce")
    race = page.locator('[data-chart="chart-race"]')
    expect(race.locator("[data-race-now]")).to_contain_text("10月")

    def picture() -> str:
        return race.locator(".ui-plot__picture svg").first.inner_html()

    race.get_by_role("button", name="上一步").click()
    at_once = picture()
    page.wait_for_timeout(700)
    assert picture() == at_once


def test_a_cell_of_the_heat_map_opens_its_workings(open_page: Callable[..., Page]) -> None:
    page = open_page("head", "/charts/?month=2026-10&unit=grid4")
    heat = page.locator('[data-chart="chart-heat"]')
    expect(heat).to_contain_text("失分最多的是有效率")
    heat.locator(".ui-plot__picture text", has_text="68.2").click()
    workings = page.locator("#workings")
    expect(workings).to_contain_text("移动用户净增完成率")
    expect(workings).to_contain_text("算账单")
    page.keyboard.press("Escape")
    heat.get_by_text("查看表格").click()
    heat.get_by_role("link", name="68.2").click()
    expect(workings).to_contain_text("移动用户净增完成率")
    items = page.locator('[data-chart="chart-score-items"]')
    expect(items).to_contain_text("满分 100.00，总分 87.11，第 6 名")
    expect(items.locator(".ui-plot__picture svg").first).to_contain_text("−4.00")
