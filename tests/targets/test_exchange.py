"""The Excel contract: exported, edited with openpyxl and LibreOffice, compared, applied, undone."""

import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kpi.models import Month, MonthState
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry
from orgchart.uploads import NotAWorkbook
from targets.models import Batch, BatchState, Plan, SegmentTask, SheetKind, Task
from targets.queries.exchange import sent_cells, tables_of, three_way
from targets.queries.sheets import grid
from targets.services.exchange import apply_batch, choice_key, receive_file, roll_back
from targets.services.sheets import (
    RowEntry,
    TaskEntry,
    break_down,
    create_sheet,
    lock_cells,
    save_tasks,
)
from targets.workbooks import plan_workbook
from tests.district import NOW
from tests.targets.plan_2026 import sheet_4_1, sheet_4_2

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture
def sheets(district):
    """Tables 4-1 and 4-2 broken down, and a segment table still empty."""
    made = [sheet_4_1(district), sheet_4_2(district)]
    for sheet in made:
        break_down(sheet=sheet, by=district.people["head"], at=NOW)
    create_sheet(
        plan=district.plan, code="5-1", name_zh="大众", name_en="Mass", kind=SheetKind.SEGMENT,
        indicator=None, dimension="segment", by=None, at=NOW, position=9,
        rows=[RowEntry(district.breakdowns["all"],
                       indicator=district.indicators["mobile_gross_adds"])],
    )  # fmt: skip
    return made


def export(district, edits=None, book=None):
    """Return the exported plan with the cells {"4-2": {"F5": 700}} typed over, by openpyxl."""
    plan = Plan.objects.select_related("district").get(pk=district.plan.pk)
    content = plan_workbook(plan, tables_of(plan), at=NOW)
    return edited(content, edits or {})


def edited(content, edits):
    book = openpyxl.load_workbook(BytesIO(content))
    for title, cells in edits.items():
        for place, value in cells.items():
            book[title][place] = value
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def receive(district, content, by="head", at=NOW):
    return receive_file(
        plan=Plan.objects.select_related("district").get(pk=district.plan.pk),
        file=BytesIO(content), name="计划.xlsx", by=district.people[by], at=at,
    )  # fmt: skip


def apply(district, batch, choices=None, at=NOW):
    return apply_batch(batch=batch, choices=choices or {}, by=district.people["head"], at=at)


def compare(district, batch):
    return three_way(Plan.objects.select_related("district").get(pk=district.plan.pk),
                     sent_cells(batch))  # fmt: skip


def task(district, unit="grid1", tier="t1", month=1):
    return Task.objects.get(
        unit=district.units[unit], breakdown=district.breakdowns[tier],
        indicator=district.indicators["mobile_gross_adds"], month=date(2026, month, 1),
    )  # fmt: skip


def change(district, value, **where):
    """Somebody else changes a cell meanwhile."""
    now = task(district, **where)
    [saved] = save_tasks(
        district=district.root, by=district.people["clerk"], at=NOW,
        cells=[TaskEntry(now.unit_id, now.indicator_id, now.breakdown_id, now.month,
                         Decimal(value), now.version)],
    )  # fmt: skip
    return saved


def test_a_file_left_as_exported_changes_nothing(district, sheets) -> None:
    change(district, "999")  # after the export it would look like a change back
    content = export(district)
    change(district, "1000")
    found = compare(district, receive(district, content))
    assert (found.applies, found.conflicts, found.faults) == ((), (), ())
    assert found.same == (11 + 12) * 12
    assert apply(district, receive(district, content)).written == []
    assert task(district).value == 1000


def test_what_the_file_changed_is_applied_and_rolled_back(district, sheets) -> None:
    district.plan.refresh_from_db()
    was = task(district).value
    content = export(
        district, {"4-2": {"D5": 700, "E5": 701}, "4-1": {"D5": 20.57}, "5-1": {"D5": 12}}
    )
    batch = receive(district, content)
    assert len(compare(district, batch).applies) == 4
    assert task(district).value == was, "nothing is written before it is applied"
    apply(district, batch)
    assert (task(district).value, task(district, month=2).value) == (700, 701)
    assert SegmentTask.objects.get().value == 12
    entry = AuditEntry.objects.filter(action="save_tasks", source="workbook").last()
    assert entry.by == district.people["head"]
    with pytest.raises(Locked):
        apply(district, batch)

    batch.refresh_from_db()
    roll_back(batch=batch, by=district.people["head"], at=NOW)
    assert task(district).value == was
    assert not SegmentTask.objects.exists(), "a cell that was empty is empty again"
    assert Decimal(str(grid(sheets[0], None).total)) == Decimal("3109.92")
    with pytest.raises(Locked):
        roll_back(batch=batch, by=district.people["head"], at=NOW)


