"""Faults of a workbook: all of them at once, each by sheet and cell, and nothing written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.utils import translation
from openpyxl import Workbook

from kpi.models import Event, EventKind
from orgchart.errors import Invalid
from orgchart.models import AuditEntry
from portal.book.gather import gather_book
from portal.services.workbook import import_workbook
from portal.workbooks import MOST_BYTES
from tests.portal.workbook_files import YEAR, Table, demo_district, demo_file, opened, saved

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def refusal(file: Any, language: str = "zh-hans", **options: Any) -> Invalid:
    with translation.override(language), pytest.raises(Invalid) as caught:
        import_workbook(file=file, by=None, at=AT, **options)
    return caught.value


def faults(file: Any, **options: Any) -> dict[str, str]:
    return {fault.pointer: str(fault.detail) for fault in refusal(file, **options).faults}


def broken(workbook: Workbook) -> dict[str, str]:
    """Put forty faults into the demo's workbook; return {place: part of its sentence}."""
    tasks, actuals = Table(workbook, "任务"), Table(workbook, "完成")
    placements, people = Table(workbook, "隶属"), Table(workbook, "人员")
    tenures, units = Table(workbook, "任职"), Table(workbook, "单元")
    sheets, rows = Table(workbook, "任务表"), Table(workbook, "任务表行")
    items, cards = Table(workbook, "考核项目"), Table(workbook, "考核办法")
    events, months = Table(workbook, "事件"), Table(workbook, "月份")
    daily = Table(workbook, "日报")
    targets, indicators = Table(workbook, "年度目标"), Table(workbook, "指标")
    policies, dealers = Table(workbook, "补贴标准"), Table(workbook, "网点")
    schemes, returns = Table(workbook, "佣金办法"), Table(workbook, "网点月报")
    terms = Table(workbook, "指标构成")

    def december(unit: str, indicator: str) -> int:
        return tasks.find(unit=unit, indicator=indicator, month="2026-12")

    visits = december("grid1", "channel_visits")
    new_card = cards.append(
        code="v2027", name_zh="草案", unit_kinds="[]", zero_target="spread", state="published",
        valid_from="2027-01-01",
    )  # fmt: skip
    open_placement = placements.append(unit="grid1", parent="support", valid_from="2026-06-01")
    loop = placements.find(unit="grid2")
    return {
        tasks.set(visits, "value", "forty"): "填数字",
        tasks.set(december("grid2", "channel_visits"), "value", "1e15"): "数字太大",
        tasks.set(december("grid3", "channel_visits"), "value", 36.00001): "四位小数",
        tasks.set(december("grid4", "mobile_gross_adds"), "value", 34.5): "0 位小数",
        tasks.set(december("group", "channel_visits"), "unit", "grid9"): "没有 grid9",
        tasks.set(december("suburban", "channel_visits"), "month", "2026-13"): "月份写成",
        tasks.set(december("grid1", "churn_rate"), "month", "2027-12"): "不在其中",
        tasks.set(december("grid2", "churn_rate"), "is_locked", "perhaps"): "是填 1",
        tasks.set(december("grid3", "churn_rate"), "value", None): "要填",
        tasks.set(
            tasks.find(unit="grid1", indicator="mobile_net_adds", month="2026-03"), "value", 177
        ): "2026-03 已发布，不能改",
        actuals.set(
            actuals.find(unit="grid1", indicator="mobile_net_adds", month="2026-10"), "value", 1
        ): "2026-10 已发布，不能改",
        actuals.set(
            actuals.find(unit="grid1", indicator="churn_rate", month="2026-11"),
            "indicator",
            "effective_rate",
        ): "由计算得出",
        people.set(people.find(code="leader-2"), "code", "李 二"): "编码只能用",
        people.set(people.find(code="leader-1"), "phone", "1" * 21): "最多 20 个字",
        tenures.set(3, "valid_to", "2025-12-31"): "早于第一",
        tenures.set(4, "valid_from", "first of May"): "日期写成",
        f"隶属!{placements.letters['valid_to']}{open_placement}": "仍然有效",
        placements.set(loop, "parent", "grid2"): "不能隶属于自己",
        units.set(units.find(code="grid4"), "kind", "village"): "从这些里选",
        sheets.set(3, "season", '["50", "50"]'): "合计 100",
        rows.set(3, "season", "twelve"): "不是 JSON",
        items.set(items.find(scorecard="v2026.1", code="K1"), "weight", 31): "已发布",
        f"考核办法!{cards.letters['state']}{new_card}": "权重合计 0",
        events.set(3, "count", 0): "填 1 到 999",
        months.set(months.find(month="2026-11"), "state", "published"): "月结",
        targets.set(3, "city_target", 3000): "由另一个数推出",
        indicators.set(3, "decimals", 2.5): "填整数",
        policies.set(3, "fixed", -1): "不能为负数",
        schemes.set(3, "body", "{}"): "佣金办法有误",
        returns.set(returns.find(month="2026-10"), "gross", 1): "佣金表已制作",
        tasks.set(december("grid4", "channel_visits"), "value", -1): "不能小于 0",
        actuals.set(
            actuals.find(unit="grid1", indicator="channel_visits", month="2026-11"),
            "as_of",
            "2026-12-01",
        ): "写 2026-11 里的一天",
        daily.set(daily.find(month="2026-11"), "day", "2026-12-01"): "写 2026-11 里的一天",
        events.set(events.find(month="2026-11"), "occurred_on", "2026-10-31"): "写 2026-11",
        items.set(items.find(scorecard="v2027.1", code="K1"), "weight", 0): "权重要大于 0",
        items.set(items.find(scorecard="v2027.1", code="K2"), "rule", "ladder"): "从这些里选",
        items.set(
            items.find(scorecard="v2027.1", code="K3"), "params", '{"capp": "1.2"}'
        ): "没有参数「capp」",
        items.set(
            items.find(scorecard="v2027.1", code="K4"), "params", '{"cap": "0.5", "floor": "0.6"}'
        ): "高于保底",
        items.set(
            items.find(scorecard="v2027.1", code="K5"), "params", '{"bands": [1]}'
        ): "写法不合规则",
        terms.set(3, "sign", "*"): "从这些里选",
        dealers.set(3, "tier", "t9"): "从这些里选",
    }


