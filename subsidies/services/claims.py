"""An expense claim's way: written, submitted in time, approved, checked, paid, archived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Person, Unit
from subsidies.models import Claim, ClaimCategory, ClaimItem, ClaimState
from subsidies.queries.claims import WRITABLE, budget_of, claims_in, demands
from subsidies.queries.promotions import offered
from subsidies.rules import claims as rules
from subsidies.rules.money import to_cents
from subsidies.wording import amount_text, claim_state_name, month_name
from targets.months import last_day, month_text

MOST_ITEMS = 50
LARGEST = Decimal("99999.99")


@dataclass(frozen=True, slots=True)
class Item:
    """A line as typed; amount in yuan."""

    spent_on: date
    category: ClaimCategory
    amount: Decimal
    purpose: str
    participants: str = ""


@transaction.atomic
def save_claim(
    *,
    unit: Unit,
    month: date,
    items: Sequence[Item],
    by: Person,
    at: datetime,
    claim: Claim | None = None,
    version: int | None = None,
    promotion: str = "",
) -> Claim:
    """Write a new claim, or a draft or returned one again; only the claimant does.

    `promotion` is the code of the unit's promotion that the money went to, "" for none.
    Raises Invalid with pointers such as /items/0/amount, Locked once submitted, VersionConflict.
    A late draft may be written (it says so), never submitted.
    """
    faults = [*_faults(items, month, at), *_promotion_faults(unit, promotion, claim, at)]
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    if claim is None:
        row = Claim(unit=unit, month=month, number=_number(unit, month), claimant=by, made_at=at)
        before = None
    else:
        row = _held(claim, version, *WRITABLE)
        _demand_claimant(row, by)
        before = _snapshot(row)
        row.version += 1
    row.amount = sum((item.amount for item in items), Decimal(0))
    row.promotion = promotion
    row.save()
    row.items.all().delete()
    ClaimItem.objects.bulk_create(
        ClaimItem(
            claim=row, position=position, spent_on=item.spent_on, category=item.category,
            amount=item.amount, purpose=item.purpose.strip(),
            participants=item.participants.strip(),
        )
        for position, item in enumerate(items)
    )  # fmt: skip
    _note(row, "claim.save", by=by, at=at, before=before)
    return row


@transaction.atomic
def submit_claim(*, claim: Claim, version: int, by: Person, at: datetime) -> Claim:
    """Hand the claim in: from the 1st to the 25th, 23:59:59 in Shanghai (plan §7.1).

    Late: Locked, for everybody (过时不补). A claim that was filed in time and returned may come
    back later with no more than was filed.
    """
    row = _held(claim, version, *WRITABLE)
    _demand_claimant(row, by)
    if at < rules.opening(row.month):
        raise Locked(
            _("Claims of %(month)s are taken from the 1st.") % {"month": month_name(row.month)}
        )
    if at >= rules.closing(row.month):
        if row.filed_at is None:
            raise Locked(
                _("Claims of %(month)s were due by the 25th, 23:59:59; late ones are not made up.")
                % {"month": month_name(row.month)}
            )
        if row.amount > (row.filed_amount or 0):
            raise Locked(
                _("After the 25th a returned claim may not exceed %(filed)s yuan, as filed.")
                % {"filed": amount_text(row.filed_amount)}
            )
    if row.filed_at is None:
        row.filed_at, row.filed_amount = at, row.amount
    before = _snapshot(row)
    row.submitted_at, row.approved_by, row.approved_at = at, None, None
    return _step(row, ClaimState.SUBMITTED, "claim.submit", by=by, at=at, before=before)


@transaction.atomic
def approve_claim(*, claim: Claim, version: int, by: Person, at: datetime) -> Claim:
    """Approve a submitted claim (批示). One's own: Refused."""
    row = _held(claim, version, ClaimState.SUBMITTED)
    if by.pk == row.claimant_id:
        raise Refused(_("This is your own claim; somebody else has to approve it."))
    before = _snapshot(row)
    row.approved_by, row.approved_at = by, at
    return _step(row, ClaimState.APPROVED, "claim.approve", by=by, at=at, before=before)


@transaction.atomic
def return_claim(*, claim: Claim, version: int, by: Person, at: datetime, reason: str) -> Claim:
    """Send a submitted or approved claim back to its claimant, with a reason."""
    row = _held(claim, version, ClaimState.SUBMITTED, ClaimState.APPROVED)
    if by.pk == row.claimant_id:
        raise Refused(_("This is your own claim; somebody else has to return it."))
    before, row.reason = _snapshot(row), _reason(reason)
    row.approved_by, row.approved_at = None, None
    return _step(row, ClaimState.RETURNED, "claim.return", by=by, at=at, before=before)


@transaction.atomic
def void_claim(*, claim: Claim, version: int, by: Person, at: datetime, reason: str) -> Claim:
    """Give a claim up before anything is granted; its claimant, or whoever checks, does."""
    row = _held(claim, version, *WRITABLE, ClaimState.SUBMITTED, ClaimState.APPROVED)
    before, row.reason = _snapshot(row), _reason(reason)
    return _step(row, ClaimState.VOID, "claim.void", by=by, at=at, before=before)


