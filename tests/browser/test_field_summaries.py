"""A day summed up on the phone, also without a connection; the leader answers it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows


def test_a_day_on_the_phone_survives_a_lost_connection_and_is_answered(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("staff", "/field/summaries/daily/", viewport=PHONE, refusals=(400,))
    main = page.get_by_role("main")
    assert not overflows(page)
    main.get_by_label("今天做了什么").fill("走访两家网点，办理宽带 1 户")
    main.get_by_label("明天做什么").fill("到青山乡村组")
    main.get_by_label("如何安排").fill("上午联络人，下午上门")
    page.context.set_offline(True)
    main.get_by_role("button", name="提交").click()
    expect(main.get_by_text("没有网络")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(main.get_by_label("如何安排")).to_have_value("上午联络人，下午上门")
    main.get_by_role("button", name="提交").click()
    # The fourth question is asked, too: said at its field, nothing typed is lost.
    expect(main.locator(".ui-field__error")).to_have_count(1)
    expect(main.get_by_label("明天做什么")).to_have_value("到青山乡村组")
    main.get_by_label("怎样做得更好").fill("先电话预约")
    main.get_by_role("button", name="提交").click()
    expect(page.locator(".ui-toast")).to_contain_text("总结已提交")
    expect(main.get_by_text("先电话预约")).to_be_visible()
    path = page.url

    leader = open_page("grid1", path)
    leader.get_by_role("main").get_by_label("答复").fill("联络人名单发我一份")
    leader.get_by_role("main").get_by_role("button", name="答复", exact=True).click()
    expect(leader.locator(".ui-toast")).to_contain_text("已答复")
    page.goto(path)
    expect(main.get_by_text("联络人名单发我一份")).to_be_visible()


def test_a_week_of_the_calendar_is_ticked_written_and_subscribed_to(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("grid1", "/field/calendar/?day=2026-11-18", viewport=PHONE)
    main = page.get_by_role("main")
    assert not overflows(page)
    saturday = main.locator(".field-days > li").nth(5)
    done = saturday.get_by_role("button", name="完成：团队周总结")
    done.click()
    expect(saturday.get_by_role("button", name="撤销完成：团队周总结")).to_be_visible()
    expect(page).to_have_url(re.compile("day=2026-11-18"))

    main.get_by_role("link", name="新增日程").click()
    main.get_by_label("内容").fill("拜访青山乡联络人")
    main.get_by_label("归属").select_option(label="仅自己")
    main.get_by_role("button", name="保存").click()
    expect(main.get_by_text("拜访青山乡联络人")).to_be_visible()
    # Nobody else's calendar has it.
    other = open_page("head", "/field/calendar/?day=2026-11-18")
    expect(other.get_by_role("main").get_by_text("团队周总结")).to_be_visible()
    expect(other.get_by_text("拜访青山乡联络人")).to_have_count(0)

    main.get_by_role("button", name="新建链接").click()
    address = main.locator(".field-feed a").get_attribute("href") or ""
    feed = page.request.get(address)
    assert feed.status == 200 and feed.text().startswith("BEGIN:VCALENDAR")
    assert "拜访青山乡联络人" in feed.text()
