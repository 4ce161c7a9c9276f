"""Last year as it was published; `targets` lies below the app that publishes and asks by name."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.module_loading import import_string

from targets.amounts import rounded
from targets.models import Indicator, Rollup
from targets.rules.annual import AVERAGE_USERS, USERS

Months = dict[date, dict[str, Decimal]]  # month → indicator code → the district's figure


@dataclass(frozen=True, slots=True)
class PublishedYear:
    """A year's published figures; `values` holds those that all twelve months report."""

    year: int
    months: Months
    values: dict[str, Decimal]


def published_year(district_id: int, year: int) -> PublishedYear:
    """Return a year's published figures of the district; three queries at most.

    Sums are added over the months, stocks taken at the year's end; average users are the mean
    of the twelve months' users (rules §1). A figure that a month lacks is left out.
    """
    query = import_string(settings.PUBLISHED_MONTHS)
    months: Months = query(district_id=district_id, year=year)
    if len(months) < 12:
        return PublishedYear(year, months, {})
    by_month = [months[month] for month in sorted(months)]
    whole = set.intersection(*(set(figures) for figures in by_month))
    rollups = dict(
        Indicator.objects.filter(district_id=district_id, code__in=whole, is_percent=False)
        .values_list("code", "rollup")
    )  # fmt: skip
    values = {
        code: by_month[-1][code] if rollup == Rollup.LAST
        else sum((figures[code] for figures in by_month), Decimal(0))
        for code, rollup in rollups.items()
    }  # fmt: skip
    if USERS in values:
        users = sum((figures[USERS] for figures in by_month), Decimal(0))
        values[AVERAGE_USERS] = rounded(users / 12, 0)
    return PublishedYear(year, months, values)
