"""An outlet's day in: the clock raises the alarm, the manager goes there and says why."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows

DAY = "2026-11-21"


def test_a_day_raises_an_alarm_that_becomes_a_visit(open_page: Callable[..., Page]) -> None:
    clerk = open_page("clerk", "/field/alarms/import/")
    lines = ["日期,网点,激活户数", f"{DAY},天天数码专营店,40"]
    clerk.get_by_label("网点日激活数据").set_input_files(
        {"name": "day.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    )
    clerk.get_by_role("main").get_by_role("button", name="导入").click()
    expect(clerk.locator(".ui-toast")).to_contain_text("新增 1")
    # The clock makes it within a second here.
    listed = clerk.locator("tbody tr").filter(has_text="40 户")
    for _beat in range(60):
        clerk.goto(f"/field/alarms/?kind=jump&day={DAY}")
        if listed.count():
            break
        clerk.wait_for_timeout(200)
    expect(listed).to_have_count(1)

    phone = open_page("grid2", f"/field/alarms/?kind=jump&day={DAY}", viewport=PHONE)
    main = phone.get_by_role("main")
    assert not overflows(phone)
    main.get_by_role("link", name="天天数码专营店").click()
    expect(main.get_by_text("当日激活 40 户").first).to_be_visible()
    alarm = phone.url
    main.get_by_role("button", name="去走访").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("天天数码专营店")

    phone.goto(alarm)
    main.get_by_label("原因").select_option(label="促销活动")
    main.get_by_label("核查情况").fill("双十一返场，店主有台账")
    main.get_by_role("button", name="登记").click()
    expect(phone.locator(".ui-toast")).to_contain_text("核查结果已登记")
    phone.goto(alarm)
    # What was delivered does not come back as a draft.
    expect(main.locator("[data-draft-note]")).to_be_hidden()
    main.get_by_role("button", name="关闭预警").click()
    expect(main.get_by_text("已关闭").first).to_be_visible()
    expect(main.get_by_role("link", name="计划")).to_be_visible()
    assert not overflows(phone)
