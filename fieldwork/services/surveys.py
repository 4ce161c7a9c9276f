"""Surveys: opened for units or people, sheets sent and changed, chased, closed; their forms."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from fieldwork.models import Activity, ActivityKind, ActivityState, Form, Survey
from fieldwork.models.surveys import SURVEY_KINDS
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.surveys import open_surveys, overdue, sheets_of, survey_form, used_codes
from fieldwork.services.forms import answers_of, save_form
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Person, Role, Unit
from orgchart.queries.notifications import holders
from orgchart.services.notifications import in_both, notify

LONGEST_SUBJECT = 100


@transaction.atomic
def open_survey(
    *, district: Unit, kind: str, name_zh: str, name_en: str = "", deadline: date,
    units: Collection[Unit], by: Person, at: datetime, each_person: bool = False,
) -> Survey:  # fmt: skip
    """Send the form in force round: a sheet for each unit, or for each person of the units.

    Raises Invalid at /deadline, /units, /kind, /name_zh.
    """
    today = business_day(at)
    faults = []
    if kind not in SURVEY_KINDS:
        raise Invalid(*_one_fault("/kind", _("Choose one of the options.")))
    if not name_zh.strip() or len(name_zh) > 100 or len(name_en) > 100:
        faults.append(Fault("/name_zh", _("A survey is named with 1 to 100 characters.")))
    if deadline < today:
        faults.append(Fault("/deadline", _("The day lies in the past.")))
    if not units:
        faults.append(Fault("/units", _("Choose at least one unit.")))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    form = survey_form(district, kind, today)
    if form.pk is None:
        form = save_form(
            district=district, kind=kind, fields=form.fields, valid_from=today, by=None, at=at,
            name_zh=form.name_zh, name_en=form.name_en,
        )  # fmt: skip
    row = Survey.objects.create(
        district=district, kind=kind, form=form, name_zh=name_zh.strip(), name_en=name_en.strip(),
        opened_on=today, deadline=deadline, made_by=by, made_at=at,
    )  # fmt: skip
    sheets = []
    for unit in units:
        people: Sequence[Person | None] = [None]
        if each_person:
            people = list(responsible_people(district, today, [unit.pk])) or people
        sheets += [
            Activity(
                kind=ActivityKind.SURVEY, survey=row, unit=unit, person=person,
                planned_on=deadline,
            )
            for person in people
        ]  # fmt: skip
    Activity.objects.bulk_create(sheets, batch_size=500)
    _note_survey(row, "survey.open", by=by, at=at, after=[unit.code for unit in units])
    return row


@transaction.atomic
def send_sheet(
    *, sheet: Activity, version: int, answers: Mapping[str, Any], by: Person, at: datetime,
    may_stand_in: bool = False, source: str = "web",
) -> Activity:  # fmt: skip
    """Send a sheet, or a sent one again up to the deadline.

    By whom it is given to or, with `may_stand_in`, a manager; one that nobody has by anybody.
    Raises Invalid at /answers/code, Refused, Locked once closed, VersionConflict.
    """
    survey = held_survey(sheet.survey_id)
    row = _held_sheet(sheet, version)
    if row.person_id not in (None, by.pk) and not may_stand_in:
        raise Refused(_("This sheet is given to somebody else."))
    _fill(row, survey, answers, by=by, at=at, source=source)
    return row


@transaction.atomic
def add_sheet(
    *, survey: Survey, unit: Unit, answers: Mapping[str, Any], by: Person, at: datetime,
    source: str = "web",
) -> Activity:  # fmt: skip
    """Send one more sheet of a unit: another outlet, another township. Raises as `send_sheet`."""
    row = Activity(
        kind=ActivityKind.SURVEY, survey=survey, unit=unit, planned_on=survey.deadline, version=0
    )
    _fill(row, held_survey(survey.pk), answers, by=by, at=at, source=source)
    return row


@transaction.atomic
def give_sheet(
    *, sheet: Activity, version: int, person: Person | None, by: Person, at: datetime
) -> Activity:
    """Give an open sheet to somebody of its unit; the form offers nobody else."""
    held_survey(sheet.survey_id)
    row = _held_sheet(sheet, version)
    if row.state != ActivityState.PLANNED:
        raise Locked(_("The sheet was sent already."))
    before = row.person.code if row.person else None
    row.person, row.version = person, row.version + 1
    row.save(update_fields=["person", "version"])
    _note_sheet(
        row, "survey.give", by=by, at=at, before=before, after=person.code if person else None
    )
    return row


@transaction.atomic
def cancel_sheet(
    *, sheet: Activity, version: int, by: Person, at: datetime, reason: str
) -> Activity:
    """Take a sheet out, sent or not, with a reason: nobody is late with it, it counts nothing."""
    held_survey(sheet.survey_id)
    row = _held_sheet(sheet, version)
    if not reason.strip():
        raise Invalid(*_one_fault("/reason", _("Write a few words.")))
    before, row.state = row.state, ActivityState.CANCELLED
    row.version += 1
    row.save(update_fields=["state", "version"])
    _note_sheet(row, "survey.cancel", by=by, at=at, before=before, after="cancelled", reason=reason)
    return row


@transaction.atomic
def close_survey(
    *, survey: Survey, version: int, is_closed: bool, by: Person, at: datetime
) -> Survey:
    """Close a survey, so that it takes nothing more, or open a closed one again."""
    row = held_survey(survey.pk, is_closed=not is_closed)
    if row.version != version:
        raise _changed(row.version)
    row.closed_at, row.closed_by = (at, by) if is_closed else (None, None)
    row.version += 1
    row.save(update_fields=["closed_at", "closed_by", "version"])
    _note_survey(row, "survey.close" if is_closed else "survey.reopen", by=by, at=at, after=None)
    return row


@transaction.atomic
def chase(*, survey: Survey, by: Person, at: datetime) -> int:
    """Tell everybody whose sheet is overdue, once a day; return how many people are told.

    A sheet that nobody has is its unit's manager's. Raises Locked when nobody is late.
    """
    today = business_day(at)
    held_survey(survey.pk)
    rows = sheets_of(survey.district, None).filter(survey=survey)
    late = list(overdue(rows, today))
    if not late:
        raise Locked(_("Nobody is late."))
    people = {row.person_id: row.person for row in late if row.person}
    units = {row.unit_id for row in late if row.person is None}
    if units:
        managers = holders(survey.district, [Role.MANAGER], today, units)
        people |= {person.pk: person for person in managers}
    zh, en = in_both(
        lambda: (
            _("“%(survey)s” was due on %(day)s: please send your sheet.")
            % {"survey": survey.name, "day": survey.deadline.isoformat()}
        )
    )
    notify(
        [person for person in people.values() if person is not None], zh=zh, en=en,
        url=reverse("field_survey", kwargs={"pk": survey.pk}), key=f"survey/{survey.pk}/{today}",
        at=at,
    )  # fmt: skip
    _note_survey(survey, "survey.chase", by=by, at=at, after=len(late))
    return len(people)


@transaction.atomic
def save_survey_form(
    *, district: Unit, kind: str, fields: Sequence[dict[str, Any]], valid_from: date,
    by: Person, at: datetime,
) -> Form:  # fmt: skip
    """Write the next version of a survey's form, in force from a day on.

    An open survey of the kind takes it over while nobody has sent a sheet; a version that was
    answered stays. A new field gets a code that no version ever had.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    known = survey_form(district, kind, valid_from)
    taken = used_codes(district, kind) | {each["code"] for each in known.fields}
    coded = []
    for each in fields:
        code = each.get("code") or next(f"f{n}" for n in range(1, 500) if f"f{n}" not in taken)
        taken.add(code)
        coded.append({**each, "code": code})
    form = save_form(
        district=district, kind=kind, fields=coded, valid_from=valid_from, by=by, at=at,
        name_zh=known.name_zh, name_en=known.name_en,
    )  # fmt: skip
    if valid_from <= business_day(at):
        for survey in open_surveys(district).select_for_update(of=("self",)).filter(kind=kind):
            if not survey.sheets.filter(state=ActivityState.DONE).exists():
                survey.form = form
                survey.save(update_fields=["form"])
    return form


