"""Surveys: all of them, one with who is late and its results, opening, chasing, lists in."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fieldwork.access import survey_of, units_for, visible_sheets
from fieldwork.downloads import survey_download
from fieldwork.filters.surveys import SheetFilter
from fieldwork.forms.surveys import FieldsForm, OpenForm, SheetListForm
from fieldwork.models import SURVEY_KINDS, Activity, ActivityState, FormKind, Survey
from fieldwork.present.surveys import charts
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.surveys import (
    Progress,
    Round,
    of_filler,
    overdue,
    rounds,
    sent,
    survey_form,
    surveys_of,
    waiting,
)
from fieldwork.rules.surveys import due_day
from fieldwork.services import surveys as services
from fieldwork.services.survey_import import import_sheets
from fieldwork.workbooks.surveys import NUMBERS, answer_text, columns_of
from orgchart.actors import business_day
from orgchart.errors import DomainError
from orgchart.models import Unit
from orgchart.models.bilingual import in_language
from orgchart.permissions import Actor, require
from targets.templatetags.amounts import amount

PER_PAGE = 30
MOST_FAULTS = 200
MOST_DUE = 100
VIEWS = ("sheets", "results", "charts", "units")


@require("field.read")
def surveys(request: HttpRequest) -> HttpResponse:
    """Every survey with how far it is, what is to be filled in, and the forms."""
    actor = request.actor
    page = Paginator(surveys_of(actor.district), PER_PAGE).get_page(request.GET.get("page"))
    found = rounds(page, actor.unit_ids("field.read"), actor.on)
    due = _due(request)
    context = {
        "page_obj": page,
        "rows": [_shown_round(row, found[row.pk].whole, actor) for row in page],
        "due": [shown(row, actor) for row in due[:MOST_DUE]],
        "count": due.count(),
        "is_over": request.GET.get("due") == "over",
        "forms": [survey_form(actor.district, kind, actor.on) for kind in SURVEY_KINDS],
        "may_open": actor.can("field.rules"),
        "sentence": _judgement(actor),
    }  # fmt: skip
    return render(request, "fieldwork/surveys.html", context)


@require("field.rules")
def write(request: HttpRequest) -> HttpResponse:
    """Open a survey: `?kind=market` says which form goes round."""
    actor = request.actor
    kind = _kind(request.GET.get("kind", ""))
    known = survey_form(actor.district, kind, actor.on)
    deadline = due_day(kind, actor.on)
    initial = {
        "name_zh": f"{deadline.year}年{deadline.month}月{known.name_zh}",
        "name_en": f"{known.name_en} {deadline:%Y-%m}", "deadline": deadline,
    }  # fmt: skip
    units = Unit.objects.of(actor.district).business().open_on(actor.on).order_by("position", "pk")
    form = OpenForm(request.POST or None, units=units, initial=initial)
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        typed = form.cleaned_data
        try:
            row = services.open_survey(
                district=actor.district, kind=kind, name_zh=typed["name_zh"],
                name_en=typed["name_en"], deadline=typed["deadline"], units=list(typed["units"]),
                each_person=typed["to"] == "people", by=actor.person, at=request.now,
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Survey opened"))
            return redirect("field_survey", pk=row.pk)
    context = {"form": form, "known": known}
    return render(request, "fieldwork/survey_new.html", context, status=status)


@require("field.read")
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """One survey: `?view=sheets` what is to be sent, `results`, `charts`, `units` who is late."""
    actor = request.actor
    row = survey_of(actor, pk)
    usual = "units" if actor.can("field.rules") else "sheets"
    view = request.GET.get("view", usual)
    view = view if view in VIEWS else usual
    scope = actor.unit_ids("field.read")
    sheets = visible_sheets(actor).filter(survey=row)
    whole = rounds([row], scope, actor.on)[row.pk]
    chosen = _narrowed(request, sheets)
    context = _shown_round(row, whole.whole, actor) | {
        "view": view,
        "filter": chosen,
        "query": _query(request),
        "may_rule": actor.can("field.rules"),
        "may_add": row.closed_at is None and units_for(actor, "field.write").exists(),
        "may_import": row.closed_at is None and actor.can("field.confirm"),
    }
    if view == "units":
        late = overdue(sheets, actor.on)
        context |= {
            "units": [
                {"unit": unit, "progress": whole.by_unit.get(unit.pk, Progress())}
                for unit in units_for(actor, "field.read")
            ],
            "late": [shown(each, actor) for each in late[:200]],
        }
    elif view == "charts":
        context["charts"] = charts(row.form.fields, list(sent(sheets)), _asked(actor, whole))
    else:
        rows = sent(chosen.qs) if view == "results" else chosen.qs
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page_obj": page, "rows": [shown(each, actor) for each in page]}
        context["heads"] = [
            {"name": in_language(each["zh"], each["en"]), "is_number": each["type"] in NUMBERS}
            for each in row.form.fields
        ]
    return render(request, "fieldwork/survey.html", context)


@require("field.read")
def export(request: HttpRequest, pk: int) -> FileResponse:
    """The sheets that were sent, as narrowed, as Excel that the import reads back."""
    actor = request.actor
    row = survey_of(actor, pk)
    sheets = list(sent(_narrowed(request, visible_sheets(actor).filter(survey=row)).qs))
    whole = rounds([row], actor.unit_ids("field.read"), actor.on)[pk]
    return survey_download(row, sheets, charts(row.form.fields, sheets, _asked(actor, whole)))


@require_POST
@require("field.rules")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a survey, or open a closed one again."""
    row = survey_of(request.actor, pk)
    typed = request.POST.get("version", "")
    is_closed = request.POST.get("reopen") is None
    try:
        services.close_survey(
            survey=row, version=int(typed) if typed.isdecimal() and len(typed) < 9 else 0,
            is_closed=is_closed, by=request.actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Survey closed") if is_closed else _("Survey opened again"))
    return redirect("field_survey", pk=pk)


@require_POST
@require("field.rules")
def chase(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell everybody who is late, once a day."""
    row = survey_of(request.actor, pk)
    try:
        count = services.chase(survey=row, by=request.actor.person, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(count)s person told", "%(count)s people told", count)
        messages.success(request, text % {"count": count})
    return redirect("field_survey", pk=pk)


@require("field.confirm")
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Import sheets: every fault with its cell, or all of them."""
    actor = request.actor
    row = survey_of(actor, pk)
    form = SheetListForm(request.POST or None, request.FILES or None)
    faults: list[Any] = []
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        try:
            done = import_sheets(
                survey=row, unit_ids=actor.unit_ids("field.confirm"),
                content=form.cleaned_data["file"].read(), by=actor.person, at=request.now,
            )  # fmt: skip
        except DomainError as error:
            faults, status = list(error.faults), error.status
            form.add_error("file", str(error))
        else:
            messages.success(
                request,
                _("%(made)s new, %(changed)s changed, %(same)s as they were")
                % {"made": done.made, "changed": done.changed, "same": done.same},
            )
            return redirect("field_survey", pk=pk)
    required = {each["code"] for each in row.form.fields if each["required"]} | {"@unit"}
    context = {
        "survey": row,
        "form": form,
        "faults": faults[:MOST_FAULTS],
        "more": max(0, len(faults) - MOST_FAULTS),
        "columns": [
            {"name": zh, "is_required": code in required}
            for code, (zh, _en) in columns_of(row.form).items()
        ],
    }
    return render(request, "fieldwork/survey_import.html", context, status=status)


@require("field.rules")
def fields(request: HttpRequest, kind: str) -> HttpResponse:
    """The editor of a form: fields added, ordered, retired; saved as its next version."""
    actor = request.actor
    kind = _kind(kind)
    known = survey_form(actor.district, kind, actor.on)
    data = request.POST if request.method == "POST" else None
    form = FieldsForm(data, fields=known.fields, today=actor.on)
    if form.is_valid():
        try:
            services.save_survey_form(
                district=actor.district, kind=kind, fields=form.items(),
                valid_from=form.cleaned_data["valid_from"], by=actor.person, at=request.now,
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved"))
            return redirect("field_surveys")
    context = {"form": form, "known": known}
    status = 400 if form.has_errors else 200
    return render(request, "fieldwork/survey_fields.html", context, status=status)


def shown(row: Activity, actor: Actor) -> dict[str, Any]:
    """Return what lists say of a sheet."""
    is_sent = row.state == ActivityState.DONE
    is_open = row.state == ActivityState.PLANNED and row.survey.closed_at is None
    return {
        "sheet": row,
        "subject": row.subject or row.survey.name,
        "is_sent": is_sent,
        "is_late": is_open and row.planned_on < actor.on,
        "was_late": is_sent and business_day(row.done_at) > row.planned_on,
        "is_mine": row.person_id == actor.person.pk,
        "cells": [
            {"text": shown_answer(row.answers.get(each["code"]), each["type"]),
             "is_number": each["type"] in NUMBERS}
            for each in row.survey.form.fields
        ],
    }  # fmt: skip


def shown_answer(value: Any, kind: str) -> str:
    """Return an answer as pages show it: numbers with their thousands apart."""
    if kind not in NUMBERS or value in (None, ""):
        return answer_text(value)
    return amount(Decimal(str(value)), 0 if isinstance(value, int) else 2)


def _shown_round(row: Survey, whole: Progress, actor: Actor) -> dict[str, Any]:
    is_open = row.closed_at is None
    return {
        "survey": row,
        "whole": whole,
        "is_open": is_open,
        "share": round(100 * whole.sent / whole.asked) if whole.asked else 0,
        "is_due_soon": is_open and 0 <= (row.deadline - actor.on).days <= 3,
    }


def _asked(actor: Actor, whole: Round) -> list[Unit]:
    """Return the units that have sheets of the survey, in order."""
    return [unit for unit in units_for(actor, "field.read") if unit.pk in whole.by_unit]


def _kind(text: str) -> str:
    if text not in SURVEY_KINDS:
        raise Http404
    return FormKind(text).value


def _due(request: HttpRequest) -> QuerySet[Activity]:
    """Return the sheets to be sent: staff's own, a manager's units', all for who chases them.

    `?due=over` keeps the overdue ones.
    """
    actor = request.actor
    rows = waiting(visible_sheets(actor))
    if actor.can("field.rules"):
        pass
    elif actor.can("field.confirm"):
        rows = rows.filter(unit_id__in=actor.unit_ids("field.confirm"))
    elif actor.can("field.write"):
        rows = of_filler(rows.filter(unit_id__in=actor.unit_ids("field.write")), actor.person)
    else:
        rows = rows.none()
    return overdue(rows, actor.on) if request.GET.get("due") == "over" else rows


def _narrowed(request: HttpRequest, rows: QuerySet[Activity]) -> SheetFilter:
    actor = request.actor
    scope = actor.unit_ids("field.read")
    return SheetFilter(
        request.GET or None, rows, units=units_for(actor, "field.read"),
        people=responsible_people(actor.district, actor.on, scope), on=actor.on,
    )  # fmt: skip


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in ("view", "page"):
        kept.pop(name, None)
    return kept.urlencode()


def _judgement(actor: Actor) -> str:
    rows = visible_sheets(actor)
    open_ones, late = waiting(rows).count(), overdue(rows, actor.on).count()
    if not open_ones:
        return _("Every sheet was sent.")
    text = ngettext(
        "%(count)s sheet is to be sent, %(late)s past its day.",
        "%(count)s sheets are to be sent, %(late)s past their day.",
        open_ones,
    )
    return text % {"count": open_ones, "late": late}
