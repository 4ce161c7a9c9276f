"""A score opened to its source, sliders moved, rules and schemes written, tried and published.

The tests run in order on one server; the draft of one is the next one's.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows, serious_findings

CARD = "/cards/grid1/2026-03/"


def test_a_score_opens_to_formula_source_and_author(open_page: Callable[..., Page]) -> None:
    page = open_page("grid1", CARD)
    page.get_by_role("row").filter(has_text="K4").first.get_by_role("link", name="8.80").click()
    sheet = page.locator("#workings")
    expect(sheet).to_contain_text("10 × min(120%, 22 ÷ 25)")
    expect(sheet).to_contain_text("填报")
    expect(sheet).to_contain_text("再 3 户")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="102.77").first.click()
    expect(sheet).to_contain_text("101.27")
    sheet.get_by_role("link", name="31.52").click()
    expect(sheet).to_contain_text("30 × min(120%, 34.62 ÷ 32.95)")


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh-CN", ("算账单", "算式", "数从哪里来", "考核办法 v2026.1", "变更")),
        ("en-US", ("Workings", "Formula", "Where the figures come from", "v2026.1", "Changes")),
    ],
)
def test_workings_are_printed_in_both_languages(
    open_page: Callable[..., Page], locale: str, said: tuple[str, ...]
) -> None:
    page = open_page("grid1", f"{CARD}K4/", locale=locale)
    main = page.get_by_role("main")
    button = main.locator("[data-print]")
    expect(button).to_be_visible()
    page.emulate_media(media="print")
    expect(button).to_be_hidden()
    expect(page.locator(".ui-side")).to_be_hidden()
    for words in (*said, "10 × min(120%, 22 ÷ 25)", "8.80"):
        expect(main.get_by_text(words).first).to_be_visible()
    body = main.locator(".ui-workings__body")
    assert body.evaluate("e => e.scrollHeight <= e.clientHeight + 1")  # nothing is cut off
    assert page.pdf().startswith(b"%PDF")


def test_a_slider_moves_total_and_rank_and_stores_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page("grid1", CARD)
    panel = page.locator("#what-if")
    expect(panel).to_contain_text("不改已发布结果")
    slider = panel.get_by_label("固网净增")
    slider.focus()
    for _step in range(3):
        page.keyboard.press("ArrowRight")
    expect(panel.locator("#wi-fixed_net_adds-value")).to_contain_text("22 → 25")
    expect(panel.locator("#wi-fixed_net_adds-value")).to_contain_text("+1.20")
    late = panel.get_by_label("迟报")
    late.focus()
    page.keyboard.press("Home")
    expect(panel.locator("#what-if-result")).to_contain_text("104.47")
    expect(panel.locator("#what-if-result")).to_contain_text("13.63")
    panel.get_by_role("button", name="还原").click()
    expect(panel.locator("#what-if-result")).not_to_contain_text("104.47")
    page.reload()
    expect(page.get_by_role("main")).not_to_contain_text("104.47")


def test_the_phone_says_the_cheapest_ways_up(open_page: Callable[..., Page]) -> None:
    page = open_page("grid2", "/actuals/?month=2026-03", viewport=PHONE)
    expect(page.get_by_text("独占第 4")).to_have_count(2)
    assert not overflows(page)


def test_the_head_writes_a_draft_with_live_curves(open_page: Callable[..., Page]) -> None:
    page = open_page("head", "/rules/", refusals=(400,))
    card = page.locator("section").filter(has_text="v2026.1").first
    card.get_by_role("button", name="拟新版本").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("修改")
    assert serious_findings(page) == []
    weight = page.locator("[name=form-3-weight]")
    weight.fill("25")
    expect(page.locator("#card-weights")).to_contain_text("115")
    page.locator("[name=form-0-weight]").fill("15")
    expect(page.locator("#card-weights")).to_contain_text("合计 100")
    # A rule shows its own fields alone, and its curve follows.
    rule = page.locator("[name=form-6-rule]")
    expect(page.locator("[name=form-6-low]")).to_be_hidden()
    rule.select_option("min_max")
    for name, value in (("low", "80"), ("low_points", "3"), ("high", "120"), ("high_points", "8")):
        page.locator(f"[name=form-6-{name}]").fill(value)
    expect(page.locator("#drawn-form-6")).to_contain_text("低于 80%")
    # The preview has answered before the page is left, or its request would be broken off.
    curve = page.locator("#drawn-form-0 polyline")
    page.locator("[name=form-0-cap]").fill("50")
    expect(curve).to_have_count(0)
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("要填封顶，且高于保底。")).to_be_visible()
    expect(weight).to_have_value("25")
    page.locator("[name=form-0-cap]").fill("120")
    expect(curve).to_have_count(1)
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_role("heading", name="与 v2026.1 的不同")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="K4").first).to_contain_text("权重 25")


def drafted(page: Page) -> None:
    page.goto("/rules/")
    page.get_by_role("link", name="v2026.2").click()
    expect(page.get_by_role("link", name="回放")).to_be_visible()


def test_the_draft_is_replayed_over_closed_months(open_page: Callable[..., Page]) -> None:
    page = open_page("head")
    drafted(page)
    page.get_by_role("link", name="回放").click()
    expect(page.locator("[data-chart-picture] svg")).to_be_visible()
    page.locator("[name=from]").select_option("2026-03")
    page.locator("[name=to]").select_option("2026-03")
    page.get_by_role("button", name="执行").click()
    march = page.locator("section").filter(has=page.get_by_role("heading", name="2026年3月"))
    row = march.get_by_role("row").filter(has_text="城乡结合办")
    expect(row).to_contain_text("118.10")
    expect(page.locator("section").filter(has_text="月度奖励").last).to_contain_text("2026年3月")
    assert serious_findings(page) == []
    # What is published has not moved.
    page.goto("/leaderboard/?month=2026-03")
    expect(page.locator("tbody tr").first).to_contain_text("118.10")


def test_the_draft_is_published_for_a_month_to_come(open_page: Callable[..., Page]) -> None:
    page = open_page("head")
    drafted(page)
    page.get_by_role("main").get_by_role("button", name="发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已发布")
    page.goto("/rules/")
    expect(page.locator("section").filter(has_text="v2026.1").first).to_contain_text("11月30日")
    page.goto("/cards/grid1/2026-11/")
    expect(page.get_by_role("main")).to_contain_text("v2026.1")


def test_the_clerk_writes_a_scheme_and_the_head_publishes_it(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("clerk", "/commissions/schemes/", refusals=(400,))
    page.get_by_role("link", name="复制为草稿").click()
    page.get_by_label("每新增用户（元）").fill("22")
    threshold = page.get_by_label("达量档第 3 行：户数起点")
    threshold.fill("50")
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("50 重复：每个起点只能出现一次。")).to_be_visible()
    threshold.fill("120")
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_role("row").filter(has_text="一次性佣金")).to_contain_text("22")
    page.locator("[name=month]").select_option("2026-03")
    page.get_by_role("button", name="试算").click()
    # Counted users 230, 100, 49, 26, 0 at 2 yuan more, whose churn was paid at the old price;
    # 100 users no longer reach the tier of 120 and get 5 instead of 8 each.
    row = page.get_by_role("row").filter(has_text="宏达")
    expect(row).to_contain_text("+460.00")
    expect(page.get_by_role("row").filter(has_text="西郊")).to_contain_text("+98.00")
    assert serious_findings(page) == []
    expect(page.get_by_role("button", name="发布")).to_have_count(0)
    head = open_page("head", page.url.split("?")[0], viewport=PHONE)
    assert serious_findings(head) == []
    assert not overflows(head)
    head.get_by_role("main").get_by_role("button", name="发布").click()
    head.get_by_role("dialog").get_by_role("button", name="发布").click()
    expect(head.get_by_role("heading", level=1)).to_contain_text("办法 2026.2")


def test_the_head_tries_terms_of_the_competition_and_takes_them_back(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("head", "/competition/?month=2026-11")
    expect(page.get_by_role("main")).to_contain_text("尚未获奖")
    page.get_by_role("link", name="竞赛办法").click()
    page.get_by_role("link", name="新办法").click()
    page.get_by_label("竞赛奖（元）").fill("800")
    page.get_by_label("第一名未达标时").select_option(label="顺延至达标单元中 KPI 最高者")
    page.get_by_label("原因").fill("加大力度")
    page.get_by_role("button", name="试算").click()
    trial = page.locator("#trial")
    expect(trial.get_by_role("row").filter(has_text="2026年3月")).to_contain_text("城乡结合办 800")
    page.get_by_role("button", name="存草稿").click()
    draft = page.locator("section").filter(has_text="草稿").first
    expect(draft).to_contain_text("每月 800 元")
    draft.get_by_role("button", name="发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布").click()
    coming = page.locator("section").filter(has_text="未开始").first
    expect(coming).to_contain_text("每月 800 元")
    manager = open_page("grid2", "/competition/terms/", viewport=PHONE)
    expect(manager.get_by_role("main")).to_contain_text("每月 800 元")
    expect(manager.get_by_role("button", name="撤回")).to_have_count(0)
    assert not overflows(manager)
    coming.get_by_role("button", name="撤回").click()
    page.get_by_role("dialog").get_by_role("button", name="撤回").click()
    expect(page.get_by_text("办法已撤回")).to_be_visible()
    page.get_by_role("button", name="弃用").click()
    page.get_by_role("dialog").get_by_role("button", name="弃用").click()
    expect(page.get_by_text("每月 800 元")).to_have_count(0)
