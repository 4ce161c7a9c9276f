"""Surveys for programs: opening, progress, sheets, chasing, closing, the forms."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from fieldwork.access import sheet_of, survey_of, units_for, visible_sheets
from fieldwork.api.accounts import FieldApi, version_of
from fieldwork.models import SURVEY_KINDS, Activity, Form, Survey
from fieldwork.queries.surveys import Progress, Round, rounds, sent, survey_form, surveys_of
from fieldwork.services import surveys as services
from fieldwork.services.forms import MOST_FIELDS
from orgchart.idempotency import idempotent
from orgchart.models import Unit
from targets.api.reading import Reader


class SurveysView(FieldApi):
    """Every survey with how far it is; POST opens one: {"kind", "name_zh", "deadline", "units"}."""

    @extend_schema(operation_id="field_surveys_list", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        pages = PageNumberPagination()
        page = pages.paginate_queryset(surveys_of(self.actor.district), request, view=self) or []
        found = rounds(page, self.actor.unit_ids("field.read"), self.actor.on)
        return pages.get_paginated_response([brief(found[row.pk]) for row in page])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request) -> Response:
        self.actor.demand("field.rules")
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        known = Unit.objects.of(self.actor.district).business().open_on(self.actor.on)
        by_code = {unit.code: unit for unit in known}
        codes = reader.items(body.get("units", list(by_code)), "/units", 500)
        units = [reader.member(code, f"/units/{n}", by_code) for n, code in enumerate(codes)]
        deadline = reader.day(body.get("deadline"), "/deadline")
        name_zh = reader.text(body.get("name_zh"), "/name_zh")
        name_en = reader.text(body["name_en"], "/name_en") if body.get("name_en") else ""
        kind = reader.choice(body.get("kind"), "/kind", SURVEY_KINDS)
        reader.check()
        row = services.open_survey(
            district=self.actor.district, kind=kind, name_zh=name_zh, name_en=name_en,
            deadline=deadline or self.actor.on, units=units,
            each_person=body.get("each_person") is True, by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(whole(self, row.pk), status=201)


class SurveyView(FieldApi):
    """A survey with its form and each unit's progress."""

    @extend_schema(operation_id="field_survey_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(whole(self, pk))


class CloseView(FieldApi):
    """Close a survey: {"version"}; {"version", "reopen": true} opens it again."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand("field.rules")
        row = survey_of(self.actor, pk)
        version = version_of(request.data)
        services.close_survey(
            survey=row, version=version, is_closed=request.data.get("reopen") is not True,
            by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(whole(self, pk))


class ChaseView(FieldApi):
    """Tell everybody who is late."""

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.actor.demand("field.rules")
        row = survey_of(self.actor, pk)
        told = services.chase(survey=row, by=self.actor.person, at=request.now)
        return Response({"told": told})


class SheetsView(FieldApi):
    """The sheets of a survey, `?sent=1` the sent ones; POST sends one more: {"unit", "answers"}."""

    @extend_schema(
        operation_id="field_sheets_list",
        parameters=[OpenApiParameter("sent", str), OpenApiParameter("unit", str)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = visible_sheets(self.actor).filter(survey=survey_of(self.actor, pk))
        if unit := request.query_params.get("unit"):
            rows = rows.filter(unit__code=unit)
        if request.query_params.get("sent"):
            rows = sent(rows)
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([written(row) for row in page or []])

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = survey_of(self.actor, pk)
        units = {unit.code: unit for unit in units_for(self.actor, "field.write")}
        if not units:
            raise PermissionDenied
        reader = Reader()
        body = reader.record(request.data, "/")
        unit = reader.member(body.get("unit"), "/unit", units)
        answers = reader.record(body.get("answers"), "/answers")
        reader.check()
        made = services.add_sheet(
            survey=row, unit=unit, answers=answers, by=self.actor.person, at=request.now,
            source="api",
        )  # fmt: skip
        return Response(written(sheet_of(self.actor, made.pk)), status=201)


class SheetView(FieldApi):
    """A sheet; PUT sends it, or again up to the deadline: {"answers", "version"}."""

    @extend_schema(operation_id="field_sheet_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(written(sheet_of(self.actor, pk)))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, pk: int) -> Response:
        row = sheet_of(self.actor, pk, "field.write")
        reader = Reader()
        body = reader.record(request.data, "/")
        answers = reader.record(body.get("answers"), "/answers")
        reader.check()
        services.send_sheet(
            sheet=row, version=version_of(body), answers=answers,
            may_stand_in=self.actor.can("field.confirm", row.unit_id), by=self.actor.person,
            at=request.now, source="api",
        )  # fmt: skip
        return Response(written(sheet_of(self.actor, pk)))


class FormView(FieldApi):
    """A survey's form in force; PUT writes its next version: {"fields", "valid_from"}."""

    @extend_schema(operation_id="field_survey_form_read", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, kind: str) -> Response:
        return Response(_form(survey_form(self.actor.district, _kind(kind), self.actor.on)))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @idempotent
    def put(self, request: Request, kind: str) -> Response:
        self.actor.demand("field.rules")
        reader = Reader()
        body = reader.record(request.data, "/")
        items = reader.items(body.get("fields"), "/fields", MOST_FIELDS, least=1)
        fields = [_field(reader, each, f"/fields/{n}") for n, each in enumerate(items)]
        valid_from = reader.day(body.get("valid_from"), "/valid_from")
        reader.check()
        form = services.save_survey_form(
            district=self.actor.district, kind=_kind(kind), fields=fields,
            valid_from=valid_from or self.actor.on, by=self.actor.person, at=request.now,
        )  # fmt: skip
        return Response(_form(form))


def _kind(text: str) -> str:
    if text not in SURVEY_KINDS:
        raise Http404
    return text


def _field(reader: Reader, value: Any, pointer: str) -> dict[str, Any]:
    given = reader.record(value, pointer)
    found: dict[str, Any] = {"required": given.get("required") is True}
    for name in ("code", "zh", "en", "type"):
        if given.get(name):
            found[name] = reader.text(given[name], f"{pointer}/{name}", longest=60)
    options = reader.items(given.get("options", []), f"{pointer}/options", 40)
    found["options"] = [
        reader.text(each, f"{pointer}/options/{n}", longest=60) for n, each in enumerate(options)
    ]
    return found


def _form(form: Form) -> dict[str, Any]:
    return {
        "kind": form.kind,
        "number": form.number,
        "name_zh": form.name_zh,
        "name_en": form.name_en,
        "valid_from": form.valid_from.isoformat(),
        "fields": form.fields,
    }


def _progress(each: Progress) -> dict[str, int]:
    return {
        "asked": each.asked, "sent": each.sent, "sent_late": each.sent_late,
        "overdue": each.overdue,
    }  # fmt: skip


def brief(each: Round) -> dict[str, Any]:
    """Return what lists say of a survey."""
    row: Survey = each.survey
    return {
        "id": row.pk,
        "kind": row.kind,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "opened_on": row.opened_on.isoformat(),
        "deadline": row.deadline.isoformat(),
        "is_closed": row.closed_at is not None,
        "progress": _progress(each.whole),
        "version": row.version,
    }


def whole(view: FieldApi, pk: int) -> dict[str, Any]:
    """Return a survey with its form and the progress of the units that the caller reads."""
    actor = view.actor
    row = survey_of(actor, pk)
    found = rounds([row], actor.unit_ids("field.read"), actor.on)[pk]
    units = {
        unit.code: _progress(found.by_unit.get(unit.pk, Progress()))
        for unit in units_for(actor, "field.read")
    }
    return brief(found) | {"form": _form(row.form), "units": units}


def written(row: Activity) -> dict[str, Any]:
    """Return a sheet with its answers."""
    return {
        "id": row.pk,
        "survey": row.survey_id,
        "unit": row.unit.code,
        "person": row.person.code if row.person else None,
        "due_on": row.planned_on.isoformat(),
        "state": row.state,
        "subject": row.subject,
        "answers": row.answers,
        "form": row.form.number if row.form else None,
        "done_at": row.done_at.isoformat() if row.done_at else None,
        "done_by": row.done_by.code if row.done_by else None,
        "version": row.version,
    }
