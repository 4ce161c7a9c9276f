"""Who may do what with a subsidy or a sheet, beyond the table of capabilities."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from orgchart.permissions import Actor
from subsidies.models import Claim, ClaimState, CommissionLine, CommissionSheet, SheetState
from subsidies.queries.claims import claims_of
from subsidies.queries.sheets import PayeeStatement, sheets_of, statements_of


def may_decide(actor: Actor) -> bool:
    """Return whether the actor sets a floating part by hand: clerk or head."""
    return actor.can("subsidies.write") or actor.can("subsidies.approve")


def may_make(actor: Actor) -> bool:
    """Return whether the actor makes sheets and enters what they are made from."""
    return actor.can("commissions.make")


def may_return(actor: Actor, state: str) -> bool:
    """Return whether the actor may send a sheet back: whoever's turn it is, or its maker.

    Of a sheet that cannot be returned any more, whoever could have: the service says why not.
    """
    turns = {
        SheetState.MADE: ("commissions.audit", "commissions.make"),
        SheetState.AUDITED: ("commissions.approve",),
    }
    late = ("commissions.make", "commissions.audit", "commissions.approve")
    return any(actor.can(capability) for capability in turns.get(SheetState(state), late))


def sheet_of(actor: Actor, pk: int) -> CommissionSheet:
    """Return a sheet of the actor's district, or 404."""
    return get_object_or_404(sheets_of(actor.district), pk=pk)


def statement_of(actor: Actor, sheet: CommissionSheet, code: str) -> PayeeStatement:
    """Return a statement with its lines: of a unit that the actor reads, or the own; or 404."""
    for row in statements_of(sheet.pk, payee_code=code, with_lines=True):
        if actor.can("commissions.read", row.unit) or row.payee == actor.person:
            return row
    raise Http404


def lines_of(actor: Actor) -> QuerySet[CommissionLine]:
    """Return the lines of the statements that the actor may see."""
    found = CommissionLine.objects.filter(statement__sheet__district=actor.district)
    unit_ids = actor.unit_ids("commissions.read")
    if unit_ids is None:
        return found
    mine = Q(statement__person=actor.person)
    return found.filter(Q(statement__unit_id__in=unit_ids) | mine)


def claim_units(actor: Actor) -> frozenset[int] | None:
    """Return the units whose balance the actor sees; None is all."""
    return actor.unit_ids("claims.open")


def visible_claims(actor: Actor) -> QuerySet[Claim]:
    """Return the claims of the units the actor reads, and the actor's own."""
    return claims_of(actor.district, actor.unit_ids("claims.read"), actor.person)


def claim_of(actor: Actor, pk: int) -> Claim:
    """Return a claim that the actor may see, or 404."""
    return get_object_or_404(visible_claims(actor), pk=pk)


def own_claim(actor: Actor, pk: int) -> Claim:
    """Return a claim of the actor's own, 403 for one that is only visible, or 404."""
    row = claim_of(actor, pk)
    if row.claimant_id != actor.person.pk:
        raise PermissionDenied
    return row


def steps_for(actor: Actor, claim: Claim) -> frozenset[str]:
    """Return what the actor may do with the claim now: the buttons of its page.

    Routes ask by capability; the services refuse what the state or the person forbids.
    """
    is_mine = claim.claimant_id == actor.person.pk
    is_approver = claim.approved_by_id == actor.person.pk
    head, clerk = actor.can("claims.approve"), actor.can("claims.check")
    state = claim.state
    found = set()
    if is_mine and state in ("draft", "returned"):
        found |= {"edit", "submit"}
    if is_mine and state in ("draft", "returned", "submitted", "approved"):
        found |= {"attach", "void"}
    if not is_mine and head and state == ClaimState.SUBMITTED:
        found |= {"approve", "return"}
    if not is_mine and (head or clerk) and state == ClaimState.APPROVED:
        found |= {"return"}
    if not is_mine and clerk and state in ("submitted", "approved"):
        found |= {"void"}
    if clerk and not is_mine and not is_approver:
        found |= {"approved": {"check"}, "checked": {"pay"}, "paid": {"archive"}}.get(state, set())
    return frozenset(found)
