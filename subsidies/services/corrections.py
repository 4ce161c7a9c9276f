"""Doubts about sealed lines and what comes of them: objections and adjustments (补差)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.errors import Fault, Invalid, Locked, Refused
from orgchart.models import Person
from orgchart.services.notifications import in_both, notify
from subsidies.models import (
    SETTLED,
    CommissionAdjustment,
    CommissionLine,
    CommissionSheet,
    ObjectionState,
    StatementObjection,
)
from subsidies.queries.adjustments import adjusted
from subsidies.rules.lines import may_adjust
from subsidies.wording import is_deduction, line_name
from targets.months import month_text


@transaction.atomic
def enter_adjustment(
    *, line: CommissionLine, amount: Decimal, reason: str, by: Person, at: datetime
) -> CommissionAdjustment:
    """Note that a sealed line was wrong by `amount` yuan; the payee's next sheet settles it.

    Raises Locked while the sheet is not approved, Invalid at the field for an amount of zero,
    finer than a cent or beyond what the line settled, or without a reason.
    """
    held = _held(line)
    faults = []
    if not reason.strip():
        faults.append(Fault("/reason", _("Write why the line was wrong.")))
    if not amount or amount != amount.quantize(Decimal("0.01")):
        faults.append(Fault("/amount", _("Write an amount in yuan with at most two decimals.")))
    elif not may_adjust(
        is_deduction=is_deduction(held.code),
        line_amount=held.amount,
        adjusted=adjusted(held) + amount,
    ):
        faults.append(
            Fault(
                "/amount",
                _("The line settled %(amount)s: more than that cannot be undone.")
                % {"amount": f"{held.amount:.2f}"},
            )
        )
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    row = CommissionAdjustment.objects.create(
        line=held,
        amount=amount,
        reason=reason.strip(),
        entered_by=by,
        entered_at=at,
    )
    _note(row.line, "commission.adjust", by=by, at=at, after=str(amount), reason=reason)
    return row


@transaction.atomic
def withdraw_adjustment(
    *, adjustment: CommissionAdjustment, by: Person, at: datetime
) -> CommissionAdjustment:
    """Take back an adjustment that no sheet holds. Raises Locked once one does."""
    row = (
        CommissionAdjustment.objects.select_for_update(of=("self",))
        .select_related(
            "line__statement__sheet__district", "line__statement__dealer", "line__statement__person"
        )
        .get(pk=adjustment.pk)
    )
    if row.sheet_id is not None:
        raise Locked(_("A sheet holds this adjustment already: have the sheet returned first."))
    if row.withdrawn_at is None:
        row.withdrawn_by, row.withdrawn_at = by, at
        row.save(update_fields=["withdrawn_by", "withdrawn_at"])
        _note(row.line, "commission.unadjust", by=by, at=at, before=str(row.amount))
    return row


@transaction.atomic
def raise_objection(
    *, line: CommissionLine, text: str, by: Person, at: datetime
) -> StatementObjection:
    """Doubt a line; its maker is told. Raises Invalid without words, Locked while one is open."""
    if not text.strip():
        sentence = _("Write what is wrong with the line.")
        raise Invalid(sentence, [Fault("/text", sentence)])
    try:
        with transaction.atomic():
            row = StatementObjection.objects.create(
                line=line, text=text.strip(), raised_by=by, raised_at=at
            )
    except IntegrityError:
        raise Locked(_("An objection to this line waits for its answer.")) from None
    _note(line, "commission.object", by=by, at=at, after=row.text)
    zh, en = in_both(
        lambda: (
            _("%(who)s objects to %(dealer)s, %(line)s")
            % {
                "who": by.name,
                "dealer": line.statement.payee.name,
                "line": line_name(line.code),
            }
        )
    )
    _tell(line.statement.sheet.made_by, zh, en, key=f"objection/{row.pk}", at=at)
    return row


@transaction.atomic
def answer_objection(
    *,
    objection: StatementObjection,
    answer: str,
    amount: Decimal | None,
    by: Person,
    at: datetime,
) -> StatementObjection:
    """Answer an open objection; with an amount it is accepted and the line adjusted by it.

    Raises Locked when it was answered meanwhile, Refused to whoever raised it, Invalid without
    words or as `enter_adjustment` does.
    """
    row = _open(objection)
    if by.pk == row.raised_by_id:
        raise Refused(_("You raised this objection; somebody else has to answer it."))
    if not answer.strip():
        sentence = _("Write the answer.")
        raise Invalid(sentence, [Fault("/answer", sentence)])
    row.answer, row.answered_by, row.answered_at = answer.strip(), by, at
    row.state = ObjectionState.REJECTED
    if amount is not None:
        row.adjustment = enter_adjustment(line=row.line, amount=amount, reason=answer, by=by, at=at)
        row.state = ObjectionState.ACCEPTED
    row.save()
    _note(row.line, "commission.answer", by=by, at=at, before=row.text, after=row.answer)
    zh, en = in_both(
        lambda: (
            _("Answer on %(dealer)s, %(line)s: %(answer)s")
            % {
                "dealer": row.line.statement.payee.name,
                "line": line_name(row.line.code),
                "answer": row.answer,
            }
        )
    )
    _tell(row.raised_by, zh, en, key=f"objection/{row.pk}/answer", at=at)
    return row


@transaction.atomic
def withdraw_objection(
    *, objection: StatementObjection, by: Person, at: datetime
) -> StatementObjection:
    """Take back one's own open objection."""
    row = _open(objection)
    if by.pk != row.raised_by_id:
        raise Refused(_("Only whoever raised an objection takes it back."))
    row.state = ObjectionState.WITHDRAWN
    row.save(update_fields=["state"])
    _note(row.line, "commission.unobject", by=by, at=at, before=row.text)
    return row


def _held(line: CommissionLine) -> CommissionLine:
    """Return the line with its sheet, locked against a second correction at the same time."""
    found = CommissionLine.objects.select_related(
        "statement__sheet__district", "statement__dealer"
    ).get(pk=line.pk)
    sheet = CommissionSheet.objects.select_for_update().get(pk=found.statement.sheet_id)
    if sheet.state not in SETTLED:
        raise Locked(_("The sheet is not approved yet: have it returned and made again."))
    return found


def _open(objection: StatementObjection) -> StatementObjection:
    row = (
        StatementObjection.objects.select_for_update(of=("self",))
        .select_related(
            "line__statement__sheet__district",
            "line__statement__dealer",
            "line__statement__person",
            "raised_by",
        )
        .get(pk=objection.pk)
    )
    if row.state != ObjectionState.OPEN:
        raise Locked(_("The objection is answered already: %(answer)s") % {"answer": row.answer})
    return row


def _tell(person: Person, zh: str, en: str, *, key: str, at: datetime) -> None:
    notify([person], zh=zh, en=en, url=reverse("commission_objections"), key=key, at=at)


def _note(
    line: CommissionLine,
    action: str,
    *,
    by: Person,
    at: datetime,
    before: Any = None,
    after: Any = None,
    reason: str = "",
) -> None:
    statement = line.statement
    audit.record(
        by=by,
        at=at,
        action=action,
        subject=f"commissions/{month_text(statement.sheet.month)}/{statement.payee.code}",
        district=statement.sheet.district,
        unit=statement.unit,
        changes=[{"key": {"line": line.code}, "before": before, "after": after}],
        reason=reason.strip(),
    )
