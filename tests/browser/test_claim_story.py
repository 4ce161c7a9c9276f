"""A claim in the browser: filed on a phone with a photo, approved, checked, paid, printed."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows
from tests.subsidies.claims import photo


def press(page: Page, button: str, action: str = "") -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    if action:
        page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def test_a_manager_files_and_the_office_pays(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    picture = tmp_path / "taxi.jpg"
    picture.write_bytes(photo(5, size=(800, 600)).getvalue())
    fake = tmp_path / "taxi.pdf"
    fake.write_bytes(b"<html><script>alert(1)</script>")

    # On the phone: an incomplete item is refused at its field and nothing typed is lost.
    page = open_page("grid2", "/claims/new/", viewport=PHONE, refusals=(400, 409))
    page.get_by_label("日期").first.fill("2026-11-18")
    page.get_by_label("类别").first.select_option(label="招待")
    page.get_by_label("金额（元）").first.fill("88.50")
    page.get_by_label("事由").first.fill("经销商座谈")
    press(page, "保存")
    expect(page.get_by_text("招待要写参加人员").first).to_be_visible()
    expect(page.get_by_label("事由").first).to_have_value("经销商座谈")
    page.get_by_label("参加人员").first.fill("宏达通讯 2 人")
    press(page, "保存")
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        re.compile(r"报销单 BX\d{4}-grid2")
    )
    number = re.sub("报销单 ", "", page.get_by_role("heading", level=1).inner_text())

    page.get_by_label("选照片或 PDF").set_input_files(fake)
    press(page, "上传")
    expect(page.get_by_role("alert")).to_contain_text("不是 JPEG、PNG 或 PDF")
    page.get_by_label("拍照").set_input_files(picture)
    press(page, "上传")
    shown = page.locator(".pay-receipts img")
    expect(shown).to_have_count(1)
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    assert not overflows(page)

    # Until the 25th it is taken. Later it is refused, and one that the demo filed goes on.
    press(page, "提交")
    state = page.locator(".ui-head p")
    expect(page.get_by_role("alert").or_(state.filter(has_text="待审批")).first).to_be_visible()
    is_late = "草稿" in state.inner_text()
    if is_late:
        expect(page.get_by_role("alert")).to_contain_text("过时不补")

    page = open_page("head", "/claims/?state=submitted")
    links = page.get_by_role("main").locator("tbody th a").filter(has_text="BX")
    (links.first if is_late else links.filter(has_text=number)).click()
    press(page, "审批")
    expect(page.locator(".ui-head p")).to_contain_text("待核对票据")
    path = page.url

    page = open_page("clerk", path)
    press(page, "票据相符", "相符")
    expect(page.locator(".ui-head p")).to_contain_text("待付款")
    press(page, "发放", "已发放")
    expect(page.locator(".ui-head p")).to_contain_text("已付")
    page.get_by_role("link", name="打印").click()
    capitals = "人民币" if is_late else "人民币捌拾捌元伍角整"
    expect(page.get_by_text(capitals)).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="打印")).to_be_hidden()