@transaction.atomic
def check_claim(*, claim: Claim, version: int, by: Person, at: datetime) -> Claim:
    """Accept the receipts and grant the amount, or the balance that is left (rules §8).

    Claimant and approver cannot: Refused. Raises Locked without a receipt or a balance.
    """
    # Everybody who grants from this balance queues up here, so that it is never granted twice.
    list(claims_in([claim.unit_id], claim.month).select_for_update())
    row = _held(claim, version, ClaimState.APPROVED)
    _demand_third(row, by)
    if not row.receipts.exists():
        raise Locked(_("No receipt is attached yet. The claimant can still add it."))
    granted = rules.grant(budget_of(row.unit, row.month), demands(row.unit_id, row.month), row.pk)
    if granted <= 0:
        raise Locked(
            _("Nothing is left of %(month)s for %(unit)s. Return the claim or make it void.")
            % {"month": month_name(row.month), "unit": row.unit.name}
        )
    before = _snapshot(row)
    row.granted, row.checked_by, row.checked_at = granted, by, at
    return _step(row, ClaimState.CHECKED, "claim.check", by=by, at=at, before=before)


@transaction.atomic
def pay_claim(*, claim: Claim, version: int, by: Person, at: datetime) -> Claim:
    """Note that the granted amount was handed out. Claimant and approver cannot: Refused."""
    row = _held(claim, version, ClaimState.CHECKED)
    _demand_third(row, by)
    before = _snapshot(row)
    row.paid_by, row.paid_at = by, at
    return _step(row, ClaimState.PAID, "claim.pay", by=by, at=at, before=before)


@transaction.atomic
def archive_claim(*, claim: Claim, version: int, by: Person, at: datetime) -> Claim:
    """Put a paid claim away; from then on it never changes."""
    row = _held(claim, version, ClaimState.PAID)
    before, row.archived_at = _snapshot(row), at
    return _step(row, ClaimState.ARCHIVED, "claim.archive", by=by, at=at, before=before)


def _held(claim: Claim, version: int | None, *states: str) -> Claim:
    """Lock the claim and demand its version and one of the states."""
    row = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("unit__district", "claimant")
        .get(pk=claim.pk)
    )
    if row.state not in states:
        raise Locked(
            _("Claim %(number)s is in state “%(state)s”: this step is not its next.")
            % {"number": row.number, "state": claim_state_name(row.state)},
            extra={"version": row.version},
        )
    if row.version != version:
        raise VersionConflict(
            _("Somebody changed this claim meanwhile. Look at it again."),
            extra={"version": row.version},
        )
    return row


def _demand_claimant(row: Claim, by: Person) -> None:
    if by.pk != row.claimant_id:
        raise Refused(_("Only the claimant changes and submits a claim."))


def _demand_third(row: Claim, by: Person) -> None:
    if by.pk in (row.claimant_id, row.approved_by_id):
        raise Refused(_("You claimed or approved this; somebody else has to check and pay it."))


def _reason(text: str) -> str:
    if not text.strip():
        sentence = _("Write the reason.")
        raise Invalid(sentence, [Fault("/reason", sentence)])
    return text.strip()[:500]


def _number(unit: Unit, month: date) -> str:
    """Return the next number of the unit-month; those who write claims of the unit queue up."""
    list(Unit.objects.select_for_update(of=("self",)).filter(pk=unit.pk).values_list("pk"))
    count = Claim.objects.filter(unit=unit, month=month).count()
    return f"BX{month:%y%m}-{unit.code}-{count + 1:02d}"


def _faults(items: Sequence[Item], month: date, at: datetime) -> Any:
    if not items:
        yield Fault("/items", _("Write at least one item."))
    if len(items) > MOST_ITEMS:
        yield Fault("/items", _("At most %(count)s items on one claim.") % {"count": MOST_ITEMS})
    latest = min(business_day(at), last_day(month))
    for number, item in enumerate(items):
        place = f"/items/{number}"
        if not 0 < item.amount <= LARGEST or item.amount != to_cents(item.amount):
            sentence = _("Between 0.01 and 99,999.99 yuan, two decimals at most.")
            yield Fault(f"{place}/amount", sentence)
        if item.spent_on > latest:
            yield Fault(f"{place}/spent_on", _("This day is still to come."))
        elif item.spent_on.year < month.year - 1:
            yield Fault(f"{place}/spent_on", _("This day is too long ago."))
        if not item.category.is_open:
            yield Fault(f"{place}/category", _("This category is closed."))
        if not item.purpose.strip():
            yield Fault(f"{place}/purpose", _("Write the purpose."))
        if item.category.needs_people and not item.participants.strip():
            yield Fault(
                f"{place}/participants",
                _("%(category)s: write who took part.") % {"category": item.category.name},
            )


def _promotion_faults(unit: Unit, code: str, claim: Claim | None, at: datetime) -> list[Fault]:
    """Return the fault of naming a promotion that is not the unit's; a known one may stay."""
    if not code or (claim is not None and claim.promotion == code):
        return []
    assert unit.district is not None
    if code in {each.code for each in offered(unit.district, [unit.pk], business_day(at))}:
        return []
    return [Fault("/promotion", _("No promotion that the unit may claim for has this code."))]


def _step(
    row: Claim, state: str, action: str, *, by: Person, at: datetime, before: dict[str, Any]
) -> Claim:
    row.state = state
    row.version += 1
    row.save()
    _note(row, action, by=by, at=at, before=before)
    return row


def _snapshot(row: Claim) -> dict[str, Any]:
    return {
        "state": str(row.state),
        "amount": f"{row.amount:.2f}",
        "granted": None if row.granted is None else f"{row.granted:.2f}",
    } | ({"promotion": row.promotion} if row.promotion else {})


def _note(
    row: Claim, action: str, *, by: Person, at: datetime, before: dict[str, Any] | None
) -> None:
    audit.record(
        by=by,
        at=at,
        action=action,
        subject=f"claims/{row.number}",
        district=by.district,
        unit=row.unit,
        changes=[
            {
                "key": {"unit": row.unit.code, "month": month_text(row.month)},
                "before": before,
                "after": _snapshot(row),
            }
        ],
        reason=row.reason if action in ("claim.return", "claim.void") else "",
    )
