"""Objections to a decision during its notice: raised by a unit, answered before approval."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from competitions.models import Objection, Round, RoundState
from competitions.services import locked_round, void_round
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused
from orgchart.models import Person, Unit
from orgchart.services.notifications import notify
from targets.months import month_text

MOST_CHARACTERS = 500


@transaction.atomic
def raise_objection(*, round: Round, unit: Unit, text: str, by: Person, at: datetime) -> Objection:
    """Object for a unit while the decision is on notice; once a unit. Raises Invalid, Locked."""
    current = locked_round(round)
    _demand_text("/text", text)
    if current.state not in (RoundState.DECIDED, RoundState.NO_WINNER):
        raise Locked(_("Only a decision on notice can be objected to."))
    if business_day(at) > current.notice_ends_on:
        raise Locked(
            _("The notice ended on %(day)s.") % {"day": current.notice_ends_on.isoformat()}
        )
    if Objection.objects.filter(round=current, unit=unit).exists():
        raise Locked(_("Your unit has objected already."))
    row = Objection.objects.create(
        round=current, unit=unit, text=text.strip(), raised_by=by, raised_at=at
    )
    _note(row, "competition.objected", by, at, row.text)
    return row


@transaction.atomic
def answer_objection(
    *, objection: Objection, is_upheld: bool, answer: str, by: Person, at: datetime
) -> Objection:
    """Answer an objection. Upheld, it voids the round, whose month has then to be reopened.

    Raises Invalid without an answer, Locked if it was answered, Refused to whoever raised it.
    """
    current = locked_round(objection.round)
    row = Objection.objects.select_related("unit", "raised_by").get(pk=objection.pk)
    _demand_text("/answer", answer)
    if row.is_upheld is not None or current.state == RoundState.VOID:
        raise Locked(_("The objection is answered or the round is void."))
    if row.raised_by_id == by.pk:
        raise Refused(_("Whoever objected cannot answer it."))
    row.is_upheld, row.answer, row.answered_by, row.answered_at = is_upheld, answer.strip(), by, at
    row.save()
    row.round = current
    _note(row, "competition.answered", by, at, row.answer)
    if is_upheld:
        reason = _("%(unit)s's objection is upheld: %(answer)s") % {
            "unit": row.unit.short, "answer": row.answer,
        }  # fmt: skip
        void_round(round=current, by=by, at=at, reason=reason)
    month = month_text(current.month)
    notify(
        [row.raised_by],
        zh=f"{month} 劳动竞赛异议{'成立' if is_upheld else '不成立'}：{row.answer}",
        en=f"Objection to {month} {'upheld' if is_upheld else 'rejected'}: {row.answer}",
        url=f"{reverse('competition')}?month={month}",
        key=f"competition-objection/{row.pk}",
        at=at,
    )
    return row


def _demand_text(pointer: str, text: str) -> None:
    if not text.strip():
        raise Invalid(_("Give a reason."), [Fault(pointer, _("Give a reason."))])
    if len(text) > MOST_CHARACTERS:
        sentence = _("At most %(count)s characters.") % {"count": MOST_CHARACTERS}
        raise Invalid(sentence, [Fault(pointer, sentence)])


def _note(row: Objection, action: str, by: Person, at: datetime, reason: str) -> None:
    before = None if row.is_upheld is None else "open"
    after = {None: "open", True: "upheld", False: "rejected"}[row.is_upheld]
    competition = row.round.competition
    audit.record(
        by=by, at=at, action=action, district=competition.district, reason=reason,
        subject=f"competitions/{competition.code}/{month_text(row.round.month)}",
        changes=[{"key": {"unit": row.unit.code}, "before": before, "after": after}],
    )  # fmt: skip
