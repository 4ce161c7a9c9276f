"""The stand-alone months of worked example 7, as rows of a small district."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from competitions.models import Competition, CompetitionPolicy
from kpi.models import Actual, Month, MonthState, Score, Scorecard
from targets.models import Task
from tests.district import District, build_district
from tests.worked_examples import UNITS, example

AMOUNT = Decimal("500.00")
TIE = ["revenue_rate", "volume_rate", "split"]
MONTHS = {int(month["title"][0]): month for month in example("7_competition")["months"]}
PUBLISHED_AT = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)


def build_contest(**policy: Any) -> District:
    """Build the district with its units in the order of the example, and the competition."""
    district = build_district(unit_codes=("group", "suburban", "grid1", "grid2", "grid3", "grid4"))
    competition = Competition.objects.create(
        district=district.root, code="monthly", name_zh="劳动竞赛", name_en="Monthly"
    )
    CompetitionPolicy.objects.create(
        **{
            "competition": competition,
            "amount": AMOUNT,
            "revenue": district.indicators["total_revenue"],
            "volume": district.indicators["mobile_gross_adds"],
            "no_qualifier": "none",
            "tie": TIE,
            "valid_from": date(2026, 1, 1),
            **policy,
        }
    )
    return district


def publish(district: District, number: int, *, at: datetime = PUBLISHED_AT) -> Month:
    """Write a month's tasks, actuals and scores as the example gives them; return it published.

    The month is published last: the guards refuse every write after it.
    """
    month = write_month(district, number)
    month.state, month.closed_at, month.published_at = MonthState.PUBLISHED, at, at
    month.save()
    return month


def write_month(district: District, number: int) -> Month:
    """Write the figures of a month and leave it open."""
    first = date(2026, number, 1)
    month, _is_new = Month.objects.get_or_create(district=district.root, month=first)
    card, _is_new = Scorecard.objects.get_or_create(
        district=district.root, code="v1", defaults={"name_zh": "办法", "valid_from": first}
    )
    for row in MONTHS[number]["table"]:
        unit = district.units[UNITS[row["单元"]]]
        for code, task, actual in (
            ("mobile_revenue", row["收入任务"], row["收入完成"]),
            ("fixed_revenue", "0", "0"),
            ("mobile_gross_adds", row["发展任务"], row["发展完成"]),
        ):
            key = {
                "month": first,
                "unit": unit,
                "indicator": district.indicators[code],
                "breakdown": district.breakdowns["all"],
            }
            Task.objects.create(**key, value=Decimal(task))
            Actual.objects.create(
                **key, value=Decimal(actual), as_of=first, reported_at=PUBLISHED_AT
            )
        Score.objects.create(
            month=first,
            unit=unit,
            scorecard=card,
            applicable_weight=Decimal(100),
            base=Decimal(row["KPI"]),
            bonus=Decimal(0),
            total=Decimal(row["KPI"]),
            rank=row["名次"],
            is_award_vetoed=row["否决"],
        )
    return month


def awards_of(amounts: dict[str, str]) -> dict[str, str]:
    """Return the example's awards by unit code."""
    return {UNITS[name]: amount for name, amount in amounts.items()}
