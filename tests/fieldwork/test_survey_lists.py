"""Lists of survey sheets: taken once, faults located, queries the same for any number."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from fieldwork.models import Survey
from fieldwork.services.account_import import Imported, NotImported
from fieldwork.services.survey_import import import_sheets
from fieldwork.services.surveys import add_sheet
from tests.district import District
from tests.fieldwork.test_surveys import AFTER, ON_DAY, OPENED, SHOP, opened
from tests.subsidies.test_claim_pages import set_clock


def lines(*rows: str) -> bytes:
    return "\n".join(["业务单元,渠道名称,运营商,店员(人),允许赊销", *rows]).encode()


def taken(district: District, survey: Survey, content: bytes, **more: Any) -> Imported:
    return import_sheets(
        survey=survey, unit_ids=more.get("unit_ids"), content=content,
        by=district.people["clerk"], at=more.get("at", OPENED),
    )  # fmt: skip


def test_a_list_is_taken_once_and_read_back(district: District, signed_in: Any) -> None:
    survey = opened(district)
    rows = ("grid1,甲店,移动,3,是", "网格1,乙店,电信,,", "grid2,甲店,移动,2.5,否")
    assert taken(district, survey, lines(*rows)) == Imported(3, 0, 0)
    assert survey.sheets.count() == 3  # two of them were open
    assert taken(district, survey, lines(*rows), at=AFTER) == Imported(0, 0, 3)
    changed = lines("grid1,甲店,移动,4,是")
    assert taken(district, survey, changed, at=ON_DAY) == Imported(0, 1, 0)
    with pytest.raises(NotImported):
        taken(district, survey, lines(rows[0]), at=AFTER)
    answer = signed_in("test-head").get(
        reverse("field_survey_export", kwargs={"pk": survey.pk})
    )  # fmt: skip
    content = b"".join(answer.streaming_content)
    assert taken(district, survey, content, at=AFTER) == Imported(0, 0, 3)
    book = load_workbook(BytesIO(content))
    assert [cell.value for cell in book.worksheets[0][4]][:5] == [
        "网格1",
        "乙店",
        "电信",
        None,
        None,
    ]
    texts = [cell.value for row in book.worksheets[1].iter_rows() for cell in row]
    assert "店员(人)  2 份合计 6.50；网格1最多：4.00。" in texts


def test_every_fault_of_a_list_has_its_cell(district: District) -> None:
    survey = opened(district)
    bad = lines(
        "grid1,甲店,铁通,三,也许", "grid9,乙店,移动,,", "grid2,甲店,移动,,", "grid1,,电信,,",
        "grid1,丙店,移动,,", "grid1,丙店,移动,,",
    )  # fmt: skip
    with pytest.raises(NotImported) as refused:
        taken(district, survey, bad, unit_ids=[district.units["grid1"].pk])
    assert [fault.pointer for fault in refused.value.faults] == [
        "第 2 行 店员(人)", "第 2 行 允许赊销", "第 2 行 运营商", "第 3 行 业务单元",
        "第 4 行 业务单元", "第 5 行 渠道名称", "第 7 行 渠道名称",
    ]  # fmt: skip
    assert not survey.sheets.filter(state="done").exists()


def test_lists_take_as_many_queries_for_twenty_as_for_two(
    district: District, signed_in: Any
) -> None:
    client, costs = signed_in("test-head"), []
    survey = opened(district)
    pages = [reverse("field_surveys"), reverse("api_field_surveys")] + [
        reverse("field_survey", kwargs={"pk": survey.pk}) + f"?view={view}"
        for view in ("sheets", "results", "charts", "units")
    ]
    for first, last in ((0, 2), (2, 20)):
        for number in range(first, last):
            opened(district)
            add_sheet(
                survey=survey, unit=district.units["grid1"], by=district.people["staff"],
                answers=SHOP | {"outlet": f"店{number}"}, at=OPENED,
            )  # fmt: skip
        found = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            found.append(len(asked))
        costs.append(found)
    assert costs[0] == costs[1]


def test_programs_send_sheets_and_lists(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, OPENED)
    clerk, staff = signed_in("test-clerk"), signed_in("test-staff")
    body = {
        "kind": "rival_channel",
        "name_zh": "三月",
        "deadline": "2026-03-28",
        "units": ["grid1"],
    }

    def ask(client: Any, method: str, name: str, data: Any = None, **keys: Any) -> Any:
        url = reverse(f"api_field_{name}", kwargs=keys or None)
        return getattr(client, method)(url, data=data, content_type="application/json")

    made = ask(clerk, "post", "surveys", body)
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made.json()["units"]["grid1"] == {"asked": 1, "sent": 0, "sent_late": 0, "overdue": 0}
    [row] = ask(staff, "get", "sheets", pk=pk).json()["results"]
    put = {"answers": SHOP | {"staff": -1}, "version": 1}
    refused = ask(staff, "put", "sheet", put, pk=row["id"])
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert refused.json()["errors"][0]["pointer"] == "/answers/staff"
    put["answers"]["staff"] = 3
    assert ask(staff, "put", "sheet", put, pk=row["id"]).json()["subject"] == "城东移动厅"
    more = {"unit": "grid1", "answers": SHOP | {"outlet": "乙店"}}
    assert ask(staff, "post", "sheets", more, pk=pk).status_code == 201
    assert ask(staff, "post", "sheets", more | {"unit": "grid2"}, pk=pk).status_code == 400
    file = SimpleUploadedFile("sheets.csv", lines("grid1,丙店,移动,,"))
    url = reverse("api_field_survey_import", kwargs={"pk": pk})
    assert clerk.post(url, {"file": file}).json() == {"made": 1, "changed": 0, "same": 0}
    assert clerk.post(url, {}).json()["errors"][0]["pointer"] == "/file"
    assert ask(clerk, "post", "survey_chase", {}, pk=pk).status_code == 409
    form = ask(staff, "get", "survey_form", kind="rival_channel").json()
    put = {"fields": form["fields"][:2], "valid_from": "2026-03-10"}
    assert ask(clerk, "put", "survey_form", put, kind="rival_channel").json()["number"] == 2
    closed = ask(clerk, "post", "survey_close", {"version": 1}, pk=pk).json()
    assert (closed["is_closed"], closed["progress"]["sent"]) == (True, 3)
