"""Closing in the browser: sent back, explained, verified, published, reopened, corrected.

The tests run in order on one server; each is a step of the same story.
"""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.sheets import cell, toast
from tests.browser.test_month_flow import NOVEMBER, confirm

REASON = "集中走访月，逐店有记录"


def step(page: Page, code: str):
    """Return a line of the checklist."""
    return page.locator(f'[data-step="{code}"]')


def test_the_auditor_sends_a_figure_back(open_page: Callable[..., Page]) -> None:
    page = open_page("auditor", f"/closing/{NOVEMBER}", refusals=(400,))
    expect(step(page, "verified")).to_contain_text("轮到 稽核")
    step(page, "verified").get_by_role("link", name="核对").click()
    page.get_by_role("link", name="网格1").click()
    page.get_by_label("退回 渠道走访").check()
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("写明退回的原因")
    expect(page.get_by_label("退回 渠道走访")).to_be_checked()
    page.get_by_label("退回原因").fill("与走访记录不符")
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="网格1")).to_contain_text("退回")


def test_the_manager_is_told_corrects_and_explains_an_odd_figure(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("grid1", viewport=PHONE)
    expect(page.get_by_role("main")).to_contain_text("退回 1 项")
    page.get_by_role("link", name="条未读通知").click()
    page.get_by_role("button", name="与走访记录不符").click()
    expect(page.get_by_role("status").first).to_contain_text("与走访记录不符")

    expect(page.get_by_role("button", name="保存")).to_be_disabled()  # the script has come
    visits = cell(page, "grid1", "channel_visits")
    visits.fill("430")
    visits.press("Tab")
    page.get_by_role("button", name="保存 1 项").click()
    question = page.locator(".ui-entry__says")
    expect(question.get_by_role("button", name="改为 43")).to_be_visible()
    question.get_by_role("button", name="确实如此").click()
    question.get_by_role("textbox").fill(REASON)
    question.get_by_role("textbox").press("Enter")
    page.get_by_role("button", name="保存 1 项").click()
    expect(toast(page, "已存 1 项")).to_be_visible()


def test_the_auditor_reads_the_reason_and_verifies(open_page: Callable[..., Page]) -> None:
    page = open_page("auditor", "/verification/2026-11/grid1/")
    odd = page.get_by_role("row").filter(has_text="渠道走访")
    expect(odd).to_contain_text(REASON)
    page.get_by_role("button", name="全部核对通过").click()
    page.wait_for_url("**/verification/?**")
    waiting = page.get_by_role("row").filter(has_text="待核对")
    for _ in range(waiting.count()):
        waiting.first.get_by_role("link").click()
        page.get_by_role("button", name="全部核对通过").click()
        page.wait_for_url("**/verification/?**")
    expect(waiting).to_have_count(0)


def test_the_month_is_closed_with_a_reason_and_published(open_page: Callable[..., Page]) -> None:
    clerk = open_page("clerk", f"/closing/{NOVEMBER}")
    expect(step(clerk, "doubts")).to_contain_text(REASON)
    expect(step(clerk, "reported")).to_contain_text("轮到 单元")
    confirm(clerk, "关账", action="关账", reason="网格4、集团中心逾期未报")
    expect(step(clerk, "close")).to_have_attribute("data-state", "done")
    expect(step(clerk, "publish")).to_contain_text("轮到")
    head = open_page("head", f"/closing/{NOVEMBER}")
    confirm(head, "发布", action="发布")
    expect(step(head, "publish")).to_have_attribute("data-state", "done")


def test_the_head_sees_what_reopening_touches(open_page: Callable[..., Page]) -> None:
    page = open_page("head", f"/closing/{NOVEMBER}")
    page.get_by_role("link", name="重开").click()
    for what in ("得分和名次", "费用补贴", "竞赛奖"):
        expect(page.get_by_role("row").filter(has_text=what)).to_be_visible()
    page.get_by_label("原因").fill("集团中心补报")
    page.get_by_role("button", name="重开").click()
    expect(page.locator(".ui-bar")).to_contain_text("填报中")
    expect(step(page, "publish")).to_have_attribute("data-state", "waiting")


def test_a_late_correction_of_october_counts_in_november(open_page: Callable[..., Page]) -> None:
    page = open_page("head", "/adjustments/")
    page.get_by_role("link", name="网格2 固网收入").click()
    expect(page.get_by_role("row").filter(has_text="网格2补贴")).to_be_visible()
    confirm(page, "审批", action="审批")
    expect(page.get_by_text("计入11月")).to_be_visible()
    manager = open_page("grid2", f"/actuals/{NOVEMBER}")
    expect(manager.get_by_role("main")).to_contain_text("调整 0.36，合计")
    manager.goto("/leaderboard/?month=2026-10")
    expect(manager.locator(".ui-bar")).to_contain_text("已发布")
