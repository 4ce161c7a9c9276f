"""Figures by unit and code: sums through terms, ratios, and what is not reported."""

from datetime import date
from decimal import Decimal

from kpi.models import Month
from kpi.queries.cells import expected_cells, unreported
from kpi.queries.figures import figures
from kpi.services.actuals import save_actuals
from tests.district import MARCH, NOW, District
from tests.kpi import march

APRIL = date(2026, 4, 1)


def of(district: District, unit: str, code: str, months=(MARCH,)):
    found = figures(district_id=district.root.pk, months=list(months), codes=[code])
    return found[district.units[unit].pk, code]


def test_a_derived_sum_adds_its_terms(district: District) -> None:
    march.report_march(district)
    figure = of(district, "suburban", "total_revenue")
    assert (figure.task, figure.actual) == (Decimal("43.41"), Decimal("54.27"))


def test_a_sum_lacks_what_one_of_its_terms_lacks(district: District) -> None:
    march.report_march(district, without=(("suburban", "fixed_revenue"),))
    figure = of(district, "suburban", "total_revenue")
    assert (figure.task, figure.actual) == (Decimal("43.41"), None)
    assert of(district, "suburban", "mobile_revenue").actual == Decimal("50.90")


def test_a_ratio_divides_sums(district: District) -> None:
    march.report_march(district)
    assert of(district, "grid1", "effective_rate").actual == Decimal(188) / Decimal(1148)


def test_a_month_without_report_leaves_the_sum_of_months_empty(district: District) -> None:
    march.report_march(district)
    assert of(district, "grid1", "channel_visits", (MARCH, APRIL)).actual is None
    Month.objects.create(district=district.root, month=APRIL)
    save_actuals(
        district=district.root,
        cells=[march.cell(district, "grid1", "channel_visits", "9", month=APRIL, as_of=APRIL)],
        by=None,
        at=NOW,
    )
    assert of(district, "grid1", "channel_visits", (MARCH, APRIL)).actual == 49


def test_a_rate_over_months_is_the_last_one(district: District) -> None:
    march.report_march(district)
    february = date(2026, 2, 1)
    assert of(district, "grid1", "churn_rate", (february, MARCH)).actual == Decimal("0.0772")


def test_queries_do_not_grow_with_the_units(district: District, django_assert_num_queries) -> None:
    march.report_march(district)
    codes = ["total_revenue", "effective_rate", "fixed_net_adds"]
    with django_assert_num_queries(5):
        figures(district_id=district.root.pk, months=[MARCH], codes=codes)
    with django_assert_num_queries(6):
        expected_cells(district.root.pk, MARCH)


def test_every_unit_owes_undivided_figures_and_those_it_has_tasks_for(district: District) -> None:
    assert {cell.indicator.code for cell in unreported(district.root.pk, MARCH)} == {
        "mobile_revenue",
        "fixed_revenue",
        "mobile_gross_adds",
        "mobile_net_adds",
        "churn_rate",
        "channel_visits",
    }
    march.report_march(district)
    assert unreported(district.root.pk, MARCH) == []
