"""Bulletins: the archive, one bulletin as its reader may see it, its comment, issue, resend."""

from dataclasses import fields
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orgchart.errors import DomainError
from orgchart.permissions import Actor, require
from portal.bulletin_paper import pdf, png
from portal.bulletin_tables import document
from portal.bulletin_words import changes, title
from portal.bulletin_workbook import bulletin_workbook
from portal.forms import BulletinForm, CommentForm, CorrectionForm, ScheduleForm
from portal.models import Bulletin
from portal.models.bulletins import KINDS
from portal.queries.bulletins import (
    archive,
    content_of,
    draft_of,
    edition_of,
    editions,
    is_overtaken,
    issued,
    mail_counts,
    schedule_of,
    unread_keys,
    waiting,
)
from portal.rules.bulletins import Content, Edition, Kind, Period, period_from, thawed
from portal.services.bulletins import (
    content_for,
    correct_bulletin,
    issue_bulletin,
    note_reading,
    resend_bulletin,
    save_comment,
    set_schedule,
)
from targets.months import month_text, parse_month

PER_PAGE = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require("bulletins.read")
def bulletin_list(request: HttpRequest) -> HttpResponse:
    """What was issued, by kind and month, with what one has not read; the clerk: what waits."""
    return _list_page(request)


def _list_page(request: HttpRequest, schedule: ScheduleForm | None = None) -> HttpResponse:
    actor: Actor = request.actor
    kind = request.GET.get("kind", "")
    kind = kind if kind in list(Kind) else ""
    month = _month(request.GET.get("month", ""))
    rows = archive(actor.district, kind, month).defer("content")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    unread = unread_keys(actor.person)
    may_issue = actor.can("bulletins.issue")
    form = BulletinForm(request.GET if "day" in request.GET else None)
    if may_issue and form.is_bound and form.is_valid():
        return redirect(_url(form.period()))
    context = {
        "page_obj": page,
        "rows": [
            {
                "url": _edition_url(row),
                "is_replaced": row.is_replaced,
                "reason": row.reason,
                "title": title(row.period, row.edition),
                "kind": row.get_kind_display(),
                "issued_at": row.issued_at,
                "issued_by": row.issued_by.name if row.issued_by else _("by schedule"),
                "comment": row.comment,
                "is_unread": row.key in unread,
            }
            for row in page
        ],
        "kind": kind,
        "kinds": KINDS,
        "month": request.GET.get("month", "") if month else "",
        "may_issue": may_issue,
        "waiting": [
            {"url": _url(one), "title": title(one)}
            for one in (waiting(actor.district, actor.on) if may_issue else [])
        ],
        "form": form,
        "schedule": schedule or _schedule_form(actor) if may_issue else None,
    }
    is_faulty = form.errors or (schedule and schedule.errors)
    return render(request, "portal/bulletins.html", context, status=400 if is_faulty else 200)


def _schedule_form(actor: Actor) -> ScheduleForm:
    rule = schedule_of(actor.district)
    return ScheduleForm(initial={one.name: getattr(rule, one.name) for one in fields(rule)})


@require_POST
@require("bulletins.issue")
def bulletin_schedule(request: HttpRequest) -> HttpResponse:
    """Set when bulletins are issued by themselves."""
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return _list_page(request, form)
    actor: Actor = request.actor
    set_schedule(district=actor.district, schedule=form.schedule(), by=actor.person, at=request.now)
    messages.success(request, _("Schedule saved"))
    return redirect("bulletins")


def _month(text: str) -> date | None:
    try:
        return parse_month(text)
    except ValueError:
        return None


def _url(period: Period, route: str = "bulletin") -> str:
    return reverse(route, args=[period.kind.value, period.first])


def _period(kind: str, first: date) -> Period:
    period = period_from(Kind(kind), first) if kind in list(Kind) else None
    if period is None:
        raise Http404
    return period


def _edition_url(row: Bulletin, route: str = "bulletin") -> str:
    """Return the address of an edition: the latest has the plain one."""
    url = _url(row.period, route)
    return f"{url}?edition={row.edition}" if row.is_replaced else url


def _asked(request: HttpRequest) -> int | None:
    """Return the edition that was asked for; None for the latest."""
    text = request.GET.get("edition", "")
    return int(text) if text.isdecimal() and len(text) < 5 else None


def _issued(request: HttpRequest, kind: str, first: date) -> Bulletin:
    row = issued(request.actor.district, _period(kind, first), _asked(request))
    if row is None:
        raise Http404
    return row


@require("bulletins.read")
def bulletin(request: HttpRequest, kind: str, first: date) -> HttpResponse:
    """An issued bulletin; before that, for who follows the closing, as things stand.

    Who issues it finds the comment to write and the button there.
    """
    actor: Actor = request.actor
    period = _period(kind, first)
    row = issued(actor.district, period, _asked(request))
    if row is None:
        if not actor.can("month.read") or _asked(request):
            raise Http404
        return _draft_page(request, period)
    note_reading(bulletin=row, by=actor.person, at=request.now)
    may_issue = actor.can("bulletins.issue") and not row.is_replaced
    context = {
        "row": row,
        "issued_by": row.issued_by.name if row.issued_by else _("by schedule"),
        "bulletin": _document(request, row),
        "is_overtaken": is_overtaken(row),
        "board_url": f"{reverse('leaderboard')}?month={month_text(period.month)}",
        "files": [
            {"url": _edition_url(row, route), "label": label, "icon": icon}
            for route, label, icon in (
                ("bulletin_png", _("Picture"), "photo"),
                ("bulletin_pdf", "PDF", "printer"),
                ("bulletin_excel", "Excel", "download"),
            )
        ],
        "resend_url": _url(period, "bulletin_resend") if may_issue else "",
        "correct_url": _url(period, "bulletin_correct") if may_issue else "",
        "latest_url": _url(period) if row.is_replaced else "",
        "editions": _editions(row) if row.edition > 1 or row.is_replaced else [],
        "mails": mail_counts(row) if actor.can("bulletins.issue") else None,
    }
    return render(request, "portal/bulletin.html", context)


