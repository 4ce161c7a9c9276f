"""The next days by which something has to be done, for those whose business it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from competitions.models import Round, RoundState
from competitions.wording import month_name
from kpi.models import Month, MonthState
from orgchart.permissions import Actor
from subsidies.rules.claims import LAST_DAY
from targets.months import month_after, month_text

MOST = 5


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day, what it ends, and the page of it."""

    day: date
    text: str
    url: str


def deadlines(actor: Actor, rows: Sequence[Month]) -> list[Deadline]:
    """Return the actor's next deadlines, the earliest first; one query."""
    found: list[Deadline] = []
    if actor.can("actuals.read"):
        found += [
            Deadline(
                row.due_on,
                _("Reports of %(month)s are due") % {"month": month_name(row.month)},
                f"{reverse('actuals')}?month={month_text(row.month)}",
            )
            for row in rows
            if row.state == MonthState.OPEN and row.due_on and row.due_on >= actor.on
        ]
    if actor.can("claims.open"):
        month = actor.on.replace(day=1)
        if actor.on.day > LAST_DAY:
            month = month_after(month, 1)
        text = _("Claims of %(month)s are due") % {"month": month_name(month)}
        found.append(Deadline(month.replace(day=LAST_DAY), text, reverse("claims")))
    if actor.can("competition.read"):
        on_notice = Round.objects.filter(
            competition__district_id=actor.district_id, state=RoundState.DECIDED
        ).select_related("policy")
        found += [
            Deadline(
                each.notice_ends_on,
                _("Notice of the %(month)s award ends") % {"month": month_name(each.month)},
                f"{reverse('competition')}?month={month_text(each.month)}",
            )
            for each in on_notice
            if each.notice_ends_on >= actor.on
        ]
    return sorted(found, key=lambda one: one.day)[:MOST]
