"""A goal of the month: reported on the phone, set and assessed by the manager, then frozen."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows


def test_staff_report_a_goal_and_the_manager_assesses_it(open_page: Callable[..., Page]) -> None:
    page = open_page("staff", "/field/goals/?month=2026-11", viewport=PHONE)
    main = page.get_by_role("main")
    main.get_by_role("rowheader").get_by_role("link").click()
    page.wait_for_url("**/field/goals/*/")
    path = page.url
    main.get_by_label("移动完成").fill("500")
    main.get_by_label("固网完成").fill("60")
    assert not overflows(page)
    main.get_by_role("button", name="填报").click()
    expect(main.get_by_text("500 /")).to_be_visible()

    page = open_page("grid1", path, viewport=PHONE, refusals=(400,))
    main = page.get_by_role("main")
    task = main.locator("section").filter(has=page.get_by_role("heading", name="任务"))
    for label, value in (("应签", "0"), ("移动", "480"), ("固网", "60"), ("截止", "2026-11-01")):
        task.get_by_label(label).fill(value)
    task.get_by_role("button", name="保存").click()
    # Against the figures it takes a word.
    main.get_by_label("考核结果").select_option("missed")
    main.get_by_role("button", name="考核").click()
    expect(main.get_by_text("写明原因")).to_be_visible()
    main.get_by_label("考核结果").select_option("met")
    main.get_by_role("button", name="考核").click()
    expect(main.get_by_text("102.08%")).to_be_visible()  # the mean of 500 ÷ 480 and 60 ÷ 60
    expect(main.get_by_role("button")).to_have_count(0)  # it stays
    assert not overflows(page)
