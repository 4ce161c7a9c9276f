"""What is typed of a finding: what was wrong, how it was put right, why it does not stand."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.models import FindingArea, FindingLevel
from fieldwork.services.findings import MOST, FindingEntry
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Dealer, Unit


class FindingForm(RefusableForm):
    """A finding; a dealer decides the unit's part of the commission that pays."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), to_field_name="code")
    dealer = forms.ModelChoiceField(
        Dealer.objects.none(), label=_("Dealer"), to_field_name="code", required=False,
        empty_label=_("none"),
    )  # fmt: skip
    area = forms.ChoiceField(label=_("Audit of"), choices=FindingArea.choices)
    level = forms.ChoiceField(
        label=_("Level"), choices=FindingLevel.choices,
        help_text=_("Points and vetoes count in the unit’s score, money in the dealer’s sheet."),
    )  # fmt: skip
    text = forms.CharField(label=_("Finding"), max_length=200, widget=forms.Textarea({"rows": 3}))
    amount = forms.DecimalField(
        label=_("Penalty, yuan"), max_value=MOST, decimal_places=2, required=False,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip
    found_on = DayField(label=_("Found on"))
    deadline = DayField(label=_("Put right by"), required=False)

    def __init__(
        self, *args: Any, units: QuerySet[Unit], dealers: QuerySet[Dealer], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["dealer"].queryset = dealers  # type: ignore[attr-defined]

    def entry(self) -> FindingEntry:
        """Return what was typed; only of a valid form."""
        return FindingEntry(**self.cleaned_data)


class CloseForm(RefusableForm):
    """How a finding was put right."""

    remark = forms.CharField(label=_("How it was put right"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class VoidForm(RefusableForm):
    """Why a finding does not stand."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)
