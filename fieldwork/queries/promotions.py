"""Promotions as people see them: due, late, a month's calendar, what they add up to."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Q, QuerySet, Sum

from fieldwork.models import Activity, ActivityKind, ActivityState
from fieldwork.queries.visits import in_month
from fieldwork.rules.promotions import per_user
from orgchart.models import Unit
from targets.months import last_day

EDITABLE = (ActivityState.SUBMITTED, ActivityState.RETURNED, ActivityState.APPROVED)
# What a claim may name: money is spent on what was approved.
CLAIMABLE = (ActivityState.APPROVED, ActivityState.DONE)


@dataclass(frozen=True, slots=True)
class Tally:
    """A unit's promotions of a month; users and cost are of those that were held."""

    unit: Unit
    planned: int
    expected: int
    held: int
    users: int
    cost: Decimal

    @property
    def per_user(self) -> Fraction | None:
        return per_user(self.cost, self.users)


@dataclass(slots=True)
class Day:
    """A day of the calendar; `is_inside` tells the month's days from the rest of its weeks."""

    day: date
    is_inside: bool
    rows: list[Activity] = field(default_factory=list)


def promotions_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[Activity]:
    """Return the promotions of the units (None: all) with all that is told of them, by day."""
    rows = Activity.objects.filter(kind=ActivityKind.PROMOTION, unit__district=district)
    rows = rows.select_related(
        "unit", "dealer", "person", "promotion__made_by", "promotion__decided_by"
    )
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def to_decide(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """Return those that wait for approval."""
    return rows.filter(state=ActivityState.SUBMITTED)


def unreported(rows: QuerySet[Activity], on: date) -> QuerySet[Activity]:
    """Return those that were to be held before the day and have no result."""
    return rows.filter(state=ActivityState.APPROVED, planned_on__lt=on)


def due(rows: QuerySet[Activity], on: date) -> QuerySet[Activity]:
    """Return what asks for something: no result yet, sent back, or to come within two weeks."""
    return rows.filter(
        Q(state=ActivityState.APPROVED, planned_on__lte=on + timedelta(days=13))
        | Q(state__in=[ActivityState.SUBMITTED, ActivityState.RETURNED])
    )


def to_come(rows: QuerySet[Activity], after: date, until: date) -> QuerySet[Activity]:
    """Return the approved and the submitted ones of the days after one up to another."""
    return rows.filter(
        state__in=[ActivityState.APPROVED, ActivityState.SUBMITTED],
        planned_on__gt=after, planned_on__lte=until,
    )  # fmt: skip


def calendar(rows: QuerySet[Activity], month: date) -> list[list[Day]]:
    """Return the weeks of a month from Monday to Sunday with what is held on each day."""
    by_day: dict[date, list[Activity]] = defaultdict(list)
    live = rows.filter(in_month(month)).exclude(state=ActivityState.CANCELLED)
    for row in live.order_by("planned_on", "unit__position", "pk"):
        by_day[row.planned_on].append(row)
    first, last = month - timedelta(days=month.weekday()), last_day(month)
    weeks = range(0, (last - first).days + 1, 7)
    return [
        [
            Day(day, month <= day <= last, by_day.get(day, []))
            for day in (first + timedelta(days=start + n) for n in range(7))
        ]
        for start in weeks
    ]


def tallies(district: Unit, month: date, unit_ids: Collection[int] | None) -> list[Tally]:
    """Return what each unit planned and held in the month; two queries."""
    units = Unit.objects.of(district).business().open_on(last_day(month)).order_by("position", "pk")
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    held = Q(state=ActivityState.DONE)
    planned = Q(state__in=[*EDITABLE, ActivityState.DONE])
    sums = {
        each["unit"]: each
        for each in Activity.objects.filter(
            in_month(month), kind=ActivityKind.PROMOTION, unit__in=units
        )
        .order_by()
        .values("unit")
        .annotate(
            planned=Count("pk", filter=planned),
            expected=Sum("promotion__expected", filter=planned),
            held=Count("pk", filter=held),
            users=Sum("promotion__users", filter=held),
            cost=Sum("promotion__cost", filter=held),
        )
    }
    return [
        Tally(
            unit, each.get("planned") or 0, each.get("expected") or 0, each.get("held") or 0,
            each.get("users") or 0, each.get("cost") or Decimal(0),
        )
        for unit in units
        for each in [sums.get(unit.pk, {})]
    ]  # fmt: skip


def together(rows: Iterable[Tally], unit: Unit) -> Tally:
    """Return the sum of units' tallies as that of `unit`."""
    found = list(rows)
    return Tally(
        unit, sum(row.planned for row in found), sum(row.expected for row in found),
        sum(row.held for row in found), sum(row.users for row in found),
        sum((row.cost for row in found), Decimal(0)),
    )  # fmt: skip
