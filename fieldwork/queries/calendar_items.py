"""What field work itself lends to the calendar: what somebody has to do by a day."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fieldwork.models import Activity, ActivityState, Summary, SummaryKind
from fieldwork.queries.accounts import accounts_of
from fieldwork.queries.calendar import Item
from fieldwork.queries.findings import findings_of
from fieldwork.queries.promotions import promotions_of
from fieldwork.queries.retention import warned_of
from fieldwork.queries.summaries import leaders, writing_posts
from fieldwork.queries.surveys import sheets_of, surveys_of, waiting
from fieldwork.queries.visits import visits_of
from fieldwork.rules.calendar import days_of
from fieldwork.rules.summaries import SATURDAY, is_week_due, monday_of
from kpi.calendars import is_worked
from orgchart.permissions import Actor


def visit_items(actor: Actor, first: date, last: date) -> Iterator[Item]:
    """Yield the visits of whoever makes them; to other readers how many a day has."""
    scope = actor.unit_ids("field.read")
    rows = visits_of(actor.district, scope).filter(planned_on__gte=first, planned_on__lte=last)
    rows = rows.exclude(state=ActivityState.CANCELLED)
    if scope and actor.can("field.write"):
        for row in rows.filter(person=actor.person):
            name = row.dealer.name if row.dealer else ""
            yield Item(
                f"visit-{row.pk}", "visit", row.planned_on, row.planned_on,
                _("Visit %(names)s") % {"names": name},
                reverse("field_visit", kwargs={"pk": row.pk}), row.state == ActivityState.DONE,
            )  # fmt: skip
        return
    done = Count("pk", filter=Q(state=ActivityState.DONE))
    sums = Activity.objects.filter(pk__in=rows.order_by().values("pk")).order_by()
    for day, count, made in sums.values_list("planned_on").annotate(count=Count("pk"), done=done):
        text = _("Visits: %(done)s of %(count)s") % {"done": made, "count": count}
        url = f"{reverse('field_visits')}?view=all&in_month={day:%Y-%m}"
        # A missed visit is told where visits are; here it would paint the whole month late.
        yield Item(f"visits-{day}", "visit", day, day, text, url, made == count or None)


def summary_items(actor: Actor, first: date, last: date) -> Iterator[Item]:
    """Yield the days that a person writes up, and the weeks that he or she leads."""
    if not actor.can("summaries.write"):
        return
    sent = Summary.objects.filter(kind=SummaryKind.DAILY, person=actor.person)
    written = set(sent.filter(first__gte=first, first__lte=last).values_list("first", flat=True))
    posts = writing_posts(actor.district, first, last).filter(person=actor.person)
    terms = list(posts.values_list("valid_from", "valid_to"))
    url = reverse("field_summary_day")
    for day in days_of(first, last):
        is_held = any(start <= day and (end is None or end >= day) for start, end in terms)
        if is_held and is_worked(day):
            yield Item(
                f"summary-{day}", "summary", day, day, _("Daily summary"),
                f"{url}?day={day.isoformat()}", day in written, is_routine=True,
            )  # fmt: skip
    led = leaders(actor.district, actor.on) if actor.can("summaries.lead") else {}
    mine = [unit for unit, person in led.items() if person == actor.person.pk]
    if not mine:
        return
    weeks = Summary.objects.filter(kind=SummaryKind.WEEKLY, unit__in=mine)
    summed = set(weeks.filter(first__gte=monday_of(first)).values_list("first", flat=True))
    for day in days_of(first, last):
        monday = monday_of(day)
        if day.weekday() == SATURDAY and is_week_due(monday, is_worked):
            yield Item(
                f"week-{monday}", "summary", day, day, _("Weekly team summary"),
                f"{reverse('field_summary_week')}?day={monday.isoformat()}", monday in summed,
                "week-summary",
            )  # fmt: skip


def deadline_items(actor: Actor, first: date, last: date) -> Iterator[Item]:
    """Yield the last days of one's own accounts and first calls, and of the unit's findings."""
    accounts = accounts_of(actor.district, actor.unit_ids("field.read"))
    for row in accounts.filter(
        responsible=actor.person, deadline__gte=first, deadline__lte=last
    ).exclude(stage="lost"):
        yield Item(
            f"account-{row.pk}", "deadline", row.deadline, row.deadline,
            _("Win %(name)s") % {"name": row.name},
            reverse("field_account", kwargs={"code": row.code}), row.stage == "signed",
        )  # fmt: skip
    if actor.can("retention.call"):
        calls = warned_of(actor.district, actor.unit_ids("retention.call"))
        calls = calls.filter(person=actor.person, due_on__gte=first, due_on__lte=last).order_by()
        made = Count("pk", filter=Q(first_call_at__isnull=False))
        for day, count, done in calls.values_list("due_on").annotate(count=Count("pk"), made=made):
            text = ngettext(
                "First call of %(count)s user", "First calls of %(count)s users", count
            ) % {"count": count}
            url = reverse("field_retention")
            yield Item(f"calls-{day}", "deadline", day, day, text, url, done == count)
    if actor.can("field.confirm") or actor.can("field.audit"):
        scope = actor.unit_ids("field.audit" if actor.can("field.audit") else "field.confirm")
        found = findings_of(actor.district, scope).filter(voided_at=None)
        for row in found.filter(deadline__gte=first, deadline__lte=last):
            yield Item(
                f"finding-{row.pk}", "deadline", row.deadline, row.deadline,
                _("Finding %(code)s, %(unit)s") % {"code": row.code, "unit": row.unit.short},
                reverse("finding", kwargs={"code": row.code}), row.closed_at is not None,
            )  # fmt: skip


def survey_items(actor: Actor, first: date, last: date) -> Iterator[Item]:
    """Yield the days on which surveys are due; done once no sheet of the reader's units is open."""
    open_sheets = waiting(sheets_of(actor.district, actor.unit_ids("field.read"))).order_by()
    for row in (
        surveys_of(actor.district)
        .filter(deadline__gte=first, deadline__lte=last)
        .annotate(is_open=Exists(open_sheets.filter(survey=OuterRef("pk"))))
    ):
        yield Item(
            f"survey-{row.pk}", "deadline", row.deadline, row.deadline, row.name,
            reverse("field_survey", kwargs={"pk": row.pk}), not row.is_open, row.kind,
        )  # fmt: skip


def promotion_items(actor: Actor, first: date, last: date) -> Iterator[Item]:
    """Yield the promotions of the reader's units that were not called off."""
    rows = promotions_of(actor.district, actor.unit_ids("field.read"))
    rows = rows.filter(planned_on__gte=first, planned_on__lte=last)
    for row in rows.exclude(state=ActivityState.CANCELLED):
        paper = row.promotion
        yield Item(
            f"promotion-{row.pk}", "promotion", row.planned_on, row.planned_on,
            _("Promotion: %(place)s") % {"place": paper.place},
            reverse("field_promotion", kwargs={"code": paper.code}), row.done_at is not None,
        )  # fmt: skip
