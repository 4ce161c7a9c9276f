"""The district workbook: out and in again changes nothing; changes are written with their trail."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from kpi.models import Actual, Score
from orgchart import jobs
from orgchart.models import AuditEntry, Job, Person, Unit
from portal.book.gather import gather_book
from portal.demo.book import opening_book
from portal.services.book import apply_book
from portal.services.workbook import import_workbook
from targets.models import Task
from tests.district import District
from tests.portal.workbook_files import YEAR, Table, demo_district, demo_file, opened, saved

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)


def imported(file: Any, **options: Any) -> Any:
    return import_workbook(file=file, by=None, at=AT, **options)


def test_export_then_import_writes_nothing(demo: None) -> None:
    before = gather_book(district=demo_district(), year=YEAR)
    entries = AuditEntry.objects.count()
    report = imported(BytesIO(demo_file()))
    assert report.total == 0
    assert gather_book(district=demo_district(), year=YEAR) == before
    assert AuditEntry.objects.count() == entries


def test_english_workbooks_are_read_back_too(demo: None) -> None:
    assert imported(BytesIO(demo_file(language="en"))).total == 0


def test_a_workbook_saved_by_another_program_is_read_back(demo: None) -> None:
    assert imported(saved(opened(demo_file()))).total == 0


def test_a_spreadsheet_shows_headings_in_the_language_of_the_reader(demo: None) -> None:
    sheet = CalamineWorkbook.from_filelike(BytesIO(demo_file("tasks"))).get_sheet_by_name("任务")
    head, names = sheet.to_python(nrows=2)
    assert head[:4] == ["单元", "指标", "分项", "月份"]
    assert names[:5] == ["unit", "indicator", "breakdown", "month", "value"]


def test_changed_cells_are_written_once_with_one_entry_per_sheet(demo: None) -> None:
    workbook = opened(demo_file("tasks", "people"))
    tasks = Table(workbook, "任务")
    place = {"unit": "grid1", "indicator": "channel_visits", "month": "2026-12"}
    tasks.set(tasks.find(**place), "value", 44)
    people = Table(workbook, "人员")
    people.append(code="newcomer", name_zh="钟晴", name_en="Qing Zhong")

    report = imported(saved(workbook))
    assert [(s.kind.code, s.added, s.changed) for s in report.sheets] == [
        ("people", 1, 0), ("tasks", 0, 1),
    ]  # fmt: skip
    task = Task.objects.get(
        unit__code="grid1", indicator__code="channel_visits", month=date(2026, 12, 1)
    )
    assert (task.value, task.version) == (Decimal(44), 2)
    assert Person.objects.filter(code="newcomer", name_zh="钟晴").exists()
    entries = AuditEntry.objects.filter(at=AT)
    assert sorted(entry.subject for entry in entries) == [
        "workbook/2026/people", "workbook/2026/tasks",
    ]  # fmt: skip
    change = entries.get(subject="workbook/2026/tasks").changes[0]
    assert (change["before"], change["after"]) == ({"value": "40"}, {"value": "44"})


def test_a_dry_run_says_the_same_and_writes_nothing(demo: None) -> None:
    workbook = opened(demo_file("tasks"))
    tasks = Table(workbook, "任务")
    row = tasks.find(unit="grid1", indicator="channel_visits", month="2026-12")
    tasks.set(row, "value", 44)
    before = gather_book(district=demo_district(), year=YEAR)
    assert imported(saved(workbook), dry_run=True).total == 1
    assert gather_book(district=demo_district(), year=YEAR) == before


def test_changed_actuals_of_an_open_month_are_scored_again(demo: None) -> None:
    score = Score.objects.get(unit__code="grid1", month=NOVEMBER)
    workbook = opened(demo_file("actuals"))
    actuals = Table(workbook, "完成")
    cell = {"unit": "grid1", "indicator": "mobile_revenue", "month": "2026-11"}
    actuals.set(actuals.find(**cell), "value", 32.5)
    imported(saved(workbook))
    assert Job.objects.get(kind="rescore", month=NOVEMBER).requested > 0
    jobs.drain()
    assert Score.objects.get(unit__code="grid1", month=NOVEMBER).total > score.total
    actual = Actual.objects.get(
        unit__code="grid1", indicator__code="mobile_revenue", month=NOVEMBER
    )
    assert (actual.value, actual.version) == (Decimal("32.5"), 2)


def test_a_month_can_be_left_out_and_an_absent_row_stays(demo: None) -> None:
    workbook = opened(demo_file("tasks", "actuals"))
    workbook["任务"].delete_rows(3, 20)
    del workbook["完成"]
    assert imported(saved(workbook)).total == 0


def test_a_workbook_founds_a_district(db: Any) -> None:
    """The demo's opening book under another code, beside whatever there is."""
    book = opening_book()
    units = tuple(replace(u, code="yy") if u.code == "xx" else u for u in book.units)
    swap = {"xx": "yy"}
    book = replace(
        book,
        covers=(replace(book.cover, district="yy"),),
        units=units,
        placements=tuple(replace(p, parent="yy") for p in book.placements),
        tenures=tuple(replace(t, unit=swap.get(t.unit, t.unit)) for t in book.tenures),
        affiliations=tuple(replace(a, unit=swap.get(a.unit, a.unit)) for a in book.affiliations),
        sheet_rows=tuple(replace(r, unit=swap.get(r.unit, r.unit)) for r in book.sheet_rows),
        tasks=tuple(replace(t, unit=swap.get(t.unit, t.unit)) for t in book.tasks),
    )
    report = apply_book(book=book, by=None, at=AT)
    district = report.district
    assert district.code == "yy" and district.district_id == district.pk
    assert set(gather_book(district=district, year=YEAR).tasks) == set(book.tasks)
    assert Unit.objects.get(code="grid1", district=district).parent == district
    assert apply_book(book=book, by=None, at=AT).total == 0


def test_the_number_of_queries_does_not_grow_with_the_facts(demo: None, district: District) -> None:
    """A test district of a few rows, and the demo with thousands."""

    def queries(code: str) -> int:
        root = Unit.objects.select_related("parent").get(kind="district", code=code)
        with CaptureQueriesContext(connection) as captured:
            gather_book(district=root, year=YEAR)
        return len(captured)

    assert queries("test") == queries("xx")


def test_the_commands_write_and_read_a_file(demo: None, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "book.xlsx"
    call_command("export_book", "2026", str(file), "--district=xx")
    call_command("import_book", str(file))
    assert "0 rows changed." in capsys.readouterr().out


def test_the_import_command_lists_every_fault(demo: None, tmp_path: Path) -> None:
    workbook = opened(demo_file("tasks"))
    tasks = Table(workbook, "任务")
    places = [tasks.set(3, "value", "many"), tasks.set(4, "unit", "nowhere")]
    file = tmp_path / "book.xlsx"
    file.write_bytes(saved(workbook).read())
    with pytest.raises(CommandError) as refusal:
        call_command("import_book", str(file))
    assert all(place in str(refusal.value) for place in places)
