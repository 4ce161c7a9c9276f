"""What is typed of a summary: the questions of a day or of a week, and the leader's answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fieldwork.services.summaries import LONGEST, QUESTIONS, REQUIRED
from orgchart.forms import DayField, RefusableForm


class SummaryForm(RefusableForm):
    """The questions of a kind; `day` is the day or the Monday of the week."""

    day = DayField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [question.value for question in QUESTIONS[kind]]
        for question in QUESTIONS[kind]:
            self.fields[question.value] = forms.CharField(
                label=question.label, max_length=LONGEST, required=question in REQUIRED[kind],
                widget=forms.Textarea({"rows": 2}),
            )  # fmt: skip

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[code] for code in self.codes]

    def field_of(self, pointer: str) -> str:
        return pointer.strip("/").replace("answers/", "")

    def answers(self) -> dict[str, str]:
        """Return what was typed; only of a valid form."""
        return {code: self.cleaned_data[code] for code in self.codes}


class ReplyForm(RefusableForm):
    """What the leader answers."""

    reply = forms.CharField(
        label=_("Answer"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )
