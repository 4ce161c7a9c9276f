"""Campaigns: the list, one with its standings and steps, writing one, its results."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from competitions import campaign_words as words
from competitions.campaign_access import campaign_of, reportable, visible_campaigns
from competitions.forms.campaigns import (
    CampaignFilter,
    CampaignForm,
    ResultsFileForm,
    ResultsForm,
)
from competitions.models import Campaign, CampaignState, Phase, Source
from competitions.queries.campaigns import in_phase, table
from competitions.services import campaigns as services
from competitions.workbooks.campaign_results import read_results
from competitions.workbooks.campaigns import standings_workbook
from orgchart.errors import DomainError, Fault, Invalid
from orgchart.permissions import require

PER_PAGE = 30
MOST_FAULTS = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require("competition.read")
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign, the latest first."""
    actor = request.actor
    rows = visible_campaigns(actor)
    chosen = CampaignFilter(request.GET or None, rows, on=actor.on)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    running = in_phase(rows, Phase.RUNNING, actor.on).count()
    waiting = in_phase(rows, Phase.CLOSED, actor.on).count()
    context = {
        "filter": chosen,
        "page_obj": page,
        "rows": [words.listed(row, actor.on) for row in page],
        "count": page.paginator.count,
        "may_write": actor.can("competition.propose"),
        "sentence": _("%(running)s running, %(waiting)s over and to be decided.")
        % {"running": running, "waiting": waiting},
    }
    return render(request, "competitions/campaigns.html", context)


@require("competition.read")
def campaign(request: HttpRequest, code: str) -> HttpResponse:
    """How everybody stands, what is missing to the next prize, the steps to the payment."""
    actor = request.actor
    row = campaign_of(actor, code)
    found = table(row, actor.on)
    phase = row.phase(actor.on)
    is_noticed = row.decided_at is not None and actor.on > row.notice_ends_on
    may = {
        "edit": row.is_open and actor.can("competition.propose"),
        "announce": phase == Phase.DRAFT and actor.can("competition.approve"),
        "report": phase in (Phase.RUNNING, Phase.CLOSED)
        and row.source == Source.ENTERED
        and actor.can("campaigns.report"),
        "decide": phase == Phase.CLOSED and actor.can("competition.propose"),
        "approve": phase == Phase.DECIDED and is_noticed and actor.can("competition.approve"),
        "pay": phase == Phase.APPROVED and actor.can("competition.propose"),
        "void": phase not in (Phase.PAID, Phase.VOID) and actor.can("competition.approve"),
    }
    context = {
        "campaign": row,
        "sentence": words.sentence(found),
        "span": words.span(row),
        "phase": phase.label,
        "chip": words.CHIPS[phase],
        "stats": words.stats(found),
        "rows": words.rows(found),
        "measure": words.measure_of(row),
        "is_decided": row.standings is not None,
        "as_of": found.as_of,
        "terms": words.terms(row),
        "steps": words.steps(row, actor.on),
        "may": {name for name, is_so in may.items() if is_so},
        "trail_url": f"?subject=campaigns/{row.code}" if actor.can("trail.read") else "",
    }
    return render(request, "competitions/campaign.html", context)


@require("competition.read")
def campaign_export(request: HttpRequest, code: str) -> FileResponse:
    """The standings as Excel."""
    row = campaign_of(request.actor, code)
    content = standings_workbook(table(row, request.actor.on))
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=f"{row.name}.xlsx", content_type=XLSX
    )


@require("competition.propose")
def campaign_new(request: HttpRequest) -> HttpResponse:
    """A new campaign, as a draft."""
    return _form_page(request, None)


@require("competition.propose")
def campaign_edit(request: HttpRequest, code: str) -> HttpResponse:
    """A campaign again; once announced, only its words and its last day."""
    return _form_page(request, campaign_of(request.actor, code))