def test_every_fault_is_named_by_sheet_and_cell_and_nothing_is_written(demo: None) -> None:
    workbook = opened(demo_file())
    expected = broken(workbook)
    before = gather_book(district=demo_district(), year=YEAR)
    entries = AuditEntry.objects.count()

    found = faults(saved(workbook))
    assert len(expected) >= 20
    assert {place: word in found.get(place, "") for place, word in expected.items()} == {
        place: True for place in expected
    }
    assert set(found) == set(expected)
    assert gather_book(district=demo_district(), year=YEAR) == before
    assert AuditEntry.objects.count() == entries


def test_faults_come_in_the_order_of_the_file(demo: None) -> None:
    workbook = opened(demo_file("tasks"))
    table = Table(workbook, "任务")
    places = [table.set(n, "value", "x" if n % 2 else -0.001) for n in (9, 10, 11)]
    with translation.override("zh-hans"):
        assert [f.pointer for f in refusal(saved(workbook)).faults] == places


def test_sentences_come_in_the_language_of_the_reader(demo: None) -> None:
    workbook = opened(demo_file("tasks", language="en"))
    table = Table(workbook, "Tasks")
    place = table.set(3, "value", "forty")
    error = refusal(saved(workbook), "en")
    assert [(f.pointer, f.detail) for f in error.faults] == [(place, "Write a number.")]
    assert str(error) == "The workbook has 1 faults; nothing was imported."


def test_a_row_that_is_there_twice_is_a_fault(demo: None) -> None:
    workbook = opened(demo_file("posts"))
    table = Table(workbook, "岗位")
    number = table.append(code="leader", name_zh="区部领导", role="head")
    assert "重复" in faults(saved(workbook))[f"岗位!A{number}"]


def test_unknown_and_missing_columns_are_faults(demo: None) -> None:
    workbook = opened(demo_file("posts", "people"))
    workbook["岗位"]["H2"] = "salary"
    workbook["人员"]["B2"] = None
    found = faults(saved(workbook))
    assert "没有这一列" in found["岗位!H2"]
    assert any("name_zh" in sentence for sentence in found.values())


