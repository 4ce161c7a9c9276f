"""What is typed of a claim: its month, its items; a category; a policy's new version."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orgchart.errors import DomainError
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Unit
from subsidies.models import ClaimCategory, Draws
from subsidies.queries.claims import categories
from subsidies.queries.promotions import NamedPromotion
from subsidies.services.claims import MOST_ITEMS, Item
from subsidies.wording import month_name
from targets.months import month_after, month_text, parse_month


class ClaimForm(RefusableForm):
    """Unit and month of a new claim; one choice is taken without asking."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), to_field_name="code")
    month = forms.ChoiceField(label=_("Month"))
    promotion = forms.ChoiceField(
        label=_("For the promotion"), required=False,
        help_text=_("Its page then shows this claim against its budget"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, units: Any, today: date, promotions: Sequence[NamedPromotion] = (),
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["promotion"].choices = [  # type: ignore[attr-defined]
            ("", _("None")), *((each.code, each.label) for each in promotions),
        ]  # fmt: skip
        if not promotions:
            self.fields["promotion"].widget = forms.HiddenInput()
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        this = today.replace(day=1)
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            (month_text(month), month_name(month)) for month in (this, month_after(this))
        ]
        if len(units) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
            self.fields["unit"].initial = units[0].code

    def clean_month(self) -> date:
        return parse_month(self.cleaned_data["month"])


class ItemForm(forms.Form):
    """A line of a claim; a row left empty is no line."""

    spent_on = DayField(label=_("Date"))
    category = forms.ModelChoiceField(
        ClaimCategory.objects.none(), label=_("Category"), to_field_name="code"
    )
    amount = forms.DecimalField(
        label=_("Amount, yuan"), max_digits=10, decimal_places=2,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01", "min": "0.01"}),
    )  # fmt: skip
    purpose = forms.CharField(label=_("Purpose"), max_length=200)
    participants = forms.CharField(
        label=_("Participants"), max_length=200, required=False,
        help_text=_("Whoever was entertained, and from where"),
    )  # fmt: skip

    def __init__(self, *args: Any, district: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = categories(district)  # type: ignore[attr-defined]
        self.use_required_attribute = False

    def has_changed(self) -> bool:
        # A category that the browser preselects is not something typed.
        return any(name != "category" for name in self.changed_data)


ItemFormSet = forms.formset_factory(ItemForm, extra=0, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS)


def items_of(rows: Any) -> list[Item]:
    """Return the lines typed; only of a valid form set."""
    return [Item(**form.cleaned_data) for form in rows if form.has_changed()]


def refuse(form: RefusableForm, rows: Any, error: DomainError) -> None:
    """Show a refusal: faults of /items/0/amount at their field, the rest above the form."""
    filled = [row for row in rows if row.has_changed()]
    others = []
    for fault in error.faults:
        parts = fault.pointer.strip("/").split("/")
        if len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < len(filled):
            filled[int(parts[1])].add_error(parts[2], str(fault.detail))
        else:
            others.append(str(fault.detail))
    if others or not error.faults:
        form.add_error(None, " ".join(others) or str(error))


class CategoryForm(RefusableForm):
    """A category of claims; its code stays."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    position = forms.IntegerField(label=_("Order"), min_value=0, max_value=999, initial=0)
    needs_people = forms.BooleanField(label=_("Participants required"), required=False)
    is_open = forms.BooleanField(label=_("Offered on new claims"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SourceForm(RefusableForm):
    """From which month on claims draw on what."""

    draws = forms.ChoiceField(label=_("Claims draw on"), choices=Draws.choices)
    valid_from = DayField(label=_("From"))


def _ratio(label: Any, *, required: bool) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=1000, max_digits=6, decimal_places=2,
        required=required, widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip


def _yuan(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=10, decimal_places=2,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip


class PolicyForm(RefusableForm):
    """A unit's subsidy from a day on; cap and floor in percent, an empty cap pays without limit."""

    valid_from = DayField(label=_("From"))
    fixed = _yuan(_("Fixed part, yuan"))
    floating_base = _yuan(_("Floating base, yuan"))
    cap = _ratio(_("Cap, %"), required=False)
    floor = _ratio(_("Floor, %"), required=True)
    reason = forms.CharField(label=_("Reason"), max_length=500)
