"""Settings of subsidies and claims: policies by unit with their versions, categories, source."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from orgchart.errors import DomainError
from orgchart.forms import RefusableForm
from orgchart.models import Unit
from orgchart.permissions import require
from subsidies.access import may_decide
from subsidies.claim_forms import CategoryForm, PolicyForm, SourceForm
from subsidies.models import ClaimCategory, SubsidyPolicy
from subsidies.queries.claims import categories, draws_on
from subsidies.services import policies as services
from targets.months import month_after


@require("subsidies.read")
def policies(request: HttpRequest) -> HttpResponse:
    """Each unit's amounts with every version, latest first."""
    actor = request.actor
    scope = actor.unit_ids("subsidies.read")
    rows = SubsidyPolicy.objects.filter(unit__district=actor.district).select_related("unit")
    rows = rows if scope is None else rows.filter(unit__in=scope)
    by_unit: dict[int, dict[str, Any]] = {}
    units = Unit.objects.of(actor.district).business().open_on(actor.on).order_by("position")
    for unit in units if scope is None else units.filter(pk__in=scope):
        by_unit[unit.pk] = {"unit": unit, "versions": []}
    for row in rows.order_by("-valid_from"):
        if row.unit_id in by_unit:
            by_unit[row.unit_id]["versions"].append(
                {
                    "row": row,
                    "cap": None if row.cap is None else _percent(row.cap),
                    "floor": _percent(row.floor),
                    "is_now": row.valid_from <= actor.on
                    and (row.valid_to is None or row.valid_to >= actor.on),
                    "is_coming": row.valid_from > actor.on,
                }
            )
    context = {
        "units": list(by_unit.values()),
        "may_write": may_decide(actor),
        "draws": dict(SourceForm.base_fields["draws"].choices)[  # type: ignore[attr-defined]
            draws_on(actor.district.pk, actor.on)
        ],
        "may_set_source": actor.can("claims.approve"),
        "may_read_trail": actor.can("trail.read"),
    }
    return render(request, "subsidies/policies.html", context)


def policy(request: HttpRequest, unit: str) -> HttpResponse:
    """A new version of a unit's policy, from a day on."""
    actor = request.actor
    if not may_decide(actor):
        raise PermissionDenied
    found = get_object_or_404(Unit.objects.of(actor.district).business(), code=unit)
    former = SubsidyPolicy.objects.filter(unit=found).order_by("valid_from").last()
    initial: dict[str, Any] = {"valid_from": month_after(actor.on.replace(day=1)), "floor": "0"}
    if former is not None:
        initial |= {
            "fixed": f"{former.fixed:.2f}", "floating_base": f"{former.floating_base:.2f}",
            "cap": "" if former.cap is None else _percent(former.cap),
            "floor": _percent(former.floor),
        }  # fmt: skip
    form = PolicyForm(request.POST or None, initial=initial)

    def save(values: dict[str, Any]) -> None:
        for name in ("cap", "floor"):
            values[name] = None if values[name] is None else values[name] / 100
        services.set_policy(unit=found, **values, by=actor.person, at=request.now)

    title = _("%(unit)s: new subsidy policy") % {"unit": found.name}
    return _answer(request, form, save, title, reverse("subsidy_policies"), _("Subsidy policies"))


@require("claims.approve")
def source(request: HttpRequest) -> HttpResponse:
    """Which month's floating part claims draw on, from a month on."""
    actor = request.actor
    start = month_after(actor.on.replace(day=1))
    form = SourceForm(
        request.POST or None,
        initial={"valid_from": start, "draws": draws_on(actor.district.pk, start)},
    )

    def save(values: dict[str, Any]) -> None:
        services.set_claim_source(
            district=actor.district, **values, by=actor.person, at=request.now
        )

    back = reverse("subsidy_policies")
    return _answer(request, form, save, _("What claims draw on"), back, _("Subsidy policies"))


@require("claims.check")
def claim_categories(request: HttpRequest) -> HttpResponse:
    """The categories of claims, closed ones as well."""
    rows = categories(request.actor.district, only_open=False)
    return render(request, "subsidies/categories.html", {"rows": rows})


@require("claims.check")
def claim_category(request: HttpRequest, code: str = "") -> HttpResponse:
    """A category, new or again."""
    actor = request.actor
    row = None
    if code:
        row = get_object_or_404(ClaimCategory, district=actor.district, code=code)
    names = ("code", "name_zh", "name_en", "position", "needs_people", "is_open", "version")
    initial = {name: getattr(row, name) for name in names} if row else {}
    form = CategoryForm(request.POST or None, initial=initial)
    if row is not None:
        form.fields["code"].disabled = True

    def save(values: dict[str, Any]) -> None:
        services.save_category(district=actor.district, **values, by=actor.person, at=request.now)

    title = row.name if row else _("New category")
    return _answer(request, form, save, title, reverse("claim_categories"), _("Claim categories"))


def _answer(
    request: HttpRequest, form: RefusableForm, save: Any, title: str, back: str, crumb: str
) -> HttpResponse:
    """Show the form; save what is valid and lead back; a refusal stands at its field."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                save(dict(form.cleaned_data))
            except DomainError as error:
                status = error.status
                form.refuse(error)
            else:
                messages.success(request, _("Saved"))
                return redirect(back)
    context = {"form": form, "title": title, "back": back, "crumb": crumb, "submit": _("Save")}
    return render(request, "orgchart/form.html", context, status=status)


def _percent(ratio: Decimal) -> str:
    return f"{(ratio * 100).normalize():f}"