def test_tasks_that_a_file_added_vanish_with_it(district) -> None:
    sheet_4_2(district)
    batch = apply(district, receive(district, export(district, {"4-2": {"D5": 7, "O6": 8}})))
    assert Task.objects.count() == 2
    roll_back(batch=batch, by=district.people["head"], at=NOW)
    assert not Task.objects.exists()
    assert AuditEntry.objects.filter(action="roll_back_tasks").count() == 1


def test_a_file_that_something_newer_depends_on_stays(district, sheets) -> None:
    batch = apply(district, receive(district, export(district, {"4-2": {"D5": 700, "E5": 701}})))
    change(district, "702", month=2)
    with pytest.raises(Locked, match="2026-02"):
        roll_back(batch=batch, by=district.people["head"], at=NOW)
    assert task(district).value == 700


def test_a_conflict_waits_for_a_choice_of_what_was_seen(district, sheets) -> None:
    content = export(district, {"4-2": {"D5": 700, "E5": 701, "F5": 702}})
    change(district, "650")
    change(district, "651", month=2)
    batch = receive(district, content)
    found = compare(district, batch)
    assert [(step.sent.value, step.now) for step in found.conflicts] == [(700, 650), (701, 651)]
    assert [step.sent.value for step in found.applies] == [702]
    with pytest.raises(VersionConflict):
        apply(district, batch)
    first, second = map(choice_key, found.conflicts)
    change(district, "660")
    with pytest.raises(VersionConflict):
        apply(district, batch, {first: "file", second: "now"})
    assert task(district, month=3).value != 702, "nothing unless everything"
    first = choice_key(compare(district, batch).conflicts[0])
    apply(district, batch, {first: "file", second: "now"})
    assert [task(district, month=n).value for n in (1, 2, 3)] == [700, 651, 702]


def test_rows_may_be_missing_moved_or_sorted(district, sheets) -> None:
    book = openpyxl.load_workbook(BytesIO(export(district)))
    page = book["4-2"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5, max_row=8)]
    rows[0][3] = 700
    page.delete_rows(5, 30)
    for row in reversed(rows[:2]):
        page.append(row)
    del book["4-1"], book["5-1"]
    buffer = BytesIO()
    book.save(buffer)
    batch = receive(district, buffer.getvalue())
    apply(district, batch)
    batch.refresh_from_db()
    assert [(cell["key"], cell["month"]) for cell in batch.written] == [
        ("grid1|t1|mobile_gross_adds", "2026-01")
    ]


def test_each_fault_is_a_sentence_at_its_cell_of_the_same_file(district, sheets) -> None:
    Month.objects.filter(pk=district.month.pk).update(state=MonthState.CLOSED)
    now = task(district, month=6)
    lock_cells(
        sheet=sheets[1], reason="施工", by=district.people["head"], at=NOW,
        cells=[TaskEntry(now.unit_id, now.indicator_id, now.breakdown_id, now.month, None,
                         now.version)],
    )  # fmt: skip
    wrong = {
        "D5": "很多", "E5": "=D5*2", "F5": 1, "G5": 1.5, "H5": -3, "I5": 5, "J5": 99999999999,
        "K5": True, "D6": "1,234",
    }  # fmt: skip
    content = export(district, {"4-2": wrong})
    book = openpyxl.load_workbook(BytesIO(content))
    book["4-2"].append(["nobody|t1|mobile_gross_adds", "某网格", "一级", 5])
    book["4-2"]["L5"].fill = openpyxl.styles.PatternFill("solid", fgColor="00FF00")
    row = book["4-2"].max_row
    buffer = BytesIO()
    book.save(buffer)
    batch = receive(district, buffer.getvalue())

    assert batch.state == BatchState.FAULTY
    places = {place for place, _sentence in batch.faults}
    assert places == {f"4-2!{cell}" for cell in [*wrong, f"D{row}"]}
    sentences = dict(batch.faults)
    assert "公式" in sentences["4-2!E5"] and "2026-03" in sentences["4-2!F5"]
    assert "施工" in sentences["4-2!I5"]
    with pytest.raises(Locked):
        apply(district, batch)
    page = openpyxl.load_workbook(BytesIO(bytes(batch.file)))["4-2"]
    assert page["D5"].comment.text == sentences["4-2!D5"]
    assert page["D5"].fill.fgColor.rgb.endswith("FCECEA")
    assert page["L5"].fill.fgColor.rgb.endswith("00FF00"), "its own styles stay"
    assert page["E5"].value == "=D5*2"


