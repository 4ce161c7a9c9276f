"""Summaries: sent once with the figures as they stand, answered once by the leader."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from fieldwork.models import DayQuestion, Summary, SummaryKind, WeekQuestion
from fieldwork.queries.summaries import sent, writing_posts, writing_unit
from fieldwork.queries.summary_figures import dailies, day_figures, week_figures
from fieldwork.rules.summaries import (
    last_of_week,
    may_write_day,
    may_write_week,
    worked_days,
)
from kpi.calendars import is_worked
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused
from orgchart.models import Person, Unit
from orgchart.services.notifications import in_both, notify

LONGEST = 500
QUESTIONS = {SummaryKind.DAILY: DayQuestion, SummaryKind.WEEKLY: WeekQuestion}
# The plan asks a day four things; of a week's nine the parts of "who, how, …" may be left out.
REQUIRED = {
    SummaryKind.DAILY: tuple(DayQuestion),
    SummaryKind.WEEKLY: (
        WeekQuestion.DONE, WeekQuestion.LIGHTS, WeekQuestion.PLAN, WeekQuestion.RAISE,
    ),
}  # fmt: skip


@transaction.atomic
def send_day(
    *, day: date, answers: Mapping[str, Any], by: Person, at: datetime
) -> tuple[Summary, bool]:
    """Send one's day; return it and whether it is new: the same again changes nothing.

    Raises Refused for whoever holds no post that writes, Invalid with pointers, Locked when
    something else was sent of that day.
    """
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # a double click
    unit = writing_unit(by, day)
    if unit is None:
        raise Refused(_("You held no post in a business unit on that day."))
    texts = _texts(SummaryKind.DAILY, answers)
    if not may_write_day(day, business_day(at)):
        raise Invalid(_day_rule(), [Fault("/day", _day_rule())])
    if found := _sent_before(SummaryKind.DAILY, day, texts, by=by, unit=unit):
        return found, False
    figures = day_figures(unit, [by.pk], day)[by.pk]
    return _create(SummaryKind.DAILY, unit, day, texts, figures, by=by, at=at), True


@transaction.atomic
def send_week(
    *, unit: Unit, first: date, answers: Mapping[str, Any], by: Person, at: datetime
) -> tuple[Summary, bool]:
    """Send a team's week, named by its Monday; as `send_day`, whoever of the unit sends it."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # a double click, two leaders
    texts = _texts(SummaryKind.WEEKLY, answers)
    if not may_write_week(first, business_day(at)):
        raise Invalid(_week_rule(), [Fault("/day", _week_rule())])
    if found := _sent_before(SummaryKind.WEEKLY, first, texts, by=by, unit=unit):
        return found, False
    figures = figures_of_week(unit, first, business_day(at))
    return _create(SummaryKind.WEEKLY, unit, first, texts, figures, by=by, at=at), True


@transaction.atomic
def answer_summary(*, summary: Summary, reply: str, by: Person, at: datetime) -> Summary:
    """Answer a summary, once; its writer is told. Whether one may is asked before.

    The same again changes nothing. Raises Refused for one's own, Locked once answered, Invalid.
    """
    row = (
        Summary.objects.select_for_update(of=("self",))
        .select_related("unit__district", "person")
        .get(pk=summary.pk)
    )
    if row.person_id == by.pk:
        raise Refused(_("Somebody else answers your summary."))
    text = reply.strip()
    if not 0 < len(text) <= LONGEST:
        sentence = _("Write an answer of at most %(count)s characters.") % {"count": LONGEST}
        raise Invalid(sentence, [Fault("/reply", sentence)])
    if row.reply:
        if row.reply == text and row.replied_by_id == by.pk:
            return row
        raise Locked(_("This summary is answered already."))
    row.reply, row.replied_by, row.replied_at = text, by, at
    row.save(update_fields=["reply", "replied_by", "replied_at"])
    # Who may read the trail may not read summaries: it has no word of them.
    _note(row, "summary.answer", by=by, at=at, after="answered")
    zh, en = in_both(
        lambda: (
            _("%(name)s answered your summary of %(day)s: %(text)s")
            % {"name": by.name, "day": row.first.isoformat(), "text": text}
        )
    )
    notify(
        [row.person], zh=zh, en=en, url=reverse("field_summary", kwargs={"pk": row.pk}),
        key=f"summary/{row.pk}", at=at,
    )  # fmt: skip
    return row


def figures_of_week(unit: Unit, first: date, today: date) -> dict[str, Any]:
    """Return the figures of a unit's week as they stand today."""
    until = max(first, min(today, last_of_week(first)))
    days = worked_days(first, until, is_worked)
    posts = writing_posts(unit.district, first, until).filter(unit=unit)
    due = {
        (day, person)
        for person, start, end in posts.values_list("person_id", "valid_from", "valid_to")
        for day in days
        if start <= day and (end is None or end >= day)
    }
    return week_figures(unit, first, until=until, writers=dailies(unit, days), due=len(due))


def _day_rule() -> str:
    return _("A day can be written up on the day itself and up to seven days after it.")


def _week_rule() -> str:
    return _("A week is named by its Monday and can be written up until two weeks later.")


def _texts(kind: SummaryKind, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers by question, cut to what is asked. Raises Invalid with pointers."""
    texts, faults = {}, []
    for question in QUESTIONS[kind]:
        given = answers.get(question.value) or ""
        text = given.strip().replace("\r\n", "\n") if isinstance(given, str) else ""
        place = f"/answers/{question.value}"
        if not isinstance(given, str) or "\x00" in text:
            faults.append(Fault(place, _("Write a text.")))
        elif not text and question in REQUIRED[kind]:
            faults.append(Fault(place, _("This field must be filled in.")))
        elif len(text) > LONGEST:
            faults.append(Fault(place, _("At most %(count)s characters.") % {"count": LONGEST}))
        texts[question.value] = text
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    return texts


def _sent_before(
    kind: SummaryKind, first: date, texts: Mapping[str, str], *, by: Person, unit: Unit
) -> Summary | None:
    """Return what was sent before when it says the same by the same person."""
    found = sent(kind, first, person=by, unit=unit)
    if found is None or (found.answers == texts and found.person_id == by.pk):
        return found
    raise Locked(
        _("%(name)s sent this summary already; what was sent stays.") % {"name": found.person.name},
        extra={"id": found.pk},
    )


def _create(
    kind: SummaryKind, unit: Unit, first: date, texts: dict[str, str], figures: dict[str, Any], *,
    by: Person, at: datetime,
) -> Summary:  # fmt: skip
    row = Summary.objects.create(
        kind=kind, unit=unit, first=first, person=by, answers=texts, figures=figures, sent_at=at,
        words="\n".join(text for text in texts.values() if text),
    )  # fmt: skip
    _note(row, "summary.send", by=by, at=at, after=first.isoformat())
    return row


def _note(row: Summary, action: str, *, by: Person, at: datetime, after: str) -> None:
    audit.record(
        by=by, at=at, action=action, subject=f"summaries/{row.pk}", district=row.unit.district,
        unit=row.unit, changes=[{"key": {"person": row.person.code}, "before": None,
                                 "after": after}],
    )  # fmt: skip
