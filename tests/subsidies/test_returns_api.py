"""Programs enter what sheets are made from: example 6 from nothing but the API."""

from decimal import Decimal
from typing import Any

import pytest

from subsidies.models import DealerReturn
from tests.district import MARCH, District
from tests.subsidies.dealers import dealer_month, dealer_rows
from tests.subsidies.district import CODES, build_example_6
from tests.worked_examples import example

RETURNS = "/api/v1/dealer-returns/"


@pytest.fixture
def six(district: District) -> District:
    build_example_6(district)
    DealerReturn.objects.filter(month=MARCH).delete()
    return district


def put(client: Any, dealer: str, body: Any, **headers: Any) -> Any:
    return client.put(
        f"{RETURNS}2026-03/{dealer}/", body, content_type="application/json", headers=headers
    )


def test_example_6_is_entered_made_and_read_by_programs(six: District, signed_in: Any) -> None:
    clerk = signed_in("test-clerk")
    for code, row in zip(CODES, dealer_rows(), strict=True):
        figures = dealer_month(row)
        answer = put(clerk, code, {
            "gross": figures.gross, "zero_call": figures.zero_call,
            "low_quality": figures.low_quality_users, "penalty": row["稽核扣款"],
            "instalments": {
                str(month): {str(bound): users for bound, users in counts.items()}
                for month, counts in figures.instalment_counts.items()
            },
            "revenue_groups": [[str(each.average), each.users] for each in figures.revenue_groups],
            "clawbacks": [[each.users, str(each.unit_price_paid)] for each in figures.clawbacks],
            "version": None,
        })  # fmt: skip
        assert (answer.status_code, answer.json()["version"]) == (200, 1), answer.json()

    rows = clerk.get(f"{RETURNS}?month=2026-03").json()["rows"]
    assert {row["dealer"] for row in rows if row["return"]} == set(CODES)
    made = clerk.post(
        "/api/v1/commission-sheets/", {"month": "2026-03"}, content_type="application/json"
    ).json()
    expected = example("6_commission")["total"]
    assert (made["net"], made["paid"], made["carried"]) == (
        expected["净额"], expected["本期支付"], expected["结转下期"],
    )  # fmt: skip
    assert put(clerk, CODES[0], {"gross": 1, "version": 1}).status_code == 409


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"gross": -1}, ["/gross"]),
        ({"gross": "5"}, ["/gross"]),
        ({"gross": 5, "penalty": "1.00001"}, ["/penalty"]),
        ({"gross": 5, "clawbacks": [[1]]}, ["/clawbacks/0"]),
        ({"gross": 5, "clawbacks": [[1, "-1"]]}, ["/clawbacks/0/1"]),
        ({"gross": 5, "revenue_groups": [["x", 1]]}, ["/revenue_groups/0/0"]),
        ({"gross": 5, "retained": {"soon": 1}}, ["/retained/soon"]),
        ({"gross": 5, "instalments": {"x": {}}}, ["/instalments/x"]),
        ([1], ["/"]),
        (
            {"gross": 5, "zero_call": 6, "instalments": {"3": {}, "6": {}}},
            ["/zero_call", "/low_quality_users"],
        ),
        ({"gross": 5, "instalments": {"3": {"15": 1}, "6": {}}}, ["/instalment_counts/3/15"]),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_stored(
    six: District, signed_in: Any, body: Any, pointers: list[str]
) -> None:
    answer = put(signed_in("test-clerk"), "hongda", body)
    assert answer.status_code in (400, 422)
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
    assert not DealerReturn.objects.filter(month=MARCH).exists()


def test_an_old_version_is_refused_and_a_key_writes_once(six: District, signed_in: Any) -> None:
    clerk = signed_in("test-clerk")
    body = {"gross": 5, "instalments": {"3": {}, "6": {}}}
    first, again = (put(clerk, "hongda", body, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == again.json()
    assert put(clerk, "hongda", body | {"gross": 6}).status_code == 409
    assert put(clerk, "hongda", body | {"gross": 6, "version": 1}).json()["gross"] == 6
    assert put(signed_in("test-grid1"), "hongda", body).status_code == 403


def test_a_manager_reads_the_own_dealers_and_every_scheme(six: District, signed_in: Any) -> None:
    grid2 = signed_in("test-grid2")
    rows = grid2.get(f"{RETURNS}?month=2026-03").json()["rows"]
    assert {row["unit"] for row in rows} == {"grid2"}
    [scheme] = grid2.get("/api/v1/commission-schemes/").json()["results"]
    assert (scheme["code"], scheme["valid_to"]) == ("2026", None)
    assert Decimal(scheme["body"]["one_time"]["per_user"]) == 20
    assert grid2.get("/api/v1/commission-schemes/?kind=x").status_code in (400, 422)
    assert signed_in("test-admin").get("/api/v1/commission-schemes/").status_code == 403
