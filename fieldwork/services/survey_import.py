"""Importing sheets of a survey: all of them or nothing; the same list again changes nothing."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import Activity, ActivityState, Form, Survey
from fieldwork.queries.surveys import sheets_of
from fieldwork.services.account_import import Imported, NotImported
from fieldwork.services.forms import answers_of
from fieldwork.services.surveys import add_sheet, held_survey, send_sheet
from fieldwork.workbooks.surveys import NUMBERS, columns_of
from fieldwork.workbooks.tables import YES_NO, Row, Table
from orgchart.actors import business_day
from orgchart.models import Person, Unit
from orgchart.models.units import BUSINESS_KINDS

Key = tuple[int, str]


@transaction.atomic
def import_sheets(
    *, survey: Survey, unit_ids: Collection[int] | None, content: bytes, by: Person, at: datetime
) -> Imported:
    """Take sheets over: a row is known by its unit and its first field.

    A new row takes the unit's open sheet, else it is one more. Units outside `unit_ids`, and
    changes after the deadline, are faults. Raises NotAList, NotImported with every fault, Locked
    once the survey is closed.
    """
    survey = held_survey(survey.pk)
    form, today = survey.form, business_day(at)
    units = _units(survey, unit_ids)
    table = Table(content, columns_of(form), required=["@unit", form.fields[0]["code"]])
    sheets = list(sheets_of(survey.district, unit_ids).filter(survey=survey))
    sent = {(row.unit_id, row.subject): row for row in sheets if row.state == ActivityState.DONE}
    free = [row for row in sheets if row.state == ActivityState.PLANNED]
    free.sort(key=lambda row: row.person_id is not None)  # what nobody was given goes first
    seen: dict[Key, int] = {}
    steps: list[tuple[Unit, Activity | None, dict[str, Any]]] = []
    changed = same = 0
    for row in table:
        unit = row.one_of("@unit", units, is_required=True)
        answers = _answers(row, form)
        if unit is None or not row.is_sound:
            continue
        subject = str(answers[form.fields[0]["code"]])
        key = (unit.pk, subject)
        if key in seen:
            text = _("The sheet stands in row %(row)s already.") % {"row": seen[key]}
            row.fault(form.fields[0]["code"], text)
        seen[key] = row.number
        known = sent.get(key)
        if known is None:
            steps.append((unit, None, answers))
        elif known.answers == answers:
            same += 1
        elif today > known.planned_on:
            row.fault(form.fields[0]["code"], _("The deadline is over; the sheet stays as it is."))
        else:
            changed += 1
            steps.append((unit, known, answers))
    if table.faults:
        text = _("%(count)s faults; nothing was imported.") % {"count": len(table.faults)}
        raise NotImported(text, table.faults)

    for unit, known, answers in steps:
        open_one = next((each for each in free if each.unit_id == unit.pk), None)
        if known is None and open_one is not None:
            free.remove(open_one)
        sheet = known or open_one
        if sheet is None:
            add_sheet(survey=survey, unit=unit, answers=answers, by=by, at=at, source="file")
        else:
            send_sheet(
                sheet=sheet, version=sheet.version, answers=answers, by=by, at=at,
                may_stand_in=True, source="file",
            )  # fmt: skip
    return Imported(len(steps) - changed, changed, same)


def _units(survey: Survey, unit_ids: Collection[int] | None) -> dict[str, Unit]:
    rows = Unit.objects.of(survey.district).filter(kind__in=BUSINESS_KINDS)
    if unit_ids is not None:
        rows = rows.filter(pk__in=unit_ids)
    return {
        name.casefold(): unit
        for unit in rows
        for name in (unit.code, unit.name_zh, unit.name_en, unit.short_zh, unit.short_en)
        if name
    }


def _answers(row: Row, form: Form) -> dict[str, Any]:
    """Return the row's answers as the form keeps them; what is wrong is noted at its cell."""
    given: dict[str, Any] = {}
    wrong = set()
    for each in form.fields:
        code = each["code"]
        before = len(row.table.faults)
        if each["type"] in NUMBERS:
            given[code] = row.amount(code)
        elif each["type"] == "date":
            given[code] = row.day(code)
        elif each["type"] == "yes_no":
            given[code] = row.one_of(code, YES_NO)
        else:
            given[code] = row.text(code, longest=100 if each is form.fields[0] else 500)
        if len(row.table.faults) > before:
            wrong.add(code)
    answers, faults = answers_of(form, given)
    for fault in faults:
        code = fault.pointer.rsplit("/", 1)[-1]
        if code not in wrong:
            row.fault(code, fault.detail)
    return answers
