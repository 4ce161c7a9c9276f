"""The audit: takings against the system, dealers' statements, sampled papers; findings of them."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from fieldwork.access import units_for, visible_sampled, visible_statements, visible_takings
from fieldwork.downloads import sample_download, statements_download, takings_download
from fieldwork.filters.audit import SampleFilter, StatementFilter, TakingsFilter
from fieldwork.forms.audit import PapersForm, SettleForm, StatementListForm, TakingsListForm
from fieldwork.forms.findings import FindingForm
from fieldwork.models import DayTakings, SampledUser
from fieldwork.queries.audit import (
    off_balance,
    overdue,
    result_of,
    samples_of,
    statement_months,
    unsettled,
)
from fieldwork.rules.audit import difference, imbalance
from fieldwork.services import audit as services
from fieldwork.services.audit_import import import_statements, import_takings
from fieldwork.views.importing import import_page
from fieldwork.workbooks.audit import STATEMENTS, STATEMENTS_REQUIRED, TAKINGS
from orgchart.errors import DomainError
from orgchart.models import Dealer
from orgchart.permissions import Actor, require
from targets.months import month_text, parse_month
from targets.templatetags.amounts import percent

PER_PAGE = 30


@require("audit.read")
def takings(request: HttpRequest) -> HttpResponse:
    """The differences between what the system booked and what dealers paid in."""
    actor = request.actor
    chosen = _narrowed_takings(request)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "count": page.paginator.count,
        "page_obj": page,
        "rows": [_shown(row, actor) for row in page],
        "query": request.GET.urlencode(),
        "may_audit": actor.can("field.audit"),
        "sentence": _takings_sentence(actor),
    }
    return render(request, "fieldwork/takings.html", context)


@require("audit.read")
def takings_export(request: HttpRequest) -> FileResponse:
    """The list as narrowed, as Excel."""
    return takings_download(request.actor.district, _narrowed_takings(request).qs)


@require("audit.read")
def takings_day(request: HttpRequest, pk: int) -> HttpResponse:
    """One dealer's day: both figures, how the difference was settled."""
    return _day_page(request, get_object_or_404(visible_takings(request.actor), pk=pk))


@require_POST
@require("field.audit")
def takings_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how a difference is explained."""
    row = get_object_or_404(visible_takings(request.actor), pk=pk)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _day_page(request, row, form, 400)
    try:
        services.settle(takings=row, by=request.actor.person, at=request.now, **form.cleaned_data)
    except DomainError as error:
        form.refuse(error)
        return _day_page(request, row, form, error.status)
    messages.success(request, _("Saved"))
    return redirect("field_takings")


@require("field.audit")
def takings_import(request: HttpRequest) -> HttpResponse:
    """Import one side's takings: every fault with its row, or all of it."""
    actor = request.actor

    def run(typed: dict[str, Any]) -> str:
        done = import_takings(
            district=actor.district, side=typed["side"], content=typed["file"].read(),
            by=actor.person, at=request.now,
        )  # fmt: skip
        return _imported(done)

    return import_page(
        request, form=TakingsListForm(request.POST or None, request.FILES or None), run=run,
        title=_("Import takings"), crumb=_("Receipts against the system"),
        crumb_route="field_takings", back="field_takings", columns=TAKINGS, required=TAKINGS,
        note=_("A changed amount opens a settled difference again."),
    )  # fmt: skip


@require("audit.read")
def statements(request: HttpRequest) -> HttpResponse:
    """A month's statements of dealers: in = out + balance, and what the ledger handed out."""
    actor = request.actor
    months = statement_months(actor.district)
    month = _month(request, months)
    chosen = _narrowed_statements(request, month)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "count": page.paginator.count,
        "page_obj": page,
        "month": month_text(month),
        "choices": _choices(months, month),
        "rows": [
            {
                "row": row,
                "item": row.item.name if row.item else _("Phone numbers"),
                "handed": row.handed if row.item_id else None,
                "gap": imbalance(row.opening, row.taken, row.sold, row.returned, row.balance),
                "is_off": bool(row.gap or (row.item_id and row.handed != row.taken)),
            }
            for row in page
        ],
        "query": request.GET.urlencode(),
        "may_audit": actor.can("field.audit"),
        "sentence": _statements_sentence(actor, month),
    }
    return render(request, "fieldwork/statements.html", context)


