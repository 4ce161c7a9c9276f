"""The store from a phone's request to its ledger; a mismatch of takings becomes a finding."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows


def test_a_request_from_the_phone_is_approved_and_issued(open_page: Callable[..., Page]) -> None:
    page = open_page("grid1", "/field/stock/", viewport=PHONE, refusals=(400,))
    main = page.get_by_role("main")
    main.get_by_role("link", name="新申领").click()
    main.get_by_label("雨伞（件）").fill("7")
    assert not overflows(page)
    main.get_by_role("button", name="提交").click()
    # Without a purpose it comes back; nothing typed is lost.
    expect(main.get_by_label("雨伞（件）")).to_have_value("7")
    main.get_by_label("事由").fill("商圈夜市促销")
    main.get_by_role("button", name="提交").click()
    expect(main.get_by_text("待审批").first).to_be_visible()
    path = page.url

    # Whoever made it finds no way to approve it; the head cuts it.
    expect(main.get_by_role("button", name="审批")).to_have_count(0)
    head = open_page("head", path).get_by_role("main")
    head.get_by_label("雨伞").fill("5")
    head.get_by_role("button", name="审批").click()
    expect(head.get_by_text("待发放").first).to_be_visible()

    clerk = open_page("clerk", path)
    clerk.get_by_role("button", name="发放").click()
    clerk.get_by_role("dialog").get_by_role("button", name="发放").click()
    expect(clerk.get_by_role("main").get_by_text("已发放").first).to_be_visible()
    clerk.goto("/field/stock/ledger/")
    expect(clerk.locator("tbody tr").first).to_contain_text("+5")


def test_the_auditor_turns_a_mismatch_into_a_finding(open_page: Callable[..., Page]) -> None:
    page = open_page("auditor", "/field/audit/takings/?state=open")
    rows = page.locator("tbody tr")
    waiting = rows.count()
    dealer = rows.first.get_by_role("rowheader").inner_text()
    rows.first.get_by_role("link", name="记为问题").click()
    text = page.get_by_label("问题", exact=True)
    assert dealer in text.input_value()
    page.get_by_role("main").get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(dealer)
    page.goto("/field/audit/takings/?state=open")
    expect(rows).to_have_count(waiting - 1)
    page.goto("/field/audit/takings/?state=finding")
    expect(rows.first).to_contain_text(dealer)
