"""Computations that failed, posts to fill, accounts to set up."""

from collections.abc import Iterator

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orgchart.models import Job
from orgchart.permissions import Actor
from portal.queries.staffing import ending_terms, managers_without_account, vacancies
from portal.queries.todos.base import Todo, some
from targets.months import month_text


def todos(actor: Actor) -> Iterator[Todo]:
    """Yield what the administrator and the clerk see to."""
    if actor.can("accounts.write"):
        yield from _jobs(actor)
    if actor.can("organisation.write"):
        yield from _staffing(actor)


def _jobs(actor: Actor) -> Iterator[Todo]:
    """Yield the computations that failed, with what they said."""
    failed = Job.objects.filter(district=actor.district, requested__gt=F("done"), failures__gt=0)
    for job in failed:
        text = _("The computation “%(kind)s” of %(month)s failed %(count)s times") % {
            "kind": job.kind,
            "month": month_text(job.month),
            "count": job.failures,
        }
        yield Todo(_("Health"), text, job.last_error, "", "")


def _staffing(actor: Actor) -> Iterator[Todo]:
    """Yield units without manager or supervisor, managers without account, terms about to end."""
    kind, chart = _("Staffing"), reverse("organisation")
    found = vacancies(actor.district_id, actor.on)
    for units, text in (
        (
            found.unmanaged,
            ngettext(
                "%(count)s unit has no manager",
                "%(count)s units have no manager",
                len(found.unmanaged),
            ),
        ),
        (
            found.unsupervised,
            ngettext(
                "%(count)s unit has no supervisor",
                "%(count)s units have no supervisor",
                len(found.unsupervised),
            ),
        ),
    ):
        if units:
            url = reverse("unit_detail", args=[units[0].code]) if len(units) == 1 else chart
            names = some([unit.short for unit in units])
            yield Todo(kind, text % {"count": len(units)}, names, url, _("Appoint"))
    if people := managers_without_account(actor.district_id, actor.on):
        text = ngettext(
            "%(count)s manager has no account", "%(count)s managers have no account", len(people)
        ) % {"count": len(people)}
        yield Todo(kind, text, some([each.name for each in people]), reverse("people"), _("Set up"))
    for term in ending_terms(actor.district_id, actor.on):
        text = _("%(person)s's term as %(post)s ends") % {
            "person": term.person.name,
            "post": term.post.name,
        }
        url = reverse("person_detail", args=[term.person.code])
        yield Todo(kind, text, term.unit.short, url, _("Look"), term.valid_to)