@require("audit.read")
def statements_export(request: HttpRequest) -> FileResponse:
    """The month's statements as narrowed, as Excel."""
    month = _month(request, statement_months(request.actor.district))
    rows = _narrowed_statements(request, month).qs
    return statements_download(request.actor.district, rows, month)


@require("field.audit")
def statements_import(request: HttpRequest) -> HttpResponse:
    """Import a month's statements: every fault with its row, or all of it."""
    actor = request.actor

    def run(typed: dict[str, Any]) -> str:
        done = import_statements(
            district=actor.district, month=typed["month"], content=typed["file"].read(),
            by=actor.person, at=request.now,
        )  # fmt: skip
        return _imported(done)

    form = StatementListForm(
        request.POST or None, request.FILES or None, initial={"month": month_text(actor.on)}
    )
    return import_page(
        request, form=form, run=run, title=_("Import statements"),
        crumb=_("Dealers’ statements"), crumb_route="field_statements", back="field_statements",
        columns=STATEMENTS, required=STATEMENTS_REQUIRED,
        note=_("Without an item a row is of phone numbers."),
    )  # fmt: skip


@require("audit.read")
def samples(request: HttpRequest) -> HttpResponse:
    """A month's sample: who was drawn, which papers are there."""
    actor = request.actor
    drawn = list(samples_of(actor.district))
    month = _month(request, [sample.month for sample in drawn])
    sample = next((each for each in drawn if each.month == month), None)
    chosen = _narrowed_sample(request, month)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "sample": sample,
        "count": page.paginator.count,
        "page_obj": page,
        "month": month_text(month),
        "choices": _choices([each.month for each in drawn], month),
        "rows": [{"user": row, "marks": _marks(row)} for row in page],
        "query": request.GET.urlencode(),
        "may_audit": actor.can("field.audit"),
        "sentence": _sample_sentence(visible_sampled(actor).filter(sample__month=month)),
    }
    return render(request, "fieldwork/samples.html", context)


@require("audit.read")
def samples_export(request: HttpRequest) -> FileResponse:
    """The month's sample as narrowed, as Excel."""
    actor = request.actor
    month = _month(request, [sample.month for sample in samples_of(actor.district)])
    return sample_download(actor.district, _narrowed_sample(request, month).qs, month)


