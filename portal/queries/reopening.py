"""What reopening a month would touch: said before anybody confirms it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competitions.models import RoundState
from competitions.queries import round_in_force
from competitions.wording import won_by
from kpi.models import Adjustment, AdjustmentState, Month
from subsidies.models import SETTLED, CommissionSheet, Entitlement, SheetKind, SheetState
from targets.templatetags.amounts import amount


@dataclass(frozen=True, slots=True)
class Consequence:
    """Something that hangs on a published month: how it stands and what becomes of it."""

    what: str
    now: str
    then: str
    is_warning: bool = False


def consequences(month: Month) -> list[Consequence]:
    """Return what hangs on the month, in the order of the checklist; five queries."""
    found = [_scores(month)]
    rows = list(Entitlement.objects.filter(month=month.month, unit__district=month.district_id))
    if rows:
        total = sum((row.total or 0) for row in rows)
        now = _("CNY %(amount)s for %(count)s units") % {
            "amount": amount(total, 2),
            "count": len(rows),
        }
        then = _("computed again")
        found.append(Consequence(_("Subsidies"), now, then))
    sheets = CommissionSheet.objects.filter(district_id=month.district_id, month=month.month)
    for sheet in sheets.exclude(state=SheetState.VOID).order_by("kind"):
        now = _("CNY %(amount)s") % {"amount": amount(sheet.paid, 2)}
        if sheet.kind == SheetKind.DEALERS:
            then = _("stays: it is made from dealer returns")
            found.append(Consequence(_("Commissions"), now, then))
        elif sheet.state in SETTLED:
            then = _("stays, sealed: correct it by adjustments")
            found.append(Consequence(_("Staff commissions"), now, then, True))
        else:
            then = _("has to be returned and made again")
            found.append(Consequence(_("Staff commissions"), now, then))
    decided = round_in_force(month.district_id, month.month)
    if decided is not None:
        awards = decided.awards.select_related("unit")
        won = won_by((award.unit.short, award.amount) for award in awards)
        is_paid = decided.state == RoundState.PAID
        then = _("void, kept as history and decided again")
        if is_paid:
            then = _("void and decided again although it is paid: settle the difference")
        now = _("%(award)s (%(state)s)") % {
            "award": won,
            "state": decided.get_state_display(),
        }
        found.append(Consequence(_("Award"), now, then, is_paid))
    states = Adjustment.objects.filter(
        unit__district_id=month.district_id, month=month.month
    ).values_list("state", flat=True)
    posted = sum(state == AdjustmentState.APPROVED for state in states)
    waiting = sum(state != AdjustmentState.REFUSED for state in states) - posted
    if waiting:
        now = ngettext("%(count)s not decided", "%(count)s not decided", waiting)
        then = _("cannot be posted while the month is open: report them here and refuse them")
        found.append(Consequence(_("Corrections"), now % {"count": waiting}, then, True))
    if posted:
        now = ngettext("%(count)s posted", "%(count)s posted", posted) % {"count": posted}
        then = _("still counted in their month: do not report them here as well")
        found.append(Consequence(_("Corrections"), now, then, True))
    return found


def _scores(month: Month) -> Consequence:
    then = _("follow the figures again until the month is closed and published anew")
    return Consequence(_("Scores and ranks"), str(month.get_state_display()), then)
