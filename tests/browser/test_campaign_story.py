"""A campaign in the browser: written, announced, followed and reported on a phone."""

from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from orgchart.actors import BUSINESS_ZONE
from tests.browser.conftest import PHONE, overflows


def test_a_campaign_from_its_terms_to_the_first_result(open_page: Callable[..., Page]) -> None:
    today = datetime.now(BUSINESS_ZONE).date()

    # The clerk first forgets what can be won; nothing typed is lost.
    page = open_page("clerk", "/campaigns/", refusals=(400,))
    main = page.get_by_role("main")
    page.get_by_role("link", name="新建活动").click()
    main.get_by_label("名称", exact=True).fill("岁末存费赛")
    main.get_by_label("开始日").fill((today - timedelta(days=1)).isoformat())
    main.get_by_label("最后一日").fill((today + timedelta(days=9)).isoformat())
    main.get_by_label("计量单位").fill("户")
    main.get_by_role("button", name="保存").click()
    expect(main.get_by_text("请填写奖项：名次奖或达标奖。").first).to_be_visible()
    expect(main.get_by_label("计量单位")).to_have_value("户")
    main.get_by_label("奖项 1 名额").fill("1")
    main.get_by_label("奖项 1 每名（元）").fill("200")
    main.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("岁末存费赛")
    expect(main.get_by_role("button", name="发布")).to_have_count(0)  # not the writer's
    path = page.url

    page = open_page("head", path)
    page.get_by_role("main").get_by_role("button", name="发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布").click()
    expect(page.locator(".ui-toast")).to_contain_text("已发布，并已通知参赛者")

    # A manager finds it on the phone, and enters what the own people have.
    page = open_page("grid1", "/campaigns/?phase=running", viewport=PHONE)
    main = page.get_by_role("main")
    main.get_by_role("link", name="岁末存费赛").click()
    standings = main.get_by_role("region", name="排名")
    expect(standings.get_by_text("无成绩").first).to_be_visible()
    expect(main.get_by_role("button", name="发布")).to_have_count(0)
    assert not overflows(page)
    main.get_by_role("link", name="录入成绩").click()
    row = main.locator(".campaign-results__row").first
    who = row.locator("label").evaluate("label => label.firstChild.textContent.trim()")
    row.locator("input").fill("12")
    assert not overflows(page)
    main.get_by_role("button", name="保存").click()
    expect(page.locator(".ui-toast")).to_contain_text("已保存 1 条成绩")
    leader = standings.get_by_role("row").filter(has_text=who)
    expect(leader).to_contain_text("12")
    expect(leader).to_contain_text("200")
    expect(page.locator(".ui-head p")).to_contain_text(f"{who}以 12 户领先")
    assert not overflows(page)
