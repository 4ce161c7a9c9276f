"""What is late in the field, and what waits for the store."""

from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from competitions.wording import join, month_name
from fieldwork.models import ActivityState, RequestState
from fieldwork.queries.accounts import accounts_of
from fieldwork.queries.accounts import overdue as overdue_accounts
from fieldwork.queries.alarms import alarms_of, unanswered
from fieldwork.queries.audit import overdue as overdue_takings
from fieldwork.queries.audit import takings_of
from fieldwork.queries.findings import findings_of
from fieldwork.queries.findings import overdue as overdue_findings
from fieldwork.queries.goals import goals_of, not_reported, to_assess
from fieldwork.queries.promotions import promotions_of, to_decide, unreported
from fieldwork.queries.retention import overdue as overdue_calls
from fieldwork.queries.retention import warned_of
from fieldwork.queries.surveys import of_filler, sheets_of
from fieldwork.queries.surveys import overdue as overdue_sheets
from fieldwork.queries.visits import late as late_visits
from fieldwork.queries.visits import unsolved_late, visits_of
from fieldwork.queries.warehouse import requests_of, shortages
from orgchart.permissions import Actor
from portal.queries.todos import summaries
from portal.queries.todos.base import NAMED, Todo
from targets.months import month_text

Units = Collection[int] | None  # keys; None: the whole district


def todos(actor: Actor) -> Iterator[Todo]:
    """Yield what is late: to staff their own, to managers what their units have.

    Findings go to the unit's manager and to the auditor, every late sheet to who chases it, plans
    of promotions to whoever approves, alarms of outlets that nobody looks after to the clerk. At
    most eleven queries, and those of summaries.
    """
    scope = actor.unit_ids("field.write")
    is_own = bool(scope) and not actor.can("field.confirm")
    if actor.can("promotions.approve"):
        yield from _plans(actor)
    if scope:
        yield from _visits(actor, scope, is_own)
        yield from _promotions(actor, scope, is_own)
        yield from _accounts(actor, scope, is_own)
    if scope or actor.can("field.rules"):
        yield from _sheets(actor, scope, is_own)
    if scope:
        yield from _goals(actor, scope, is_own)
    if callers := actor.unit_ids("retention.call"):
        yield from _calls(actor, callers, is_own)
    yield from _alarms(actor, scope, is_own)
    managed = actor.unit_ids("field.confirm")
    if managed or actor.can("field.audit"):
        yield from _findings(actor, None if actor.can("field.audit") else managed)
    if actor.can("field.audit"):
        rows = overdue_takings(takings_of(actor.district, None), actor.on)
        count, first = _late(rows, "day")
        text = ngettext(
            "%(count)s difference of takings is not settled in time",
            "%(count)s differences of takings are not settled in time",
            count,
        )
        yield from _counted(text, count, first, f"{reverse('field_takings')}?state=over")
    yield from _store(actor)
    yield from summaries.todos(actor)


def _visits(actor: Actor, scope: Units, is_own: bool) -> Iterator[Todo]:
    """Yield the visits not made in time and the problems not followed up."""
    mine, whose = _of_person(actor, is_own)
    rows = visits_of(actor.district, scope).filter(mine)
    url = f"{reverse('field_visits')}?view=all&state="
    count, first = _late(late_visits(rows, actor.on), "planned_on")
    text = ngettext(
        "%(count)s visit of this month is overdue",
        "%(count)s visits of this month are overdue",
        count,
    )
    yield from _counted(text, count, first, f"{url}late{whose}")
    count, first = _late(unsolved_late(rows, actor.on), "follow_up_on")
    text = ngettext(
        "%(count)s problem of a visit is past its follow-up day",
        "%(count)s problems of visits are past their follow-up day",
        count,
    )
    yield from _counted(text, count, first, f"{url}problem{whose}")


def _plans(actor: Actor) -> Iterator[Todo]:
    """Yield the promotions to approve; nobody approves the own plan."""
    rows = to_decide(promotions_of(actor.district, actor.unit_ids("promotions.approve")))
    count, first = _late(rows.exclude(promotion__made_by=actor.person), "planned_on")
    text = ngettext(
        "%(count)s promotion waits for approval", "%(count)s promotions wait for approval", count
    )
    url = f"{reverse('field_promotions')}?view=all&state={ActivityState.SUBMITTED.value}"
    if count:
        text = text % {"count": count}
        yield Todo(_("Field work"), text, "", url, _("Approve"), first)


def _promotions(actor: Actor, scope: Units, is_own: bool) -> Iterator[Todo]:
    """Yield the results not entered and the plans that came back."""
    mine, whose = _of_person(actor, is_own)
    rows = promotions_of(actor.district, scope).filter(mine)
    url = f"{reverse('field_promotions')}?view=all&state="
    count, first = _late(unreported(rows, actor.on), "planned_on")
    text = ngettext(
        "%(count)s promotion lacks its result", "%(count)s promotions lack their result", count
    )
    yield from _counted(text, count, first, f"{url}late{whose}")
    count, first = _late(rows.filter(state=ActivityState.RETURNED), "planned_on")
    text = ngettext(
        "%(count)s plan of a promotion came back",
        "%(count)s plans of promotions came back",
        count,
    )
    yield from _counted(text, count, first, f"{url}{ActivityState.RETURNED.value}{whose}")


def _accounts(actor: Actor, scope: Units, is_own: bool) -> Iterator[Todo]:
    rows, owner = accounts_of(actor.district, scope), ""
    if is_own:
        rows = rows.filter(responsible=actor.person)
        owner = f"&responsible={actor.person.code}"
    count, first = _late(overdue_accounts(rows, actor.on), "deadline")
    text = ngettext(
        "%(count)s account is past its deadline",
        "%(count)s accounts are past their deadline",
        count,
    )
    yield from _counted(text, count, first, f"{reverse('field_accounts')}?due=over{owner}")