@require("audit.read")
def sampled_user(request: HttpRequest, pk: int) -> HttpResponse:
    """One drawn user: the auditor marks which papers are there."""
    actor, status = request.actor, 200
    row = get_object_or_404(visible_sampled(actor), pk=pk)
    form = None
    if actor.can("field.audit") and not row.has_finding:
        form = PapersForm(request.POST or None, initial=_papers(row))
    if request.method == "POST":
        actor.demand("field.audit")
        status = 400 if form else 409
        if form is not None and form.is_valid():
            try:
                services.check_papers(
                    user=row, version=form.cleaned_data["version"], marks=form.marks(),
                    by=actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Saved"))
                return redirect("field_sampled_user", pk=row.pk)
    context = {
        "user_row": row,
        "form": form,
        "marks": _marks(row),
        "may_find": row.is_sound is False and not row.has_finding and actor.can("field.audit"),
    }
    return render(request, "fieldwork/sampled_user.html", context, status=status)


@require("field.audit")
def find(request: HttpRequest, source: str, pk: int) -> HttpResponse:
    """A finding made of a row, filled in by what the row says."""
    actor, status = request.actor, 200
    model = services.SOURCES.get(source)
    if model is None:
        raise Http404
    rows = model._default_manager.filter(district=actor.district).select_related(
        "district", "unit", "dealer", "finding"
    )
    row = get_object_or_404(rows, pk=pk)
    if row.finding is not None and row.has_finding:
        return redirect("finding", code=row.finding.code)
    proposed = services.proposed(row, request.now)
    form = FindingForm(
        request.POST or None, units=units_for(actor, "field.read"),
        dealers=Dealer.objects.filter(district=actor.district),
        initial={
            "unit": proposed.unit.code, "dealer": row.dealer.code, "area": proposed.area,
            "level": proposed.level, "text": proposed.text, "found_on": proposed.found_on,
            "deadline": proposed.deadline,
        },
    )  # fmt: skip
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = services.make_finding(
                    source=row, version=row.version, entry=form.entry(), by=actor.person,
                    at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Saved"))
                return redirect("finding", code=made.code)
    context = {"form": form, "source": f"{source}-{pk}"}
    return render(request, "fieldwork/finding_new.html", context, status=status)


def _shown(row: DayTakings, actor: Actor) -> dict[str, Any]:
    found = difference(row.system, row.receipts)
    state, chip = pgettext("takings", "Not settled"), "warn"
    if found == 0:
        state, chip = _("equal"), "good"
    elif row.has_finding:
        state, chip = _("Finding"), "bad"
    elif row.settled_at is not None:
        state, chip = pgettext("takings", "Settled"), "good"
    elif found is None:
        state, chip = pgettext("takings", "One side missing"), "wait"
    is_open = found != 0 and not row.has_finding and row.settled_at is None
    return {
        "row": row, "difference": found, "state": state, "chip": chip, "is_open": is_open,
        "may_act": is_open and actor.can("field.audit"),
    }  # fmt: skip


def _day_page(
    request: HttpRequest, row: DayTakings, form: SettleForm | None = None, status: int = 200
) -> HttpResponse:
    context = _shown(row, request.actor)
    if context["may_act"]:
        form = form or SettleForm(initial={"version": row.version})
    trail = f"?subject=takings/{row.pk}" if request.actor.can("trail.read") else ""
    return render(
        request, "fieldwork/takings_day.html", context | {"form": form, "trail_url": trail},
        status=status,
    )  # fmt: skip


def _papers(row: SampledUser) -> dict[str, Any]:
    names = ("contract", "id_copy", "signature")
    given = {name: {True: "1", False: "0"}.get(getattr(row, name), "") for name in names}
    return given | {"note": row.note, "version": row.version}


def _marks(row: SampledUser) -> list[dict[str, Any]]:
    return [
        {"name": name, "there": there}
        for name, there in (
            (_("Contract"), row.contract), (_("ID copy"), row.id_copy),
            (_("Signature"), row.signature),
        )
    ]  # fmt: skip


def _imported(done: Any) -> str:
    text = _("%(made)s new, %(changed)s changed, %(same)s as they were")
    return text % {"made": done.made, "changed": done.changed, "same": done.same}


def _month(request: HttpRequest, known: list[date]) -> date:
    try:
        return parse_month(request.GET.get("in_month", ""))
    except ValueError:
        return known[0] if known else request.actor.on.replace(day=1)


def _choices(known: list[date], month: date) -> list[dict[str, Any]]:
    return [{"text": month_text(each), "is_active": each == month} for each in known[:12]]


def _narrowed_takings(request: HttpRequest) -> TakingsFilter:
    actor = request.actor
    units = units_for(actor, "audit.read")
    return TakingsFilter(request.GET, visible_takings(actor), units=units, on=actor.on)


def _narrowed_statements(request: HttpRequest, month: date) -> StatementFilter:
    actor = request.actor
    units = units_for(actor, "audit.read")
    return StatementFilter(request.GET or None, visible_statements(actor, month), units=units)


def _narrowed_sample(request: HttpRequest, month: date) -> SampleFilter:
    actor = request.actor
    rows = visible_sampled(actor).filter(sample__month=month)
    return SampleFilter(request.GET or None, rows, units=units_for(actor, "audit.read"))


def _takings_sentence(actor: Actor) -> str:
    rows = visible_takings(actor)
    waiting, late = unsettled(rows).count(), overdue(rows, actor.on).count()
    if not waiting:
        return _("Every difference is settled.")
    text = ngettext(
        "%(count)s difference is not settled, %(late)s for more than five days.",
        "%(count)s differences are not settled, %(late)s for more than five days.",
        waiting,
    )
    return text % {"count": waiting, "late": late}


def _statements_sentence(actor: Actor, month: date) -> str:
    rows = visible_statements(actor, month)
    count, off = rows.count(), off_balance(rows).count()
    if not count:
        return _("No statement of %(month)s is there.") % {"month": month_text(month)}
    text = ngettext(
        "%(off)s of %(count)s statement does not balance.",
        "%(off)s of %(count)s statements do not balance.",
        count,
    )
    return text % {"off": off, "count": count}


def _sample_sentence(rows: QuerySet[SampledUser]) -> str:
    found = result_of(rows)
    if not found.drawn:
        return _("No sample of this month is drawn.")
    if not found.checked:
        return _("Nobody’s papers were looked at yet.")
    text = _("%(checked)s of %(drawn)s looked at, %(share)s%% with every paper.")
    return text % {
        "checked": found.checked, "drawn": found.drawn, "share": percent(found.sound_share, 1)
    }  # fmt: skip
