"""The planning pictures: their figures, sentences and what happens without any."""

from decimal import Decimal

from kpi.models import Actual, Month, MonthState
from targets.models import Task
from targets.months import months_of
from targets.services.sheets import break_down
from tests.district import NOW
from tests.targets.plan_2026 import enter_annual_targets, sheet_4_2

PAGE = "/targets/annual/2026/pictures/"


def charts(client, code: str = "mobile_gross_adds"):
    return {one.code: one for one in client.get(PAGE, {"indicator": code}).context["charts"]}


def test_the_waterfall_goes_from_last_year_through_the_city_to_the_department(
    district, signed_in
) -> None:
    enter_annual_targets(district)
    found = charts(signed_in("test-head"), "total_revenue")["waterfall"]
    assert found.series[0].values == [
        Decimal(value) for value in ("3186.40", "364.17", "3550.57", "59.63", "3610.20")
    ]
    assert [found.labels[0], found.labels[-1]] == [found.totals[0], found.totals[-1]]


def test_season_and_shares_are_those_of_the_tasks(district, signed_in) -> None:
    enter_annual_targets(district)
    break_down(sheet=sheet_4_2(district), by=district.people["head"], at=NOW)
    found = charts(signed_in("test-head"))
    assert sum(found["season"].series[0].values) == 70000
    assert sum(found["units"].series[0].values) == 1


def test_last_years_published_months_stand_beside_and_others_are_gaps(district, signed_in) -> None:
    enter_annual_targets(district)
    for month in months_of(2026):
        Task.objects.create(
            month=month, unit=district.units["grid1"], value=Decimal(10),
            indicator=district.indicators["mobile_gross_adds"],
            breakdown=district.breakdowns["all"],
        )  # fmt: skip
    january = months_of(2025)[0]
    row = Month.objects.create(district=district.root, month=january)
    Actual.objects.create(
        month=january, unit=district.units["grid1"], breakdown=district.breakdowns["all"],
        indicator=district.indicators["mobile_gross_adds"], value=Decimal(7), as_of=january,
        reported_at=NOW,
    )  # fmt: skip
    Month.objects.filter(pk=row.pk).update(state=MonthState.PUBLISHED)

    plan, last_year = charts(signed_in("test-head"))["season"].series
    assert list(plan.values) == [10] * 12
    assert list(last_year.values) == [7] + [None] * 11


def test_a_plan_without_targets_says_so(district, signed_in) -> None:
    assert signed_in("test-head").get(PAGE).context["charts"] == []
