"""Bargaining over the API and on its pages: each acts for the own unit, the head decides."""

import json
from datetime import date
from decimal import Decimal

import pytest

from orgchart.models import AuditEntry
from targets.models import Proposal, ProposalState, Task
from targets.queries.bargaining import bargain
from targets.services.plans import release_plan
from targets.services.sheets import break_down
from tests.district import NOW
from tests.targets.plan_2026 import enter_annual_targets, sheet_4_2

PLAN = "/api/v1/plans/2026/"


@pytest.fixture
def sheet(district):
    enter_annual_targets(district)
    made = sheet_4_2(district)
    break_down(sheet=made, by=district.people["head"], at=NOW)
    release_plan(plan=district.plan, by=district.people["head"], at=NOW)
    return made


def post(client, path, body):
    return client.post(path, json.dumps(body), content_type="application/json")


def proposal(**changes):
    return {"unit": "grid2", "sheet": "4-2", "version": 1, "reason": "停业",
            "rows": [{"breakdown": "t1", "total": "7000"}]} | changes  # fmt: skip


def test_a_proposal_goes_round_over_the_api_until_it_is_settled(district, sheet, signed_in) -> None:
    manager, head = signed_in("test-grid2"), signed_in("test-head")
    made = post(manager, PLAN + "proposals/", proposal())
    assert made.status_code == 201, made.content
    assert (made.json()["orphaned"], made.json()["state"]) == ("378", "open")
    step = f"/api/v1/proposals/{made.json()['id']}/"
    short = post(head, step + "agree/", {"homes": [{"unit": "grid1", "breakdown": "t1",
                                                    "amount": "300"}]})  # fmt: skip
    assert short.status_code == 400
    assert "78" in short.json()["detail"]
    homes = [{"unit": "grid1", "breakdown": "t1", "amount": "300"},
             {"unit": "grid4", "breakdown": "t2", "amount": "78", "month": "2026-12"}]  # fmt: skip
    agreed = post(head, step + "agree/", {"homes": homes})
    assert (agreed.status_code, agreed.json()["plan_version"]) == (200, 2)

    version = head.get(PLAN + "versions/2/").json()
    assert sum(Decimal(cell["change"]) for cell in version["cells"]) == 0
    assert {cell["by"] for cell in version["cells"]} == {"head甲"}
    own = manager.get(PLAN + "versions/2/").json()
    assert {cell["unit"] for cell in own["cells"]} == {"网格2"}

    for unit in ("grid1", "grid2", "grid3", "grid4", "suburban", "group"):
        assert not head.get(PLAN + "answers/").json()["settled"]
        answer = post(signed_in(f"test-{unit}"), PLAN + "accept/", {"unit": unit, "version": 2})
        assert answer.status_code == 200, answer.content
    assert head.get(PLAN + "answers/").json()["settled"]


def test_a_borrowing_is_asked_approved_or_withdrawn_over_the_api(
    district, sheet, signed_in
) -> None:
    manager, head = signed_in("test-grid2"), signed_in("test-head")
    body = {"unit": "grid2", "sheet": "4-2", "version": 1, "reason": "割接", "kind": "borrow",
            "breakdown": "t1", "from": "2026-11", "to": "2026-12", "amount": "60"}  # fmt: skip
    first = post(manager, PLAN + "proposals/", body).json()["id"]
    assert post(manager, f"/api/v1/proposals/{first}/withdraw/", {}).json()["state"] == "withdrawn"
    second = post(manager, PLAN + "proposals/", body).json()["id"]
    assert post(head, f"/api/v1/proposals/{second}/agree/", {}).json()["state"] == "met"
    task = Task.objects.get(unit__code="grid2", breakdown__code="t1", month=date(2026, 12, 1))
    assert task.version == 2


@pytest.mark.parametrize(
    "body",
    [
        proposal(rows=[]), proposal(rows=[{"breakdown": "t1"}]), proposal(reason=""),
        proposal(rows=[{"breakdown": "t9", "total": "1"}]), proposal(rows="x"), [],
        proposal(rows=[{"breakdown": "t1", "total": "-5"}]),
        proposal(rows=[{"breakdown": "t1", "months": {"2026-11": "1.5"}}]),
        proposal(rows=[{"breakdown": "t1", "months": {"2025-11": "1"}}]),
        proposal(rows=[{"breakdown": "t1", "total": "7378"}]),
        proposal(kind="borrow"), proposal(kind="steal"), proposal(version="1"),
    ],
)  # fmt: skip
def test_a_faulty_proposal_is_refused_with_a_sentence(district, sheet, signed_in, body) -> None:
    answer = post(signed_in("test-grid2"), PLAN + "proposals/", body)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert not Proposal.objects.exists()


def test_nobody_acts_for_another_unit_or_for_the_head(district, sheet, signed_in) -> None:
    made = post(signed_in("test-grid2"), PLAN + "proposals/", proposal()).json()["id"]
    for account in ("grid1", "clerk", "auditor", "staff", "admin", "head"):
        client = signed_in(f"test-{account}")
        for path, body in (
            (PLAN + "accept/", {"unit": "grid2", "version": 1}),
            (PLAN + "proposals/", proposal()),
            (f"/api/v1/proposals/{made}/withdraw/", {}),
        ):
            assert post(client, path, body).status_code in (403, 404), (account, path)
        if account != "head":
            for step in ("agree", "insist"):
                answer = post(client, f"/api/v1/proposals/{made}/{step}/", {"reason": "x"})
                assert answer.status_code == 403
    assert Proposal.objects.get().state == ProposalState.OPEN
    answers = signed_in("test-grid1").get(PLAN + "answers/").json()
    assert [unit["unit"] for unit in answers["units"]] == ["grid1"]
    assert answers["proposals"] == [], "another's proposal is private"


def test_the_form_keeps_what_was_typed_when_it_is_refused(district, sheet, signed_in) -> None:
    client = signed_in("test-grid2")
    typed = {"kind": "counter", "unit": "grid2", "version": "1", "reason": "理由",
             "total-t1": "七千"}  # fmt: skip
    page = client.post("/targets/answers/2026/4-2/", typed)
    assert page.status_code == 400
    assert 'value="七千"' in page.content.decode()
    assert "理由" in page.content.decode()
    typed |= {"total-t1": "7000", "cell-t1-2026-11": "1"}
    assert "7,000" in client.post("/targets/answers/2026/4-2/", typed).content.decode()
    del typed["cell-t1-2026-11"]
    assert client.post("/targets/answers/2026/4-2/", typed).status_code == 302
    assert AuditEntry.objects.get(action="propose_counter").unit == district.units["grid2"]


def test_today_says_whose_turn_it_is(district, sheet, signed_in) -> None:
    manager, head = signed_in("test-grid2"), signed_in("test-head")
    assert "/targets/answers/2026/" in manager.get("/").content.decode()
    made = post(manager, PLAN + "proposals/", proposal()).json()["id"]
    assert f"/targets/proposals/{made}/" in head.get("/").content.decode()
    assert "待答复" not in manager.get("/").content.decode(), "it is the head's turn"


def test_the_answers_take_the_same_queries_for_any_number_of_units(
    district, sheet, django_assert_num_queries
) -> None:
    few = frozenset(district.units[code].pk for code in ("grid1", "grid2"))
    for unit_ids in (few, None):
        with django_assert_num_queries(4):
            bargain(district.plan, unit_ids)
