"""What is typed of a goal: what is asked, what was won, the assessment."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fieldwork.models import Goal, Verdict
from fieldwork.models.goals import AGENT_VERDICTS, PERSON_VERDICTS
from fieldwork.services.goals import MOST
from orgchart.forms import DayField, RefusableForm
from targets.months import last_day


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=MOST,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip


class GoalForm(RefusableForm):
    """What is asked, by when."""

    groups = _count(_("Groups to sign"))
    mobile = _count(_("Mobile users to win"))
    fixed = _count(_("Fixed users to win"))
    due_on = DayField(label=_("Due by"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, goal: Goal, **kwargs: Any) -> None:
        names = ("groups", "mobile", "fixed", "due_on", "version")
        super().__init__(*args, initial={name: getattr(goal, name) for name in names}, **kwargs)
        self.fields["due_on"].widget.attrs |= {
            "min": goal.month.isoformat(), "max": last_day(goal.month).isoformat(),
        }  # fmt: skip
        if goal.dealer_id:
            self.fields["groups"].widget = forms.HiddenInput()


class ReportForm(RefusableForm):
    """What was won so far."""

    mobile_done = _count(_("Mobile users won"))
    fixed_done = _count(_("Fixed users won"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class AssessForm(RefusableForm):
    """Met or missed; kept or dropped."""

    verdict = forms.ChoiceField(label=_("Assessment"))
    remark = forms.CharField(
        label=_("Remark"), max_length=200, required=False, widget=forms.Textarea({"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, goal: Goal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: tuple[Verdict, ...] = PERSON_VERDICTS if goal.person_id else AGENT_VERDICTS
        self.fields["verdict"].choices = [  # type: ignore[attr-defined]
            (verdict.value, verdict.label) for verdict in offered
        ]
