"""What programs write: terms from draft to withdrawal, campaigns from draft to the end."""

from typing import Any

import pytest

from competitions.models import Campaign, CompetitionPolicy
from competitions.queries import drafts, policies
from tests.competitions.campaigns import BEFORE
from tests.competitions.contest import build_contest, publish
from tests.competitions.test_policies import AT
from tests.district import District, build_district

API = "/api/v1/competitions/monthly/"
CAMPAIGNS = "/api/v1/campaigns/"
JSON = {"content_type": "application/json"}
TERMS: dict[str, Any] = {
    "from": "2026-12", "amount": "900.00", "revenue": "total_revenue",
    "volume": "mobile_gross_adds", "fixed_net": None, "no_qualifier": "next",
    "tie": ["volume_rate", "each"], "notice_days": 5, "veto": True, "excluded": ["grid4"],
    "reason": "年末加大力度",
}  # fmt: skip
CAMPAIGN: dict[str, Any] = {
    "name_zh": "增值业务发展竞赛", "contestants": "people", "source": "entered", "measure": "户",
    "starts_on": "2026-03-16", "ends_on": "2026-03-31", "threshold": "10",
    "prizes": [{"places": 1, "amount": "300"}, {"places": 2, "amount": "100.00"}],
    "levels": [{"at": "50", "amount": "20"}],
}  # fmt: skip


def refused(answer: Any, status: int, *pointers: str) -> None:
    """Assert a problem document with faults at the pointers."""
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    assert [each["pointer"] for each in answer.json().get("errors", [])] == list(pointers)


@pytest.fixture
def contest(db: None, time_machine: Any) -> District:
    time_machine.move_to(AT, tick=False)
    return build_contest()


def test_terms_are_drafted_changed_tried_published_withdrawn_and_discarded(
    contest: District, signed_in: Any
) -> None:
    clerk, head, staff = (signed_in(f"test-{name}") for name in ("clerk", "head", "staff"))
    publish(contest, 4)
    made = clerk.post(f"{API}drafts/", TERMS, **JSON)
    assert made.status_code == 201
    told = made.json()
    at = f"{API}drafts/{told['id']}/"
    # A gate that is not set is left out.
    expected = {name: value for name, value in TERMS.items() if value is not None}
    assert told == expected | {"id": told["id"], "to": None, "draft": True}
    changed = clerk.put(at, TERMS | {"amount": "950.5", "fixed_net": "fixed_net_adds"}, **JSON)
    assert (changed.json()["amount"], changed.json()["fixed_net"]) == ("950.50", "fixed_net_adds")
    assert [each["id"] for each in head.get(f"{API}drafts/").json()] == [told["id"]]
    assert staff.get(f"{API}drafts/").status_code == 403

    tried = clerk.post(f"{API}trial/", TERMS | {"excluded": []}, **JSON).json()
    [april] = tried["months"]
    assert (april["month"], april["before"], tried["others"]) == ("2026-04", {}, 1)
    assert list(april["after"].values()) == ["900.00"]

    refused(clerk.post(f"{at}publish/"), 403)
    published = head.post(f"{at}publish/").json()
    assert published["draft"] is False and len(policies(contest.root.pk)) == 2
    refused(head.post(f"{at}publish/"), 404)  # no draft any more
    refused(clerk.delete(at), 404)
    assert head.get(f"{API}policies/").json()[0]["id"] == told["id"]
    withdrawn = head.post(f"{API}policies/{told['id']}/withdraw/").json()
    assert withdrawn["draft"] is True
    assert clerk.get(at).json()["id"] == told["id"]
    assert clerk.delete(at).status_code == 204
    assert drafts(contest.root.pk) == []
    refused(head.post(f"{API}policies/{policies(contest.root.pk)[0].pk}/withdraw/"), 409)


def test_wrong_terms_are_refused_at_their_field(contest: District, signed_in: Any) -> None:
    clerk = signed_in("test-clerk")
    before = CompetitionPolicy.objects.count()
    for field, wrong in (
        ("from", "2026-13"), ("from", 3), ("from", "2026-01"), ("amount", "1.005"),
        ("amount", "many"), ("amount", None), ("revenue", "effective_rate"), ("revenue", None),
        ("volume", "nothing"), ("fixed_net", "nothing"), ("no_qualifier", "perhaps"),
        ("tie", ["each", "each"]), ("tie", []), ("notice_days", 32), ("notice_days", "soon"),
        ("veto", "perhaps"), ("excluded", ["nowhere"]), ("reason", ""), ("reason", "x" * 501),
    ):  # fmt: skip
        answer = clerk.post(f"{API}drafts/", TERMS | {field: wrong}, **JSON)
        refused(answer, 400, f"/{field}")
    refused(clerk.post(f"{API}drafts/", TERMS | {"volume": "total_revenue"}, **JSON), 400,
            "/revenue", "/volume")  # fmt: skip
    nowhere = "/api/v1/competitions/weekly/drafts/"
    refused(clerk.post(nowhere, TERMS, **JSON), 404)
    assert CompetitionPolicy.objects.count() == before
    key = {"headers": {"Idempotency-Key": "one"}}
    first, second = (clerk.post(f"{API}drafts/", TERMS, **JSON, **key) for _time in range(2))
    assert first.json() == second.json() and len(drafts(contest.root.pk)) == 1


