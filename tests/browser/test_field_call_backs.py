"""A call-back on the phone: found in the list, called, noted, on to the next."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows


def test_a_caller_notes_a_call_under_a_minute_of_taps(open_page: Callable[..., Page]) -> None:
    page = open_page("grid1", "/field/retention/?view=all", viewport=PHONE, refusals=(400,))
    main = page.get_by_role("main")
    masked = main.locator(".field-visits a").first
    expect(masked).to_contain_text("****")
    masked.click()
    expect(main.locator("a[href^='tel:13000']")).to_be_visible()
    path = page.url
    assert not overflows(page)

    main.get_by_text("不想", exact=True).click()
    main.get_by_label("挽留措施").fill("送 10 元话费")
    main.get_by_role("button", name="登记并下一户").click()
    # Who does not want to is asked why; nothing typed is lost.
    expect(main.get_by_text("请选择用户不想继续的原因。").first).to_be_visible()
    expect(main.get_by_label("挽留措施")).to_have_value("送 10 元话费")
    main.get_by_label("离网原因").select_option("rival")
    main.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".ui-toast")).to_contain_text("回访已登记")

    page.goto(path)
    expect(main.get_by_text("不想 · 竞争对手策反")).to_be_visible()
    # A lost connection loses nothing typed.
    page.context.set_offline(True)
    main.get_by_text("同意", exact=True).click()
    main.get_by_label("挽留措施").fill("换 46 元套餐")
    main.get_by_role("button", name="登记", exact=True).click()
    expect(main.locator("[data-draft-note]")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(main.get_by_label("挽留措施")).to_have_value("换 46 元套餐")
    main.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".ui-toast")).to_contain_text("回访已登记")
    page.goto(path)
    expect(main.get_by_text("换 46 元套餐").first).to_be_visible()