def _form_page(request: HttpRequest, row: Campaign | None) -> HttpResponse:
    actor, status = request.actor, 200
    form = CampaignForm(request.POST or None, district=actor.district, campaign=row)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                saved = services.save_campaign(
                    district=actor.district, values=form.values(), campaign=row,
                    version=form.cleaned_data["version"] or 0, by=actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Saved"))
                return redirect("campaign", code=saved.code)
    context = {"form": form, "campaign": row}
    return render(request, "competitions/campaign_form.html", context, status=status)


@require_POST
@require("competition.approve")
def campaign_announce(request: HttpRequest, code: str) -> HttpResponse:
    """The head promises the prizes."""
    return _step(request, code, services.announce, _("Announced; those who compete are told"))


@require_POST
@require("competition.propose")
def campaign_decide(request: HttpRequest, code: str) -> HttpResponse:
    """The clerk freezes the standings after the last day."""
    return _step(request, code, services.decide, _("Decided; the awards are on notice"))


@require_POST
@require("competition.approve")
def campaign_approve(request: HttpRequest, code: str) -> HttpResponse:
    """The head approves the awards after their notice."""
    return _step(request, code, services.approve, _("Awards approved"))


@require_POST
@require("competition.propose")
def campaign_pay(request: HttpRequest, code: str) -> HttpResponse:
    """The clerk registers that the awards were paid."""
    return _step(request, code, services.pay, _("Payment registered"))


@require_POST
@require("competition.approve")
def campaign_void(request: HttpRequest, code: str) -> HttpResponse:
    """The head calls a campaign off, with a reason."""
    reason = request.POST.get("reason", "")[:500]
    return _step(request, code, services.void, _("Called off"), reason=reason)


def _step(
    request: HttpRequest, code: str, service: Callable[..., Campaign], done: str, **more: Any
) -> HttpResponse:
    row = campaign_of(request.actor, code)
    try:
        service(campaign=row, by=request.actor.person, at=request.now, **more)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("campaign", code=code)


@require("campaigns.report")
def campaign_results(request: HttpRequest, code: str) -> HttpResponse:
    """Enter results as they stood on a day: a field for each contestant of the own units."""
    actor, status = request.actor, 200
    row = campaign_of(actor, code)
    mine = reportable(actor, row)
    by_code = {each.contestant.code: each for each in table(row, actor.on).rows}
    today = {"day": min(max(actor.on, row.starts_on), row.ends_on)}
    is_file = request.POST.get("action") == "file"
    form = ResultsForm(
        None if is_file else request.POST or None, contestants=mine, initial=today,
        decimals=row.result_decimals,
    )  # fmt: skip
    upload = ResultsFileForm(
        request.POST if is_file else None, request.FILES if is_file else None,
        initial=today, prefix="file",
    )  # fmt: skip
    faults: list[Fault] = []
    if is_file:
        status = 400
        if upload.is_valid():
            try:
                count = _take_in(request, row, upload)
            except DomainError as error:
                status, faults = error.status, list(error.faults)
                upload.add_error("file", str(error))
            else:
                messages.success(request, changed(count))
                return redirect("campaign", code=code)
    elif request.method == "POST":
        status = 400
        if form.is_valid():
            day, given = form.entries()
            try:
                count = services.save_results(
                    campaign=row, by=actor.person, at=request.now,
                    unit_ids=actor.unit_ids("campaigns.report"),
                    entries=[services.Entry(who, day, value) for who, value in given],
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, changed(count))
                return redirect("campaign", code=code)
    context = {
        "campaign": row,
        "form": form,
        "upload": upload,
        "faults": faults[:MOST_FAULTS],
        "measure": words.measure_of(row),
        "is_open": row.state == CampaignState.ANNOUNCED and row.source == Source.ENTERED,
        "rows": [
            {
                "contestant": each,
                "field": form[f"of_{each.code}"],
                "before": words.figure(row, by_code[each.code].standing.value),
                "as_of": by_code[each.code].reading.as_of,
            }
            for each in mine
        ],
    }
    return render(request, "competitions/campaign_results.html", context, status=status)


def _take_in(request: HttpRequest, row: Campaign, upload: ResultsFileForm) -> int:
    """Store the results of a file, all or none; faults name the row of the file."""
    lines = read_results(upload.cleaned_data["file"].read())
    try:
        return services.save_results(
            campaign=row, by=request.actor.person, at=request.now,
            unit_ids=request.actor.unit_ids("campaigns.report"),
            entries=[
                services.Entry(line.code, upload.cleaned_data["day"], line.value) for line in lines
            ],
        )  # fmt: skip
    except Invalid as error:
        located = []
        for fault in error.faults:
            number = int(fault.pointer.split("/")[1])
            place = _("row %(row)s, %(code)s") % {
                "row": lines[number].number,
                "code": lines[number].code,
            }
            located.append(Fault(place, fault.detail))
        raise Invalid(str(error), located) from error


def changed(count: int) -> str:
    """Return how many results were stored."""
    return ngettext("%(count)s result stored", "%(count)s results stored", count) % {"count": count}
