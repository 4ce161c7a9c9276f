"""The clerk comments on the day's bulletin and issues it; a manager reads it on the phone."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows

DAY = "/bulletins/daily/2026-11-20/"


def test_from_the_comment_to_the_managers_phone(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    clerk = open_page("clerk", "/bulletins/")
    clerk.get_by_role("link", name="2026年11月20日 日通报").click()
    expect(clerk.get_by_text("尚未发出，以下为当前数据。")).to_be_visible()
    clerk.get_by_label("点评").fill("网格3 差 1.34 个百分点，周末补上。")
    clerk.get_by_role("button", name="保存点评").click()
    expect(clerk.get_by_text("点评已保存")).to_be_visible()

    clerk.get_by_role("button", name="发出").click()
    dialog = clerk.get_by_role("dialog")
    expect(dialog.get_by_text("将发给全体人员，发出后内容不再变动。")).to_be_visible()
    dialog.get_by_role("button", name="发出").click()
    expect(clerk.get_by_text("2026年11月20日 日通报已发出。")).to_be_visible()
    expect(clerk.get_by_role("button", name="保存点评")).to_have_count(0)
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename == "2026年11月20日 日通报.xlsx"
    clerk.get_by_role("button", name="补发").click()
    clerk.get_by_role("dialog").get_by_role("button", name="补发").click()
    expect(clerk.get_by_text("所有人都已收到，没有重复发送。")).to_be_visible()

    manager = open_page("grid3", "/notifications/", viewport=PHONE)
    manager.get_by_role("button", name="2026年11月20日 日通报已发出。").click()
    expect(manager.get_by_role("heading", name="2026年11月20日 日通报")).to_be_visible()
    expect(manager.get_by_text("网格3 差 1.34 个百分点，周末补上。")).to_be_visible()
    expect(manager.get_by_text("其他单元只显示名次、完成率和进度灯。")).to_be_visible()
    assert not overflows(manager)
    picture = manager.get_by_role("link", name="长图").get_attribute("href")
    answer = manager.request.get(picture)
    assert answer.status == 200 and answer.body().startswith(b"\x89PNG")
    manager.goto("/bulletins/")
    row = manager.get_by_role("listitem").filter(has_text="2026年11月20日 日通报")
    expect(row.get_by_text("未读")).to_have_count(0)