def _calls(actor: Actor, scope: Units, is_own: bool) -> Iterator[Todo]:
    mine, whose = _of_person(actor, is_own)
    rows = warned_of(actor.district, scope).filter(mine)
    count, first = _late(overdue_calls(rows, actor.on), "due_on")
    text = ngettext("%(count)s first call is overdue", "%(count)s first calls are overdue", count)
    url = f"{reverse('field_retention')}?view=all&due=over{whose}"
    yield from _counted(text, count, first, url)


def _sheets(actor: Actor, scope: Units, is_own: bool) -> Iterator[Todo]:
    rows = sheets_of(actor.district, None if actor.can("field.rules") else scope)
    if is_own:
        rows = of_filler(rows, actor.person)
    count, first = _late(overdue_sheets(rows, actor.on), "planned_on")
    text = ngettext(
        "%(count)s survey sheet is overdue", "%(count)s survey sheets are overdue", count
    )
    label = _("Chase") if actor.can("field.rules") else _("Fill in")
    yield from _counted(text, count, first, f"{reverse('field_surveys')}?due=over", label)


def _alarms(actor: Actor, scope: Units, is_own: bool) -> Iterator[Todo]:
    """Yield the alarms to be looked into: a manager's own, the unit's, nobody's to the clerk."""
    mine, whose = _of_person(actor, is_own)
    if scope is None:
        mine, whose = Q(person=None), "&person=none"
    elif not scope:
        return
    rows = unanswered(alarms_of(actor.district, scope)).filter(mine)
    count = rows.order_by().count()
    text = ngettext(
        "%(count)s outlet alarm is to be looked into",
        "%(count)s outlet alarms are to be looked into",
        count,
    )
    yield from _counted(text, count, None, f"{reverse('alarms')}?state=open{whose}")


def _goals(actor: Actor, scope: Units, is_own: bool) -> Iterator[Todo]:
    """Yield, a month each, goals that were not reported in time, and those to be assessed."""
    rows = goals_of(actor.district, scope)
    late = not_reported(rows.filter(person=actor.person) if is_own else rows, actor.on)
    found = [("late", _("Report"), late)]
    if not is_own:
        found.append(
            ("assess", _("Assess"), to_assess(rows, actor.on).exclude(person=actor.person))
        )
    for state, label, goals in found:
        months = goals.order_by("month").values("month").annotate(Count("pk"), Min("due_on"))
        for each in months:
            count = each["pk__count"]
            text = {
                "late": ngettext(
                    "%(count)s goal of %(month)s was not reported in time",
                    "%(count)s goals of %(month)s were not reported in time",
                    count,
                ),
                "assess": ngettext(
                    "%(count)s goal of %(month)s is to be assessed",
                    "%(count)s goals of %(month)s are to be assessed",
                    count,
                ),
            }[state] % {"count": count, "month": month_name(each["month"])}
            url = f"{reverse('field_goals')}?month={month_text(each['month'])}&state={state}"
            yield Todo(_("Field work"), text, "", url, label, each["due_on__min"])


def _findings(actor: Actor, scope: Units) -> Iterator[Todo]:
    rows = findings_of(actor.district, scope)
    count, first = _late(overdue_findings(rows, actor.on), "deadline")
    text = ngettext(
        "%(count)s finding is not put right in time",
        "%(count)s findings are not put right in time",
        count,
    )
    yield from _counted(text, count, first, f"{reverse('findings')}?state=over")


def _store(actor: Actor) -> Iterator[Todo]:
    """Yield requests to approve (never the own) and to issue, and what the store runs out of."""
    kind, place = _("Warehouse"), reverse("field_stock_requests")
    if actor.can("stock.approve"):
        rows = requests_of(actor.district, actor.unit_ids("stock.approve"))
        waiting = rows.filter(state=RequestState.SUBMITTED).exclude(made_by=actor.person)
        if count := waiting.count():
            text = ngettext(
                "%(count)s request to the store", "%(count)s requests to the store", count
            )
            url = f"{place}?state={RequestState.SUBMITTED.value}"
            yield Todo(kind, text % {"count": count}, "", url, _("Approve"))
    if not actor.can("stock.keep"):
        return
    granted = requests_of(actor.district, None).filter(state=RequestState.APPROVED)
    count, first = _late(granted, "needed_on")
    if count:
        text = ngettext("%(count)s request to issue", "%(count)s requests to issue", count)
        url = f"{place}?state={RequestState.APPROVED.value}"
        label = pgettext("stock", "Issue")
        yield Todo(kind, text % {"count": count}, "", url, label, first)
    if short := shortages(actor.district):
        text = ngettext(
            "%(count)s item is below its warning level",
            "%(count)s items are below their warning level",
            len(short),
        )
        note = join([shelf.item.name for shelf in short[:NAMED]])
        url = f"{reverse('field_stock')}?state=short"
        yield Todo(kind, text % {"count": len(short)}, note, url, _("Look"))


def _of_person(actor: Actor, is_own: bool) -> tuple[Q, str]:
    """Return what keeps rows to the actor's own, and the same for an address."""
    return (Q(person=actor.person), f"&person={actor.person.code}") if is_own else (Q(), "")


def _late(rows: QuerySet, day: str) -> tuple[int, date | None]:
    """Return how many there are, and the earliest day."""
    found = rows.order_by().aggregate(count=Count("pk"), first=Min(day))
    return found["count"], found["first"]


def _counted(
    text: str, count: int, first: date | None, url: str, label: str = ""
) -> Iterator[Todo]:
    if count:
        yield Todo(_("Field work"), text % {"count": count}, "", url, label or _("Look"), first)
