"""The competition for programs: rounds with their reasons, approval, payment, the simulator."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from competitions.models import Round
from portal.services import settle_published_month
from tests.competitions.contest import MONTHS, TIE, awards_of, build_contest, publish, write_month
from tests.district import build_district
from tests.worked_examples import UNITS

ROUND = "/api/v1/competitions/monthly/rounds/{}/"


@pytest.fixture
def district(db: None) -> Any:
    return build_contest()


def settle(district: Any, number: int) -> None:
    publish(district, number)
    settle_published_month(district_id=district.root.pk, month=date(2026, number, 1))


@pytest.mark.parametrize("number", MONTHS)
def test_a_round_says_who_won_and_why_in_both_languages(
    number: int, district: Any, signed_in: Any
) -> None:
    settle(district, number)
    response = signed_in("test-staff").get(ROUND.format(f"2026-{number:02}"))
    assert response.status_code == 200
    body = response.json()
    section = MONTHS[number]["strict"]
    if section.get("winner", True) is None:
        assert (body["state"], body["winners"]) == ("no_winner", {})
        assert section["reason"] in body["reason"]["zh"]
    else:
        award = section.get("award") or section["policy tie-break (收入完成率→发展完成率)"]
        assert body["state"] == "decided"
        assert body["winners"] == awards_of(award.get("still tied → split", award))
    assert set(body["reason"]) == {"zh", "en"} and all(body["reason"].values())


def test_an_open_month_has_no_winner_yet(district: Any, signed_in: Any) -> None:
    write_month(district, 3)
    body = signed_in("test-grid1").get(ROUND.format("2026-03")).json()
    assert (body["state"], body["winners"]) == ("open", {})
    assert body["reason"]["en"].startswith("As things stand: ")


@pytest.mark.parametrize("path", ["monthly/rounds/2025-03", "weekly/rounds/2026-03"])
def test_what_was_never_contested_is_not_found(path: str, district: Any, signed_in: Any) -> None:
    response = signed_in("test-head").get(f"/api/v1/competitions/{path}/")
    assert response.status_code == 404


def test_another_district_has_rounds_of_its_own(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    build_district("other")
    assert signed_in("other-head").get(ROUND.format("2026-03")).status_code == 404


def test_the_head_approves_and_the_clerk_pays(district: Any, signed_in: Any) -> None:
    settle(district, 3)
    Round.objects.update(decided_at="2026-01-05T00:00Z")
    route = ROUND.format("2026-03")
    assert signed_in("test-clerk").post(route + "approve/").status_code == 403
    assert signed_in("test-clerk").post(route + "pay/").status_code == 409
    approved = signed_in("test-head").post(route + "approve/")
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert signed_in("test-head").post(route + "pay/").status_code == 403
    assert signed_in("test-clerk").post(route + "pay/").json()["state"] == "paid"
    assert signed_in("test-clerk").post(route + "pay/").status_code == 409


def question(number: int, **policy: Any) -> dict[str, Any]:
    return {
        "policy": {"amount": "500.00", "no_qualifier": "none", "tie": TIE, **policy},
        "units": [
            {
                "unit": UNITS[row["单元"]],
                "score": row["KPI"],
                "revenue_task": row["收入任务"],
                "revenue_actual": row["收入完成"],
                "volume_task": str(row["发展任务"]),
                "volume_actual": str(row["发展完成"]),
                "veto": row["否决"],
            }
            for row in MONTHS[number]["table"]
        ],
    }


def simulate(client: Client, body: Any) -> Any:
    return client.post("/api/v1/simulate/award/", body, content_type="application/json")


def test_the_simulator_decides_as_the_example(district: Any, signed_in: Any) -> None:
    client = signed_in("test-admin")
    assert simulate(client, question(6)).json()["winners"] == {
        "group": "166.67",
        "suburban": "166.67",
        "grid1": "166.66",
    }
    assert simulate(client, question(4, no_qualifier="next")).json()["winners"] == {
        "group": "500.00"
    }
    assert simulate(client, question(5, tie=["each"])).json()["winners"] == {
        "group": "500.00",
        "suburban": "500.00",
    }
    nobody = simulate(client, question(7)).json()
    assert nobody["winners"] == {}
    assert nobody["reason"]["zh"] == "无单元同时满足量收双完成与KPI第一。"
    assert not Round.objects.exists()


def test_the_simulator_waits_for_what_is_not_reported(district: Any, signed_in: Any) -> None:
    body = question(3)
    body["units"][0]["volume_actual"] = None
    answer = simulate(signed_in("test-head"), body).json()
    assert answer["winners"] == {} and "group" in answer["reason"]["en"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda body: body["policy"].update(amount="NaN"), "/policy/amount"),
        (lambda body: body["policy"].update(amount="-1"), "/policy/amount"),
        (lambda body: body["policy"].update(amount="0.005"), "/policy/amount"),
        (lambda body: body["policy"].update(tie=["split", "each"]), "/policy/tie"),
        (lambda body: body["policy"].update(tie=[]), "/policy/tie"),
        (lambda body: body["policy"].update(tie=["luck"]), "/policy/tie/0"),
        (lambda body: body["policy"].update(no_qualifier="?"), "/policy/no_qualifier"),
        (lambda body: body["units"][1].update(score="1e9"), "/units/1/score"),
        (lambda body: body["units"][1].update(score="１"), "/units/1/score"),
        (lambda body: body["units"][2].update(revenue_task="1_000"), "/units/2/revenue_task"),
        (lambda body: body["units"][2].pop("volume_task"), "/units/2/volume_task"),
        (lambda body: body["units"][3].update(unit="group"), "/units/3/unit"),
        (lambda body: body["units"][3].update(unit="a\x00"), "/units/3/unit"),
        (lambda body: body.update(units=[]), "/units"),
        (lambda body: body.update(units="all"), "/units"),
        (lambda body: body.update(policy=None), "/policy"),
    ],
)
def test_bad_questions_are_refused_with_a_pointer(
    change: Any, pointer: str, district: Any, signed_in: Any
) -> None:
    body = question(3)
    change(body)
    response = simulate(signed_in("test-head"), body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["pointer"] == pointer


def test_amounts_may_come_as_json_numbers(district: Any, signed_in: Any) -> None:
    body = question(3)
    body["policy"]["amount"] = 499.5
    answer = simulate(signed_in("test-head"), body).json()
    assert Decimal(answer["winners"]["suburban"]) == Decimal("499.5")
