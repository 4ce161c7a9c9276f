"""Accounts on a phone: written with the connection lost on the way, signed, counted, taken back."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, overflows


def test_a_manager_wins_a_village_on_the_phone(open_page: Callable[..., Page]) -> None:
    page = open_page("suburban", "/field/accounts/new/", viewport=PHONE)
    main = page.get_by_role("main")
    main.get_by_label("类型").select_option(label="村组集团")
    main.get_by_label("名称", exact=True).fill("月亮湾村")
    main.get_by_label("乡镇街道").fill("柳林乡")
    main.get_by_label("预计用户").fill("46")

    # The connection goes: the form says so and nothing is sent.
    page.context.set_offline(True)
    main.get_by_role("button", name="保存").click()
    expect(main.get_by_role("status")).to_contain_text("没有网络")
    page.context.set_offline(False)
    # Even a reload loses nothing.
    page.reload()
    expect(main.get_by_role("status")).to_contain_text("已恢复")
    expect(main.get_by_label("名称", exact=True)).to_have_value("月亮湾村")
    expect(main.get_by_label("类型")).to_have_value("village")
    main.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("月亮湾村")
    path = page.url

    # What was delivered does not come back.
    page.goto("/field/accounts/new/")
    expect(main.get_by_label("名称", exact=True)).to_have_value("")
    page.goto(path)

    main.get_by_label("阶段").select_option(label="已签约")
    main.get_by_role("button", name="推进").click()
    expect(page.locator(".ui-head p")).to_contain_text("已签约")
    # The clock of the machine says which month counts; one that is not open yet is owed.
    expect(main.get_by_text(re.compile("计入 .*新增集团|月份开启后计入")).first).to_be_visible()
    assert not overflows(page)

    # The draft of the step before does not come back, nor a late one over what is chosen meanwhile.
    expect(main.locator("[data-draft-note]")).to_be_hidden()
    main.get_by_label("说明").fill("合同未盖章")
    main.get_by_label("阶段").select_option("lost")
    late, script = [], re.compile(r"/js/draft\b.*\.js")
    page.route(script, lambda route: late.append(route))
    page.reload(wait_until="commit")
    main.get_by_label("阶段").select_option(label="洽谈中")
    while not late:
        page.wait_for_timeout(20)
    late[0].continue_()
    page.unroute(script)
    expect(main.locator("[data-draft-note]")).to_be_visible()
    expect(main.get_by_label("说明")).to_have_value("合同未盖章")
    expect(main.get_by_label("阶段").locator("option:checked")).to_have_text("洽谈中")
    main.get_by_role("button", name="推进").click()
    expect(page.locator(".ui-head p")).to_contain_text("洽谈中")
    expect(main.get_by_text("合同未盖章")).to_be_visible()

    page.goto("/field/accounts/?view=areas&kind=village")
    expect(page.get_by_role("link", name=re.compile("月亮湾村"))).to_be_visible()
    assert not overflows(page)


def test_a_clerk_takes_in_a_list_and_reads_its_faults(open_page: Callable[..., Page]) -> None:
    page = open_page("clerk", "/field/accounts/import/", refusals=(400,))
    head = "名称,类别,业务单元,预计用户"

    def send(*lines: str) -> None:
        content = "\n".join([head, *lines]).encode("gb18030")
        page.get_by_label("对象清单").set_input_files(
            {"name": "list.csv", "mimeType": "text/csv", "buffer": content}
        )
        page.get_by_role("main").get_by_role("button", name="导入").click()

    send("日升公司,中小集团,集团中心,12", "月落公司,庙宇,集团中心,12")
    expect(page.get_by_role("row").filter(has_text="第 3 行")).to_contain_text("庙宇")
    send("日升公司,中小集团,集团中心,12")
    expect(page.locator(".ui-toast")).to_contain_text("新增 1 个")
