"""What is typed of the audit: lists to import, how a difference was settled, which papers lack."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.services.audit import LONGEST, Marks
from orgchart.forms import RefusableForm
from targets.months import parse_month

_THERE = [("1", pgettext_lazy("papers", "There")), ("0", pgettext_lazy("papers", "Missing"))]


def _file(label: Any, **more: Any) -> forms.FileField:
    return forms.FileField(
        label=label, help_text=_("Excel or CSV with the headings beside, at most 5 MB."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}), **more,
    )  # fmt: skip


class MonthForm(RefusableForm):
    """A month."""

    month = forms.CharField(label=_("Month"), widget=forms.TextInput({"type": "month"}))

    def clean_month(self) -> date:
        try:
            return parse_month(self.cleaned_data["month"])
        except ValueError:
            raise forms.ValidationError(_("Write a month such as 2026-03.")) from None


class TakingsListForm(RefusableForm):
    """One side's takings to import."""

    side = forms.ChoiceField(
        label=_("Whose takings"),
        choices=[
            ("system", _("Booked by the system")), ("receipts", _("Paid in by the dealers"))
        ],
    )  # fmt: skip
    file = _file(_("List of takings"))


class StatementListForm(MonthForm):
    """A month's statements to import."""

    file = _file(_("List of statements"))


class SettleForm(RefusableForm):
    """How a difference is explained."""

    note = forms.CharField(label=_("How it was settled"), max_length=LONGEST)
    version = forms.IntegerField(widget=forms.HiddenInput)


class DrawForm(MonthForm):
    """A sample to draw: from a list, or else from the month's billing ledger."""

    size = forms.IntegerField(
        label=_("How many users"), min_value=1, max_value=500, initial=50,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip
    seed = forms.CharField(
        label=_("Seed"),
        max_length=40,
        help_text=_("The same users and the same seed draw the same sample again."),
    )
    file = _file(_("List of joined users"), required=False)


class PapersForm(RefusableForm):
    """Which papers of a user are there."""

    contract = forms.ChoiceField(label=_("Contract"), choices=_THERE, widget=forms.RadioSelect)
    id_copy = forms.ChoiceField(label=_("ID copy"), choices=_THERE, widget=forms.RadioSelect)
    signature = forms.ChoiceField(label=_("Signature"), choices=_THERE, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=LONGEST, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def papers(self) -> list[tuple[forms.BoundField, list[tuple[str, Any, bool]]]]:
        """Return the papers as they are drawn: field, (code, words, whether it is chosen)."""
        return [
            (self[name], [(code, words, self[name].value() == code) for code, words in _THERE])
            for name in ("contract", "id_copy", "signature")
        ]

    def marks(self) -> Marks:
        """Return what was marked; only of a valid form."""
        there = {name: self.cleaned_data[name] == "1"
                 for name in ("contract", "id_copy", "signature")}  # fmt: skip
        return Marks(**there, note=self.cleaned_data["note"])
