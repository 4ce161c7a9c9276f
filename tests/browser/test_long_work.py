"""The clerk has all open months scored again and watches until it is done."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, overflows, serious_findings


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_scoring_again_shows_how_far_it_is(
    open_page: Callable[..., Page], viewport: dict[str, int]
) -> None:
    page = open_page("clerk", "/closing/", viewport=viewport)
    page.get_by_role("button", name="重新计分").click()
    page.wait_for_url("**/runs/*/")
    assert serious_findings(page) == []
    assert not overflows(page)
    # No reload: the part that shows the progress asks until the work has ended.
    expect(page.get_by_role("status").filter(has_text="没有变化。")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