def test_a_wrong_column_does_not_hide_the_faults_below(demo: None) -> None:
    workbook = opened(demo_file("posts"))
    table = Table(workbook, "岗位")
    place = table.set(4, "code", "岗 位")
    table.sheet["J2"] = "hobby"
    assert set(faults(saved(workbook))) == {"岗位!J2", place}


def test_a_cover_of_another_year_is_said_once(demo: None) -> None:
    workbook = opened(demo_file("tasks"))
    cover = Table(workbook, "封面").set(3, "year", 2027)
    found = faults(saved(workbook))
    assert list(found) == [cover] and "2026" in found[cover]


def test_a_bad_row_does_not_make_faults_of_the_rows_that_refer_to_it(demo: None) -> None:
    workbook = opened(demo_file("units", "tasks", "tenures"))
    table = Table(workbook, "单元")
    place = table.set(table.find(code="grid1"), "opened_on", "once")
    assert list(faults(saved(workbook))) == [place]


def test_numbers_from_a_chinese_keyboard_are_numbers(demo: None) -> None:
    workbook = opened(demo_file("tasks"))
    table = Table(workbook, "任务")
    row = table.find(unit="grid1", indicator="channel_visits", month="2026-12")
    table.set(row, "value", "１，０４４")
    report = import_workbook(file=saved(workbook), by=None, at=AT, dry_run=True)
    assert report.sheets[0].changes[0]["after"] == {"value": Decimal(1044)}


def test_a_changed_event_of_a_published_month_is_a_fault(demo: None) -> None:
    workbook = opened(demo_file("events"))
    table = Table(workbook, "事件")
    place = table.set(table.find(unit="suburban", month="2026-03", kind="new_group"), "count", 7)
    assert "已发布" in faults(saved(workbook))[place]
    stored = Event.objects.filter(
        unit__code="suburban", month=date(2026, 3, 1), kind=EventKind.NEW_GROUP
    )
    assert list(stored.values_list("count", flat=True)) == [1] * 6


def test_a_post_changes_only_the_sheets_that_it_may_write(demo: None) -> None:
    workbook = opened(demo_file("subsidy_policies", "people"))
    items, people = Table(workbook, "补贴标准"), Table(workbook, "人员")
    place = items.set(3, "fixed", 900)
    people.set(3, "phone", "13000009999")
    found = faults(saved(workbook), may_write=lambda capability: capability == "organisation.write")
    assert {place: "岗位不能改" in sentence for place, sentence in found.items()} == {place: True}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"not a workbook", "不是 Excel"),
        (b"PK\x03\x04 torn", "不是 Excel"),
        (b"\x00" * (MOST_BYTES + 1), "5 MB"),
    ],
    ids=["text", "torn", "large"],
)
def test_what_is_no_workbook_is_refused(content: bytes, word: str, db: Any) -> None:
    assert word in str(refusal(BytesIO(content)))


def zipped(**parts: bytes) -> BytesIO:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    stream.seek(0)
    return stream


def test_a_file_that_unpacks_to_much_is_refused_before_it_is_parsed(db: Any) -> None:
    assert "解开" in str(refusal(zipped(sheet=b" " * 21 * 1024 * 1024)))


def test_a_file_of_many_parts_is_refused(db: Any) -> None:
    assert "解开" in str(refusal(zipped(**{f"p{n}": b"x" for n in range(201)})))


def test_a_cell_far_outside_is_refused_before_the_sheet_unfolds(db: Any) -> None:
    sheet = b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'
    assert "XFD1048576" in str(refusal(zipped(xl__worksheets__sheet1=sheet)))


def test_entities_are_refused(db: Any) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert "不是 Excel" in str(refusal(zipped(xl__workbook=bomb)))


def test_a_workbook_of_something_else_is_refused(db: Any) -> None:
    workbook = Workbook()
    assert "Sheet" in str(refusal(saved(workbook)))


def test_the_workbook_of_another_district_is_refused(demo: None, district: Any) -> None:
    found = faults(BytesIO(demo_file("posts")), district=district.root)
    assert "另一个区部" in found["封面!A3"]
