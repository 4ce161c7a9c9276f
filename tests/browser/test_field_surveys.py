"""A survey on the phone: filled in, lost and back again, sent, seen in the charts."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows


def test_staff_fill_in_a_sheet_and_lose_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page("staff", "/field/surveys/?due=over", viewport=PHONE, refusals=(400,))
    main = page.get_by_role("main")
    main.locator(".field-visits a").first.click()
    page.wait_for_url("**/field/sheets/*/")  # loaded, so that the draft is kept
    assert not overflows(page)
    main.get_by_label("渠道名称").fill("城东移动指定专营店")
    main.get_by_label("月放号量").fill("180")
    main.get_by_label("有现场促销").select_option("yes")
    # The connection goes: sending says so, and the next visit of the page has it all.
    page.context.set_offline(True)
    main.get_by_role("button", name="上报", exact=True).click()
    expect(main.get_by_text("没有网络")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(main.get_by_label("渠道名称")).to_have_value("城东移动指定专营店")
    main.get_by_role("button", name="上报", exact=True).click()
    # The operator is asked for: said at its field.
    expect(main.locator(".ui-field__error")).to_have_count(1)
    expect(main.get_by_label("月放号量")).to_have_value("180")
    main.get_by_label("运营商").select_option("移动")
    main.get_by_role("button", name="上报，再填一份").click()
    expect(page.locator(".ui-toast")).to_contain_text("已上报")
    main.get_by_label("渠道名称").fill("城东电信社区店")
    main.get_by_label("运营商").select_option("电信")
    main.get_by_label("月放号量").fill("60.5")
    main.get_by_role("button", name="上报", exact=True).click()
    expect(main.locator(".field-visits a")).to_have_count(2)

    page.goto(f"{page.url}?view=charts")
    plot = main.locator("figure").filter(has_text="月放号量")
    expect(plot.locator(".ui-plot__sentence")).to_have_text("2 份合计 240.50；网格1最多：240.50。")
    plot.get_by_text("查看表格").click()
    expect(plot.get_by_role("cell", name="240.50")).to_be_visible()
    with page.expect_download() as saved:
        plot.get_by_role("button", name="PNG").click()
    assert saved.value.suggested_filename.endswith(".png")
    assert not overflows(page)


def test_the_clerk_adds_a_field_opens_a_survey_and_chases(open_page: Callable[..., Page]) -> None:
    page = open_page("clerk", "/field/surveys/forms/market/")
    main = page.get_by_role("main")
    main.get_by_role("button", name="增加字段").click()
    added = main.locator(".field-row").last
    added.get_by_label("中文名称").fill("网吧(家)")
    added.get_by_label("类型").select_option("number")
    added.get_by_role("button", name="上移").click()
    expect(main.locator(".field-row").nth(12).get_by_label("中文名称")).to_have_value("网吧(家)")
    main.get_by_role("button", name="保存为新版本").click()
    expect(main.get_by_text("第 2 版，14 个字段")).to_be_visible()
    main.get_by_role("link", name="发起调查").nth(3).click()
    main.get_by_label("集团中心").uncheck()
    main.get_by_role("button", name="发起", exact=True).click()
    expect(main.get_by_text("表单第 2 版")).to_be_visible()
    expect(main.get_by_text("没有逾期未报的")).to_be_visible()

    page.goto("/field/surveys/5/?view=units")
    main.get_by_role("button", name="催报").click()
    expect(page.locator(".ui-toast")).to_contain_text("已通知")
