"""Example 2 through the calculator's page and API; taking its figures over."""

import json
from decimal import Decimal

import pytest

from targets.queries.plans import annual_table
from targets.templatetags.amounts import amount
from tests.targets.annual_2026 import enter_tables
from tests.targets.plan_2026 import enter_annual_targets
from tests.worked_examples import example

GIVEN = example("2_floor")
PAGE = "/targets/annual/2026/floor/"
API = "/api/v1/simulate/floor-chain/"
CHAIN = GIVEN["chain_from_revenue"]


def ratio(text: str) -> str:
    return str(Decimal(text.rstrip("%")) / 100)


def post(client, body):
    return client.post(API, json.dumps(body), content_type="application/json")


@pytest.fixture
def head(district, signed_in):
    enter_annual_targets(district)
    return signed_in("test-head")


@pytest.mark.parametrize(
    "row", [*GIVEN["table"], GIVEN["non_integer"]], ids=lambda r: r["有效发展率"]
)
def test_the_floor_of_example_2(head, row) -> None:
    body = {"net_target": row["净增目标"], "effective_rate": ratio(row["有效发展率"])}
    answer = post(head, body).json()
    assert answer["gross_adds"] == str(row["保底发展用户(向上取整)"])
    assert answer["exact"] == row["未取整"]

    page = head.get(PAGE, {"by": "net", "net_target": row["净增目标"],
                           "rate": row["有效发展率"].rstrip("%")})  # fmt: skip
    assert page.context["result"]["gross_adds"] == row["保底发展用户(向上取整)"]
    assert f'id="floor-gross">{amount(row["保底发展用户(向上取整)"])}<' in page.content.decode()


def test_the_chain_from_revenue_of_example_2(head) -> None:
    body = {"revenue": CHAIN["移动开账收入目标(万元)"], "arpu": CHAIN["年平均ARPU(元)"],
            "opening_users": str(CHAIN["年初出账用户"]), "effective_rate": "0.16"}  # fmt: skip
    answer = post(head, body).json()
    chain = answer["chain"]
    assert chain["average_users"] == CHAIN["需年平均出账用户"]
    assert Decimal(chain["closing_users"]) == int(CHAIN["需年末出账用户=2×平均-年初"])
    assert Decimal(chain["net_adds"]) == CHAIN["需净增"]
    assert Decimal(chain["implied_losses"]) == int(CHAIN["隐含离网"])
    assert (
        f"{Decimal(chain['monthly_churn']) * 100:.2f}%" == CHAIN["隐含月均离网率(离网÷12÷平均出账)"]
    )
    assert answer["gross_adds"] == CHAIN["保底发展用户"]

    page = head.get(PAGE, {"by": "revenue", "revenue": "3,109.92", "arpu": "41.80",
                           "opening_users": "56400", "rate": "16"}).content.decode()  # fmt: skip
    for figure in ("62,000", "67,600", "11,200", "58,800", "7.90%", "70,000"):
        assert figure in page


def test_neighbours_reached_rate_mix_and_measure_b(head) -> None:
    reverse, mix, cohort = GIVEN["reverse"], GIVEN["two_tier_mix"], GIVEN["cohort_definition"]
    tiers = [{"gross_adds": str(mix[tier]["发展"]), "effective_rate": ratio(mix[tier]["有效率"])}
             for tier in ("一级", "二级")]  # fmt: skip
    answer = post(head, {
        "net_target": "11200", "effective_rate": "0.16", "tiers": tiers,
        "reached": {"gross_adds": str(reverse["发展用户"]),
                    "effective_rate": ratio(reverse["实际有效发展率"])},
        "cohort": {"gross_adds": str(cohort["发展总量"]), "ineffective": str(cohort["无效用户数"])},
    }).json()  # fmt: skip
    assert [(row["gross_adds"], row["difference"]) for row in answer["rates"]] == [
        ("80000", "10000"), ("74667", "4667"), ("70000", "0"), ("65883", "-4117"),
        ("62223", "-7777"),
    ]  # fmt: skip
    assert Decimal(answer["reached"]["net_adds"]) == int(reverse["净增"])
    assert Decimal(answer["reached"]["short"]) == int(reverse["缺口"])
    assert answer["reached"]["extra_gross_adds"] == str(reverse["补足需多发展"])
    assert Decimal(answer["mix"]["net_adds"]) == int(mix["合计净增"])
    assert answer["mix"]["effective_rate"] == ratio(mix["加权有效率"])
    assert answer["quality_rate"] == f"{Decimal(ratio(cohort['有效率'])):.4f}"

    page = head.get(PAGE, {
        "by": "net", "net_target": "11200", "rate": "16", "gross_1": "48000", "rate_1": "14",
        "gross_2": "22000", "rate_2": "20", "planned": "70000", "rate_reached": "15",
    }).content.decode()  # fmt: skip
    for name, figure in {"mix": "11,120", "mix-rate": "15.89%", "reached": "10,500",
                         "extra": "4,667"}.items():  # fmt: skip
        assert f'id="floor-{name}">{figure}' in page


