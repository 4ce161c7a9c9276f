"""Example 3 to its digests, as the API answers and as the page shows the cells."""

import hashlib
import json
import re
from html import unescape

import pytest

from targets.services.sheets import TaskEntry, break_down, lock_cells
from tests.district import NOW
from tests.targets.plan_2026 import sheet_4_1, sheet_4_2, sheet_4_2n
from tests.worked_examples import BREAKDOWNS, UNITS, example

EXAMPLES = [
    (sheet_4_2, "4-2", "row_first", "3A_发展用户_70000户_row_first", "sha256"),
    (sheet_4_2, "4-2", "month_first", "3A2_发展用户_month_first", "sha256"),
    (sheet_4_1, "4-1", "row_first", "3B_移动业务收入_3109.92万元_row_first",
     "sha256_of_0.01万元_ints"),
    (sheet_4_2n, "4-2N", "row_first", "3H_移动净增_11200户", "sha256"),
]  # fmt: skip


def digest(cells: dict[tuple[str, str], list[str]], key: str) -> str:
    """Return the digest of (unit code, breakdown code) → twelve written figures."""
    given = example("3_decomposition")[key]["rows"]
    lines = []
    for row in given:
        place = (UNITS.get(row["单元"], "test"), BREAKDOWNS[row["层级"]])
        months = ",".join(str(int(text.replace(".", ""))) for text in cells[place])
        lines.append(f"{row['单元']}|{row['层级']}|{months}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def on_page(client, code: str) -> dict[tuple[str, str], list[str]]:
    page = client.get(f"/targets/sheets/2026/{code}/").content.decode()
    found: dict[tuple[str, str], list[str]] = {}
    for key, value in re.findall(r'<td data-cell data-key="([^"]*)" data-value="([^"]*)"', page):
        cell = json.loads(unescape(key))
        found.setdefault((cell["unit"], cell["breakdown"]), []).append(value)
    return found


@pytest.mark.parametrize(("make", "code", "method", "key", "name"), EXAMPLES)
def test_api_and_page_give_the_digest(district, signed_in, make, code, method, key, name) -> None:
    make(district)
    client = signed_in("test-head")
    body = {"sheet": code, "method": method}
    answer = client.post("/api/v1/plans/2026/breakdown/", body, "application/json").json()

    wanted = example("3_decomposition")[key][name]
    answered = {(row["unit"], row["breakdown"]): row["months"] for row in answer["rows"]}
    assert digest(answered, key) == wanted
    assert digest(on_page(client, code), key) == wanted


def test_the_page_shows_the_locked_table_of_example_3c(district, signed_in) -> None:
    sheet = sheet_4_2(district)
    head = district.people["head"]
    break_down(sheet=sheet, by=head, at=NOW)
    given = example("3_decomposition")["3C_locked_cells"]
    for lock in given["locks"]:
        cell = TaskEntry(
            district.units[UNITS[lock["单元"]]].pk, sheet.indicator_id,
            district.breakdowns[BREAKDOWNS[lock["层级"]]].pk,
            NOW.date().replace(month=lock["月"], day=1), lock["value"], 1,
        )  # fmt: skip
        lock_cells(sheet=sheet, cells=[cell], reason="校园活动", by=head, at=NOW)
    cells = on_page(signed_in("test-head"), "4-2")
    assert digest(cells, "3A_发展用户_70000户_row_first") == given["sha256"]
