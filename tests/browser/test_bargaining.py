"""A unit counter-proposes on the phone, the head homes what is left, everybody accepts."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows, serious_findings

ANSWERS = "/targets/answers/2026/"


def agree_in_dialog(page: Page) -> None:
    page.locator("#confirm [data-confirm-go]").click()


def test_a_counter_proposal_until_the_plan_is_settled(open_page: Callable[..., Page]) -> None:
    manager = open_page("grid2", ANSWERS, viewport=PHONE, refusals=(400,))
    expect(manager.locator("h1")).to_have_text("下发与答复")
    manager.get_by_role("row", name="4-2 移动业务").get_by_role("link", name="还价").click()
    total = manager.locator("input[name=total-t1]")
    year = int(total.input_value())
    total.fill("七千")
    manager.locator("#reason").fill("11月线路割接")
    manager.get_by_role("button", name="提交", exact=True).click()
    expect(manager.get_by_role("alert")).to_contain_text("七千")
    expect(total).to_have_value("七千")
    total.fill(str(year - 30))
    assert serious_findings(manager) == []
    assert not overflows(manager)
    manager.get_by_role("button", name="提交", exact=True).click()
    expect(manager.get_by_text("已还价")).to_be_visible()

    head = open_page("head", ANSWERS, refusals=(400,))
    head.get_by_role("row", name="11月线路割接").locator("a[href*='/proposals/']").click()
    expect(head.locator("form#agree")).to_contain_text("须安置 30")
    assert serious_findings(head) == []
    home = head.get_by_label("网格1 一级 承接")
    home.fill("29")
    head.get_by_role("button", name="同意并下发").click()
    agree_in_dialog(head)
    expect(head.get_by_role("alert")).to_contain_text("还差 1")
    expect(home).to_have_value("29")
    home.fill("30")
    head.get_by_label("网格1 一级 月份").select_option("2026-12")
    head.get_by_role("button", name="同意并下发").click()
    agree_in_dialog(head)
    expect(head.locator(".ui-head")).to_contain_text("v2：2 个单元尚未接受")

    head.get_by_role("link", name="v2").click()
    expect(head.locator("tbody tr").first).to_contain_text("+30")
    assert serious_findings(head) == []
    for account in ("grid2", "grid1"):
        page = open_page(account, ANSWERS, viewport=PHONE)
        page.get_by_role("button", name="接受").click()
        agree_in_dialog(page)
        expect(page.get_by_text("已接受").first).to_be_visible()
    head.goto(ANSWERS)
    expect(head.locator(".ui-head")).to_contain_text("v2 已落定")
