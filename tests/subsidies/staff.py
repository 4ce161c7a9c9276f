"""The four people of worked example 6 as a district knows them: posts, figures, scores."""

from datetime import date
from decimal import Decimal
from typing import Any

from kpi.models import Actual, Score, Scorecard
from orgchart.models import Person, Post, Role, Tenure
from subsidies.models import CommissionScheme, SheetKind
from tests.district import MARCH, NOW, START, District
from tests.subsidies.district import publish

# Scores of the units, gross adds at 0.50 a piece, fixed net adds at 1.00 a piece.
UNITS_OF_EXAMPLE = {
    "grid1": ("103.40", 3720, 0), "grid2": ("96.15", 3451, 0), "grid3": ("88.90", 2820, 1288)
}  # fmt: skip
PEOPLE = {
    "jia": ("grid_manager", "grid1"), "yi": ("grid_manager", "grid2"),
    "bing": ("grid_manager", "grid3"), "ding": ("direct_sales", "grid3"),
}  # fmt: skip
RATES = {"grid_manager": {"mobile_gross_adds": "0.50"}, "direct_sales": {"fixed_net_adds": "1.00"}}


def build_staff(district: District, month: date = MARCH, **scheme: Any) -> None:
    """Posts, people and scheme of the example; the month has its figures and is published."""
    for code, (post, unit) in PEOPLE.items():
        hire(district, code, post, unit)
    set_staff_scheme(district, **scheme)
    report_month(district, month)


def hire(district: District, code: str, post: str, unit: str) -> Person:
    row, _ = Post.objects.get_or_create(
        district=district.root, code=post,
        defaults={"role": Role.STAFF, "name_zh": post, "name_en": post, "position": len(post)},
    )  # fmt: skip
    person, _ = Person.objects.get_or_create(
        district=district.root, code=code, defaults={"name_zh": code}
    )
    Tenure.objects.create(person=person, post=row, unit=district.units[unit], valid_from=START)
    return person


def set_staff_scheme(
    district: District, coefficient: str = "everybody", start: date = MARCH, **more: str
) -> CommissionScheme:
    return CommissionScheme.objects.create(
        district=district.root, code="S1", kind=SheetKind.STAFF, name_zh="计件办法",
        name_en="Piece rates", valid_from=start,
        body={"coefficient": coefficient, "rates": RATES, **more},
    )  # fmt: skip


def report_month(district: District, month: date) -> None:
    card, _ = Scorecard.objects.get_or_create(
        district=district.root, code="v1", defaults={"name_zh": "考核", "valid_from": START}
    )
    for unit, (score, adds, fixed) in UNITS_OF_EXAMPLE.items():
        for indicator, breakdown, value in (
            ("mobile_gross_adds", "all", adds),
            ("fixed_net_adds", "fixed_line", fixed),
        ):
            Actual.objects.create(
                month=month, unit=district.units[unit], indicator=district.indicators[indicator],
                breakdown=district.breakdowns[breakdown], value=value, as_of=month,
                reported_at=NOW,
            )  # fmt: skip
        Score.objects.create(
            month=month, unit=district.units[unit], scorecard=card, applicable_weight=100,
            total=Decimal(score), rank=1,
        )  # fmt: skip
    publish(district, month)
