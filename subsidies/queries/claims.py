"""Expense claims as people see them, and what a unit may still claim."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from kpi.queries.figures import figures
from orgchart.models import Person, Unit
from subsidies.models import (
    Claim,
    ClaimCategory,
    ClaimReceipt,
    ClaimSource,
    ClaimState,
    Draws,
    Entitlement,
    SubsidyPolicy,
)
from subsidies.queries.entitlements import REVENUE, policies_in_force, terms
from subsidies.rules import claims as rules
from subsidies.rules.entitlement import gain
from targets.months import last_day, month_after

LIVE = (
    ClaimState.SUBMITTED,
    ClaimState.APPROVED,
    ClaimState.CHECKED,
    ClaimState.PAID,
    ClaimState.ARCHIVED,
)
WRITABLE = (ClaimState.DRAFT, ClaimState.RETURNED)
MORE_REVENUE = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Prospect:
    """What more revenue of the month adds to the floating part: yuan, and the ratio now."""

    month: date
    task: Decimal  # 万元
    actual: Decimal
    share: Decimal  # 0.02 is 2 %
    adds: Decimal


@dataclass(frozen=True, slots=True)
class UnitHeadroom:
    """The balance of a unit-month; `floating_month` is the month whose floating part counts."""

    unit: Unit
    month: date
    fixed_month: date
    floating_month: date
    room: rules.Headroom
    prospect: Prospect | None


def claims_of(
    district: Unit, unit_ids: frozenset[int] | None, claimant: Person | None = None
) -> QuerySet[Claim]:
    """Return the claims of the units (None: all), and the claimant's own, latest first."""
    found = Claim.objects.filter(unit__district=district)
    if unit_ids is not None:
        found = found.filter(Q(unit_id__in=unit_ids) | Q(claimant=claimant))
    receipts = ClaimReceipt.objects.filter(claim=OuterRef("pk"))
    return found.select_related("unit", "claimant").annotate(has_receipts=Exists(receipts))


def categories(district: Unit, *, only_open: bool = True) -> QuerySet[ClaimCategory]:
    """Return what a claim may be for, in order."""
    found = ClaimCategory.objects.filter(district=district)
    return found.filter(is_open=True) if only_open else found


def draws_on(district_id: int, month: date) -> str:
    """Return the setting in force on the month's first day; the default where none is."""
    rows = ClaimSource.objects.on(month).filter(district_id=district_id)
    return rows.values_list("draws", flat=True).first() or Draws.SPLIT


def demands(unit_id: int, month: date) -> list[rules.Demand]:
    """Return the live claims of a unit-month as the rules take them."""
    return _demands([unit_id], month).get(unit_id, [])


def budget_of(unit: Unit, month: date) -> rules.Budget:
    """Return what the unit may claim for the month."""
    return _budgets(unit.district_id, month, [unit.pk])[unit.pk]


def headrooms(
    district: Unit, month: date, unit_ids: Iterable[int] | None = None
) -> list[UnitHeadroom]:
    """Return the balance of each business unit, in a fixed number of queries."""
    units = Unit.objects.of(district).business().open_on(last_day(month))
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    rows = list(units.order_by("position", "pk"))
    ids = [unit.pk for unit in rows]
    is_split = draws_on(district.pk, month) == Draws.SPLIT
    before = month_after(month, -1)
    budgets = _budgets(district.pk, month, ids)
    asked = _demands(ids, month)
    prospects = _prospects(district.pk, month, ids)
    return [
        UnitHeadroom(
            unit=unit,
            month=month,
            fixed_month=month if is_split else before,
            floating_month=before,
            room=rules.headroom(budgets[unit.pk], asked.get(unit.pk, [])),
            prospect=prospects.get(unit.pk),
        )
        for unit in rows
    ]


def _demands(unit_ids: list[int], month: date) -> dict[int, list[rules.Demand]]:
    live = claims_in(unit_ids, month).filter(state__in=LIVE)
    found: dict[int, list[rules.Demand]] = {}
    for claim in live.annotate(
        has_receipts=Exists(ClaimReceipt.objects.filter(claim=OuterRef("pk")))
    ):
        found.setdefault(claim.unit_id, []).append(
            rules.Demand(
                key=claim.pk,
                submitted_at=claim.submitted_at,
                amount=claim.amount,
                granted=claim.granted,
                has_receipts=claim.has_receipts,
            )
        )
    return found


def claims_in(unit_ids: Iterable[int], month: date) -> QuerySet[Claim]:
    """Return the claims of the units and month, by key."""
    return Claim.objects.filter(unit_id__in=list(unit_ids), month=month).order_by("pk")


def _budgets(district_id: int, month: date, unit_ids: list[int]) -> dict[int, rules.Budget]:
    """Return {unit id: budget}; without a policy nothing may be claimed."""
    before = month_after(month, -1)
    stored = {
        (row.unit_id, row.month): row
        for row in Entitlement.objects.filter(unit_id__in=unit_ids, month__in=[before, month])
    }
    fixed_month = month if draws_on(district_id, month) == Draws.SPLIT else before
    fixed = {row.unit_id: row.fixed for row in policies_in_force(district_id, fixed_month)}
    fixed |= {unit: row.fixed for (unit, at), row in stored.items() if at == fixed_month}
    found = {}
    for unit_id in unit_ids:
        last = stored.get((unit_id, before))
        is_known = last is not None and last.state == "settled"
        found[unit_id] = rules.Budget(
            fixed.get(unit_id, Decimal("0.00")), last.floating if last and is_known else None
        )
    return found


def _prospects(district_id: int, month: date, unit_ids: list[int]) -> dict[int, Prospect]:
    """Return what more revenue of the month would add, where a task and an actual are known."""
    policies: dict[int, SubsidyPolicy] = {
        row.unit_id: row for row in policies_in_force(district_id, month) if row.unit_id in unit_ids
    }
    known = figures(
        district_id=district_id, months=[month], codes=[REVENUE], unit_ids=list(policies)
    )
    found = {}
    for unit_id, policy in policies.items():
        figure = known.get((unit_id, REVENUE))
        if figure is None or not figure.task or figure.task <= 0 or figure.actual is None:
            continue
        found[unit_id] = Prospect(
            month, figure.task, figure.actual, MORE_REVENUE,
            gain(terms(policy), figure.task, figure.actual, MORE_REVENUE),
        )  # fmt: skip
    return found
