"""Awards, objections and campaigns that wait."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from competitions.models import Campaign, CampaignState, Objection, Phase, Round, RoundState
from competitions.queries.campaigns import campaigns_of
from competitions.wording import month_name, yuan
from orgchart.permissions import Actor
from portal.queries.todos.base import Todo, month_url


def todos(actor: Actor) -> Iterator[Todo]:
    """Yield the prizes that wait for the actor's hand."""
    yield from _awards(actor)
    yield from _objections(actor)
    yield from _campaigns(actor)


def _awards(actor: Actor) -> Iterator[Todo]:
    """Yield the awards to approve (or on notice, or objected to) and to pay."""
    may_approve, may_pay = actor.can("competition.approve"), actor.can("competition.propose")
    if not (may_approve or may_pay):
        return
    waiting = Round.objects.filter(
        competition__district=actor.district,
        state__in=[RoundState.DECIDED, RoundState.APPROVED],
    ).select_related("policy")
    unanswered = Exists(Objection.objects.filter(round=OuterRef("pk"), is_upheld=None))
    waiting = waiting.annotate(total=Sum("awards__amount"), is_objected_to=unanswered)
    for each in waiting.order_by("month"):
        text = _("%(month)s award, CNY %(amount)s") % {
            "month": month_name(each.month),
            "amount": yuan(each.total),
        }
        url = month_url("competition", each.month)
        if each.state == RoundState.APPROVED and may_pay:
            yield Todo(_("Competition"), text, _("approved"), url, _("Pay"))
        elif each.state == RoundState.DECIDED and may_approve:
            note, label = _notice(actor, each.notice_ends_on)
            if each.is_objected_to:
                note, label = _("an objection waits for its answer"), _("Look")
            yield Todo(_("Competition"), text, note, url, label)


def _objections(actor: Actor) -> Iterator[Todo]:
    """Yield the objections to answer, the earliest first; nobody answers the own one."""
    if not actor.can("competition.propose"):
        return
    raised = (
        Objection.objects.filter(round__competition__district=actor.district, is_upheld=None)
        .exclude(round__state=RoundState.VOID)
        .exclude(raised_by=actor.person)
    )
    for each in raised.select_related("round", "unit"):
        text = _("%(unit)s objects to the decision of %(month)s") % {
            "unit": each.unit.short,
            "month": month_name(each.round.month),
        }
        url = month_url("competition", each.round.month)
        yield Todo(_("Competition"), text, each.text, url, _("Answer"))


def _campaigns(actor: Actor) -> Iterator[Todo]:
    """Yield the campaigns to decide, to approve (or on notice) and to pay.

    Whoever wrote or decided one does not approve it, whoever approved it does not pay.
    """
    may_decide, may_approve = actor.can("competition.propose"), actor.can("competition.approve")
    if not (may_decide or may_approve):
        return
    kind, me = _("Campaigns"), actor.person.pk
    rows = campaigns_of(actor.district).filter(
        Q(state=CampaignState.ANNOUNCED, ends_on__lt=actor.on)
        | Q(state__in=[CampaignState.DECIDED, CampaignState.APPROVED])
    )
    for row in rows.order_by("ends_on", "pk"):
        phase, url = row.phase(actor.on), reverse("campaign", args=[row.code])
        is_mine = me in (row.made_by_id, row.decided_by_id)
        if phase == Phase.CLOSED and may_decide:
            note = _("ended on %(day)s") % {"day": row.ends_on.isoformat()}
            text = _("“%(campaign)s” is over") % {"campaign": row.name}
            yield Todo(kind, text, note, url, pgettext("campaign", "Decide"))
        elif phase == Phase.DECIDED and may_approve and not is_mine:
            note, label = _notice(actor, row.notice_ends_on)
            yield Todo(kind, _won(row), note, url, label)
        elif phase == Phase.APPROVED and may_decide and me != row.approved_by_id:
            yield Todo(kind, _won(row), _("approved"), url, _("Pay"))


def _won(row: Campaign) -> str:
    return _("“%(campaign)s”, CNY %(amount)s") % {
        "campaign": row.name,
        "amount": yuan(row.awarded or Decimal(0)),
    }


def _notice(actor: Actor, until: date) -> tuple[str, str]:
    """Return what an approver reads of a notice, and the button."""
    if actor.on > until:
        return _("notice is over"), _("Approve")
    return _("on notice until %(day)s") % {"day": until.isoformat()}, _("Look")
