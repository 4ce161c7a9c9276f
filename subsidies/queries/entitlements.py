"""The subsidies of a district's units for a month, each with the figures behind it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from kpi.models import Month
from kpi.queries.figures import figures
from orgchart.models import Person, Unit
from subsidies.models import Entitlement, EntitlementState, SubsidyPolicy
from subsidies.rules import entitlement as rules
from targets.models import Indicator, Term
from targets.months import last_day

REVENUE = "total_revenue"


@dataclass(frozen=True, slots=True)
class Subsidy:
    """One unit's month. `completion` is exact, None while pending or without a usable task.

    Task and actual in 万元, everything else in yuan. `version` 0: not computed yet.
    """

    unit: Unit
    policy: SubsidyPolicy
    state: str
    task: Decimal | None
    actual: Decimal | None
    fixed: Decimal
    floating: Decimal | None
    completion: Fraction | None
    total: Decimal | None
    capped: bool = False
    computed_at: datetime | None = None
    decided_by: Person | None = None
    reason: str = ""
    version: int = 0

    @property
    def is_by_hand(self) -> bool:
        """Whether a person decides, or has decided, the floating part."""
        return self.state == EntitlementState.MANUAL or self.decided_by is not None


@dataclass(frozen=True, slots=True)
class SubsidyTable:
    """The rows in the order of the units; `total` is None while one of them is pending."""

    month: date
    month_state: str  # of kpi.MonthState; "" when the month has not been opened
    rows: tuple[Subsidy, ...]
    total: Decimal | None


def policies_in_force(district_id: int, month: date) -> list[SubsidyPolicy]:
    """Return the policy of each unit of the district on the month's last day, by unit."""
    day = last_day(month)
    found = (
        SubsidyPolicy.objects.on(day)
        .filter(unit__district_id=district_id, unit__in=Unit.objects.business().open_on(day))
        .select_related("unit")
        .order_by("unit__position", "unit_id", "valid_from")
    )
    latest = {policy.unit_id: policy for policy in found}
    return list(latest.values())


def terms(policy: SubsidyPolicy) -> rules.Policy:
    """Return a stored policy as the rules take it."""
    return rules.Policy(policy.fixed, policy.floating_base, policy.cap, policy.floor)


def subsidy_table(
    district: Unit, month: date, unit_ids: frozenset[int] | None = None
) -> SubsidyTable:
    """Return the district's subsidies; `unit_ids` limits the rows and the total to those units.

    Units whose entitlement is not computed yet have a pending row with the policy's fixed part.
    """
    stored = {
        row.unit_id: row
        for row in Entitlement.objects.filter(month=month, unit__district=district).select_related(
            "unit", "policy", "decided_by"
        )
    }
    in_force = {policy.unit_id: policy for policy in policies_in_force(district.pk, month)}
    state = Month.objects.filter(district=district, month=month).values_list("state", flat=True)

    units = {row.unit_id: row.unit for row in [*in_force.values(), *stored.values()]}
    rows = tuple(
        _computed(stored[unit.pk]) if unit.pk in stored else _awaited(in_force[unit.pk])
        for unit in sorted(units.values(), key=lambda unit: (unit.position, unit.pk))
        if unit_ids is None or unit.pk in unit_ids
    )
    known = [row.total for row in rows if row.total is not None]
    total = sum(known, Decimal("0.00")) if len(known) == len(rows) else None
    return SubsidyTable(month=month, month_state=state.first() or "", rows=rows, total=total)


def _computed(row: Entitlement) -> Subsidy:
    figured = rules.entitlement(terms(row.policy), row.task, row.actual)
    return Subsidy(
        unit=row.unit,
        policy=row.policy,
        state=row.state,
        task=row.task,
        actual=row.actual,
        fixed=row.fixed,
        floating=row.floating,
        completion=figured.completion,
        total=row.total,
        capped=figured.capped,
        computed_at=row.computed_at,
        decided_by=row.decided_by,
        reason=row.reason,
        version=row.version,
    )


def _awaited(policy: SubsidyPolicy) -> Subsidy:
    pending = rules.entitlement(terms(policy), None, None)
    return Subsidy(
        unit=policy.unit,
        policy=policy,
        state=EntitlementState.PENDING,
        task=None,
        actual=None,
        fixed=pending.fixed,
        floating=None,
        completion=None,
        total=None,
    )


def revenue_sources(
    district: Unit, month: date, unit_id: int
) -> list[tuple[Indicator, Decimal | None, Decimal | None]]:
    """Return what total revenue is summed from: (indicator, task, actual) of the unit."""
    terms_of_total = Term.objects.filter(
        indicator__district=district, indicator__code=REVENUE
    ).select_related("source")
    found = [term.source for term in terms_of_total]
    known = figures(
        district_id=district.pk,
        months=[month],
        codes=[source.code for source in found],
        unit_ids=[unit_id],
    )
    return [
        (source, figure.task if figure else None, figure.actual if figure else None)
        for source in found
        for figure in [known.get((unit_id, source.code))]
    ]
