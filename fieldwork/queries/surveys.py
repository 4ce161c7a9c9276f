"""Surveys and their sheets: what was asked of whom, what came back, who is late."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Q, QuerySet

from fieldwork.models import Activity, ActivityKind, ActivityState, Form, FormKind, Survey
from fieldwork.queries.visits import check_list
from fieldwork.rules.surveys import NAMES, default_fields
from orgchart.actors import business_day
from orgchart.models import Person, Unit


@dataclass(slots=True)
class Progress:
    """A unit's, or all units', sheets: asked for, sent, of these late, open past their day."""

    asked: int = 0
    sent: int = 0
    sent_late: int = 0
    overdue: int = 0

    @property
    def is_complete(self) -> bool:
        return self.sent == self.asked


@dataclass(slots=True)
class Round:
    """A survey with its progress, all in all and by unit id."""

    survey: Survey
    whole: Progress = field(default_factory=Progress)
    by_unit: dict[int, Progress] = field(default_factory=dict)


def surveys_of(district: Unit) -> QuerySet[Survey]:
    """Return the district's surveys, the latest deadline first."""
    return Survey.objects.filter(district=district).select_related("form", "district")


def open_surveys(district: Unit) -> QuerySet[Survey]:
    """Return those that still take sheets."""
    return surveys_of(district).filter(closed_at=None)


def sheets_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[Activity]:
    """Return the sheets of the units (None: all), without cancelled ones: open ones first."""
    rows = (
        Activity.objects.filter(kind=ActivityKind.SURVEY, unit__district=district)
        .exclude(state=ActivityState.CANCELLED)
        .select_related("unit", "person", "done_by", "form", "survey__form", "survey__district")
        .order_by(F("done_at").asc(nulls_first=True), "planned_on", "unit__position", "pk")
    )
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def waiting(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """Return the sheets that were not sent, of surveys that still take them."""
    return rows.filter(state=ActivityState.PLANNED, survey__closed_at=None)


def overdue(rows: QuerySet[Activity], on: date) -> QuerySet[Activity]:
    """Return the sheets that should have been sent before the day."""
    return waiting(rows).filter(planned_on__lt=on)


def of_filler(rows: QuerySet[Activity], person: Person) -> QuerySet[Activity]:
    """Return the sheets that somebody of a unit fills in: the person's own, and nobody's."""
    return rows.filter(Q(person=person) | Q(person=None))


def sent(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """Return the sheets that were sent, by unit and subject."""
    return rows.filter(state=ActivityState.DONE).order_by("unit__position", "subject", "pk")


def rounds(
    surveys: Iterable[Survey], unit_ids: Collection[int] | None, on: date
) -> dict[int, Round]:
    """Return survey id → its progress in the units (None: all); one query."""
    found = {survey.pk: Round(survey) for survey in surveys}
    rows = Activity.objects.filter(survey__in=found).exclude(state=ActivityState.CANCELLED)
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=unit_ids)
    columns = ("survey_id", "unit_id", "planned_on", "done_at")
    for survey_id, unit_id, planned_on, done_at in rows.order_by("pk").values_list(*columns):
        each = found[survey_id]
        for progress in (each.whole, each.by_unit.setdefault(unit_id, Progress())):
            progress.asked += 1
            if done_at is None:
                progress.overdue += planned_on < on and each.survey.closed_at is None
            else:
                progress.sent += 1
                progress.sent_late += business_day(done_at) > planned_on
    return found


def survey_form(district: Unit, kind: str, on: date) -> Form:
    """Return the form in force; the first one, not stored, where the district has none."""
    zh, en = NAMES[kind]
    return check_list(district, on, kind) or Form(
        district=district, kind=FormKind(kind), fields=default_fields(kind), valid_from=on,
        name_zh=zh, name_en=en,
    )  # fmt: skip


def used_codes(district: Unit, kind: str) -> set[str]:
    """Return every field code that some version of the form has: none stands for two things."""
    rows = Form.objects.filter(district=district, kind=kind).values_list("fields", flat=True)
    return {each["code"] for fields in rows for each in fields}
