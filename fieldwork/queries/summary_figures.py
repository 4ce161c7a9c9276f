"""The figures that a summary is filled in with; stored as they stood when it is sent."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet

from fieldwork.models import (
    REACHED,
    Activity,
    ActivityKind,
    ActivityState,
    Call,
    Stage,
    StageChange,
    Summary,
    SummaryKind,
)
from fieldwork.rules.summaries import last_of_week
from kpi.models import DailyFigure
from kpi.queries.daily import FOCUS, month_course
from kpi.rules.pace import days_of, every_day, pace
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Unit
from targets.amounts import rounded
from targets.models import Indicator, Rollup

COUNTS = ("visits_planned", "visits_done", "calls", "reached", "signed")


def day_figures(unit: Unit, person_ids: Collection[int], day: date) -> dict[int, dict[str, Any]]:
    """Return the figures of a day of people of a unit, by person.

    {"visits_planned", "visits_done", "calls", "reached", "signed": counts of the person,
    "indicators": the unit's, see `indicators`}. A fixed number of queries, however many people.
    """
    known = indicators(unit, day, day)
    counts = _counts(day, day, person_ids)
    nothing = dict.fromkeys(COUNTS, 0)
    return {pk: nothing | counts.get(pk, {}) | {"indicators": known} for pk in person_ids}


def week_figures(unit: Unit, first: date, *, until: date, writers: int, due: int) -> dict[str, Any]:
    """Return the figures of a unit's week up to a day: counts of all its people, and indicators.

    `writers` daily summaries were sent of `due`.
    """
    last = min(until, last_of_week(first) + timedelta(days=1))
    whole = dict.fromkeys(COUNTS, 0)
    for counts in _counts(first, last, unit=unit).values():
        for name, count in counts.items():
            whole[name] += count
    return whole | {
        "dailies": writers, "dailies_due": due, "indicators": indicators(unit, first, last),
    }  # fmt: skip


def indicators(unit: Unit, first: date, last: date) -> list[dict[str, Any]]:
    """Return what a unit reports day by day, as text that stays exact.

    Each {"code", "zh", "en", "decimals", "brought": in the period, "total", "task", "completion",
    "time_progress": ratios with six places, "as_of"}; None where something is not known. New users
    stand first, always.
    """
    month = last.replace(day=1)
    reported = DailyFigure.objects.filter(unit=unit, month=month).values("indicator")
    rows = Indicator.objects.filter(
        Q(pk__in=reported) | Q(code=FOCUS), district=unit.district, rollup=Rollup.SUM,
        is_derived=False,
    )  # fmt: skip
    return [
        _standing(row, unit, first, last) for row in sorted(rows, key=lambda one: one.code != FOCUS)
    ]


def _standing(indicator: Indicator, unit: Unit, first: date, last: date) -> dict[str, Any]:
    months = dict.fromkeys(day.replace(day=1) for day in (first, last))
    courses = {month: month_course(indicator, month, [unit]).units for month in months}
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    brought = [
        value
        for day in days
        for one in courses[day.replace(day=1)]
        if (value := one.course.brought(day)) is not None
    ]
    [one] = courses[last.replace(day=1)] or [None]
    as_of = None
    if one is not None:
        as_of = max((day for day, _value in one.course.points if day <= last), default=None)
    found: dict[str, Any] = {
        "code": indicator.code, "zh": indicator.name_zh, "en": indicator.name_en,
        "decimals": indicator.decimals,
        "brought": _text(sum(brought, Decimal(0)) if brought else None),
        "total": None, "task": _text(one.task if one else None), "completion": None,
        "time_progress": None, "as_of": None,
    }  # fmt: skip
    if one is None or as_of is None:
        return found
    found |= {"total": _text(one.course.on(as_of)), "as_of": as_of.isoformat()}
    if one.task is not None:
        stood = pace(one.task, one.course.on(as_of), days_of(as_of, as_of, every_day))
        found["completion"] = _ratio(stood.completion)
        found["time_progress"] = _ratio(stood.time_progress)
    return found


def _counts(
    first: date, last: date, person_ids: Collection[int] | None = None, unit: Unit | None = None
) -> dict[int, dict[str, int]]:
    """Return person → counts of a period, of the people or of everybody in the unit's name."""
    begin = datetime.combine(first, time(), tzinfo=BUSINESS_ZONE)
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=BUSINESS_ZONE)
    visits = Activity.objects.filter(kind=ActivityKind.VISIT)
    calls = Call.objects.filter(at__gte=begin, at__lt=end)
    signed = StageChange.objects.filter(
        stage=Stage.SIGNED, account__stage=Stage.SIGNED, on__gte=first, on__lte=last,
        account__responsible__isnull=False,
    )  # fmt: skip
    if unit is not None:
        visits, calls = visits.filter(unit=unit), calls.filter(user__unit=unit)
        signed = signed.filter(account__unit=unit)
    if person_ids is not None:
        signed = signed.filter(account__responsible__in=person_ids)
    found: dict[int, dict[str, int]] = {}

    def add(rows: QuerySet, key: str, **counts: Count) -> None:
        if person_ids is not None:
            rows = rows.filter(**{f"{key}__in": person_ids})
        for each in rows.order_by().values(key).annotate(**counts):
            person = each.pop(key)
            found.setdefault(person, {}).update(each)

    planned = visits.exclude(state=ActivityState.CANCELLED)
    add(planned.filter(planned_on__gte=first, planned_on__lte=last), "person",
        visits_planned=Count("pk"))  # fmt: skip
    done = visits.filter(state=ActivityState.DONE, done_at__gte=begin, done_at__lt=end)
    add(done, "done_by", visits_done=Count("pk"))
    add(calls, "by", calls=Count("pk"), reached=Count("pk", filter=Q(result__in=REACHED)))
    add(signed, "account__responsible", signed=Count("account", distinct=True))
    return found


def dailies(unit: Unit, days: Iterable[date]) -> int:
    """Return how many daily summaries a unit's people sent of some days."""
    return Summary.objects.filter(
        kind=SummaryKind.DAILY, unit=unit, first__in=list(days)
    ).count()  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _ratio(value: Fraction | None) -> str | None:
    if value is None:
        return None
    return f"{rounded(Decimal(value.numerator) / value.denominator, 6):f}"
