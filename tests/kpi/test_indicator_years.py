"""Derived indicators by month and year: example 9 exactly, example 2's rates, growth, API, page."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpi.queries.indicator_years import indicator_years
from targets.models import Task
from tests.district import MARCH, District, build_district
from tests.kpi import march, users_path
from tests.kpi.users_path import PATH, UNIT, YEAR, report
from tests.worked_examples import example

API = "/api/v1/figures/?year=2026"
# indicator: its column in the example, decimals shown, a percentage?
COLUMNS = {
    "opening_users": ("期初出账", False),
    "mobile_gross_adds": ("发展", False),
    "lost_users": ("离网", False),
    "mobile_net_adds": ("净增", False),
    "billed_users": ("期末出账", False),
    "average_users": ("平均", False),
    "effective_rate": ("有效发展率(净增/发展)", True),
    "average_churn": ("离网率(离网/平均)", True),
    "mobile_revenue": ("收入(万元)", False),
    "arpu": ("ARPU", False),
}


@pytest.fixture
def path(district: District) -> District:
    users_path.build(district)
    return district


def year(client: Any, query: str = "") -> dict[str, list[dict[str, Any]]]:
    answer = client.get(f"{API}{query}")
    assert answer.status_code == 200, answer.content
    return {row["indicator"]: row["months"] for row in answer.json()["indicators"]}


def shown(text: str, is_percent: bool) -> str:
    return f"{Decimal(text) * 100:.2f}%" if is_percent else text


@pytest.mark.parametrize("code", COLUMNS)
def test_the_api_gives_every_month_of_the_users_path(path, signed_in, code: str) -> None:
    name, is_percent = COLUMNS[code]
    months = year(signed_in("test-head"), f"&unit={UNIT}")[code]
    assert [shown(month["actual"], is_percent) for month in months] == [
        str(row[name]) for row in PATH
    ]


def test_the_api_gives_the_year_of_the_users_path(path, signed_in) -> None:
    found = year(signed_in("test-head"), f"&unit={UNIT}")
    last = {code: months[-1]["to_date"]["actual"] for code, months in found.items()}
    assert int(last["mobile_gross_adds"]) == YEAR["发展"]
    assert int(last["lost_users"]) == YEAR["离网"]
    assert int(last["mobile_net_adds"]) == YEAR["净增"]
    assert shown(last["effective_rate"], True) == YEAR["有效发展率"]
    assert last["average_users"] == YEAR["平均出账(12个月平均)"]
    assert last["arpu"] == YEAR["年ARPU"]
    assert (last["opening_users"], last["billed_users"]) == ("56400", "67600")


def test_the_page_gives_the_users_path(path, signed_in) -> None:
    client = signed_in("test-head")
    for code in ("effective_rate", "average_churn"):
        page = client.get(f"/figures/{code}/?year=2026&unit={UNIT}").content.decode()
        for row in PATH:
            value = str(row[COLUMNS[code][0]]).rstrip("%").replace("-", "−")
            assert value in page, (code, row["月"])
    arpu = client.get(f"/figures/arpu/?year=2026&unit={UNIT}").content.decode()
    assert YEAR["年ARPU"] in arpu and "43.39" in arpu
    assert "/targets/indicators/arpu/" in arpu  # the definition, one click away
    month = client.get(f"/figures/?month=2026-03&unit={UNIT}").content.decode()
    assert "58,304.0" in month and "9.28" in month and "43.47" in month
    assert (
        "38.75"
        in client.get(
            f"/figures/effective_rate/?year=2026&unit={UNIT}", headers={"Accept-Language": "en"}
        ).content.decode()
    )


def test_the_two_effective_rates_are_kept_apart(path, signed_in) -> None:
    cohort = example("2_floor")["cohort_definition"]
    report(path, "grid2", "mobile_gross_adds", MARCH, cohort["发展总量"])
    report(path, "grid2", "invalid_users", MARCH, cohort["无效用户数"])
    report(path, "grid2", "mobile_net_adds", MARCH, 160)
    found = year(signed_in("test-head"), "&unit=grid2")
    assert shown(found["effective_rate_b"][2]["actual"], True) == cohort["有效率"]
    assert shown(found["effective_rate"][2]["actual"], True) == "16.00%"


def test_a_districts_rate_is_weighted_by_volume(db: None) -> None:
    mix = example("2_floor")["two_tier_mix"]
    made = build_district("mix", unit_codes=("one", "two"))
    for unit, name in (("one", "一级"), ("two", "二级")):
        report(made, unit, "mobile_gross_adds", MARCH, mix[name]["发展"])
        report(made, unit, "mobile_net_adds", MARCH, mix[name]["净增"])
    (row,) = indicator_years(made.root, 2026, codes=["effective_rate"])
    rate = row.months[2].figure.actual
    assert rate is not None and f"{rate * 100:.2f}%" == mix["加权有效率"]


def test_a_districts_figure_waits_for_every_unit_and_counts_its_own_rows(db: None) -> None:
    made = build_district("pair", unit_codes=("one", "two"))
    report(made, "one", "mobile_revenue", MARCH, "10")

    def total() -> Decimal | None:
        (row,) = indicator_years(made.root, 2026, codes=["mobile_revenue"])
        return row.months[2].figure.actual

    assert total() is None
    report(made, "two", "mobile_revenue", MARCH, "5")
    assert total() == 15
    Task.objects.create(
        month=MARCH, unit=made.root, indicator=made.indicators["mobile_revenue"],
        breakdown=made.breakdowns["all"], value=Decimal(3),
    )  # fmt: skip
    assert total() is None  # the old outlets have a task and no figure
    report(made, "two", "mobile_gross_adds", MARCH, 1)
    made.units["root"] = made.root
    report(made, "root", "mobile_revenue", MARCH, "4")
    assert total() == 19


def test_rates_that_units_enter_make_no_rate_of_the_district(db: None) -> None:
    made = build_district("pair", unit_codes=("one", "two"))
    for unit in ("one", "two"):
        report(made, unit, "churn_rate", MARCH, "0.08")
    (row,) = indicator_years(made.root, 2026, codes=["churn_rate"])
    assert row.months[2].figure.actual is None
    (row,) = indicator_years(made.root, 2026, codes=["churn_rate"], unit=made.units["one"])
    assert row.months[2].figure.actual == Decimal("0.08")


def test_a_denominator_of_zero_has_no_figure(path, signed_in) -> None:
    report(path, "grid2", "mobile_gross_adds", MARCH, 0)
    report(path, "grid2", "mobile_net_adds", MARCH, 0)
    rates = year(signed_in("test-head"), "&unit=grid2")["effective_rate"]
    assert [(month["actual"], month["void"]) for month in rates[1:3]] == [
        (None, False),  # nobody reported February
        (None, True),
    ]
    page = signed_in("test-head").get("/figures/effective_rate/?year=2026&unit=grid2")
    assert page.content.decode().count("除数为 0") == 1


@pytest.mark.parametrize(
    ("base", "growth", "increment", "reason"),
    [
        ("40", "0.250000", "10", None),
        ("0", None, "50", "zero_base"),
        ("-5", None, "55", "negative_base"),
        (None, None, None, "missing_base"),
    ],
)
def test_growth_follows_the_rules_of_its_base(
    district: District, signed_in, base, growth, increment, reason
) -> None:
    report(district, UNIT, "channel_visits", MARCH, 50)
    if base is not None:
        report(district, UNIT, "channel_visits", date(2026, 2, 1), base)
        report(district, UNIT, "channel_visits", date(2025, 3, 1), base)
    found = year(signed_in("test-head"), f"&unit={UNIT}&indicator=channel_visits")[
        "channel_visits"
    ][2]
    expected = {"base": base, "growth": growth, "increment": increment, "reason": reason}
    assert found["last_month"] == found["last_year"] == expected


def test_a_month_that_is_not_reported_has_no_growth_and_blames_no_base(
    district: District, signed_in
) -> None:
    report(district, UNIT, "channel_visits", date(2026, 2, 1), 40)
    march.set_task(district, UNIT, "channel_visits", 40)
    head = signed_in("test-head")
    found = year(head, f"&unit={UNIT}&indicator=channel_visits")["channel_visits"][2]
    nothing = {"growth": None, "increment": None, "reason": None}
    assert found["last_month"] == {"base": "40"} | nothing
    page = head.get(f"/figures/channel_visits/?year=2026&unit={UNIT}").content.decode()
    row = page.split("<tbody>")[-1].split("<tr")[3]
    assert "待报" in row and "当时未报" not in row


def test_a_year_to_date_lacks_nothing_or_is_not_there(district: District, signed_in) -> None:
    for number in (1, 3):
        report(district, UNIT, "channel_visits", date(2026, number, 1), 10)
    months = year(signed_in("test-head"), f"&unit={UNIT}")["channel_visits"]
    assert [month["to_date"]["actual"] for month in months[:3]] == ["10", None, None]


def test_others_units_and_bad_questions_are_refused(path, signed_in) -> None:
    manager = signed_in("test-grid1")
    assert manager.get(f"{API}&unit=grid2").status_code == 403
    assert manager.get(API).status_code == 403
    assert manager.get(f"{API}&unit=grid1").status_code == 200
    assert manager.get("/figures/?unit=grid2").status_code == 404
    assert "grid2" not in manager.get("/figures/?month=2026-03").content.decode()
    head = signed_in("test-head")
    for query, pointer in (("year=26", "/year"), ("indicator=nothing", "/indicator")):
        answer = head.get(f"/api/v1/figures/?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert head.get("/figures/nothing/").status_code == 404


@pytest.mark.parametrize("path_of", [API, "/figures/?month=2026-03", "/figures/effective_rate/"])
def test_figures_take_as_many_queries_for_2_units_as_for_20(path_of, db, signed_in) -> None:
    counts = []
    for code, count in (("two", 2), ("many", 20)):
        units = tuple(f"{code}-{n}" for n in range(count))
        made = build_district(code, unit_codes=units)
        for unit in units:
            report(made, unit, "mobile_gross_adds", MARCH, 5)
        client = signed_in(f"{code}-head")
        client.get(path_of)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path_of).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
