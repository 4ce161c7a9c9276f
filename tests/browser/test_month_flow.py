"""A month of the district in the browser: a target changed, November lived, paid and shown.

The tests run in order on one server; each is a step of the same story.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.sheets import cell, paste, toast

NOVEMBER = "?month=2026-11"
# What grid 4 reports: both tasks met, and better than anybody so far.
GRID_4 = {
    "mobile_revenue": "27.50",
    "fixed_revenue": "2.20",
    "mobile_gross_adds": "790",
    "mobile_net_adds": "130",
    "fixed_line": "5",
    "broadband": "24",
    "churn_rate": "5.10",
    "channel_visits": "34",
    "billed_users": "8617",
}
# What the group centre sends in a file: a row of nine figures, as Excel copies it.
GROUP = "28.70\t18.79\t546\t87\t27\t15\t4.79\t20\t10,168\r\n"


# What stood before the month was worked on.
CLOSED: dict[str, list[str]] = {}


def amount(text: str) -> Decimal:
    """Read an amount as the pages write it."""
    return Decimal(text.replace(",", "").replace("−", "-"))


def confirm(page: Page, button: str, *, action: str, reason: str = "") -> None:
    """Press a button that asks first, and agree."""
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    if reason:
        dialog.get_by_label("原因").fill(reason)
    dialog.get_by_role("button", name=action, exact=True).click()


def entry(page: Page, name: str) -> Locator:
    """Return the field of a figure in the form of grid 4."""
    if name in ("fixed_line", "broadband"):
        return cell(page, "grid4", "fixed_net_adds", name)
    return cell(page, "grid4", name)


def test_the_head_changes_a_target_and_releases_it(open_page: Callable[..., Page]) -> None:
    page = open_page("head", "/targets/annual/2026/")
    target = page.locator(
        '[data-key=\'{"indicator": "mobile_gross_adds", "field": "department_target"}\']'
    )
    # Given the released target of 70 000 users, when the head types another and saves
    expect(target).to_have_text("70,000")
    target.click()
    page.keyboard.type("71000")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+S")
    # then the draft says what differs, and only a release makes it hold.
    draft = page.get_by_role("row").filter(has_text="草稿").filter(has_text="71,000")
    expect(draft).to_contain_text("+1,000")
    confirm(page, "下发 v2", action="下发", reason="宽带提速带动，部门加压")
    expect(page.locator(".ui-bar")).to_contain_text("已下发 v2")
    history = page.get_by_role("row").filter(has_text="v2")
    for text in ("罗知远", "移动用户发展", "70,000", "71,000", "+1,000"):
        expect(history).to_contain_text(text)


def test_a_manager_reports_and_the_leaderboard_follows(open_page: Callable[..., Page]) -> None:
    # Given staff of grid 1 with the leaderboard open: grid 1 is second, grid 4 has no rank
    board = open_page("staff")
    board.clock.install()
    board.goto(f"/leaderboard/{NOVEMBER}")
    own = board.locator("tr.is-own").first
    first = board.locator("tbody tr").first
    expect(own.locator("td").first).to_have_text("2")
    expect(first).to_contain_text("城乡结合办")
    board.evaluate("window.neverReloaded = true")

    # when the manager of grid 4 reports on a phone, at first in yuan instead of ten thousands
    phone = open_page("grid4", f"/actuals/{NOVEMBER}", viewport=PHONE)
    for name, value in GRID_4.items():
        entry(phone, name).fill("275000" if name == "mobile_revenue" else value)
    entry(phone, "mobile_revenue").press("Tab")
    phone.get_by_role("button", name="保存 9 项").click()
    question = phone.locator(".ui-entry__says")
    expect(question).to_contain_text("像是把「元」填成了「万元」")
    expect(phone.get_by_role("button", name="处理 1 处提醒后可保存")).to_be_disabled()
    question.get_by_role("button", name="改为 27.50").click()
    phone.get_by_role("button", name="保存 9 项").click()
    expect(toast(phone, "已存 9 项")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("已填 10，待报 0")).to_be_visible()
    expect(phone.get_by_text("第 1 名")).to_be_visible()

    # then the ranks move on the open page, within its half minute, without a reload.
    board.clock.fast_forward(31_000)
    expect(first).to_contain_text("网格4")
    expect(own.locator("td").first).to_have_text("3")
    assert board.evaluate("window.neverReloaded")


def test_the_clerk_pastes_what_is_missing(open_page: Callable[..., Page]) -> None:
    page = open_page("clerk", f"/actuals/{NOVEMBER}")
    row = page.get_by_role("row").filter(has_text="集团中心")
    expect(row.locator("[data-missing]")).to_have_count(9)
    cell(page, "group", "mobile_revenue").click()
    paste(page, GROUP)
    expect(row.locator("[data-missing]")).to_have_count(0)
    page.keyboard.press("Control+Z")
    expect(row.locator("[data-missing]")).to_have_count(9)
    page.keyboard.press("Control+Y")
    expect(cell(page, "group", "billed_users")).to_have_text("10,168")
    page.keyboard.press("Control+S")
    expect(toast(page, "已存 9 项")).to_be_visible()
    page.reload()
    expect(page.get_by_text("已全部填报。")).to_be_visible()


def total_of(page: Page, unit: str, month: str) -> Decimal:
    """Return the total score of a unit's card."""
    page.goto(f"/cards/{unit}/{month}/")
    return amount(page.locator("tfoot tr.is-grand td.ui-strong").inner_text())