@pytest.mark.parametrize("rate", ["0", "-1", "100.5", "abc", ""])
def test_a_rate_that_is_none_is_refused_with_a_sentence_and_kept(head, rate) -> None:
    page = head.get(PAGE, {"by": "net", "net_target": "11200", "rate": rate})
    assert page.status_code == 200 and page.context["result"] is None
    assert page.context["form"].errors["rate"]
    assert f'name="rate" value="{rate}"' in page.content.decode() or not rate


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"net_target": "1", "effective_rate": "0"}, "/effective_rate"),
        ({"net_target": "1", "effective_rate": "1.01"}, "/effective_rate"),
        ({"revenue": "1", "arpu": "0", "opening_users": "1", "effective_rate": "0.1"}, "/arpu"),
        ({"net_target": "1", "effective_rate": "0.1", "tiers": [{"gross_adds": "1.5",
          "effective_rate": "0.1"}]}, "/tiers/0/gross_adds"),
        ({"net_target": "1", "effective_rate": "0.1", "cohort": {"gross_adds": "1",
          "ineffective": "2"}}, "/cohort/ineffective"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_a_pointer(head, body, pointer) -> None:
    answer = post(head, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_net_target_of_nothing_warns(head) -> None:
    answer = post(head, {"net_target": "-5", "effective_rate": "0.1"}).json()
    assert answer["gross_adds"] == "0" and answer["warning"]


def test_taking_over_writes_both_targets_and_the_rate(district, signed_in) -> None:
    enter_tables(district)
    client = signed_in("test-head")
    body = {"by": "net", "net_target": "11250", "rate": "16", "version_mobile_net_adds": "1",
            "version_mobile_gross_adds": "1", "version_effective_rate": "1"}  # fmt: skip
    answer = client.post(PAGE, body)
    assert answer.status_code == 302

    table = annual_table(district.plan)
    assert table.row("mobile_gross_adds").department.target == 70313
    assert table.row("mobile_net_adds").department.target == 11250

    again = client.post(PAGE, body | {"net_target": "11300"})
    assert again.status_code == 200, "somebody saved meanwhile"
    assert annual_table(district.plan).row("mobile_net_adds").department.target == 11250


def test_a_floor_below_the_city_asks_for_a_reason_and_keeps_the_figures(head, district) -> None:
    body = {"by": "net", "net_target": "9000", "rate": "16", "version_mobile_net_adds": "1",
            "version_mobile_gross_adds": "1"}  # fmt: skip
    asked = head.post(PAGE, body | {"version_effective_rate": ""})
    assert asked.context["doubt"] and 'value="9000"' in asked.content.decode()
    assert annual_table(district.plan).row("mobile_net_adds").department.target == 11200

    assert head.post(PAGE, body | {"reason": "卖场停业"}).status_code == 302
    assert annual_table(district.plan).row("mobile_net_adds").department.target == 9000


@pytest.mark.parametrize("account", ["grid1", "staff", "admin"])
def test_a_unit_does_not_read_the_districts_floor(district, signed_in, account) -> None:
    enter_annual_targets(district)
    assert signed_in(f"test-{account}").get(PAGE).status_code == 403
