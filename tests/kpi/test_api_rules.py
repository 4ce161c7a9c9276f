"""Score rules, self-set items, verification and workings for programs, as the pages have them."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from kpi.models import Scorecard, Verification
from tests.district import District
from tests.kpi import march

API = "/api/v1"
PROPORTIONAL = {
    "code": "K1", "rule": "proportional", "name_zh": "收入", "indicator": "mobile_revenue",
    "weight": "100", "params": {"cap": "1.2", "floor": "0.6"},
}  # fmt: skip
OWN = PROPORTIONAL | {"code": "S1", "name_zh": "自设", "indicator": "fixed_revenue", "weight": "8"}


def send(client: Client, path: str, body: Any, method: str = "post", **headers: str) -> Any:
    call = getattr(client, method)
    return call(f"{API}/{path}", data=body, content_type="application/json", headers=headers)


def pointers(answer: Any) -> list[str]:
    assert answer["Content-Type"].startswith("application/problem+json")
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.fixture
def head(district: District, signed_in) -> Client:
    march.publish_card(district)
    return signed_in("test-head")


def test_a_draft_goes_from_copy_to_publication(district: District, head: Client) -> None:
    source = Scorecard.objects.get()
    begun = send(
        head, "rules/", {"copy_of": source.pk, "code": "v2", "valid_from": "2026-04"},
        **{"Idempotency-Key": "v2"},
    )  # fmt: skip
    assert begun.status_code == 201, begun.content
    again = send(
        head, "rules/", {"copy_of": source.pk, "code": "v2", "valid_from": "2026-04"},
        **{"Idempotency-Key": "v2"},
    )  # fmt: skip
    draft = begun.json()
    assert again.json() == draft and Scorecard.objects.count() == 2
    path = f"rules/{draft['id']}/"

    saved = send(head, path, draft, "put").json()  # what is read is written back as it was
    assert saved["items"] == draft["items"] and saved["version"] == draft["version"] + 1
    assert pointers(send(head, path, saved | {"valid_from": "April"}, "put")) == ["/valid_from"]
    assert send(head, path, draft, "put").status_code == 409, "an older version"

    items = saved["items"]
    items[0] |= {"weight": "29.5", "tie_break": 1}
    heavy = send(head, path, saved | {"items": items}, "put").json()
    assert heavy["weights"] == {"total": "99.5", "is_whole": False}
    refused = send(head, f"{path}publish/", {})
    assert refused.status_code == 400 and "99.5" in refused.json()["detail"]
    items[0]["weight"] = "30"
    assert send(head, path, heavy | {"items": items}, "put").json()["weights"]["is_whole"]
    published = send(head, f"{path}publish/", {}).json()
    assert published["state"] == "published"
    assert published["published"]["by"] == district.people["head"].name
    assert head.get(f"{API}/{path}").json()["items"][0]["tie_break"] == 1
    assert send(head, path, None, "delete").status_code == 409

    body = {"code": "v3", "name_zh": "新", "valid_from": "2026-05", "unit_kinds": ["grid"],
            "items": [PROPORTIONAL]}  # fmt: skip
    made = send(head, "rules/", body)
    assert made.status_code == 201
    assert pointers(send(head, "rules/", body)) == ["/code"], "there already"
    assert send(head, f"rules/{made.json()['id']}/", None, "delete").status_code == 204


FAULTS = [
    ({"code": "K 1"}, "/items/1/code"),
    ({"code": "K0"}, "/items/1/code"),
    ({"rule": "luck"}, "/items/1/rule"),
    ({"name_zh": ""}, "/items/1/name_zh"),
    ({"indicator": "luck"}, "/items/1/indicator"),
    ({"indicator": None}, "/items/1/indicator"),
    ({"indicator": "effective_rate"}, "/items/1/indicator"),
    ({"weight": "0"}, "/items/1/weight"),
    ({"weight": "30.001"}, "/items/1/weight"),
    ({"tie_break": 4}, "/items/1/tie_break"),
    ({"params": {"cap": "0.5", "floor": "0.6"}}, "/items/1/params/cap"),
    ({"params": {"cap": "much"}}, "/items/1/params/cap"),
    ({"params": {"luck": "1"}}, "/items/1/params/luck"),
    ({"params": [1]}, "/items/1/params"),
    ({"rule": "bands", "params": {"bands": [["0.1"]]}}, "/items/1/params/bands/0"),
    ({"rule": "bands", "params": {}}, "/items/1/params/bands"),
    ({"rule": "bands", "params": {"bands": [["1", None]]}}, "/items/1/params/bands/0/1"),
    ({"rule": "min_max", "params": {"low": "0.8", "low_points": "1"}}, "/items/1/params/high"),
    ({"rule": "deduction", "params": {}}, "/items/1/params/per"),
    ({"rule": "bonus", "params": {"per": {"new_group": "0.5"}}}, "/items/1/params/cap"),
]  # fmt: skip


def test_the_preview_says_which_field_of_which_item(head: Client) -> None:
    for change, pointer in FAULTS:
        items = [PROPORTIONAL | {"code": "K0"}, PROPORTIONAL | change]
        assert pointers(send(head, "rules/preview/", {"items": items})) == [pointer], change


def test_the_preview_has_sentences_curves_and_the_sum(head: Client) -> None:
    answer = send(head, "rules/preview/", {"items": [PROPORTIONAL | {"weight": "20"}]}).json()
    assert answer["weights"] == {"total": "20", "is_whole": False}
    (item,) = answer["items"]
    assert "封顶 120%" in item["text"]
    assert item["curve"][1:3] == [["0.6", "0"], ["0.6", "12"]], "the jump at the floor"
    assert item["curve"][-1][1] == "24"
    assert Scorecard.objects.count() == 1


def test_a_unit_proposes_items_and_the_head_returns_or_publishes(
    district: District, head: Client, signed_in
) -> None:
    Scorecard.objects.update(own_limit=10)
    manager, path = signed_in("test-grid1"), "rules/own/grid1/"
    assert manager.get(f"{API}/{path}").json()["limit"] == "10"
    body = {"valid_from": "2026-04", "items": [OWN]}
    assert pointers(send(manager, path, body | {"items": [OWN | {"weight": "11"}]})) == [
        "/items/0/weight"
    ]
    twice = [OWN | {"weight": "2"}, OWN | {"weight": "2"}]
    assert pointers(send(manager, path, body | {"items": twice})) == ["/items/1/code"]
    assert send(signed_in("test-grid2"), path, body).status_code == 403
    card = send(manager, path, body).json()
    assert (card["state"], card["unit"], card["weights"]["is_whole"]) == ("proposed", "grid1", True)
    assert pointers(send(head, f"rules/{card['id']}/return/", {})) == ["/reason"]
    back = send(head, f"rules/{card['id']}/return/", {"reason": "权重偏高"})
    assert back.json()["state"] == "draft"
    assert manager.get(f"{API}/{path}").json()["returned"] == "权重偏高"
    assert send(head, f"rules/{card['id']}/", back.json(), "put").status_code == 409
    again = send(manager, path, body).json()
    assert send(head, f"rules/{again['id']}/publish/", {}).json()["state"] == "published"


def test_the_auditor_verifies_what_was_seen_or_sends_it_back(
    district: District, head: Client, signed_in
) -> None:
    march.report_march(district)
    auditor, path = signed_in("test-auditor"), "verification/2026-03/grid2/"

    def figures() -> list[dict[str, Any]]:
        return auditor.get(f"{API}/{path}").json()["figures"]

    listed = auditor.get(f"{API}/verification/?month=2026-03").json()
    assert (listed["count"], listed["month_state"], listed["required"]) == (6, "open", False)
    assert listed["results"][1]["figures"] == figures()
    seen = [row for row in figures() if row["version"]]
    assert {row["state"] for row in seen} == {"unchecked"}
    assert {row["by"] for row in seen} == {district.people["clerk"].name}

    some = send(auditor, f"{path}verify/", {"seen": seen[1:]})
    assert some.status_code == 409, "one was not seen"
    strange = [{"indicator": "luck", "version": 1}]
    assert pointers(send(auditor, f"{path}verify/", {"seen": strange})) == ["/seen/0/indicator"]
    assert pointers(send(auditor, f"{path}return/", {"cells": [], "reason": "x"})) == ["/cells"]
    assert pointers(send(auditor, f"{path}return/", {"cells": seen[:1]})) == ["/reason"]
    assert send(signed_in("test-clerk"), f"{path}verify/", {"seen": seen}).status_code == 403
    assert not Verification.objects.exists()

    back = send(auditor, f"{path}return/", {"cells": seen[:1], "reason": "与底单不符"}).json()
    assert (back["returned"], back["latest"]["reason"]) == (1, "与底单不符")
    key = {"Idempotency-Key": "grid2"}
    done = send(auditor, f"{path}verify/", {"seen": seen}, **key).json()
    assert send(auditor, f"{path}verify/", {"seen": seen}, **key).json() == done
    assert done["is_verified"] and done["latest"]["by"] == district.people["auditor"].name
    assert Verification.objects.count() == 2


def test_workings_lead_from_the_total_to_its_source_rows(
    district: District, head: Client, signed_in
) -> None:
    march.report_march(district)
    march.score(district)
    card = head.get(f"{API}/scorecards/grid1/2026-03/").json()
    total = head.get(f"{API}/scorecards/grid1/2026-03/total/").json()
    assert (total["total"], total["rank"]) == (card["total"], card["rank"])
    assert total["scorecard"]["code"] == "v1" and total["scorecard"]["published_by"]
    assert [row["points"] for row in total["items"]] == [line["points"] for line in card["lines"]]
    assert total["formula"][-1].startswith(total["base"])
    assert {row["unit"]: row["rank"] for row in total["standing"]}["suburban"] == 1

    item = head.get(f"{API}/scorecards/grid1/2026-03/K1/").json()
    assert (item["code"], item["points"]) == ("K1", card["lines"][0]["points"])
    assert (item["state"], item["month_state"]) == ("scored", "open")
    assert item["formula"] and item["rule_text"] and item["next"]
    assert {row["kind"] for row in item["sources"]} == {"task", "actual"}
    assert item["changes"][0]["by"] == district.people["clerk"].name
    events = head.get(f"{API}/scorecards/grid1/2026-03/K8/").json()
    assert events["indicator"] is None and events["params"]["per"]

    gate = head.get(f"{API}/scorecards/grid2/2026-03/gates/volume/").json()
    assert (gate["met"], gate["shortfall"], gate["indicator"]) == (False, "31", "mobile_gross_adds")
    assert {row["kind"] for row in gate["sources"]} == {"task", "actual"}
    for missing in ("gates/luck/", "K99/"):
        assert head.get(f"{API}/scorecards/grid1/2026-03/{missing}").status_code == 404
    other = signed_in("test-grid2")
    for place in ("total/", "K1/", "gates/revenue/"):
        assert other.get(f"{API}/scorecards/grid1/2026-03/{place}").status_code == 403
    assert date.fromisoformat(f"{total['scorecard']['valid_from']}-01").month == 1
