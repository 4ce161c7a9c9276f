"""Attaching receipts to a claim, and taking them off again, until they are checked."""

import secrets
from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart import audit
from orgchart.errors import Fault, Invalid, Locked, Refused
from orgchart.models import Person
from subsidies.models import Claim, ClaimReceipt, ClaimState, ReceiptKind
from subsidies.queries.claims import WRITABLE
from subsidies.services.receipt_files import read_receipt
from subsidies.wording import claim_state_name

MOST_RECEIPTS = 20
_OPEN = (*WRITABLE, ClaimState.SUBMITTED, ClaimState.APPROVED)


@transaction.atomic
def attach_receipt(
    *, claim: Claim, file: IO[bytes], name: str, by: Person, at: datetime
) -> ClaimReceipt:
    """Keep a photo or PDF with the claim; the same file again returns the one that is there.

    Only the claimant: Refused. Raises Invalid at /receipt for a file of the wrong kind or one
    that another claim of the district carries already; Locked once the receipts are checked.
    """
    fresh = read_receipt(file)
    row = _held(claim, by)
    twin = (
        ClaimReceipt.objects.filter(
            digest=fresh.digest, claim__unit__district_id=row.unit.district_id
        )
        .exclude(claim__state=ClaimState.VOID)
        .select_related("claim")
        .first()
    )
    if twin is not None:
        if twin.claim_id == row.pk:
            return twin
        sentence = _("This receipt is already attached to claim %(number)s.") % {
            "number": twin.claim.number
        }
        raise Invalid(sentence, [Fault("/receipt", sentence)])
    if row.receipts.count() >= MOST_RECEIPTS:
        raise Locked(_("At most %(count)s receipts on one claim.") % {"count": MOST_RECEIPTS})
    kept = ClaimReceipt.objects.create(
        claim=row, token=secrets.token_urlsafe(24), name=_safe(name, fresh.kind), kind=fresh.kind,
        size=len(fresh.content), digest=fresh.digest, content=fresh.content, added_by=by,
        added_at=at,
    )  # fmt: skip
    _note(row, "claim.attach", by, at, None, kept.name)
    return kept


@transaction.atomic
def remove_receipt(*, receipt: ClaimReceipt, by: Person, at: datetime) -> None:
    """Take a receipt off a claim whose receipts are not checked yet; only the claimant."""
    row = _held(receipt.claim, by)
    receipt.delete()
    _note(row, "claim.detach", by, at, receipt.name, None)


def _held(claim: Claim, by: Person) -> Claim:
    row = Claim.objects.select_for_update(of=("self",)).select_related("unit").get(pk=claim.pk)
    if by.pk != row.claimant_id:
        raise Refused(_("Only the claimant attaches receipts."))
    if row.state not in _OPEN:
        raise Locked(
            _("Claim %(number)s is in state “%(state)s”: its receipts stay as they are.")
            % {"number": row.number, "state": claim_state_name(row.state)}
        )
    return row


def _safe(name: str, kind: str) -> str:
    """Return a harmless name: no folders, no control characters, the ending of the real kind."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    stem = "".join(sign for sign in stem if sign.isprintable() and sign not in '<>:"|?*')[:80]
    return f"{stem.strip() or 'receipt'}.{'pdf' if kind == ReceiptKind.PDF else 'jpg'}"


def _note(
    row: Claim, action: str, by: Person, at: datetime, before: str | None, after: str | None
) -> None:
    audit.record(
        by=by, at=at, action=action, subject=f"claims/{row.number}", district=by.district,
        unit=row.unit,
        changes=[{"key": {"unit": row.unit.code}, "before": before, "after": after}],
    )  # fmt: skip