def _fill(
    row: Activity, survey: Survey, answers: Mapping[str, Any], *, by: Person, at: datetime,
    source: str,
) -> None:  # fmt: skip
    """Write the answers of a sheet; its survey is locked, so that a subject stands once."""
    today = business_day(at)
    if row.state == ActivityState.DONE and today > row.planned_on:
        text = _("The deadline was %(day)s; a sheet that was sent stays as it is.")
        raise Locked(text % {"day": row.planned_on.isoformat()})
    kept, faults = answers_of(survey.form, answers)
    first = survey.form.fields[0]["code"]
    subject = str(kept[first])
    if len(subject) > LONGEST_SUBJECT:
        text = _("At most %(count)s characters.") % {"count": LONGEST_SUBJECT}
        faults.append(Fault(f"/answers/{first}", text))
    others = Activity.objects.filter(
        survey=survey, unit=row.unit_id, subject=subject, state=ActivityState.DONE
    )
    if subject and others.exclude(pk=row.pk).exists():
        text = _("The unit has sent a sheet about “%(subject)s” already.")
        faults.append(Fault(f"/answers/{first}", text % {"subject": subject}))
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    before = row.answers if row.state == ActivityState.DONE else None
    row.form, row.answers, row.subject = survey.form, kept, subject
    row.state, row.done_at = ActivityState.DONE, row.done_at or at
    row.done_by = by
    row.version += 1
    row.save()
    _note_sheet(row, "survey.send", by=by, at=at, before=before, after=kept, source=source)


