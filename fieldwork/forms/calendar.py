"""What is typed of the calendar: an entry, a duty of the template."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.models import Audience, Repeat
from orgchart.forms import DayField, RefusableForm


class EntryForm(RefusableForm):
    """An entry; `whose` is offered where there is a choice: "" oneself, or the code of a unit."""

    text = forms.CharField(label=pgettext_lazy("calendar", "What"), max_length=100)
    first = DayField(label=_("From"))
    last = DayField(label=_("Until"), required=False)
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )
    whose = forms.ChoiceField(label=_("Whose"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if choices:
            mine = ("", str(_("Only mine")))
            self.fields["whose"].choices = [mine, *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["whose"]


class DutyForm(RefusableForm):
    """A duty of the template."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    repeat = forms.ChoiceField(label=_("Repeated"), choices=Repeat.choices)
    month = forms.IntegerField(
        label=_("Month"), min_value=1, max_value=12, required=False,
        help_text=_("Of a yearly duty."),
    )  # fmt: skip
    day = forms.IntegerField(
        label=_("Day"), min_value=1, max_value=31,
        help_text=_("Of a weekly one 1 Monday to 7 Sunday; otherwise of the month, 31 its last."),
    )  # fmt: skip
    days = forms.IntegerField(label=_("Days it takes"), min_value=1, max_value=31, initial=1)
    audience = forms.ChoiceField(label=_("Whose"), choices=Audience.choices)
    clause = forms.CharField(label=_("Clause of the plan"), max_length=20, required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def fields_of_duty(self) -> dict[str, Any]:
        """Return what was typed; only of a valid form."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}
