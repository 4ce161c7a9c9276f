"""An edit that breaks the sum may change the total instead: seen, saved with the cells, noted."""

import json

from orgchart.models import AuditEntry
from targets.models import TaskSheet
from targets.queries.sheets import grid
from targets.services.sheets import break_down
from tests.district import NOW
from tests.targets.plan_2026 import sheet_4_2, sheet_4_4

CELL = {"unit": "grid1", "indicator": "mobile_gross_adds", "breakdown": "t1", "month": "2026-11"}


def put(client, code, body):
    return client.put(
        f"/api/v1/plans/2026/sheets/{code}/cells/", json.dumps(body), "application/json"
    )


def test_the_total_follows_the_cells_that_were_saved_with_it(district, signed_in) -> None:
    sheet = sheet_4_2(district)
    break_down(sheet=sheet, by=district.people["head"], at=NOW)
    cell = {**CELL, "value": "739", "version": 1}  # 639 before
    body = {"cells": [cell], "change_total": True, "total": "70100"}
    answer = put(signed_in("test-head"), "4-2", body)
    assert answer.status_code == 200, answer.json()
    sheet = TaskSheet.objects.select_related("plan__district").get(pk=sheet.pk)
    assert (sheet.total, grid(sheet, None).difference, sheet.version) == (70100, 0, 2)
    [change] = AuditEntry.objects.get(action="change_total").changes
    assert (change["before"], change["after"]) == ("70000", "70100")


def test_another_sum_than_the_one_seen_saves_nothing(district, signed_in) -> None:
    sheet = sheet_4_2(district)
    break_down(sheet=sheet, by=district.people["head"], at=NOW)
    cell = {**CELL, "value": "739", "version": 1}
    body = {"cells": [cell], "change_total": True, "total": "70099"}
    answer = put(signed_in("test-head"), "4-2", body)
    assert answer.status_code == 409 and "70100" in answer.json()["detail"]
    assert grid(sheet, None).total == 70000
    assert not AuditEntry.objects.filter(action__in=("change_total", "save_tasks")).exists()


def test_a_row_with_a_total_of_its_own_takes_the_new_one(district, signed_in) -> None:
    sheet = sheet_4_4(district)
    break_down(sheet=sheet, by=district.people["head"], at=NOW)
    line = grid(sheet, None).lines[0]
    cell = {"unit": line.unit_code, "indicator": line.indicator_code,
            "breakdown": line.breakdown_code, "month": "2026-12", "version": 1,
            "value": str(line.cells[11].value + 7)}  # fmt: skip
    answer = put(signed_in("test-head"), "4-4", {"cells": [cell], "change_total": True})
    assert answer.status_code == 200, answer.json()
    table = grid(TaskSheet.objects.select_related("plan__district").get(pk=sheet.pk), None)
    assert table.lines[0].required == table.lines[0].total == line.total + 7
    assert [each.required for each in table.lines[1:]] == [each.total for each in table.lines[1:]]