def october_sheet(page: Page) -> list[str]:
    """Return the totals of October's commission sheet of dealers."""
    page.goto("/commissions/")
    page.get_by_role("link", name=re.compile("10月")).first.click()
    page.wait_for_url(re.compile(r"/commissions/\d+/$"))
    return page.locator("tfoot td").all_inner_texts()


def test_a_signing_and_a_finding_count_in_the_open_month_only(
    open_page: Callable[..., Page],
) -> None:
    # Given the scores of grid 2 and October's sheet, which is made
    manager = open_page("grid2")
    stood, closed = total_of(manager, "grid2", "2026-11"), total_of(manager, "grid2", "2026-10")
    auditor = open_page("auditor")
    CLOSED.update(october=october_sheet(auditor))

    # when the manager signs a group, and the auditor takes money off a dealer
    manager.goto("/field/accounts/?kind=sme_group")
    group = manager.get_by_role("main").locator("tbody th a").first
    name = group.inner_text()
    group.click()
    manager.locator("[name=stage]").select_option("signed")
    manager.locator("[name=on]").fill("2026-11-20")
    manager.get_by_role("main").get_by_role("button", name="推进").click()
    expect(manager.get_by_text(re.compile("计入 ?2026-11")).first).to_be_visible()
    auditor.goto("/field/findings/new/")
    for field, choice in {
        "unit": "grid1", "dealer": "hongda", "level": "money", "area": "cash"
    }.items():  # fmt: skip
        auditor.locator(f"[name={field}]").select_option(choice)
    for field, text in {
        "text": "缴款迟交三天", "amount": "88.00", "found_on": "2026-11-20"
    }.items():  # fmt: skip
        auditor.locator(f"[name={field}]").fill(text)
    auditor.get_by_role("main").get_by_role("button", name="保存").click()
    expect(toast(auditor, "2026-11")).to_be_visible()

    # then the score of November rises, opened to the group, and October stands.
    for _beat in range(60):
        now = total_of(manager, "grid2", "2026-11")
        if now > stood:
            break
        manager.wait_for_timeout(200)
    assert now > stood
    manager.locator("tfoot tr").nth(1).get_by_role("link").first.click()
    expect(manager.locator("#workings")).to_contain_text(name)
    assert total_of(manager, "grid2", "2026-10") == closed


def test_the_auditor_verifies_what_was_reported(open_page: Callable[..., Page]) -> None:
    auditor = open_page("auditor", f"/verification/{NOVEMBER}")
    for _ in auditor.locator("tbody th a").all():
        auditor.locator("tr", has_text="待核对").first.get_by_role("link").click()
        auditor.get_by_role("button", name="全部核对通过").click()
        auditor.wait_for_url("**/verification/?**")
    expect(auditor.get_by_text("7 个单元已核对 7 个")).to_be_visible()


def test_the_month_is_closed_and_published(open_page: Callable[..., Page]) -> None:
    clerk = open_page("clerk", f"/closing/{NOVEMBER}")
    expect(clerk.get_by_role("button", name="发布", exact=True)).to_have_count(0)
    confirm(clerk, "关账", action="关账")
    expect(toast(clerk, "已关账")).to_be_visible()

    head = open_page("head", f"/closing/{NOVEMBER}")
    confirm(head, "发布", action="发布")
    expect(head.locator(".ui-bar")).to_contain_text("已发布")

    head.goto(f"/subsidies/{NOVEMBER}")
    totals = head.locator("tbody tr td:nth-child(6)").all_inner_texts()
    whole = head.locator("tfoot td:nth-child(6)").inner_text()
    assert len(totals) == 6
    assert sum(map(amount, totals)) == amount(whole) > 0
    head.goto(f"/competition/{NOVEMBER}")
    expect(head.get_by_role("heading", name="网格4 获 11月劳动竞赛奖 500 元")).to_be_visible()


