"""Outlet alarms: the list, one to be answered on the phone, a visit from it, days in."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fieldwork.access import alarm_of, may_answer_alarm, units_for, visible_alarms
from fieldwork.downloads import alarms_download
from fieldwork.filters.alarms import AlarmFilter
from fieldwork.forms.alarms import AnswerForm, DaysForm
from fieldwork.models import Alarm, AlarmKind, AlarmState
from fieldwork.queries.alarms import alarm_people, standing, unanswered
from fieldwork.services import alarms as services
from fieldwork.services.outlet_days import import_days
from fieldwork.views.importing import import_page, told
from fieldwork.wording import alarm_text
from fieldwork.workbooks.alarms import COLUMNS, REQUIRED
from orgchart.errors import DomainError
from orgchart.permissions import Actor, require

PER_PAGE = 30
KIND_CHIPS = {
    AlarmKind.JUMP: "warn", AlarmKind.DROP: "bad", AlarmKind.ZERO: "bad", AlarmKind.FREE: "wait",
}  # fmt: skip
STATE_CHIPS = {AlarmState.OPEN: "warn", AlarmState.SEEN: "accent", AlarmState.CLOSED: "good"}


@require("field.read")
def alarms(request: HttpRequest) -> HttpResponse:
    """The alarms of the person's units, narrowed."""
    actor = request.actor
    chosen = _narrowed(request)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "count": page.paginator.count,
        "page_obj": page,
        "rows": [shown(row) for row in page],
        "may_import": actor.can("outlets.report"),
        "query": request.GET.urlencode(),
        "sentence": _judgement(actor),
        "standing": standing(actor.district, actor.on),
    }
    return render(request, "fieldwork/alarms.html", context)


@require("field.read")
def export(request: HttpRequest) -> FileResponse:
    """The list as narrowed, as Excel."""
    return alarms_download(request.actor.district, _narrowed(request).qs)


@require("field.read")
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """One alarm: what was seen, and what was behind it."""
    actor = request.actor
    row = alarm_of(actor, pk)
    if request.method != "POST":
        return _page(request, row)
    if not may_answer_alarm(actor, row):
        raise PermissionDenied
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=400)
    try:
        services.answer_alarm(
            alarm=row, may_stand_in=actor.can("field.confirm", row.unit_id), by=actor.person,
            at=request.now, **form.cleaned_data,
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, form=form, status=error.status)
    messages.success(request, _("Answer noted"))
    return redirect("alarms")


@require_POST
@require("field.confirm")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an alarm that was looked into."""
    row = alarm_of(request.actor, pk, "field.confirm")
    version = request.POST.get("version", "")
    try:
        services.close_alarm(
            alarm=row, version=int(version) if version.isdecimal() and len(version) < 9 else 0,
            by=request.actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Closed"))
    return redirect("alarm", pk=pk)


@require_POST
@require("field.write")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn an alarm into a visit of its outlet."""
    row = alarm_of(request.actor, pk, "field.write")
    try:
        made = services.visit_alarm(alarm=row, by=request.actor.person, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("alarm", pk=pk)
    return redirect("field_visit", pk=made.pk)


@require("outlets.report")
def take_in(request: HttpRequest) -> HttpResponse:
    """Import what outlets activated day by day."""
    actor = request.actor

    def run(typed: dict[str, Any]) -> str:
        content = typed["file"].read()
        return told(
            import_days(district=actor.district, content=content, by=actor.person, at=request.now)
        )

    return import_page(
        request, form=DaysForm(request.POST or None, request.FILES or None), run=run,
        title=_("Import daily figures"), crumb=_("Outlet alarms"), crumb_route="alarms",
        back="alarms", columns=COLUMNS, required=REQUIRED,
        note=_(
            "Each day is the whole district’s and replaces what was known of it: an outlet that "
            "the day does not name had none. Counted are days; alarms follow within minutes."
        ),
    )  # fmt: skip


def shown(row: Alarm) -> dict[str, Any]:
    """Return what lists say of an alarm."""
    return {
        "alarm": row,
        "text": alarm_text(row),
        "kind_chip": KIND_CHIPS[AlarmKind(row.kind)],
        "state_chip": STATE_CHIPS[AlarmState(row.state)],
    }


def _narrowed(request: HttpRequest) -> AlarmFilter:
    actor = request.actor
    scope = actor.unit_ids("field.read")
    return AlarmFilter(
        request.GET or None, visible_alarms(actor), units=units_for(actor, "field.read"),
        people=alarm_people(actor.district, scope),
    )  # fmt: skip


def _judgement(actor: Actor) -> str:
    waiting = unanswered(visible_alarms(actor)).count()
    if not waiting:
        return _("Every alarm was looked into.")
    text = ngettext(
        "%(count)s alarm is to be looked into.", "%(count)s alarms are to be looked into.", waiting
    )
    return text % {"count": waiting}


def _page(
    request: HttpRequest, row: Alarm, *, form: AnswerForm | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor
    is_open = row.state != AlarmState.CLOSED
    if form is None and is_open and may_answer_alarm(actor, row):
        form = AnswerForm(
            initial={"reason": row.reason, "remark": row.remark, "version": row.version}
        )
    context = shown(row) | {
        "form": form if is_open else None,
        "may_close": row.state == AlarmState.SEEN and actor.can("field.confirm", row.unit_id),
        "may_visit": is_open and row.unit is not None and row.visit is None
        and actor.can("field.write", row.unit_id),
        "trail_url": f"?subject=alarms/{row.pk}" if actor.can("trail.read") else "",
    }  # fmt: skip
    return render(request, "fieldwork/alarm.html", context, status=status)
