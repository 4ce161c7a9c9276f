"""Where results come from: entered ones, the units' reported figures, what the ledger counts.

A source answers {code: Reading} of the contestants that it knows something of.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from competitions.models import Campaign, CampaignResult, Source
from kpi.queries.daily import month_course
from kpi.queries.figures import figures
from kpi.queries.spans import between
from orgchart.models import Unit
from targets.models import Indicator, Rollup, Term
from targets.months import last_day, month_after


@dataclass(frozen=True, slots=True)
class Reading:
    """A result, the day it was reached and the day it is as of; `is_whole`: nothing is missing."""

    value: Decimal | None
    since: date | None = None
    as_of: date | None = None
    is_whole: bool = True


NOTHING = Reading(None, is_whole=False)
Read = Callable[[Campaign, date], dict[str, Reading]]
# Read by an app that stands beside or above this one; it enters itself here.
LENT: dict[str, Read] = {}


def readings(campaign: Campaign, today: date) -> dict[str, Reading]:
    """Return what is known on a day by contestant's code."""
    if campaign.source == Source.ENTERED:
        return entered(campaign)
    if campaign.source == Source.REPORTED:
        return reported(campaign, today)
    return LENT[campaign.source](campaign, today)


def entered(campaign: Campaign) -> dict[str, Reading]:
    """Return the latest entered results; `since` is the day from which the value has stood."""
    found: dict[str, Reading] = {}
    for row in CampaignResult.objects.filter(campaign=campaign).order_by("contestant", "day", "pk"):
        before = found.get(row.contestant)
        since = before.since if before and before.value == row.value else row.day
        found[row.contestant] = Reading(row.value, since, row.day)
    return found


def months_between(first: date, last: date) -> list[date]:
    """Return the months that a span touches."""
    months = [first.replace(day=1)]
    while months[-1] < last.replace(day=1):
        months.append(month_after(months[-1]))
    return months


def is_summed(indicator: Indicator) -> bool:
    """Whether parts of a month can be told: its months add up and nothing is divided."""
    is_ratio = Term.objects.filter(indicator=indicator, side=Term.Side.DENOMINATOR).exists()
    return indicator.rollup == Rollup.SUM and not is_ratio


def reported(campaign: Campaign, today: date) -> dict[str, Reading]:
    """Return the units' figures over the span so far.

    Whole months are the actuals; parts of a month come from the daily figures. What does not add
    up, a ratio or a last value, is read over whole months only.
    """
    indicator = campaign.indicator
    assert indicator is not None
    units = list(
        Unit.objects.of(campaign.district_id).business().open_on(campaign.ends_on).order_by("pk")
    )
    until = min(campaign.ends_on, today)
    if until < campaign.starts_on:
        return {}
    months = months_between(campaign.starts_on, until)
    if not is_summed(indicator):
        found = figures(
            district_id=campaign.district_id, months=months, codes=[indicator.code],
            unit_ids=[unit.pk for unit in units],
        )  # fmt: skip
        values = {unit.code: found[unit.pk, indicator.code].actual for unit in units}
        return {
            code: Reading(value, is_whole=value is not None and until == campaign.ends_on)
            for code, value in values.items()
        }
    by_month = [_month(campaign, indicator, month, units) for month in months]
    return {unit.code: _together([each[unit.pk] for each in by_month]) for unit in units}


def _month(
    campaign: Campaign, indicator: Indicator, month: date, units: Sequence[Unit]
) -> dict[int, Reading]:
    first, last = max(campaign.starts_on, month), min(campaign.ends_on, last_day(month))
    if (first, last) == (month, last_day(month)):
        found = figures(
            district_id=campaign.district_id, months=[month], codes=[indicator.code],
            unit_ids=[unit.pk for unit in units],
        )  # fmt: skip
        values = {unit.pk: found[unit.pk, indicator.code].actual for unit in units}
        return {pk: NOTHING if value is None else Reading(value) for pk, value in values.items()}
    courses = {one.unit.pk: one.course for one in month_course(indicator, month, units).units}
    readings: dict[int, Reading] = {}
    for unit in units:
        course = courses.get(unit.pk)
        value = between({month: course}, first - timedelta(days=1), last) if course else None
        if course is None or value is None:
            readings[unit.pk] = NOTHING
            continue
        as_of = max(day for day, _value in course.points if day <= last)
        readings[unit.pk] = Reading(value, as_of=as_of, is_whole=as_of == last)
    return readings


def _together(parts: Sequence[Reading]) -> Reading:
    known = [part.value for part in parts if part.value is not None]
    days = [part.as_of for part in parts if part.as_of is not None]
    return Reading(
        sum(known, Decimal(0)) if known else None,
        as_of=max(days, default=None),
        is_whole=all(part.is_whole for part in parts),
    )
