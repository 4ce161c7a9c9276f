"""Late corrections of published months: requested, verified, approved, then posted to an open one.

The published month never moves. What a figure of it lacked is counted in the open month beside
what is reported there.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kpi.models import Actual, Adjustment, AdjustmentState, Month, MonthState
from kpi.services.checking import figure_fault
from kpi.services.months import hold_open, hold_published
from orgchart import audit, jobs
from orgchart.errors import Fault, Invalid, Locked, Refused
from orgchart.models import Person, Unit
from targets.amounts import to_scaled
from targets.models import Breakdown, Indicator, Rollup
from targets.months import month_text

# Version 0 says that nobody has reported the cell yet: it has no value of its own.
POST = """
INSERT INTO kpi_actual (month, unit_id, indicator_id, breakdown_id, value, as_of, version,
                        reported_at, doubt_reason, adjustment)
VALUES (%s, %s, %s, %s, NULL, %s, 0, %s, '', %s)
ON CONFLICT (month, unit_id, indicator_id, breakdown_id) DO UPDATE SET
  adjustment = kpi_actual.adjustment + excluded.adjustment
"""


@transaction.atomic
def request_adjustment(
    *,
    unit: Unit,
    indicator: Indicator,
    breakdown: Breakdown,
    month: date,
    delta: Decimal,
    reason: str,
    by: Person,
    at: datetime,
) -> Adjustment:
    """Ask for a correction of a published figure by `delta`; the caller has checked the unit.

    Raises Invalid with pointers, Locked for a month that is still open or closed.
    """
    hold_published(district_id=unit.district_id, month=month)
    figure = Actual.objects.filter(
        month=month, unit=unit, indicator=indicator, breakdown=breakdown
    ).first()
    faults = _faults(figure, indicator, breakdown, delta, reason)
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    made = Adjustment.objects.create(
        unit=unit, indicator=indicator, breakdown=breakdown, month=month, delta=delta,
        reason=reason.strip()[:200], requested_by=by, requested_at=at,
    )  # fmt: skip
    _record(made, "requested", by=by, at=at, before=None, reason=made.reason)
    return made


def _faults(
    figure: Actual | None,
    indicator: Indicator,
    breakdown: Breakdown,
    delta: Decimal,
    reason: str,
) -> list[Fault]:
    faults = []
    if indicator.rollup != Rollup.SUM:
        faults.append(
            Fault(
                "/indicator",
                _("%(indicator)s is not added up over months, so it cannot be made up for later.")
                % {"indicator": indicator.name},
            )
        )
    elif figure is None or figure.value is None:
        faults.append(Fault("/indicator", _("This figure was not reported in that month.")))
    else:
        name, detail = figure_fault(indicator, breakdown, figure.value + delta)
        if detail:
            faults.append(Fault(f"/{name.replace('value', 'delta')}", detail))
        elif figure.value + delta < 0 and not indicator.may_be_negative:
            faults.append(Fault("/delta", _("The corrected figure would be below zero.")))
    if delta == 0:
        faults.append(Fault("/delta", _("A correction of zero changes nothing.")))
    if not reason.strip():
        faults.append(Fault("/reason", _("Write why the figure is corrected.")))
    return faults


@transaction.atomic
def verify_adjustment(*, adjustment: Adjustment, by: Person, at: datetime) -> Adjustment:
    """The auditor confirms a request. Raises Locked in any other state, Refused for one's own."""
    row = _locked(adjustment, AdjustmentState.REQUESTED)
    _somebody_else(by, row.requested_by_id)
    row.state, row.verified_by, row.verified_at = AdjustmentState.VERIFIED, by, at
    row.save(update_fields=["state", "verified_by", "verified_at"])
    _record(row, "verified", by=by, at=at, before=AdjustmentState.REQUESTED)
    return row


