"""Every page, in Chinese and on a phone: no script error, nothing axe calls serious."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, overflows, serious_findings

PAGES = {
    "today": ("head", "/"),
    "today-manager": ("grid2", "/"),
    "annual_targets": ("head", "/targets/"),
    "task_sheets": ("head", "/tasks/"),
    "actuals": ("clerk", "/actuals/"),
    "actuals-manager": ("grid1", "/actuals/"),
    "closing": ("clerk", "/closing/"),
    "leaderboard": ("staff", "/leaderboard/?month=2026-03"),
    "unit_card": ("grid1", "/scorecards/grid1/2026-03/"),
    "score_rules": ("head", "/rules/"),
    "subsidies": ("head", "/subsidies/?month=2026-03"),
    "commission_sheets": ("clerk", "/commissions/"),
    "competition": ("head", "/competition/?month=2026-03"),
    "organisation": ("head", "/organisation/"),
    "indicators": ("staff", "/indicators/"),
    "workbook": ("clerk", "/workbook/"),
    "trail": ("auditor", "/trail/"),
}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound(name: str, viewport: dict[str, int], open_page: Callable[..., Page]) -> None:
    account, path = PAGES[name]
    page = open_page(account, path, viewport=viewport)
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang", timeout=2000).lower().startswith("zh")
    assert serious_findings(page) == []
    assert not overflows(page)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound_in_the_dark(name: str, open_page: Callable[..., Page]) -> None:
    account, path = PAGES[name]
    assert serious_findings(open_page(account, path, dark=True)) == []
