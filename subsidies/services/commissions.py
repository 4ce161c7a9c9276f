"""The way of a commission sheet: made, audited, approved; or returned and made again."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kpi.models import Month, MonthState
from orgchart import audit
from orgchart.errors import Fault, Invalid, Locked, Refused
from orgchart.models import Dealer, Person, Unit
from subsidies.models import (
    CommissionAdjustment,
    CommissionLine,
    CommissionSheet,
    SheetKind,
    SheetState,
    Statement,
)
from subsidies.queries import returns as sources
from subsidies.queries.drafts import DraftStatement, draft, obstacle
from subsidies.queries.sheets import COLUMNS, seal_of
from subsidies.rules.sheet import Settlement
from subsidies.services.returns import hold_month
from subsidies.wording import month_name, state_name
from targets.months import month_text


@transaction.atomic
def make_sheet(
    *,
    district: Unit,
    month: date,
    by: Person,
    at: datetime,
    kind: str = SheetKind.DEALERS,
) -> CommissionSheet:
    """Compute the month's sheet: of dealers from their returns (rules §6, §7), of staff from
    published figures and scores (§4.11).

    A returned sheet becomes void and this one its next version. Raises Locked while the month is
    open, an earlier one unsettled, a later one already made or a sheet in force; Invalid naming
    everybody whose figures cannot be computed.
    """
    # Makers queue up, so the second finds the sheet of the first.
    hold_month(district, month)
    sentence = obstacle(district, month, kind)
    scheme = sources.scheme_in_force(district, month, kind)
    if sentence or scheme is None:
        raise Locked(sentence)
    former = sources.sheet_in_force(district, month, kind)
    drawn = draft(district, month, scheme)
    if drawn.faults:
        raise Invalid(" ".join(fault.detail for fault in drawn.faults), drawn.faults)

    if former is not None:
        CommissionAdjustment.objects.filter(sheet=former).update(sheet=None)
        former.state = SheetState.VOID
        former.save(update_fields=["state"])
    sheet = CommissionSheet.objects.create(
        district=district,
        month=month,
        kind=kind,
        version=_next_version(district, month, kind),
        scheme=scheme,
        made_by=by,
        made_at=at,
        **_columns(drawn.totals),
    )
    _write(sheet, drawn.statements)
    settled = [row.pk for statement in drawn.statements for row in statement.corrections]
    CommissionAdjustment.objects.filter(pk__in=settled).update(sheet=sheet)
    _note(
        sheet,
        "commission.make",
        by=by,
        at=at,
        after={
            "state": sheet.state,
            "version": sheet.version,
            "scheme": scheme.code,
            "statements": len(drawn.statements),
            **{name: str(amount) for name, amount in _columns(drawn.totals).items()},
        },
    )
    return sheet


@transaction.atomic
def audit_sheet(*, sheet: CommissionSheet, by: Person, at: datetime) -> CommissionSheet:
    """Pass a made sheet on for approval. The maker cannot audit it: Refused."""
    row = _held(sheet, SheetState.MADE)
    if by.pk == row.made_by_id:
        raise Refused(_("You made this sheet; somebody else has to audit it."))
    _demand_same_figures(row)
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
    _demand_same_figures(row)
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


@transaction.atomic
def pay_sheet(*, sheet: CommissionSheet, by: Person, at: datetime, note: str) -> CommissionSheet:
    """Register that an approved sheet was paid out; `note` names the voucher. Raises Invalid
    without it."""
    row = _held(sheet, SheetState.APPROVED)
    if not note.strip():
        sentence = _("Write the voucher or the transfer that paid it.")
        raise Invalid(sentence, [Fault("/note", sentence)])
    row.state, row.paid_out_by, row.paid_out_at = SheetState.PAID, by, at
    row.payment_note = note.strip()[:120]
    row.save(update_fields=["state", "paid_out_by", "paid_out_at", "payment_note"])
    after = {"state": row.state, "paid": str(row.paid), "note": row.payment_note}
    _note(row, "commission.pay", by=by, at=at, before=SheetState.APPROVED, after=after)
    return row


@transaction.atomic
def archive_sheet(*, sheet: CommissionSheet, by: Person, at: datetime) -> CommissionSheet:
    """File a paid sheet: nothing follows after it."""
    row = _held(sheet, SheetState.PAID)
    row.state, row.archived_by, row.archived_at = SheetState.ARCHIVED, by, at
    row.save(update_fields=["state", "archived_by", "archived_at"])
    _note(row, "commission.archive", by=by, at=at, before=SheetState.PAID, after=row.state)
    return row


def _next_version(district: Unit, month: date, kind: str) -> int:
    latest = CommissionSheet.objects.filter(district=district, month=month, kind=kind).first()
    return latest.version + 1 if latest else 1


def _write(sheet: CommissionSheet, drawn: Sequence[DraftStatement]) -> None:
    statements = Statement.objects.bulk_create(
        Statement(
            sheet=sheet,
            dealer=row.payee if isinstance(row.payee, Dealer) else None,
            person=row.payee if isinstance(row.payee, Person) else None,
            post=row.post,
            unit=row.unit,
            commission_class=row.payee.commission_class if isinstance(row.payee, Dealer) else "",
            counted_users=row.result.counted_users,
            unit_price=row.result.unit_price,
            return_version=row.return_version,
            **_columns(row.result.settlement),
        )
        for row in drawn
    )
    CommissionLine.objects.bulk_create(
        CommissionLine(
            statement=statement,
            code=line.key,
            quantity=None if line.quantity is None else Decimal(line.quantity),
            rate=line.rate,
            amount=line.amount,
            formula=line.working(),
            position=position,
        )
        for statement, row in zip(statements, drawn, strict=True)
        for position, line in enumerate(row.result.lines)
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


def _demand_same_figures(sheet: CommissionSheet) -> None:
    """Refuse a staff sheet whose month was reopened since: its figures may be others now."""
    if sheet.kind != SheetKind.STAFF:
        return
    month = Month.objects.get(district=sheet.district, month=sheet.month)
    stale = sheet.statements.exclude(return_version=month.revision).exists()
    if stale or month.state != MonthState.PUBLISHED:
        raise Locked(
            _("%(month)s was reopened since: return the sheet and have it made again.")
            % {"month": month_name(sheet.month)}
        )


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
        subject=f"commissions/{month_text(sheet.month)}/"
        + ("staff/" if sheet.kind == SheetKind.STAFF else "")
        + str(sheet.version),
        district=sheet.district,
        changes=[{"key": {"sheet": sheet.pk}, "before": before, "after": after}],
        reason=reason.strip(),
    )