def test_files_that_are_not_of_this_plan_are_refused(district, sheets) -> None:
    book = openpyxl.load_workbook(BytesIO(export(district)))
    book["_base"]["C1"] = "2025"
    buffer = BytesIO()
    book.save(buffer)
    with pytest.raises(Invalid):
        receive(district, buffer.getvalue())
    del book["_base"]
    buffer = BytesIO()
    book.save(buffer)
    for content in (buffer.getvalue(), b"PK\x03\x04nonsense", b"", b"x" * 6_000_000):
        with pytest.raises(NotAWorkbook):
            receive(district, content)
    assert not Batch.objects.exists()


def test_an_uploaded_file_waits_a_day_and_is_its_uploaders(district, sheets, signed_in) -> None:
    batch = receive(district, export(district, {"4-2": {"D5": 700}}))
    with pytest.raises(Locked):
        apply(district, batch, at=NOW + timedelta(hours=25))
    assert signed_in("test-head").get(f"/targets/excel/files/{batch.pk}/").status_code == 200
    assert signed_in("test-clerk").get(f"/targets/excel/files/{batch.pk}/").status_code == 404
    receive(district, export(district), at=NOW + timedelta(hours=25))
    assert not Batch.objects.filter(pk=batch.pk).exists()


def test_the_page_uploads_shows_and_applies(district, sheets, signed_in) -> None:
    client = signed_in("test-head")
    content = client.get("/targets/excel/2026.xlsx").content
    assert client.post("/targets/excel/2026/").status_code == 400
    file = SimpleUploadedFile("a.xlsx", edited(content, {"4-2": {"D5": 700}}))
    response = client.post("/targets/excel/2026/", {"file": file})
    page = client.get(response.headers["Location"])
    assert "700" in page.content.decode()
    assert client.post(response.headers["Location"]).status_code == 302
    assert task(district).value == 700
    undo = response.headers["Location"] + "rollback/"
    assert client.post(undo).status_code == 302
    assert task(district).value == 786


def test_a_file_is_compared_with_the_same_queries_for_any_number_of_cells(
    district, sheets, django_assert_max_num_queries
) -> None:
    for edits in ({"D5": 700}, {f"{letter}5": 700 for letter in "DEFGHIJKLMNO"}):
        batch = receive(district, export(district, {"4-2": edits}))
        plan = Plan.objects.select_related("district").get(pk=district.plan.pk)
        with django_assert_max_num_queries(12):
            three_way(plan, sent_cells(batch))


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_keys_and_base_survive_libreoffice(district, sheets, tmp_path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(export(district, {"4-2": {"D5": 700}, "4-1": {"D5": 6.47}}))
    for extension, source in (("ods", path), ("xlsx", tmp_path / "out" / "plan.ods")):
        subprocess.run(
            [SOFFICE, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
             "--convert-to", extension, "--outdir", str(tmp_path / "out"), str(source)],
            check=True, timeout=120, capture_output=True,
        )  # fmt: skip
    saved = (tmp_path / "out" / "plan.xlsx").read_bytes()
    page = openpyxl.load_workbook(BytesIO(saved), data_only=True)["4-2"]
    assert page.column_dimensions["A"].hidden and page["P5"].value > 0, "totals keep their values"
    batch = receive(district, saved)
    assert batch.faults == []
    found = compare(district, batch)
    assert {(step.sent.sheet, step.sent.value) for step in found.applies} == {
        ("4-2", 700), ("4-1", Decimal("6.47")),
    }  # fmt: skip
    assert found.conflicts == ()
