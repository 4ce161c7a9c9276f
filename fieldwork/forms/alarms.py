"""What is typed of an alarm: what was behind it, and a file of days."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.services.alarms import GIVEN, LONGEST
from orgchart.forms import RefusableForm


class AnswerForm(RefusableForm):
    """What was behind an alarm, in a choice and a few words."""

    reason = forms.ChoiceField(
        label=_("What was behind it"),
        choices=[("", _("Choose")), *((r.value, r.label) for r in GIVEN)],
    )
    remark = forms.CharField(
        label=pgettext_lazy("alarm", "What was found"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class DaysForm(RefusableForm):
    """Days of outlets to import."""

    file = forms.FileField(
        label=_("Daily figures of outlets"),
        help_text=_("Excel or CSV with the headings beside, at most 5 MB."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}),
    )
