"""The templates of plan §8.3: short plans and long targets, filled from tasks and pace."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kpi.models import LongTarget, MonthState, ShortPlan
from kpi.queries.cells import reporting_units
from kpi.queries.daily import pace_rule
from kpi.queries.months import chosen_month, months
from kpi.queries.unit_plans import LongSheet, ShortSheet, long_sheet, short_sheet, unit_lines
from kpi.services.unit_plans import LONG, SHORT, save_long_target, save_short_plan
from kpi.views.filling import filling
from orgchart.errors import DomainError, VersionConflict
from orgchart.models import Unit
from orgchart.permissions import Actor, require
from targets.months import last_day, month_text
from targets.queries.plans import NO_GROWTH
from targets.templatetags.amounts import MISSING, amount

MOST = 9_999_999


class _PlanForm(forms.ModelForm):
    """Figures are whole and not negative; the version seen travels along."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.IntegerField):
                field.validators.append(MaxValueValidator(MOST))
                field.widget.attrs["inputmode"] = "numeric"
        self.fields["measures"].widget.attrs["rows"] = 3


class ShortForm(_PlanForm):
    prefix = "short"

    class Meta:
        model = ShortPlan
        fields = SHORT


class LongForm(_PlanForm):
    prefix = "long"

    class Meta:
        model = LongTarget
        fields = LONG

    def __init__(self, *args: Any, sheet: LongSheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet

    def clean_contracts(self) -> int | None:
        """Contracts are a part of the gross additions."""
        given: int | None = self.cleaned_data["contracts"]
        if given is not None and self.sheet.gross is not None and given > self.sheet.gross:
            raise forms.ValidationError(
                _("More than the %(total)s gross additions of the year.")
                % {"total": amount(self.sheet.gross)}
            )
        return given


@require_GET
@require("targets.read")
def unit_plans(request: HttpRequest) -> HttpResponse:
    """The month's short plans of all units; who sees one unit only goes straight to it."""
    actor: Actor = request.actor
    month = chosen_month(months(actor.district.pk), request.GET.get("month", ""))
    if month is None:
        return render(request, "kpi/unit_plans.html", {})
    scope = actor.unit_ids("targets.read")
    lines = unit_lines(actor.district, month.month, actor.on, scope)
    if scope is not None and len(lines) == 1:
        return redirect("unit_plan", unit=lines[0].unit.code, month=month.month)
    missing = [line.unit.short for line in lines if line.uncovered]
    return render(
        request, "kpi/unit_plans.html",
        {
            "month": month.month, "lines": lines,
            "sentence": _("Promotions do not yet close the gap of %(names)s")
            % {"names": "、".join(missing)} if missing
            else _("No unit has a gap that its promotions leave open"),
        },
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@require("targets.read")
def unit_plan(request: HttpRequest, unit: str, month: date) -> HttpResponse:
    """A unit's short plan of the month and long target of its year; its manager writes both."""
    actor: Actor = request.actor
    found = _unit(actor, unit, month)
    may_write = actor.can("unit_plans.write", found)
    if request.method == "POST" and not may_write:
        raise PermissionDenied
    short, long = short_sheet(found, month, actor.on), long_sheet(found, month.year)
    sent = request.POST.get("form", "") if request.method == "POST" else ""
    short_form = ShortForm(
        request.POST if sent == "short" else None, initial=_initial(short, SHORT)
    )
    long_form = LongForm(
        request.POST if sent == "long" else None, initial=_initial(long, LONG), sheet=long
    )
    form = {"short": short_form, "long": long_form}.get(sent)
    if form is not None and form.is_valid() and _saved(request, form, sent, found, month):
        messages.success(request, _("Saved"))
        return redirect("unit_plan", unit=unit, month=month)
    is_open = all(
        row.state == MonthState.OPEN for row in months(actor.district.pk) if row.month == month
    )
    return render(
        request, "kpi/unit_plan.html",
        {
            "unit": found, "month": month, "short": short, "long": long,
            "short_form": short_form if may_write and is_open else None,
            "long_form": long_form if may_write else None,
            "short_fields": _written(short.plan, SHORT), "long_fields": _written(long.plan, LONG),
            "why": NO_GROWTH[long.why]() if long.why else "",
            "month_text": month_text(month),
            "sentence": _sentence(short),
            "filling": filling(
                actor, {found.pk}, found.code, short.as_of, short.gap,
                pace_rule(actor.district, month).promotion_yield,
            ) if month <= short.as_of <= last_day(month) else None,
        },
    )  # fmt: skip


def _unit(actor: Actor, code: str, month: date) -> Unit:
    scope = actor.unit_ids("targets.read")
    for unit in reporting_units(actor.district.pk, month, scope):
        if unit.code == code:
            return unit
    raise Http404


def _initial(sheet: ShortSheet | LongSheet, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(sheet.plan, name) for name in (*names, "version")}


def _written(plan: ShortPlan | LongTarget, names: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Return (label, value) of the stored fields, for those who only read and for paper."""
    return [
        (plan._meta.get_field(name).verbose_name, value or MISSING if name == "measures"
         else amount(value))
        for name in names
        for value in [getattr(plan, name)]
    ]  # fmt: skip


def _saved(request: HttpRequest, form: _PlanForm, kind: str, unit: Unit, month: date) -> bool:
    given = dict(form.cleaned_data)
    version = given.pop("version")
    common = {"unit": unit, "figures": given, "version": version, "by": request.actor.person,
              "at": request.now}  # fmt: skip
    try:
        if kind == "short":
            save_short_plan(month=month, **common)
        else:
            save_long_target(year=month.year, **common)
    except VersionConflict as error:
        form.add_error(None, str(error))
        # The next try replaces what is stored now, which the page shows beside the form.
        form.data = form.data.copy()
        model = ShortPlan if kind == "short" else LongTarget
        period = {"month": month} if kind == "short" else {"year": month.year}
        form.data[form.add_prefix("version")] = model.objects.get(unit=unit, **period).version
        return False
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


def _sentence(short: ShortSheet) -> str:
    if short.task is None:
        return _("No task this month")
    if short.gap is None:
        return _("Nothing reported yet: the gap is not known")
    if not short.gap:
        return _("At the present speed the month's task is reached")
    if not short.uncovered:
        return _("The gap of %(gap)s is closed by promotions") % {"gap": amount(short.gap)}
    return _("At the present speed %(gap)s are missing; promotions leave %(open)s open") % {
        "gap": amount(short.gap), "open": amount(short.uncovered),
    }  # fmt: skip
