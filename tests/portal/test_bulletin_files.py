"""A bulletin as Excel, PDF and PNG: exact figures, Chinese without a system font, by permission."""

from io import BytesIO
from typing import Any

import pytest
import typst
from django.utils.translation import override
from PIL import Image
from python_calamine import CalamineWorkbook

from portal import bulletin_paper
from portal.bulletin_paper import TEMPLATE, drawable, inks, pdf, png
from portal.bulletin_tables import document
from portal.models import Bulletin
from portal.rules.bulletins import Content, thawed
from tests.district import District
from tests.kpi import bulletin as example
from tests.portal.test_bulletins import MORNING, PAGE, issue

FILES = ("bulletin.xlsx", "bulletin.pdf", "bulletin.png")


@pytest.fixture
def row(district: District) -> Bulletin:
    example.build(district)
    return issue(district)


def drawn(row: Bulletin, comment: str = "") -> dict[str, Any]:
    return document(thawed(Content, row.content), comment)


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def rows_of(sheet: list[list[Any]], head: str) -> tuple[list[Any], dict[str, list[Any]]]:
    start = next(n for n, row in enumerate(sheet) if row[0] == head)
    return sheet[start], {str(row[1]): row for row in sheet[start + 1 :]}


def test_excel_has_the_figures_as_numbers(row: Bulletin, signed_in: Any) -> None:
    (sheet,) = sheets(signed_in("test-head").get(f"{PAGE}bulletin.xlsx").content).values()
    heads, units = rows_of(sheet, "名次")
    at = {head: n for n, head in enumerate(heads)}
    total = units["全区"]
    assert (total[at["任务 (户)"]], total[at["本月累计 (户)"]]) == (6159, 2987)
    assert total[at["日发展 (户)"]] == example.EXAMPLE["bulletin_row"]["当日"]
    assert total[at["完成率"]] == pytest.approx(2987 / 6159, abs=1e-6)
    assert units["网格1"][at["缺口 (户)"]] == example.ROWS["grid1"]["任务"] - 561


def test_excel_of_a_manager_leaves_the_others_figures_empty(row: Bulletin, signed_in: Any) -> None:
    (sheet,) = sheets(signed_in("test-grid1").get(f"{PAGE}bulletin.xlsx").content).values()
    heads, units = rows_of(sheet, "名次")
    at = {head: n for n, head in enumerate(heads)}
    assert units["网格1"][at["本月累计 (户)"]] == 561
    other = units["城乡结合办事处"]
    assert other[at["本月累计 (户)"]] == "" and other[at["完成率"]] > 0


def test_excel_of_a_month_has_the_ranking_and_the_cards(demo: None, signed_in: Any) -> None:
    path = "/bulletins/monthly/2026-10-01/bulletin.xlsx"
    found = sheets(signed_in("head").get(path).content)
    assert [name for name in found if name in ("龙虎榜", "考核得分")] == ["龙虎榜", "考核得分"]
    card = found["考核得分"]
    assert card[1][:7] == ["单元", "项目", "任务", "完成", "完成率", "得分", "权重"]
    assert len({line[0] for line in card[2:]}) == 6
    own = sheets(signed_in("grid1").get(path).content)
    assert {line[0] for line in own["考核得分"][2:]} == {"网格1"}


def test_files_have_their_type_and_a_chinese_name(row: Bulletin, signed_in: Any) -> None:
    client = signed_in("test-staff")
    types = ("spreadsheetml.sheet", "application/pdf", "image/png")
    for name, content_type in zip(FILES, types, strict=True):
        answer = client.get(PAGE + name)
        assert answer["Content-Type"].endswith(content_type)
        assert "%E6%97%A5%E9%80%9A%E6%8A%A5" in answer["Content-Disposition"]
    assert client.get(f"/bulletins/daily/2026-03-16/{FILES[1]}").status_code == 404


def test_the_picture_is_as_wide_as_a_phone_shows_sharply_and_not_blank(row: Bulletin) -> None:
    picture = Image.open(BytesIO(png(drawn(row))))
    assert picture.width == 1040 and picture.height > picture.width
    assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 50


def test_the_pdf_embeds_the_chinese_font_and_is_the_same_each_time(row: Bulletin) -> None:
    first, again = pdf(drawn(row), MORNING), pdf(drawn(row), MORNING)
    assert first == again
    assert first.startswith(b"%PDF") and b"NotoSansCJK" in first


@pytest.mark.parametrize("layout", ["paper", "phone"])
def test_no_font_of_the_system_is_needed(row: Bulletin, layout: str, monkeypatch: Any) -> None:
    assert set(bulletin_paper._fonts().families()) == {"Noto Sans CJK TC"}
    warned: list[Any] = []

    def noting(*given: Any, **options: Any) -> bytes:
        made, warnings = typst.compile_with_warnings(*given, **options)
        warned.extend(warnings)
        assert isinstance(made, bytes)
        return made

    monkeypatch.setattr(bulletin_paper.typst, "compile", noting)
    pdf(drawn(row), MORNING) if layout == "paper" else png(drawn(row))
    assert warned == []


def test_the_font_has_every_character_of_a_bulletin(row: Bulletin) -> None:
    text = str(drawn(row, "骨干复户直发，网格1领先！“引”—·①"))
    assert drawable(text) == text


def test_what_the_font_has_no_sign_for_is_left_out(row: Bulletin) -> None:
    assert drawable("加油💪🏻！\n第一名🎉") == "加油！\n第一名"
    assert png(drawn(row, "加油💪！")) == png(drawn(row, "加油！"))


def test_a_comment_is_a_text_and_never_markup(row: Bulletin) -> None:
    odd = '#panic("x") *粗* $x$ <tag> "引" \\ [a] // 注'
    assert pdf(drawn(row, odd), MORNING).startswith(b"%PDF")


def test_it_speaks_english_too(row: Bulletin) -> None:
    with override("en"):
        made = drawn(row)
        assert made["title"] == "Daily bulletin of 17 March 2026"
        assert png(made)


def test_colours_are_those_of_the_tokens() -> None:
    named = set(TEMPLATE.read_text(encoding="utf-8").split('ink("')[1:])
    assert {text.partition('"')[0] for text in named} <= inks().keys()
    assert inks()["good"].startswith("#")
