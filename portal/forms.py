"""What people fill in on the portal's own pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kpi.models import Month
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Unit
from portal.models.bulletins import KINDS, LONGEST_COMMENT
from portal.rules.bulletins import Kind, Period, Schedule, period_of
from targets.models import Breakdown, Indicator
from targets.months import month_text


class AdjustmentForm(forms.Form):
    """A late correction: of which published figure, by how much, and why."""

    month = forms.ChoiceField(label=_("Published month"))
    unit = forms.ChoiceField(label=_("Unit"))
    figure = forms.ChoiceField(label=_("Figure"))
    delta = forms.DecimalField(
        label=_("Correction"), max_digits=12, decimal_places=4,
        help_text=_("What was missing; with a minus what was too much."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(
        self,
        *args: Any,
        months: Sequence[Month],
        units: Sequence[Unit],
        figures: Sequence[tuple[Indicator, Breakdown]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.months = {month_text(row.month): row.month for row in months}
        self.units = {unit.code: unit for unit in units}
        self.figures = {f"{one.code}.{part.code}": (one, part) for one, part in figures}
        self._choices(
            "month",
            [(text, date_format(day, "YEAR_MONTH_FORMAT")) for text, day in self.months.items()],
        )
        self._choices("unit", [(code, unit.name) for code, unit in self.units.items()])
        self._choices("figure", [(k, _name(*pair)) for k, pair in self.figures.items()])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def request(self) -> dict[str, Any]:
        """Return what the service is asked for."""
        given = self.cleaned_data
        indicator, breakdown = self.figures[given["figure"]]
        return {
            "month": self.months[given["month"]],
            "unit": self.units[given["unit"]],
            "indicator": indicator,
            "breakdown": breakdown,
            "delta": given["delta"],
            "reason": given["reason"],
        }


def _time() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class BulletinForm(forms.Form):
    """Which bulletin to look at: of a kind, of the period that a day lies in."""

    kind = forms.ChoiceField(label=_("kind"), choices=KINDS)
    day = DayField(label=_("Any day of it"))

    def period(self) -> Period:
        return period_of(Kind(self.cleaned_data["kind"]), self.cleaned_data["day"])


class ScheduleForm(forms.Form):
    """When bulletins are issued by themselves; a time left empty: by hand only."""

    daily_from = forms.TimeField(
        label=_("Daily, the morning after, from"), required=False, widget=_time(),
        help_text=_("Empty: only by hand."),
    )  # fmt: skip
    weekly_from = forms.TimeField(
        label=_("Weekly, on Monday, from"), required=False, widget=_time(),
        help_text=_("Empty: only by hand."),
    )  # fmt: skip
    is_monthly = forms.BooleanField(label=_("Monthly, once published"), required=False)

    def schedule(self) -> Schedule:
        return Schedule(**self.cleaned_data)


class CommentForm(forms.Form):
    """The clerk's comment on a bulletin, and the version of it that was read."""

    comment = forms.CharField(
        label=_("Comment"), max_length=LONGEST_COMMENT, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands above the tables; at most 500 characters."),
    )  # fmt: skip
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class CorrectionForm(RefusableForm):
    """A corrected edition: what was wrong, the comment it has, the edition that it corrects."""

    reason = forms.CharField(
        label=_("What is corrected, and why"), max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    comment = forms.CharField(
        label=_("Comment"), max_length=LONGEST_COMMENT, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    edition = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


def _name(indicator: Indicator, breakdown: Breakdown) -> str:
    part = "" if breakdown.code == Breakdown.WHOLE_CODE else f" {breakdown.name}"
    return gettext("%(item)s (%(measure)s)") % {
        "item": f"{indicator.name}{part}", "measure": indicator.measure,
    }  # fmt: skip
