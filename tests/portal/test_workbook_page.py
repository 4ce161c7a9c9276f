"""The workbook page: download, check, import, each by role."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from orgchart.models import AuditEntry, Person
from tests.portal.workbook_files import Table, demo_district, demo_file, opened, saved

pytestmark = pytest.mark.usefixtures("demo")
HTMX = {"HTTP_HX_REQUEST": "true"}


def upload(client: Any, workbook: Workbook, *, apply: bool = False, **headers: Any) -> Any:
    file = SimpleUploadedFile("book.xlsx", saved(workbook).read())
    data = {"file": file} | ({"apply": "1"} if apply else {})
    return client.post(reverse("workbook"), data, **headers)


def with_a_newcomer() -> Workbook:
    workbook = opened(demo_file("people"))
    Table(workbook, "人员").append(code="newcomer", name_zh="钟晴")
    return workbook


def newcomers() -> Any:
    return Person.objects.filter(district=demo_district(), code="newcomer")


def test_the_page_offers_the_years_workbook(signed_in: Any) -> None:
    page = signed_in("clerk").get(reverse("workbook")).content.decode()
    assert reverse("workbook_export", kwargs={"year": 2026}) in page
    assert 'type="file"' in page


def test_whoever_may_not_import_sees_no_form_and_is_refused(signed_in: Any) -> None:
    client = signed_in("head")
    assert 'type="file"' not in client.get(reverse("workbook")).content.decode()
    assert upload(client, with_a_newcomer(), apply=True).status_code == 403
    assert not newcomers().exists()


def test_a_checked_file_shows_its_differences_and_writes_nothing(signed_in: Any) -> None:
    answer = upload(signed_in("clerk"), with_a_newcomer(), **HTMX)
    text = answer.content.decode()
    assert "钟晴" in text and "<html" not in text and 'name="apply"' in text
    assert not newcomers().exists()


def test_an_imported_file_is_written_by_the_person(signed_in: Any) -> None:
    answer = upload(signed_in("clerk"), with_a_newcomer(), apply=True, **HTMX)
    assert "改动 1 行" in answer.content.decode()
    assert newcomers().exists()
    entry = AuditEntry.objects.filter(subject="workbook/2026/people").latest("pk")
    assert (entry.by.code, entry.source) == ("office-1", "workbook")


def test_faults_are_listed_by_cell(signed_in: Any) -> None:
    workbook = with_a_newcomer()
    place = Table(workbook, "人员").set(4, "code", "李 二")
    page = upload(signed_in("clerk"), workbook)
    assert page.status_code == 400
    assert place in page.content.decode()
    assert upload(signed_in("clerk"), workbook, **HTMX).status_code == 200
    assert not newcomers().exists()


def test_an_unchanged_file_has_nothing_to_import(signed_in: Any) -> None:
    answer = upload(signed_in("clerk"), opened(demo_file("people")), **HTMX)
    assert "不需要导入" in answer.content.decode()


def test_the_clerk_cannot_change_the_score_rules_by_workbook(signed_in: Any) -> None:
    workbook = opened(demo_file("competition_policies"))
    place = Table(workbook, "竞赛规则").set(3, "amount", 5000)
    page = upload(signed_in("clerk"), workbook, apply=True).content.decode()
    assert place in page and "岗位不能改" in page


@pytest.mark.parametrize(
    ("account", "shown", "hidden"),
    [
        ("clerk", {"任务", "完成", "网点月报"}, set()),
        ("admin", {"单元", "网点"}, {"任务", "完成", "网点月报", "补贴标准", "年度目标"}),
    ],
)
def test_a_download_has_the_sheets_that_the_post_may_read(
    account: str, shown: set[str], hidden: set[str], signed_in: Any
) -> None:
    answer = signed_in(account).get(reverse("workbook_export", kwargs={"year": 2026}))
    assert "attachment" in answer["Content-Disposition"]
    titles = set(opened(answer.content).sheetnames)
    assert shown <= titles and not hidden & titles