def _editions(row: Bulletin) -> list[dict[str, Any]]:
    return [
        {"url": _edition_url(each), "edition": each.edition, "at": each.issued_at,
         "is_here": each.edition == row.edition}
        for each in editions(row.district, row.period).defer("content")
    ]  # fmt: skip


@require("bulletins.issue")
def bulletin_correct(request: HttpRequest, kind: str, first: date) -> HttpResponse:
    """Look at the figures as they stand, say what was wrong, and issue the corrected edition."""
    actor: Actor = request.actor
    period, status = _period(kind, first), 200
    row = issued(actor.district, period)
    if row is None:
        raise Http404
    form = CorrectionForm(
        request.POST or None, initial={"comment": row.comment, "edition": row.edition}
    )
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = correct_bulletin(
                    district=actor.district, period=period, by=actor.person, at=request.now,
                    **form.cleaned_data,
                )  # fmt: skip
            except DomainError as refusal:
                status = refusal.status
                form.refuse(refusal)
            else:
                said = _("%(title)s is out.") % {"title": title(period, made.edition)}
                messages.success(request, said)
                return HttpResponseRedirect(_url(period))
    content = content_of(actor.district, period, actor.on)
    context: dict[str, Any] = {
        "row": None,
        "correcting": row,
        "changed": changes(thawed(Content, row.content), content),
        "form": form,
        "bulletin": document(content, row.comment, Edition(row.edition + 1)),
        "comment_url": _url(period, "bulletin_correct"),
    }
    return render(request, "portal/bulletin.html", context, status=status)


def _draft_page(
    request: HttpRequest, period: Period, form: CommentForm | None = None, status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor
    draft = draft_of(actor.district, period)
    content = content_of(actor.district, period, actor.on)
    may_issue = actor.can("bulletins.issue")
    if form is None and may_issue:
        form = CommentForm(
            initial={
                "comment": draft.comment if draft else "",
                "version": draft.version if draft else 0,
            }
        )
    context: dict[str, Any] = {
        "row": None,
        "draft": draft,
        "form": form,
        "bulletin": document(content, draft.comment if draft else ""),
        "comment_url": _url(period, "bulletin_comment"),
        "issue_url": _url(period, "bulletin_issue") if may_issue else "",
    }
    return render(request, "portal/bulletin.html", context, status=status)


@require_POST
@require("bulletins.issue")
def bulletin_comment(request: HttpRequest, kind: str, first: date) -> HttpResponse:
    """Keep the comment; what was typed stays on the page after a refusal."""
    actor: Actor = request.actor
    period = _period(kind, first)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _draft_page(request, period, form, 400)
    try:
        save_comment(
            district=actor.district, period=period, by=actor.person, at=request.now,
            **form.cleaned_data,
        )  # fmt: skip
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Comment saved"))
    return HttpResponseRedirect(_url(period))


@require_POST
@require("bulletins.issue")
def bulletin_issue(request: HttpRequest, kind: str, first: date) -> HttpResponse:
    """Issue the bulletin; a second click finds it issued and changes nothing."""
    actor: Actor = request.actor
    period = _period(kind, first)
    try:
        row = issue_bulletin(
            district=actor.district, period=period, by=actor.person, at=request.now
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(title)s is out.") % {"title": title(row.period)})
    return HttpResponseRedirect(_url(period))


@require_POST
@require("bulletins.issue")
def bulletin_resend(request: HttpRequest, kind: str, first: date) -> HttpResponse:
    """Send to whom it has not reached."""
    row = _issued(request, kind, first)
    try:
        count = resend_bulletin(bulletin=row, by=request.actor.person, at=request.now)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(_url(row.period))
    if count:
        said = ngettext("Sent to %(count)s more person", "Sent to %(count)s more people", count)
        messages.success(request, said % {"count": count})
    else:
        messages.info(request, _("Everybody has it already: nothing was sent twice."))
    return HttpResponseRedirect(_url(row.period))


@require("bulletins.read")
def bulletin_excel(request: HttpRequest, kind: str, first: date) -> HttpResponse:
    """The bulletin as Excel: figures as numbers, those that the reader may see."""
    row = _issued(request, kind, first)
    content = content_for(row, request.actor.person, request.actor.on)
    return _file(row, bulletin_workbook(content, row.comment, edition_of(row)), "xlsx", XLSX)


@require("bulletins.read")
def bulletin_pdf(request: HttpRequest, kind: str, first: date) -> HttpResponse:
    """The bulletin on paper."""
    row = _issued(request, kind, first)
    return _file(row, pdf(_document(request, row), row.issued_at), "pdf", "application/pdf")


@require("bulletins.read")
def bulletin_png(request: HttpRequest, kind: str, first: date) -> HttpResponse:
    """The bulletin as a long picture, shown in place: a phone forwards it by a long press."""
    row = _issued(request, kind, first)
    return _file(row, png(_document(request, row)), "png", "image/png", is_shown=True)


def _document(request: HttpRequest, row: Bulletin) -> dict[str, Any]:
    actor: Actor = request.actor
    return document(content_for(row, actor.person, actor.on), row.comment, edition_of(row))


def _file(
    row: Bulletin, content: bytes, ending: str, content_type: str, is_shown: bool = False
) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    name = f"{title(row.period, row.edition)}.{ending}"
    response["Content-Disposition"] = content_disposition_header(not is_shown, name)
    response["Cache-Control"] = "private, no-cache"
    return response
