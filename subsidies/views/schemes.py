"""Commission schemes: the versions, and drafts written, tried over a month, published."""

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orgchart.errors import DomainError
from orgchart.permissions import Actor, require
from subsidies.models import CommissionScheme, SchemeDraft, SheetKind
from subsidies.queries import schemes as queries
from subsidies.queries.returns import months_entered
from subsidies.queries.trials import trial
from subsidies.rules.scheme import Scheme
from subsidies.scheme_forms import BLANK, SchemeForm, head_of, with_more_rows
from subsidies.scheme_words import compared
from subsidies.services import schemes as services
from subsidies.wording import line_name, month_name
from targets.months import month_text
from targets.templatetags.amounts import signed

SHOWN = 300  # dealers of a trial, those with the largest differences


@require("commissions.read")
def schemes(request: HttpRequest) -> HttpResponse:
    """Every version with its months; for those who write them, the drafts."""
    actor: Actor = request.actor
    may_write = actor.can("schemes.write")
    rows = [
        {
            "row": row,
            "is_now": row.valid_from <= actor.on
            and (row.valid_to is None or row.valid_to >= actor.on),
            "is_coming": row.valid_from > actor.on,
        }
        for row in queries.versions(actor.district)
    ]
    context = {
        "versions": rows,
        "drafts": queries.drafts(actor.district) if may_write else [],
        "may_write": may_write,
        "may_read_trail": actor.can("trail.read"),
    }
    return render(request, "subsidies/schemes.html", context)


@require("commissions.read")
def scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """A version: its parts, and what it changed of the one before."""
    actor: Actor = request.actor
    row = get_object_or_404(
        CommissionScheme.objects.select_related("published_by"), district=actor.district,
        kind=SheetKind.DEALERS, pk=pk,
    )  # fmt: skip
    context = _terms(actor, row) | {"scheme": row, "may_write": actor.can("schemes.write")}
    return render(request, "subsidies/scheme.html", context)


def _terms(actor: Actor, row: CommissionScheme | SchemeDraft) -> dict[str, Any]:
    before = queries.version_before(actor.district, row.valid_from)
    former = Scheme.from_json(before.body) if before else None
    return {"before": before, "rows": compared(former, Scheme.from_json(row.body))}


def _draft_of(actor: Actor, pk: int) -> SchemeDraft:
    found = SchemeDraft.objects.select_related("district", "saved_by")
    return get_object_or_404(found, district=actor.district, pk=pk)


@require("schemes.write")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft: its parts beside the version before; `?month=` tries it over a past month."""
    actor: Actor = request.actor
    row = _draft_of(actor, pk)
    months = months_entered(actor.district)
    asked = next((month for month in months if month_text(month) == request.GET.get("month")), None)
    context = _terms(actor, row) | {
        "draft": row,
        "may_publish": actor.can("schemes.publish"),
        "months": [(month_text(month), month_name(month)) for month in months],
        "month": month_text(asked) if asked else "",
        "trial": _tried(actor, row, asked) if asked else None,
    }
    return render(request, "subsidies/scheme_draft.html", context)


def _tried(actor: Actor, row: SchemeDraft, month: date) -> dict[str, Any] | None:
    shadow = CommissionScheme(
        district=actor.district, code=row.code, name_zh=row.name_zh, name_en=row.name_en,
        valid_from=row.valid_from, body=row.body,
    )  # fmt: skip
    found = trial(actor.district, month, shadow)
    if found is None:
        return None
    rows = [
        {
            "of": each,
            "cause": _("%(line)s %(amount)s")
            % {"line": line_name(each.cause[0]), "amount": signed(each.cause[1], 2)}
            if each.cause
            else "",
        }
        for each in found.rows
    ]
    return {
        "of": found,
        "month_name": month_name(month),
        "rows": rows[:SHOWN],
        "all": len(rows),
        "difference": found.after.net - found.before.net,
        "uncounted": [_part(part) for part in found.uncounted],
    }


def _part(part: str) -> str:
    return _("users without calls") if part == "zero_call" else line_name(part)


@require("schemes.write")
def draft_new(request: HttpRequest) -> HttpResponse:
    """Write a new version: as a copy (`?source=`) or from nothing. Stored when it is saved."""
    actor: Actor = request.actor
    source = request.GET.get("source", "")
    body: dict[str, Any] = BLANK
    start = queries.earliest_start(actor.district, actor.on)
    head: dict[str, Any] = {"code": _next_code(actor, str(start.year)), "valid_from": start}
    if source:
        copied = get_object_or_404(
            CommissionScheme,
            district=actor.district,
            kind=SheetKind.DEALERS,
            pk=source if source.isdecimal() else 0,
        )
        body = copied.body
        head = head_of(copied, code=_next_code(actor, copied.code), valid_from=start)
    return _written(request, None, body, head)


def _next_code(actor: Actor, code: str) -> str:
    """Return the next free version: 2026 → 2026.2, 2026.2 → 2026.3; as it is if it is free."""
    taken = {row.code for row in queries.versions(actor.district)}
    taken |= {row.code for row in queries.drafts(actor.district)}
    stem = re.sub(r"\.\d+$", "", code)[:16]
    number, found = 1, code[:20]
    while found in taken:
        number += 1
        found = f"{stem}.{number}"
    return found


@require("schemes.write")
def draft_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a draft."""
    row = _draft_of(request.actor, pk)
    return _written(request, row, row.body, head_of(row) | {"edits": row.edits})


def _written(
    request: HttpRequest, row: SchemeDraft | None, body: dict[str, Any], head: dict[str, Any]
) -> HttpResponse:
    """Show the form; save what is sound; a refusal stands at its field, nothing typed is lost."""
    actor: Actor = request.actor
    status = 200
    if request.method != "POST":
        form = SchemeForm(body=body, initial=head)
    elif "more" in request.POST:
        form = SchemeForm(body=body, typed=with_more_rows(request.POST))
    else:
        form, status = SchemeForm(request.POST, body=body), 400
        if form.is_valid():
            try:
                saved = services.save_draft(
                    district=actor.district, **form.head(), body=form.cleaned_data["body"],
                    draft=row, edits=form.cleaned_data["edits"] or 0, by=actor.person,
                    at=request.now,
                )  # fmt: skip
            except DomainError as error:
                status = error.status
                form.refuse(error)
                if "edits" in error.extra:  # the person has read that somebody else wrote
                    form.data = form.data.copy()
                    form.data["edits"] = error.extra["edits"]
            else:
                messages.success(request, _("The draft is saved."))
                return redirect("scheme_draft", pk=saved.pk)
    context = {"form": form, "draft": row}
    return render(request, "subsidies/scheme_edit.html", context, status=status)


@require_POST
@require("schemes.publish")
def draft_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft in force from its month on."""
    row = _draft_of(request.actor, pk)
    edits = request.POST.get("edits", "")
    try:
        made = services.publish_draft(
            draft=row, edits=int(edits) if edits.isdecimal() else 0, by=request.actor.person,
            at=request.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("scheme_draft", pk=pk)
    messages.success(request, _("Version %(code)s is published.") % {"code": made.code})
    return redirect("scheme", pk=made.pk)


@require_POST
@require("schemes.write")
def draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a draft away."""
    try:
        services.discard_draft(
            draft=_draft_of(request.actor, pk), by=request.actor.person, at=request.now
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The draft is discarded."))
    return redirect("schemes")
