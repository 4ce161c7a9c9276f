"""Audit findings: the list, a new one, putting it right, taking it back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fieldwork.access import units_for, visible_findings, visible_sampled, visible_takings
from fieldwork.downloads import findings_download
from fieldwork.filters.findings import FindingFilter
from fieldwork.forms.findings import CloseForm, FindingForm, VoidForm
from fieldwork.models import DealerStatement, Finding, FindingLevel
from fieldwork.queries.findings import overdue
from fieldwork.services import findings as services
from orgchart.errors import DomainError
from orgchart.models import Dealer
from orgchart.permissions import Actor, require
from targets.months import month_text

PER_PAGE = 30
CHIPS = {
    FindingLevel.HINT: "", FindingLevel.POINTS: "warn", FindingLevel.MONEY: "warn",
    FindingLevel.VETO: "bad",
}  # fmt: skip


@require("field.read")
def findings(request: HttpRequest) -> HttpResponse:
    """The findings of the person's units, narrowed."""
    actor = request.actor
    chosen = _narrowed(request)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "count": page.paginator.count,
        "page_obj": page,
        "rows": [shown(row, actor) for row in page],
        "may_write": actor.can("field.audit"),
        "query": request.GET.urlencode(),
        "sentence": _judgement(actor),
    }
    return render(request, "fieldwork/findings.html", context)


@require("field.read")
def export(request: HttpRequest) -> FileResponse:
    """The list as narrowed, as Excel."""
    return findings_download(request.actor.district, _narrowed(request).qs)


@require("field.audit")
def write(request: HttpRequest) -> HttpResponse:
    """A new finding; it counts as soon as it is stored."""
    actor, status = request.actor, 200
    dealers = Dealer.objects.filter(district=actor.district).open_on(actor.on)
    form = FindingForm(
        request.POST or None, units=units_for(actor, "field.read"), dealers=dealers,
        initial={"found_on": actor.on, "level": FindingLevel.POINTS},
    )  # fmt: skip
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                row = services.note_finding(
                    district=actor.district, entry=form.entry(), by=actor.person, at=request.now
                )
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, counted(row) or _("Saved"))
                return redirect("finding", code=row.code)
    return render(request, "fieldwork/finding_new.html", {"form": form}, status=status)


@require("field.read")
def finding(request: HttpRequest, code: str) -> HttpResponse:
    """One finding: what it counts, how it was put right."""
    return _page(request, get_object_or_404(visible_findings(request.actor), code=code))


@require_POST
@require("field.audit")
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Say how it was put right."""
    row = get_object_or_404(visible_findings(request.actor), code=code)
    form = CloseForm(request.POST)
    return _step(request, row, form, services.close_finding, "close_form")


@require_POST
@require("field.audit")
def void(request: HttpRequest, code: str) -> HttpResponse:
    """Take a mistaken finding back."""
    row = get_object_or_404(visible_findings(request.actor), code=code)
    form = VoidForm(request.POST)
    return _step(request, row, form, services.void_finding, "void_form")


def _step(request: HttpRequest, row: Finding, form: Any, service: Any, place: str) -> HttpResponse:
    if not form.is_valid():
        return _page(request, row, status=400, **{place: form})
    try:
        service(finding=row, by=request.actor.person, at=request.now, **form.cleaned_data)
    except DomainError as error:
        form.refuse(error)
        return _page(request, row, status=error.status, **{place: form})
    messages.success(request, _("Saved"))
    return redirect("finding", code=row.code)


def shown(row: Finding, actor: Actor) -> dict[str, Any]:
    """Return what lists say of a finding."""
    is_late = row.is_open and row.deadline is not None and row.deadline < actor.on
    return {
        "finding": row,
        "area": row.get_area_display(),
        "level": row.get_level_display(),
        "chip": CHIPS[FindingLevel(row.level)],
        "is_late": is_late,
        "counted": counted(row),
    }


def counted(row: Finding) -> str:
    """Return what a finding counts, in a sentence; blank for a hint."""
    if row.voided_at is not None:
        return _("void: counts nothing")
    if row.is_owed:
        return _("counts as soon as its month is open")
    if row.month is None:
        return ""
    text = {
        FindingLevel.POINTS: _("counts in the score of %(month)s"),
        FindingLevel.VETO: _("vetoes the score of %(month)s"),
        FindingLevel.MONEY: _("goes off the commission of %(month)s"),
    }[FindingLevel(row.level)]
    if row.amount and row.level != FindingLevel.MONEY:
        text += _("; the amount goes off the dealer’s commission")
    return text % {"month": month_text(row.month)}


def _narrowed(request: HttpRequest) -> FindingFilter:
    actor = request.actor
    return FindingFilter(
        request.GET or None, visible_findings(actor), units=units_for(actor, "field.read"),
        on=actor.on,
    )  # fmt: skip


def _judgement(actor: Actor) -> str:
    late = overdue(visible_findings(actor), actor.on).count()
    if not late:
        return _("Nothing is overdue.")
    return ngettext("%(late)s finding is overdue.", "%(late)s findings are overdue.", late) % {
        "late": late
    }


def _page(request: HttpRequest, row: Finding, status: int = 200, **forms: Any) -> HttpResponse:
    may_write = request.actor.can("field.audit") and row.is_open
    initial = {"version": row.version}
    context = shown(row, request.actor) | {
        "close_form": forms.get("close_form") or CloseForm(initial=initial) if may_write else None,
        "void_form": forms.get("void_form") or VoidForm(initial=initial) if may_write else None,
        "source": _source(row, request.actor),
        "may_read_trail": request.actor.can("trail.read"),
    }
    return render(request, "fieldwork/finding.html", context, status=status)


def _source(row: Finding, actor: Actor) -> tuple[str, str] | None:
    """Return what the finding was made of and its page; None for one that was noted as such."""
    if not actor.can("audit.read"):
        return None
    if day := visible_takings(actor).filter(finding=row).first():
        text = _("Takings of %(day)s") % {"day": f"{day.day:%Y-%m-%d}"}
        return text, reverse("field_takings_day", kwargs={"pk": day.pk})
    if user := visible_sampled(actor).filter(finding=row).first():
        return user.mark, reverse("field_sampled_user", kwargs={"pk": user.pk})
    if statement := DealerStatement.objects.filter(finding=row, unit=row.unit).first():
        month = month_text(statement.month)
        text = _("Statement of %(month)s") % {"month": month}
        return text, f"{reverse('field_statements')}?month={month}"
    return None