@pytest.fixture
def district(db: None, time_machine: Any) -> District:
    time_machine.move_to(BEFORE, tick=False)
    return build_district()


def test_a_campaign_is_written_changed_announced_and_called_off(
    district: District, signed_in: Any
) -> None:
    clerk, head, staff = (signed_in(f"test-{name}") for name in ("clerk", "head", "staff"))
    made = clerk.post(CAMPAIGNS, CAMPAIGN, **JSON)
    assert made.status_code == 201, made.content.decode()
    told = made.json()
    assert told["prizes"] == [[1, "300.00"], [2, "100.00"]] and told["levels"] == [["50", "20.00"]]
    at = f"{CAMPAIGNS}{told['code']}/"
    again = CAMPAIGN | {"version": 1, "goal": "100", "units": ["grid1"]}
    changed = clerk.put(at, again, **JSON).json()
    assert (changed["version"], changed["goal"], changed["units"]) == (2, "100", ["grid1"])
    refused(clerk.put(at, again, **JSON), 409)  # somebody changed it meanwhile
    refused(clerk.put(at, CAMPAIGN, **JSON), 400, "/version")
    refused(staff.put(at, again, **JSON), 403)
    assert staff.get(at).status_code == 404  # a draft
    assert head.post(f"{at}announce/").json()["phase"] == "announced"
    words = again | {"version": 2, "note": "按人累计", "ends_on": "2026-04-02"}
    assert clerk.put(at, words, **JSON).json()["note"] == "按人累计"
    dearer = words | {"version": 3, "prizes": [{"places": 1, "amount": "1"}]}
    refused(clerk.put(at, dearer, **JSON), 409, "/prizes")
    refused(clerk.put(at, words | {"version": 3, "ends_on": "2026-04-01"}, **JSON), 400, "/ends_on")
    refused(head.post(f"{at}void/", {}, **JSON), 400, "/reason")
    refused(clerk.post(f"{at}void/", {"reason": "改期"}, **JSON), 403)
    gone = head.post(f"{at}void/", {"reason": "改期"}, **JSON).json()
    assert (gone["phase"], gone["void_reason"]) == ("void", "改期")
    refused(head.post(f"{at}void/", {"reason": "改期"}, **JSON), 409)


def test_a_wrong_campaign_is_refused_at_its_field(district: District, signed_in: Any) -> None:
    clerk = signed_in("test-clerk")
    prize = {"places": 1, "amount": "300"}
    for pointer, wrong in (
        ("/name_zh", {"name_zh": ""}), ("/contestants", {"contestants": "dogs"}),
        ("/source", {"source": "reported"}), ("/indicator", {"indicator": "nothing"}),
        ("/measure", {"measure": ""}), ("/decimals", {"decimals": 5}),
        ("/starts_on", {"starts_on": "soon"}), ("/ends_on", {"ends_on": "2026-03-01"}),
        ("/ends_on", {"ends_on": "2027-03-31"}), ("/units", {"units": ["nowhere"]}),
        ("/tier", {"tier": "t1"}), ("/tier", {"tier": "t9"}), ("/goal", {"goal": "many"}),
        ("/prizes", {"prizes": [], "levels": []}), ("/prizes", {"prizes": [prize | {
            "amount": "0.005"}]}),
        ("/prizes/0/places", {"prizes": [prize | {"places": 0}]}),
        ("/prizes/0/amount", {"prizes": [{"places": 1}]}),
        ("/levels/0/at", {"levels": [{"at": "x", "amount": "1"}]}),
        ("/tie", {"tie": "toss"}), ("/notice_days", {"notice_days": 32}),
        ("/note", {"note": "x" * 1001}),
    ):  # fmt: skip
        refused(clerk.post(CAMPAIGNS, CAMPAIGN | wrong, **JSON), 400, *[
            each for each in (pointer, "/indicator" if wrong.get("source") else "") if each
        ])  # fmt: skip
    assert not Campaign.objects.exists()
