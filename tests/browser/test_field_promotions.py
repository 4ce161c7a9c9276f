"""A promotion on the phone: planned, approved by the head, its result entered where it was held."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows, serious_findings
from tests.browser.test_field_visits import picture


def test_a_manager_enters_todays_result_under_a_minute_of_taps(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("grid1", "/field/promotions/new/", viewport=PHONE)
    main = page.get_by_role("main")
    main.get_by_label("类型").select_option("outdoor")
    main.get_by_label("地点").fill("人民广场东口")
    main.get_by_label("预计发展").fill("45")
    main.get_by_label("费用预算").fill("360")
    main.get_by_role("button", name="提交审批").click()
    expect(page.locator(".ui-toast")).to_contain_text("已提交审批")
    path = page.url.split("//")[1].partition("/")[2]

    head = open_page("head", f"/{path}", viewport=PHONE)
    head.get_by_role("button", name="审批").click()
    expect(head.get_by_role("main")).to_contain_text("已批准")

    page.goto("/field/promotions/")
    assert not overflows(page)
    main.get_by_role("link", name="人民广场东口").filter(has_text="今日").click()
    main.get_by_label("实际发展").fill("48")
    page.context.set_offline(True)
    main.get_by_label("实际费用").fill("312")
    main.get_by_role("button", name="保存结果").click()
    expect(main.locator("[data-draft-note]")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    # Nothing typed is lost without a connection.
    expect(main.get_by_label("实际发展")).to_have_value("48")
    main.get_by_label("照片").set_input_files(picture())
    main.get_by_role("button", name="保存结果").click()
    expect(page.locator(".ui-toast")).to_contain_text("结果已登记")
    expect(main.get_by_text("312.00 ÷ 48")).to_be_visible()
    expect(main.get_by_text("6.50", exact=True)).to_be_visible()
    expect(main.locator(".field-photos img")).to_have_count(1)
    assert not overflows(page)
    assert serious_findings(page) == []
