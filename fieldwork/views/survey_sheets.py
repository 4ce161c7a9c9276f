"""One sheet of a survey: filled in on the phone, read, given to somebody, taken out."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fieldwork.access import sheet_of, survey_of, units_for, visible_accounts
from fieldwork.forms.surveys import GiveSheetForm, SheetForm, typed_of
from fieldwork.models import Activity, ActivityState, FormKind, Survey
from fieldwork.queries.accounts import area_names
from fieldwork.queries.visits import visited_dealers
from fieldwork.services import surveys as services
from fieldwork.views.giving import give_as_typed
from fieldwork.views.surveys import shown, shown_answer
from orgchart.errors import DomainError
from orgchart.models.bilingual import in_language
from orgchart.permissions import Actor, require

MOST_KNOWN = 200


@require("field.read")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet: filled in here on the phone, read afterwards."""
    actor = request.actor
    row = sheet_of(actor, pk)
    if request.method != "POST":
        return _page(request, row)
    actor.demand("field.write", row.unit_id)
    form = _sheet_form(actor, row, request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=400)
    try:
        services.send_sheet(
            sheet=row, version=form.cleaned_data["version"] or 0, answers=form.answers,
            may_stand_in=actor.can("field.confirm", row.unit_id), by=actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, form=form, status=error.status)
    return _sent(request, row.survey)


@require("field.write")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """One more sheet of the person's unit: another outlet, another township."""
    actor = request.actor
    row = survey_of(actor, pk)
    units = list(units_for(actor, "field.write"))
    if not units:
        raise PermissionDenied
    form = SheetForm(
        request.POST or None, form=row.form, units=units, known=_known(actor, row),
    )  # fmt: skip
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        unit = next((each for each in units if each.code == form.cleaned_data["unit"]), None)
        if unit is None:
            raise PermissionDenied
        try:
            services.add_sheet(
                survey=row, unit=unit, answers=form.answers, by=actor.person, at=request.now
            )
        except DomainError as error:
            form.refuse(error)
            status = error.status
        else:
            return _sent(request, row)
    context = {"survey": row, "form": form}
    return render(request, "fieldwork/survey_sheet_new.html", context, status=status)


@require_POST
@require("field.confirm")
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an open sheet to somebody of its unit."""
    row = sheet_of(request.actor, pk, "field.confirm")
    form = GiveSheetForm(request.actor, row, request.POST)
    if not form.is_valid():
        return _page(request, row, give_form=form, status=400)
    give_as_typed(request, form, services.give_sheet, sheet=row)
    return redirect("field_sheet", pk=pk)


@require_POST
@require("field.confirm")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a sheet out, with a reason."""
    row = sheet_of(request.actor, pk, "field.confirm")
    typed = request.POST.get("version", "")
    try:
        services.cancel_sheet(
            sheet=row, version=int(typed) if typed.isdecimal() and len(typed) < 9 else 0,
            by=request.actor.person, at=request.now, reason=request.POST.get("reason", "")[:200],
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("field_sheet", pk=pk)
    messages.success(request, _("Sheet taken out"))
    return redirect("field_survey", pk=row.survey_id)


def _sent(request: HttpRequest, row: Survey) -> HttpResponse:
    messages.success(request, _("Sheet sent"))
    if request.POST.get("next"):
        return redirect("field_sheet_new", pk=row.pk)
    return redirect("field_survey", pk=row.pk)


def _may_send(actor: Actor, row: Activity) -> bool:
    may_confirm = actor.can("field.confirm", row.unit_id)
    is_free = row.person_id in (None, actor.person.pk) or may_confirm
    is_sent = row.state == ActivityState.DONE
    is_taken = row.survey.closed_at is None and not (is_sent and actor.on > row.planned_on)
    return is_taken and is_free and actor.can("field.write", row.unit_id)


def _sheet_form(actor: Actor, row: Activity, data: Any = None) -> SheetForm:
    return SheetForm(
        data, form=row.survey.form, known=_known(actor, row.survey, row),
        initial=typed_of(row.answers) | {"version": row.version},
    )  # fmt: skip


def _known(actor: Actor, survey: Survey, row: Activity | None = None) -> list[str]:
    """Return what the first field may offer: the unit's outlets, or its townships and streets."""
    units = [row.unit_id] if row else actor.unit_ids("field.write")
    if survey.kind == FormKind.CHANNEL_VISIT:
        outlets = visited_dealers(actor.district, actor.on, units)
        return [dealer.name for dealer in outlets[:MOST_KNOWN]]
    if survey.kind == FormKind.MARKET:
        rows = visible_accounts(actor)
        return area_names(rows if units is None else rows.filter(unit_id__in=units))[:MOST_KNOWN]
    return []


def _page(
    request: HttpRequest, row: Activity, *, form: SheetForm | None = None,
    give_form: GiveSheetForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor = request.actor
    may_send = _may_send(actor, row)
    may_confirm = actor.can("field.confirm", row.unit_id) and row.survey.closed_at is None
    if form is None and may_send:
        form = _sheet_form(actor, row)
    if give_form is None and may_confirm and row.state == ActivityState.PLANNED:
        give_form = GiveSheetForm(actor, row)
    used = row.form or row.survey.form
    subject = f"?subject=surveys/{row.survey_id}/{row.pk}"
    context = shown(row, actor) | {
        "survey": row.survey,
        "form": form if may_send else None,
        "give_form": give_form,
        "may_cancel": may_confirm,
        "answers": [
            {
                "name": in_language(each["zh"], each["en"]),
                "text": shown_answer(row.answers.get(each["code"]), each["type"]),
            }
            for each in used.fields
        ],
        "trail_url": subject if actor.can("trail.read") else "",
    }
    return render(request, "fieldwork/survey_sheet.html", context, status=status)
