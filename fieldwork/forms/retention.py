"""What is typed of call-backs: what a call found, who calls, a month's list."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fieldwork.forms.giving import GivingForm
from fieldwork.models import NOT_REACHED, REACHED, CallResult, LeavingReason
from fieldwork.services.retention import FURTHEST, LONGEST, Answer
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Person
from targets.months import parse_month


class CallForm(RefusableForm):
    """What a call found; "came back" is offered for a user who left."""

    result = forms.ChoiceField(label=_("Result"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Reason of leaving"), required=False,
        choices=[("", "—"), *LeavingReason.choices],
    )  # fmt: skip
    measure = forms.CharField(
        label=_("What is offered"), max_length=LONGEST, required=False,
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip
    again_on = DayField(label=_("Call again on"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_left: bool, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reached = [each for each in REACHED if is_left or each != CallResult.RETURNED]
        self.fields["result"].choices = [  # type: ignore[attr-defined]
            (_("Reached"), [(each.value, each.label) for each in reached]),
            (_("Not reached"), [(each.value, each.label) for each in NOT_REACHED]),
        ]
        self.fields["again_on"].widget.attrs |= {
            "min": today.isoformat(), "max": (today + FURTHEST).isoformat(),
        }  # fmt: skip

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Return the results as they are drawn: group, (code, words, whether it is chosen)."""
        chosen = self["result"].value()
        return [
            (str(group), [(code, str(words), code == chosen) for code, words in choices])
            for group, choices in self.fields["result"].choices  # type: ignore[attr-defined]
        ]

    def answer(self) -> Answer:
        """Return what was typed; only of a valid form."""
        names = ("result", "reason", "measure", "again_on")
        return Answer(**{name: self.cleaned_data[name] for name in names})


class GiveForm(GivingForm):
    """Who calls the user."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Caller"), to_field_name="code", empty_label=_("Choose")
    )


class WarnedListForm(RefusableForm):
    """A month's list to import."""

    month = forms.CharField(label=_("Month"), widget=forms.TextInput({"type": "month"}))
    file = forms.FileField(
        label=_("List of warned users"),
        help_text=_("Excel or CSV with the headings beside, at most 5 MB."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}),
    )

    def clean_month(self) -> date:
        try:
            return parse_month(self.cleaned_data["month"])
        except ValueError:
            raise forms.ValidationError(_("Write a month such as 2026-03.")) from None