def held_survey(pk: int | None, *, is_closed: bool = False) -> Survey:
    """Return the survey, locked: one sheet, closing or chase of it at a time."""
    row = (
        Survey.objects.select_for_update(of=("self",)).select_related("form", "district").get(pk=pk)
    )
    if (row.closed_at is not None) != is_closed:
        raise Locked(_("The survey is open.") if is_closed else _("The survey is closed."))
    return row


def _held_sheet(sheet: Activity, version: int) -> Activity:
    row = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("unit__district", "person", "survey")
        .get(pk=sheet.pk)
    )
    if row.state == ActivityState.CANCELLED:
        raise Locked(_("The sheet was taken out."))
    if row.version != version:
        raise _changed(row.version)
    return row


def _changed(version: int) -> VersionConflict:
    text = _("Somebody changed this meanwhile. Compare and save again.")
    return VersionConflict(text, extra={"version": version})


def _one_fault(pointer: str, sentence: str) -> tuple[str, list[Fault]]:
    return sentence, [Fault(pointer, sentence)]


def _note_survey(row: Survey, action: str, *, by: Person, at: datetime, after: Any) -> None:
    audit.record(
        by=by, at=at, action=action, subject=f"surveys/{row.pk}", district=row.district,
        changes=[{"key": row.name_zh, "before": None, "after": after}],
    )  # fmt: skip


def _note_sheet(
    row: Activity, action: str, *, by: Person, at: datetime, before: Any, after: Any,
    reason: str = "", source: str = "web",
) -> None:  # fmt: skip
    audit.record(
        by=by, at=at, action=action, subject=f"surveys/{row.survey_id}/{row.pk}",
        district=row.unit.district, unit=row.unit, reason=reason[:200], source=source,
        changes=[{"key": {"subject": row.subject}, "before": before, "after": after}],
    )  # fmt: skip
