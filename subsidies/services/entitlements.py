"""Entitlements: computed when a month is published, decided by hand where nothing computes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kpi.models import Month, MonthState
from kpi.queries.figures import figures
from orgchart import audit
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person, Unit
from subsidies.models import Entitlement, EntitlementState
from subsidies.queries.entitlements import REVENUE, policies_in_force, terms
from subsidies.rules import entitlement as rules
from subsidies.rules.money import to_cents
from targets.amounts import LIMIT
from targets.months import month_text


@transaction.atomic
def compute_entitlements(*, district_id: int, month: date, at: datetime) -> list[Entitlement]:
    """Compute fixed + floating for every unit with a policy (plan §7.1), once or again.

    Nothing happens unless the month is published. Equal figures change nothing; a floating part
    decided by hand stays as long as the task gives no ratio.
    """
    published = Month.objects.select_for_update().filter(
        district_id=district_id, month=month, state=MonthState.PUBLISHED
    )
    if not published.exists():
        return []
    policies = policies_in_force(district_id, month)
    reported = figures(
        district_id=district_id,
        months=[month],
        codes=[REVENUE],
        unit_ids=[policy.unit_id for policy in policies],
    )
    stored = {
        row.unit_id: row
        for row in Entitlement.objects.select_for_update(of=("self",))
        .filter(month=month, unit__district_id=district_id)
        .select_related("decided_by")
    }

    results, changes = [], []
    for policy in policies:
        figure = reported.get((policy.unit_id, REVENUE))
        task, actual = (figure.task, figure.actual) if figure else (None, None)
        result = rules.entitlement(terms(policy), task, actual)
        row = stored.get(policy.unit_id) or Entitlement(month=month, unit=policy.unit)
        before = _figures_of(row) if row.pk else None
        keeps_decision = row.decided_by_id and result.state is rules.State.MANUAL
        row.policy, row.task, row.actual, row.fixed = policy, task, actual, result.fixed
        if keeps_decision and row.floating is not None:
            row.total = result.fixed + row.floating
        else:
            row.state, row.floating, row.total = result.state.value, result.floating, result.total
            row.decided_by, row.reason = None, ""
        if before != (after := _figures_of(row)):
            row.computed_at = at
            row.version += 1 if row.pk else 0
            changes.append({"key": {"unit": policy.unit.code}, "before": before, "after": after})
            row.save()
        results.append(row)

    if changes:
        audit.record(
            by=None,
            at=at,
            action="subsidies.compute",
            subject=f"subsidies/{month_text(month)}",
            district=Unit.objects.get(pk=district_id),
            changes=changes,
            source="job",
        )
    return results


@transaction.atomic
def decide_floating(
    *,
    entitlement: Entitlement,
    floating: Decimal,
    reason: str,
    version: int,
    by: Person,
    at: datetime,
) -> Entitlement:
    """Set the floating part by hand where the task gives no ratio (rules §8: 人工核定).

    Raises Locked for a computed entitlement, VersionConflict when somebody decided meanwhile,
    Invalid for an amount that is negative, finer than a cent or above what the cap allows.
    """
    row = (
        Entitlement.objects.select_for_update(of=("self",))
        .select_related("policy", "unit__district")
        .get(pk=entitlement.pk)
    )
    if row.state != EntitlementState.MANUAL and row.decided_by_id is None:
        raise Locked(
            _("%(unit)s has a task for the month: its floating part is computed, not decided.")
            % {"unit": row.unit.name}
        )
    if row.version != version:
        raise VersionConflict(
            _("Somebody decided this meanwhile: %(floating)s yuan. Check it and save again.")
            % {"floating": f"{row.floating:,.2f}"}
        )
    faults = list(_faults(row, floating, reason))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)

    before = _figures_of(row)
    row.floating = floating
    row.total = row.fixed + floating
    row.state = EntitlementState.SETTLED
    row.decided_by, row.reason = by, reason.strip()
    row.version += 1
    row.save()
    audit.record(
        by=by,
        at=at,
        action="subsidies.decide",
        subject=f"subsidies/{row.unit.code}/{month_text(row.month)}",
        district=by.district,
        unit=row.unit,
        changes=[
            {"key": {"unit": row.unit.code}, "before": before, "after": _figures_of(row)},
        ],
        reason=row.reason,
    )
    return row


def _faults(row: Entitlement, floating: Decimal, reason: str) -> list[Fault]:
    faults = []
    cap = row.policy.cap
    most = LIMIT if cap is None else to_cents(row.policy.floating_base * cap)
    if floating < 0:
        faults.append(Fault("/floating", _("The floating part cannot be negative.")))
    elif floating != to_cents(floating):
        faults.append(Fault("/floating", _("Write at most two decimals.")))
    elif floating > most:
        faults.append(
            Fault(
                "/floating",
                _("At most %(most)s yuan: the floating base times the cap.")
                % {"most": f"{most:,.2f}"},
            )
        )
    if not reason.strip():
        faults.append(Fault("/reason", _("Write the reason of the decision.")))
    return faults


def _figures_of(row: Entitlement) -> dict[str, Any]:
    """Return what an entitlement consists of, as the trail keeps it."""
    amounts = {
        name: None if getattr(row, name) is None else f"{getattr(row, name):.4f}"
        for name in ("task", "actual", "fixed", "floating", "total")
    }
    decided_by = row.decided_by.code if row.decided_by else None
    return amounts | {"state": str(row.state), "policy": row.policy_id, "decided_by": decided_by}
