"""The way of a commission sheet: made, audited, approved; or returned and made again."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kpi.models import Month, MonthState
from orgchart import audit
from orgchart.errors import Fault, Invalid, Locked, Refused
from orgchart.models import Person, Unit
from subsidies.models import (
    CommissionLine,
    CommissionScheme,
    CommissionSheet,
    DealerReturn,
    SheetState,
    Statement,
)
from subsidies.queries import returns as sources
from subsidies.queries.sheets import COLUMNS, seal_of
from subsidies.rules import commission as rules
from subsidies.rules.scheme import SchemeInvalid
from subsidies.rules.sheet import Settlement, totals
from subsidies.wording import located, month_name, state_name
from targets.months import month_text


@transaction.atomic
def make_sheet(*, district: Unit, month: date, by: Person, at: datetime) -> CommissionSheet:
    """Compute the month's sheet: returns × scheme and affiliation on the last day (rules §6, §7).

    A returned sheet becomes void and this one its next version. Raises Locked while the month is
    open, an earlier one unsettled, a later one already made or a sheet in force; Invalid naming
    every dealer whose figures cannot be computed.
    """
    _lock_reported_month(district, month)
    former = _former(district, month)
    scheme = sources.scheme_in_force(district, month)
    if scheme is None:
        raise Locked(_("No commission scheme is in force in %(month)s.") % _named(month))
    entered = sources.returns_of(district, month)
    if not entered:
        raise Locked(
            _("No dealer returns are entered for %(month)s. Enter them first.") % _named(month)
        )
    units = sources.units_of_dealers(district, month)
    debts = sources.debts(district, month)

    results = _statements(scheme, entered, units, debts)
    sums = totals(result.settlement for _row, result in results)

    if former is not None:
        former.state = SheetState.VOID
        former.save(update_fields=["state"])
    sheet = CommissionSheet.objects.create(
        district=district,
        month=month,
        version=_next_version(district, month),
        scheme=scheme,
        made_by=by,
        made_at=at,
        **_columns(sums),
    )
    _write(sheet, results, units)
    _note(sheet, "commission.make", by=by, at=at, after=_trail(sheet, dealers=len(results)))
    return sheet


@transaction.atomic
def audit_sheet(*, sheet: CommissionSheet, by: Person, at: datetime) -> CommissionSheet:
    """Pass a made sheet on for approval. The maker cannot audit it: Refused."""
    row = _held(sheet, SheetState.MADE)
    if by.pk == row.made_by_id:
        raise Refused(_("You made this sheet; somebody else has to audit it."))
    row.state, row.audited_by, row.audited_at = SheetState.AUDITED, by, at
    row.save(update_fields=["state", "audited_by", "audited_at"])
    _note(row, "commission.audit", by=by, at=at, before=SheetState.MADE, after=row.state)
    return row


@transaction.atomic
def approve_sheet(*, sheet: CommissionSheet, by: Person, at: datetime) -> CommissionSheet:
    """Approve an audited sheet and seal it; from then on it never changes.

    Neither maker nor auditor can approve it: Refused.
    """
    row = _held(sheet, SheetState.AUDITED)
    if by.pk in (row.made_by_id, row.audited_by_id):
        raise Refused(_("You made or audited this sheet; somebody else has to approve it."))
    row.state, row.approved_by, row.approved_at = SheetState.APPROVED, by, at
    row.seal = seal_of(row)
    row.save(update_fields=["state", "approved_by", "approved_at", "seal"])
    _note(
        row,
        "commission.approve",
        by=by,
        at=at,
        before=SheetState.AUDITED,
        after={"state": row.state, "paid": str(row.paid), "seal": row.seal},
    )
    return row


@transaction.atomic
def return_sheet(
    *, sheet: CommissionSheet, by: Person, at: datetime, reason: str
) -> CommissionSheet:
    """Send a made or audited sheet back to its maker, who makes it again. Raises Invalid
    without a reason."""
    row = _held(sheet, SheetState.MADE, SheetState.AUDITED)
    if not reason.strip():
        sentence = _("Write the reason of the return.")
        raise Invalid(sentence, [Fault("/reason", sentence)])
    before = row.state
    row.state, row.return_reason = SheetState.RETURNED, reason.strip()
    row.returned_by, row.returned_at = by, at
    row.save(update_fields=["state", "return_reason", "returned_by", "returned_at"])
    _note(row, "commission.return", by=by, at=at, before=before, after=row.state, reason=reason)
    return row


def _lock_reported_month(district: Unit, month: date) -> None:
    # Makers queue up on the month's row, so the second finds the sheet of the first.
    row = Month.objects.select_for_update().filter(district=district, month=month).first()
    if row is None or row.state == MonthState.OPEN:
        raise Locked(
            _("%(month)s is still open. Close it first, then make the sheet.") % _named(month)
        )


def _former(district: Unit, month: date) -> CommissionSheet | None:
    """Return the returned sheet to be replaced, if any; Locked when this is not the time."""
    former = sources.sheet_in_force(district, month)
    if former is not None and former.state != SheetState.RETURNED:
        raise Locked(
            _("%(month)s already has a commission sheet, made by %(who)s: %(state)s.")
            % {
                "month": month_name(month),
                "who": former.made_by.name,
                "state": state_name(former.state),
            }
        )
    earlier = sources.unsettled_before(district, month)
    if earlier is not None:
        raise Locked(
            _("The sheet of %(month)s is not approved yet; what it carries is not known.")
            % _named(earlier)
        )
    later = sources.settled_after(district, month)
    if later is not None:
        raise Locked(
            _("%(month)s already has its sheet, computed without this month. Return it first.")
            % _named(later.month)
        )
    return former


def _named(month: date) -> dict[str, str]:
    return {"month": month_name(month)}


def _statements(
    scheme: CommissionScheme,
    entered: list[DealerReturn],
    units: Mapping[int, Unit],
    debts: Mapping[int, Decimal],
) -> list[tuple[DealerReturn, rules.Statement]]:
    """Return the statement of every return. Raises Invalid with all faults of all dealers."""
    try:
        policy = sources.terms(scheme)
    except SchemeInvalid as error:
        raise Invalid(
            _("The scheme %(scheme)s cannot be computed with.") % {"scheme": scheme.code},
            located(error.faults, "/scheme"),
        ) from error
    results, faults = [], []
    for row in entered:
        place = f"/dealers/{row.dealer.code}"
        if row.dealer_id not in units:
            faults.append(
                Fault(
                    place,
                    _("%(dealer)s belonged to no unit on the month's last day.")
                    % {"dealer": row.dealer.name},
                )
            )
            continue
        figures = sources.dealer_month(
            row, row.dealer.commission_class, debts.get(row.dealer_id, Decimal(0))
        )
        try:
            results.append((row, rules.statement(policy, figures)))
        except rules.DealerMonthInvalid as error:
            faults += [
                Fault(
                    fault.pointer,
                    _("%(dealer)s: %(fault)s") % {"dealer": row.dealer.name, "fault": fault.detail},
                )
                for fault in located(error.faults, place)
            ]
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    return results


def _next_version(district: Unit, month: date) -> int:
    latest = CommissionSheet.objects.filter(district=district, month=month).first()
    return latest.version + 1 if latest else 1


def _write(
    sheet: CommissionSheet,
    results: list[tuple[DealerReturn, rules.Statement]],
    units: Mapping[int, Unit],
) -> None:
    statements = Statement.objects.bulk_create(
        Statement(
            sheet=sheet,
            dealer=row.dealer,
            unit=units[row.dealer_id],
            commission_class=row.dealer.commission_class,
            counted_users=result.counted_users,
            unit_price=result.unit_price,
            return_version=row.version,
            **_columns(result.settlement),
        )
        for row, result in results
    )
    CommissionLine.objects.bulk_create(
        CommissionLine(
            statement=statement,
            code=line.key,
            quantity=Decimal(line.quantity),
            rate=line.rate,
            amount=line.amount,
            formula=line.working(),
            position=position,
        )
        for statement, (_row, result) in zip(statements, results, strict=True)
        for position, line in enumerate(result.lines)
    )


def _columns(settlement: Settlement) -> dict[str, Decimal]:
    return {name: getattr(settlement, name) for name in COLUMNS}


def _held(sheet: CommissionSheet, *states: SheetState) -> CommissionSheet:
    """Return the sheet, locked and in one of the states; Locked says what it is instead."""
    row = (
        CommissionSheet.objects.select_for_update(of=("self",))
        .select_related("scheme", "district")
        .get(pk=sheet.pk)
    )
    if row.state not in states:
        raise Locked(
            _("The sheet of %(month)s is in another state: %(state)s.")
            % {"month": month_name(row.month), "state": state_name(row.state)}
        )
    return row


def _trail(sheet: CommissionSheet, *, dealers: int) -> dict[str, Any]:
    return {
        "state": sheet.state,
        "version": sheet.version,
        "scheme": sheet.scheme.code,
        "dealers": dealers,
        **{name: str(getattr(sheet, name)) for name in COLUMNS},
    }


def _note(
    sheet: CommissionSheet,
    action: str,
    *,
    by: Person,
    at: datetime,
    after: Any,
    before: Any = None,
    reason: str = "",
) -> None:
    audit.record(
        by=by,
        at=at,
        action=action,
        subject=f"commissions/{month_text(sheet.month)}/{sheet.version}",
        district=sheet.district,
        changes=[{"key": {"sheet": sheet.pk}, "before": before, "after": after}],
        reason=reason.strip(),
    )
