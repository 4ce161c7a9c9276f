"""Who may do what with a subsidy or a sheet, beyond the table of capabilities."""

from django.shortcuts import get_object_or_404

from orgchart.permissions import Actor
from subsidies.models import CommissionSheet, SheetState
from subsidies.queries.sheets import sheets_of


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
