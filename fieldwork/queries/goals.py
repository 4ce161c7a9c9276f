"""Goals with what was reached, as people see them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Q, QuerySet

from fieldwork.models import Account, Goal, Stage, StageChange
from fieldwork.rules.goals import DROP_AFTER, completion, is_met, missed_in_a_row
from orgchart.models import Dealer, DealerKind, Person, Unit
from orgchart.queries.dealers import dealers
from targets.months import last_day, month_after

Parts = tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal and how far it is; `missed` months in a row, of an agent."""

    goal: Goal
    parts: Parts
    completion: Fraction | None
    is_met: bool | None
    missed: int

    @property
    def should_drop(self) -> bool:
        return self.goal.dealer_id is not None and self.missed >= DROP_AFTER


def goals_of(
    district: Unit, unit_ids: Collection[int] | None, person: Person | None = None
) -> QuerySet[Goal]:
    """Return the goals of the units (None: all), and the person's own."""
    rows = Goal.objects.filter(unit__district=district)
    if unit_ids is not None:
        rows = rows.filter(Q(unit_id__in=unit_ids) | Q(person=person, person__isnull=False))
    return rows.select_related("unit__district", "person", "dealer", "assessed_by")


def standings(rows: Iterable[Goal]) -> list[Standing]:
    """Return the goals with what was reached; two further queries, however many."""
    goals = list(rows)
    if not goals:
        return []
    months = sorted({goal.month for goal in goals})
    signed = signings(months[0], months[-1], [goal.person_id for goal in goals if goal.person_id])
    before = _history([goal.dealer_id for goal in goals if goal.dealer_id], months[0])
    found = []
    for goal in goals:
        groups = goal.groups_done
        if groups is None:
            groups = signed.get((goal.person_id, goal.unit_id, goal.month), 0)
        parts = (
            (goal.groups, groups),
            (goal.mobile, goal.mobile_done),
            (goal.fixed, goal.fixed_done),
        )
        met = is_met(parts)
        row = [*before.get(goal.dealer_id, []), met] if goal.dealer_id else []
        found.append(Standing(goal, parts, completion(parts), met, missed_in_a_row(row)))
    return found


def signings(
    first: date, last: date, person_ids: Collection[int]
) -> dict[tuple[int | None, int, date], int]:
    """Return (responsible person, unit, month) → accounts signed, and still so, in the month."""
    steps = StageChange.objects.filter(
        stage=Stage.SIGNED, on__gte=first, on__lte=last_day(last),
        account__responsible_id__in=person_ids, account__stage=Stage.SIGNED,
    )  # fmt: skip
    found: dict[tuple[int | None, int, date], int] = {}
    seen = set()
    for account, person, unit, on in steps.order_by("-on", "-pk").values_list(
        "account_id", "account__responsible_id", "account__unit_id", "on"
    ):
        if account in seen:
            continue
        seen.add(account)
        key = (person, unit, on.replace(day=1))
        found[key] = found.get(key, 0) + 1
    return found


def named_accounts(goal: Goal) -> QuerySet[Account]:
    """Return the accounts that a person is responsible for and that are due by the goal's day."""
    if goal.person_id is None:
        return Account.objects.none()
    return Account.objects.filter(
        Q(deadline__lte=goal.due_on) | Q(deadline=None), responsible=goal.person_id,
        unit=goal.unit_id,
    ).exclude(stage__in=[Stage.SIGNED, Stage.LOST]).order_by("deadline", "pk")  # fmt: skip


def personal_results(district: Unit, month: date) -> dict[tuple[int, int], Decimal | None]:
    """Return (person id, unit id) → the completion as assessed; None while it is not.

    Whoever is asked nothing has no result. One query.
    """
    rows = Goal.objects.filter(unit__district=district, month=month, person__isnull=False)
    asked = rows.exclude(groups=0, mobile=0, fixed=0)
    return {
        (row.person_id, row.unit_id): row.completion if row.verdict else None
        for row in asked
        if row.person_id is not None
    }


def agents(district: Unit, on: date, unit_ids: Collection[int] | None) -> QuerySet[Dealer]:
    """Return the agents in the handset malls."""
    return dealers(district, on, unit_ids).open_on(on).filter(kind=DealerKind.MALL_MERCHANT)


def not_reported(rows: QuerySet[Goal], on: date) -> QuerySet[Goal]:
    """Return what was asked by a day before `on` and not reported."""
    unsaid = Q(mobile__gt=0, mobile_done=None) | Q(fixed__gt=0, fixed_done=None)
    return rows.filter(unsaid, due_on__lt=on, verdict="")


def to_assess(rows: QuerySet[Goal], on: date) -> QuerySet[Goal]:
    """Return what ran out and was reported, so that somebody may assess it."""
    said = (Q(mobile=0) | Q(mobile_done__isnull=False)) & (Q(fixed=0) | Q(fixed_done__isnull=False))
    return rows.filter(said, due_on__lte=on, verdict="").exclude(groups=0, mobile=0, fixed=0)


def goal_counts(rows: QuerySet[Goal]) -> tuple[int, int]:
    """Return (assessed, all)."""
    sums = rows.order_by().aggregate(all=Count("pk"), assessed=Count("pk", filter=~Q(verdict="")))
    return sums["assessed"], sums["all"]


def _history(dealer_ids: Collection[int], month: date) -> dict[int, list[bool | None]]:
    """Return agent → whether each earlier month of the half year was met, oldest first."""
    found: dict[int, list[bool | None]] = {}
    rows = Goal.objects.filter(
        dealer_id__in=dealer_ids, month__lt=month, month__gte=month_after(month, -6)
    )
    for goal in rows.order_by("month"):
        found.setdefault(goal.dealer_id, []).append(
            is_met(((goal.mobile, goal.mobile_done), (goal.fixed, goal.fixed_done)))
        )
    return found
