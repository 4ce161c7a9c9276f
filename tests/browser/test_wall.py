"""The wall display on a big screen: it rotates, keeps to itself and does not grow."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import over_budget

SCREEN = {"width": 1920, "height": 1080}


def heap(page: Page) -> int:
    """Return the bytes of script objects that are still in use."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = int(session.send("Runtime.getHeapUsage")["usedSize"])
    session.detach()
    return used


def test_a_screen_rotates_for_long_without_growing_and_goes_dark_when_revoked(
    open_page: Callable[..., Page], browser: Browser, server: Any
) -> None:
    # Given a link that the clerk made for the lobby
    clerk = open_page("clerk", "/walls/")
    clerk.get_by_label("悬挂位置").fill("大厅")
    clerk.get_by_role("button", name="新建链接").click()
    address = clerk.locator(".ui-break").inner_text()

    # when a screen that is not signed in opens it
    context = browser.new_context(viewport=SCREEN, locale="zh-CN")  # type: ignore[arg-type]
    screen = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    screen.on("request", lambda request: asked.append(request.url))
    screen.on("console", lambda message: said.append(message.text))
    screen.clock.install()
    screen.goto(address)
    assert over_budget(screen) == []
    slides = screen.locator("[data-slide]")
    assert slides.count() >= 4
    titles = set()
    for _turn in range(slides.count()):
        titles.add(screen.locator("[data-slide]:visible h2").inner_text().split()[0])
        screen.clock.run_for(15_000)

    # then it shows each slide in turn, several rotations and refreshes long, and stays as it was
    assert {"龙虎榜", "劳动竞赛奖", "全年累计", "待关注"} <= titles
    assert screen.evaluate("document.documentElement.scrollHeight <= innerHeight")
    nodes = screen.evaluate("document.querySelectorAll('*').length")
    before = heap(screen)
    for _rotation in range(12):
        screen.clock.run_for(15_000 * slides.count())
        expect(screen.locator("[data-slide]:visible")).to_have_count(1)
    assert screen.evaluate("document.querySelectorAll('*').length") == nodes
    assert heap(screen) < before * 1.15 + 200_000
    host = re.match(r"https?://[^/]+", address)
    assert host and all(url.startswith(host[0]) for url in asked)
    assert said == []

    # and once the link is revoked, the next refresh leaves nothing on it.
    clerk.reload()
    clerk.get_by_role("button", name="停用").click()
    clerk.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(clerk.get_by_role("main")).to_contain_text("已停用")
    screen.clock.run_for(61_000)
    expect(screen.locator("[data-slide]")).to_have_count(0)
    context.close()
