"""What people fill in about pace."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kpi.present.pace import CALENDARS
from orgchart.forms import DayField


class PaceRuleForm(forms.Form):
    """How pace is judged from a day on."""

    valid_from = DayField(label=_("Holds from"))
    calendar = forms.ChoiceField(
        label=_("Calendar"), choices=[(each.value, label) for each, label in CALENDARS.items()]
    )
    promotion_yield = forms.IntegerField(
        label=_("Users per promotion"), min_value=1, max_value=100_000
    )