def test_a_commission_sheet_passes_three_hands(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    # Given two returns that the clerk enters, one of them of a dealer that owes
    clerk = open_page("clerk")
    enter_return(clerk, "hongda", gross="236", zero_call="6", low_quality="31", penalty="0",
                 instalment_3_2="58", group_0_average="36.50", group_0_users="305")  # fmt: skip
    enter_return(clerk, "heping", gross="2", loss_0_users="20", loss_0_price="20")

    # when the clerk makes the sheet, the auditor passes it and the head approves it
    clerk.goto("/commissions/")
    clerk.get_by_role("listitem").filter(has_text="11月").get_by_role("link").click()
    confirm(clerk, "制作", action="制作")
    clerk.wait_for_url(re.compile(r"/commissions/\d+/$"))
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("11月")
    sheet = clerk.url
    expect(clerk.get_by_role("button", name="稽核通过")).to_have_count(0)
    assert post(clerk, f"{sheet}audit/") == 403  # whoever made it

    auditor = open_page("auditor", sheet)
    confirm(auditor, "稽核通过", action="通过")
    expect(auditor.get_by_role("button", name="稽核通过")).to_have_count(0)
    head = open_page("head", sheet)
    confirm(head, "审批", action="审批")
    expect(head.get_by_role("main")).to_contain_text("已封存")

    # then the file that the clerk takes away adds up to what the page shows.
    clerk.reload()
    shown = [amount(text) for text in clerk.locator("tfoot td:nth-child(n+5)").all_inner_texts()]
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name="导出").click()
    path = tmp_path / "commissions.xlsx"
    download.value.save_as(path)
    assert summed_up(path) == shown
    gross, deductions, brought, net, paid, carried = shown
    assert gross - deductions + brought == net == paid + carried
    assert carried < 0 < paid


def test_the_finding_is_a_deduction_of_that_sheet_alone(open_page: Callable[..., Page]) -> None:
    page = open_page("clerk", "/commissions/")
    page.get_by_role("link", name=re.compile("11月")).first.click()
    page.wait_for_url(re.compile(r"/commissions/\d+/$"))
    page.goto(f"{page.url}statements/hongda/")
    lines = page.locator("section").filter(has_text="扣减")
    expect(lines.filter(has_text="f0").filter(has_text="88.00")).to_have_count(1)
    assert october_sheet(page) == CLOSED["october"]


def enter_return(page: Page, dealer: str, **fields: str) -> None:
    """Enter a dealer's return of November."""
    page.goto(f"/commissions/returns/2026-11/{dealer}/")
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/commissions/returns/?**")


def post(page: Page, address: str) -> int:
    """Return the status of a POST with the page's own session and token."""
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    return page.request.post(address, headers={"X-CSRFToken": token, "Referer": page.url}).status


def summed_up(path: Path) -> list[Decimal]:
    """Return gross, deductions, brought forward, net, paid, carried of the exported file.

    The lines of its second worksheet add up to the same gross and deductions.
    """
    sums = column_sums(
        path, 0, ["应发小计", "扣减小计", "上期结转", "净额", "本期支付", "结转下期"]
    )
    assert column_sums(path, 1, ["应发", "扣减"]) == sums[:2]
    return sums


def column_sums(path: Path, number: int, names: list[str]) -> list[Decimal]:
    """Return the totals of columns: formulas, whose cached value is the sum of what is above."""
    values = openpyxl.load_workbook(path, data_only=True).worksheets[number]
    formulas = openpyxl.load_workbook(path).worksheets[number]
    rows = list(values.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(rows) if names[0] in row)
    end = next(place for place, row in enumerate(rows) if row[0] == "合计")
    totals = []
    for column in (rows[head].index(name) for name in names):
        total = money(rows[end][column])
        assert total == sum(money(row[column]) for row in rows[head + 1 : end])
        assert str(formulas.cell(end + 1, column + 1).value).startswith("=SUM(")
        totals.append(total)
    return totals


def money(value: Any) -> Decimal:
    """Return a cell's number as an amount; an empty cell is zero."""
    return Decimal(str(value or 0)).quantize(Decimal("0.01"))


def test_staff_sees_the_leaderboard_and_nothing_private(open_page: Callable[..., Page]) -> None:
    page = open_page("staff", f"/leaderboard/{NOVEMBER}", refusals=(403, 404))
    expect(page.get_by_role("heading", level=1)).to_have_text("龙虎榜")
    expect(page.locator("tbody tr").first).to_contain_text("网格4")
    menu = page.get_by_role("navigation").first
    for name in ("费用补贴", "月结", "操作记录", "工作簿"):
        expect(menu.get_by_role("link", name=name)).to_have_count(0)

    menu.get_by_role("link", name="佣金").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("我的佣金")

    page.goto("/cards/grid1/2026-11/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("网格1")
    assert "补贴" not in page.get_by_role("main").inner_text()

    for private in (
        "/cards/grid2/2026-11/",
        f"/actuals/{NOVEMBER}&unit=grid2",
        f"/subsidies/{NOVEMBER}",
        f"/commissions/returns/{NOVEMBER}",
        f"/closing/{NOVEMBER}",
        "/trail/",
    ):
        answer = page.goto(private)
        assert answer is not None
        assert answer.status in (403, 404), private
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
