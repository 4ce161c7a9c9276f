"""Campaign pages: the export goes back in as results; faults name rows of the file."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from competitions.models import Campaign, CampaignResult

pytestmark = pytest.mark.usefixtures("demo")


def filled(client: Any, row: Campaign, results: dict[str, Any]) -> SimpleUploadedFile:
    """Return the exported standings with other results, by the contestant's code."""
    answer = client.get(f"/campaigns/{row.code}/export.xlsx")
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    for cells in book.active.iter_rows(min_row=4):
        cells[4].value = results.get(cells[1].value)
    stream = BytesIO()
    book.save(stream)
    return SimpleUploadedFile("results.xlsx", stream.getvalue())


def test_the_export_goes_back_in_and_again_changes_nothing(signed_in: Any) -> None:
    client, row = signed_in("clerk"), Campaign.objects.get(name_zh="增值业务发展竞赛")
    who = row.results.first().contestant
    url = f"/campaigns/{row.code}/results/"

    def send(results: dict[str, Any]) -> Any:
        file = filled(client, row, results)
        return client.post(url, {"action": "file", "file-day": "2026-11-20", "file-file": file})

    assert send({who: 777}).status_code == 302
    stored = CampaignResult.objects.get(campaign=row, contestant=who, day="2026-11-20")
    assert stored.value == 777
    assert send({who: 777}).status_code == 302
    again = CampaignResult.objects.get(pk=stored.pk)
    assert again.version == stored.version

    wrong = send({who: "很多"})
    assert wrong.status_code == 400
    assert "不是数字" in wrong.content.decode()
    half = send({who: 7.5})
    assert half.status_code == 400 and who in half.content.decode()
    assert CampaignResult.objects.get(pk=stored.pk).value == 777


def typed(page: Any) -> dict[str, Any]:
    """Return what a browser sends of the form as it was shown."""
    form = page.context["form"]
    shown = {field.html_name: field.value() for field in form}
    return {name: value for name, value in shown.items() if value not in (None, "")}


@pytest.mark.parametrize("many", [1, 9])
def test_the_form_has_a_row_for_every_prize_and_level_and_free_ones(
    signed_in: Any, many: int
) -> None:
    client = signed_in("clerk")
    prizes = [[1, f"{900 - 10 * n}.00"] for n in range(many)]
    levels = [[str(100 + n), f"{10 + n}.50"] for n in range(many)]
    Campaign.objects.filter(name_zh="年末宽带冲刺").update(prizes=prizes, levels=levels)
    row = Campaign.objects.get(name_zh="年末宽带冲刺")
    url = f"/campaigns/{row.code}/edit/"
    given = typed(client.get(url))
    assert client.post(url, given | {"name_zh": "年末冲刺"}).status_code == 302
    row.refresh_from_db()
    assert (row.name_zh, row.prizes, row.levels) == ("年末冲刺", prizes, levels)

    more = typed(client.get(url)) | {
        f"places_{many + 2}": 2, f"prize_{many + 2}": "5",
        f"level_{many + 1}": "500", f"level_amount_{many + 1}": "99",
    }  # fmt: skip
    assert client.post(url, more).status_code == 302
    row.refresh_from_db()
    assert row.prizes == [*prizes, [2, "5.00"]] and row.levels == [*levels, ["500", "99.00"]]
