"""Writing definition cards: the draft, its publication, its end."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orgchart.errors import DomainError
from orgchart.permissions import require
from targets.forms import ROWS, DefinitionForm, IndicatorForm, PartForms
from targets.models import Definition, DefinitionState, Indicator
from targets.queries.indicators import formulas
from targets.rules.derivation import Part
from targets.services.definitions import (
    define_indicator,
    discard_definition,
    parts_of,
    publish_definition,
    remove_indicator,
    save_definition,
)


def _asked(request: HttpRequest, code: str) -> Indicator:
    return get_object_or_404(
        Indicator.objects.select_related("district"), district=request.actor.district, code=code
    )


def draft_of(indicator: Indicator) -> Definition | None:
    """Return the draft of a card, if one is being written."""
    return indicator.definitions.filter(state=DefinitionState.DRAFT).first()


@require("targets.write")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Write the draft: texts and, of a derived indicator, its formula. Nothing typed is lost."""
    indicator = _asked(request, code)
    choices = list(
        Indicator.objects.filter(district=request.actor.district).exclude(pk=indicator.pk)
    )
    draft = draft_of(indicator)
    given = {"form_kwargs": {"indicators": choices}, "prefix": "parts"}
    status = 200
    if request.method == "POST":
        form = DefinitionForm(request.POST)
        rows = PartForms(request.POST, **given) if indicator.is_derived else None
        if form.is_valid() and (rows is None or rows.is_valid()):
            texts = {name: form.cleaned_data[name] for name in Definition.TEXTS}
            parts = [part for row in rows or () if (part := row.part) is not None]
            try:
                save_definition(
                    indicator=indicator, texts=texts, parts=parts,
                    edits=form.cleaned_data["edits"], by=request.actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as refusal:
                status = refusal.status
                _place(refusal, form, rows)
            else:
                messages.success(request, _("The draft is saved."))
                return redirect("indicator", code=code)
        else:
            status = 400
    else:
        written = draft or indicator
        initial = {name: getattr(written, name) for name in Definition.TEXTS}
        form = DefinitionForm(initial=initial | {"edits": draft.edits if draft else None})
        parts = parts_of(draft) if draft else formulas(indicator.district_id)[code] or []
        rows = PartForms(initial=_rows(parts), **given) if indicator.is_derived else None
    context = {"indicator": indicator, "draft": draft, "form": form, "rows": rows}
    return render(request, "targets/definition_edit.html", context, status=status)


def _rows(parts: list[Part]) -> list[dict[str, Any]]:
    filled = [
        {"side": part.side, "source": part.source, "coefficient": part.coefficient}
        for part in parts
    ]
    return filled + [{"side": "n"}] * (ROWS - len(filled))


def _place(refusal: DomainError, form: Any, rows: Any) -> None:
    """Put each fault at its row or field; what has neither stands above the form."""
    filled = [row for row in rows or () if row.part is not None]
    placed = False
    for fault in refusal.faults:
        _blank, name, *where = fault.pointer.split("/")
        if name in form.fields:
            form.add_error(name, fault.detail)
            placed = True
        elif where and where[0].isdigit() and int(where[0]) < len(filled):
            filled[int(where[0])].add_error("source", fault.detail)
            placed = True
    if not placed:
        form.add_error(None, str(refusal))
    if "edits" in refusal.extra:  # the person has read that somebody else wrote
        form.data = form.data.copy()
        form.data["edits"] = refusal.extra["edits"] or ""


@require("indicators.define")
def new(request: HttpRequest) -> HttpResponse:
    """Define a sum or a ratio over others: names, card and formula at once."""
    choices = list(Indicator.objects.filter(district=request.actor.district))
    given = {"form_kwargs": {"indicators": choices}, "prefix": "parts"}
    forms: list[Any] = [IndicatorForm(), DefinitionForm()]
    rows, status = PartForms(initial=_rows([]), **given), 200
    if request.method == "POST":
        mould = Indicator(district=request.actor.district)
        forms = [IndicatorForm(request.POST, instance=mould), DefinitionForm(request.POST)]
        rows, status = PartForms(request.POST, **given), 400
        if all([form.is_valid() for form in [*forms, rows]]):
            try:
                made = define_indicator(
                    indicator=forms[0].save(commit=False),
                    texts={name: forms[1].cleaned_data[name] for name in Definition.TEXTS},
                    parts=[part for row in rows if (part := row.part) is not None],
                    by=request.actor.person, at=request.now,
                )  # fmt: skip
            except DomainError as refusal:
                status = refusal.status
                _place(refusal, forms[0], rows)
            else:
                messages.success(request, _("The indicator is there. Scorecards may use it."))
                return redirect("indicator", code=made.code)
    context = {"forms": forms, "rows": rows}
    return render(request, "targets/indicator_new.html", context, status=status)


@require_POST
@require("indicators.define")
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Take a derived indicator away that nothing uses."""
    indicator = _asked(request, code)
    try:
        remove_indicator(indicator=indicator, by=request.actor.person, at=request.now)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("indicator", code=code)
    messages.success(request, _("%(name)s is removed.") % {"name": indicator.name})
    return redirect("indicators")


@require_POST
@require("targets.write")
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Put the draft in force, with a reason."""
    indicator = _asked(request, code)
    text = request.POST.get("edits", "")
    try:
        published = publish_definition(
            indicator=indicator, edits=int(text) if text.isdecimal() else 0,
            reason=request.POST.get("reason", ""), by=request.actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("Version %(version)s is in force.") % {"version": published.version}
        )
    return redirect("indicator", code=code)


@require_POST
@require("targets.write")
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    try:
        discard_definition(indicator=_asked(request, code), by=request.actor.person, at=request.now)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The draft is discarded."))
    return redirect("indicator", code=code)
