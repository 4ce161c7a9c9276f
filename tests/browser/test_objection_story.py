"""A manager objects to October's award on the phone, the clerk answers, the head approves."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows

OCTOBER = "/competition/?month=2026-10"
TEXT = "城乡结合办 10月有 3 户重复计入发展，应剔除后再比。"
ANSWER = "已与系统清单核对，无重复；名次不变。"


def decide(server_file: Path, *, days_ago: int) -> None:
    """Let October have been decided some days ago: its notice lasts 30 days from then."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    with closing(sqlite3.connect(server_file, timeout=10)) as database, database:
        database.execute(
            "UPDATE competitions_round SET decided_at = ? WHERE state = 'decided'",
            [f"{at:%Y-%m-%d %H:%M:%S}"],
        )


def test_from_the_objection_to_the_approval(
    open_page: Callable[..., Page], server_file: Path
) -> None:
    decide(server_file, days_ago=17)
    head = open_page("head", OCTOBER)
    expect(head.get_by_text("公示第 18 天，共 30 天")).to_be_visible()
    expect(head.get_by_role("button", name="审批")).to_have_count(0)

    manager = open_page("grid1", OCTOBER, viewport=PHONE)
    manager.get_by_label("决定有误之处").fill(TEXT)
    assert not overflows(manager)
    manager.get_by_role("button", name="提出异议").click()
    expect(manager.locator(".ui-toast")).to_contain_text("已提出异议")
    expect(manager.get_by_text(TEXT)).to_be_visible()
    expect(manager.get_by_role("button", name="提出异议")).to_have_count(0)  # once a unit

    clerk = open_page("clerk", OCTOBER)
    clerk.get_by_label("答复网格1").fill(ANSWER)
    clerk.get_by_role("button", name="不成立").click()
    expect(clerk.locator(".ui-toast")).to_contain_text("异议已答复")

    manager.goto("/notifications/")
    manager.get_by_role("button", name="2026-10 劳动竞赛异议不成立").click()
    expect(manager.get_by_text(ANSWER)).to_be_visible()
    assert not overflows(manager)

    decide(server_file, days_ago=30)  # the notice has passed
    head.goto(OCTOBER)
    head.get_by_role("button", name="审批").click()
    head.get_by_role("dialog").get_by_role("button", name="审批").click()
    expect(head.locator(".ui-toast")).to_contain_text("奖项已审批")
    expect(head.get_by_text("已审批，待综合员发放")).to_be_visible()