@transaction.atomic
def approve_adjustment(
    *, adjustment: Adjustment, effect: Mapping[str, Any], by: Person, at: datetime
) -> Adjustment:
    """Post a verified correction to the latest open month; its scores follow (job "rescore").

    `effect` is kept with it: what it would have changed. Raises Locked in any other state,
    without an open month, or when its own was reopened: what is corrected there would count
    twice. Refused for who requested or verified it.
    """
    row = _locked(adjustment, AdjustmentState.VERIFIED)
    _somebody_else(by, row.requested_by_id, row.verified_by_id)
    hold_published(district_id=row.unit.district_id, month=row.month)
    posted = (
        Month.objects.filter(
            district_id=row.unit.district_id, state=MonthState.OPEN, month__gt=row.month
        )
        .order_by("-month")
        .values_list("month", flat=True)
        .first()
    )
    if posted is None:
        raise Locked(
            _("No later month is open to post the correction to. The clerk opens the next one.")
        )
    hold_open(district_id=row.unit.district_id, month=posted)
    with connection.cursor() as cursor:
        cursor.execute(
            POST,
            [
                posted.isoformat(), row.unit_id, row.indicator_id, row.breakdown_id,
                posted.isoformat(), connection.ops.adapt_datetimefield_value(at),
                to_scaled(row.delta),
            ],
        )  # fmt: skip
    row.state, row.decided_by, row.decided_at = AdjustmentState.APPROVED, by, at
    row.posted, row.effect = posted, dict(effect)
    row.save(update_fields=["state", "decided_by", "decided_at", "posted", "effect"])
    _record(row, "approved", by=by, at=at, before=AdjustmentState.VERIFIED)
    jobs.request("rescore", district_id=row.unit.district_id, month=posted)
    return row


@transaction.atomic
def refuse_adjustment(
    *, adjustment: Adjustment, reason: str, by: Person, at: datetime
) -> Adjustment:
    """End a correction that is not posted, with a reason. Raises Locked, Invalid and Refused."""
    row = _locked(adjustment, AdjustmentState.REQUESTED, AdjustmentState.VERIFIED)
    _somebody_else(by, row.requested_by_id)
    if not reason.strip():
        detail = _("Write why the correction is refused.")
        raise Invalid(detail, [Fault("/reason", detail)])
    before, row.state = row.state, AdjustmentState.REFUSED
    row.refusal, row.decided_by, row.decided_at = reason.strip()[:200], by, at
    row.save(update_fields=["state", "refusal", "decided_by", "decided_at"])
    _record(row, "refused", by=by, at=at, before=before, reason=row.refusal)
    return row


def _locked(adjustment: Adjustment, *states: AdjustmentState) -> Adjustment:
    row = (
        Adjustment.objects.select_for_update(of=("self",))
        .select_related("unit__district", "indicator", "breakdown")
        .get(pk=adjustment.pk)
    )
    if row.state not in states:
        if row.state == AdjustmentState.REQUESTED:
            raise Locked(_("The auditor has to verify the correction first."))
        if row.state == AdjustmentState.VERIFIED:
            raise Locked(_("The correction is verified already. The head decides it next."))
        raise Locked(
            _("The correction is %(state)s already. Ask for another one if something is wrong.")
            % {"state": row.get_state_display()}
        )
    return row


def _somebody_else(by: Person, *earlier: int | None) -> None:
    if by.pk in earlier:
        raise Refused(_("You took part already; somebody else has to."))


def _record(
    row: Adjustment,
    verb: str,
    *,
    by: Person,
    at: datetime,
    before: str | None,
    reason: str = "",
) -> None:
    key = {
        "unit": row.unit.code,
        "indicator": row.indicator.code,
        "breakdown": row.breakdown.code,
        "month": month_text(row.month),
        "delta": f"{row.delta:f}",
    }
    if row.posted:
        key["posted"] = month_text(row.posted)
    audit.record(
        by=by,
        at=at,
        action=f"adjustment.{verb}",
        subject=f"adjustments/{row.pk}",
        district=row.unit.district,
        unit=row.unit,
        changes=[{"key": key, "before": before, "after": row.state}],
        reason=reason,
    )
