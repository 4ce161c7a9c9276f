"""Summaries to write, and those that wait for an answer."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from fieldwork.access import waiting_summaries
from fieldwork.queries.summaries import leaders, missing_days, missing_weeks
from fieldwork.rules.summaries import CATCH_UP_DAYS, SATURDAY, last_of_week, monday_of
from orgchart.permissions import Actor
from portal.queries.todos.base import Todo


def todos(actor: Actor) -> Iterator[Todo]:
    """Yield the summaries that a person is to write, and those that wait for an answer."""
    kind, on = _("Summaries"), actor.on
    if actor.can("summaries.write"):
        since = on - timedelta(days=CATCH_UP_DAYS)
        owed = missing_days(actor.district, since, on, None, actor.person)
        if owed:
            first = owed[-1].first
            text = ngettext(
                "%(count)s daily summary to write", "%(count)s daily summaries to write", len(owed)
            ) % {"count": len(owed)}
            url = f"{reverse('field_summary_day')}?day={first.isoformat()}"
            yield Todo(kind, text, "", url, pgettext("verb", "Write"), first)
    led = leaders(actor.district, on) if actor.can("summaries.lead") else {}
    mine = [unit for unit, person in led.items() if person == actor.person.pk]
    if mine:
        # This week's from its Saturday on, last week's until then.
        monday = monday_of(on - timedelta(days=SATURDAY))
        for each in missing_weeks(actor.district, monday, mine):
            text = _("The week of %(unit)s is to be summed up") % {"unit": each.unit.name}
            url = f"{reverse('field_summary_week')}?day={monday.isoformat()}&unit={each.unit.code}"
            yield Todo(kind, text, "", url, pgettext("verb", "Write"), last_of_week(monday))
    if actor.can("summaries.answer"):
        count = waiting_summaries(actor).count()
        if count:
            text = ngettext(
                "%(count)s summary waits for your answer",
                "%(count)s summaries wait for your answer",
                count,
            ) % {"count": count}
            url = f"{reverse('field_summaries')}?view=all&state=mine"
            yield Todo(kind, text, "", url, pgettext("verb", "Answer"))
