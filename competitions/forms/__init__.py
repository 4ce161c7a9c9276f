"""What the head fills in for new terms of the competition."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competitions.models import CompetitionPolicy
from competitions.queries import indicators_with_task
from competitions.rules import NoQualifier
from kpi.forms import MonthField
from orgchart.errors import DomainError
from orgchart.models import Unit
from targets.models import Indicator

RATES = [
    ("", _("nothing")),
    ("revenue_rate", _("revenue rate")),
    ("volume_rate", _("volume rate")),
    ("revenue_rate volume_rate", _("revenue rate, then volume rate")),
    ("volume_rate revenue_rate", _("volume rate, then revenue rate")),
]
ENDINGS = [("split", _("split to the cent")), ("each", _("each in full"))]
VETO = [("1", _("keeps a unit from the award")), ("", _("is left aside"))]
NO_QUALIFIER = [
    (NoQualifier.NONE.value, _("no award that month")),
    (NoQualifier.NEXT.value, _("the best KPI among those who qualify")),
]


class IndicatorField(forms.ModelChoiceField):
    """An indicator with a task: no ratio."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Indicator.objects.none(), **kwargs)

    def label_from_instance(self, indicator: Indicator) -> str:
        return indicator.name


class PolicyForm(forms.Form):
    """The terms from a month on. `values` gives the fields of CompetitionPolicy."""

    valid_from = MonthField(label=_("In force from"))
    amount = forms.DecimalField(label=_("Award, yuan"), min_value=0, max_digits=8, decimal_places=2)
    revenue = IndicatorField(label=_("Revenue task"))
    volume = IndicatorField(label=_("Volume task"))
    fixed_net = IndicatorField(
        label=_("Third task"), required=False, empty_label=_("none, as the plan says")
    )
    no_qualifier = forms.ChoiceField(label=_("First in KPI not qualified"), choices=NO_QUALIFIER)
    rates = forms.ChoiceField(label=_("Of equal places, compare"), choices=RATES, required=False)
    ending = forms.ChoiceField(label=_("Still equal"), choices=ENDINGS)
    veto = forms.ChoiceField(label=_("A veto"), choices=VETO, required=False)
    excluded = forms.MultipleChoiceField(
        label=_("Units that take no part"), widget=forms.CheckboxSelectMultiple, required=False
    )
    notice_days = forms.IntegerField(label=_("Days of notice"), min_value=0, max_value=31)
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def __init__(self, *args: Any, district: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_task = indicators_with_task(district)
        for field in self.fields.values():
            if isinstance(field, IndicatorField):
                field.queryset = with_task
        units = Unit.objects.of(district).business()
        self.fields["excluded"].choices = [(unit.code, unit.short) for unit in units]

    def values(self) -> dict[str, Any]:
        """Return what is stored; call it when the form is valid."""
        given = self.cleaned_data
        names = (
            "amount", "revenue", "volume", "fixed_net", "no_qualifier", "notice_days", "excluded",
            "reason",
        )  # fmt: skip
        return {name: given[name] for name in names} | {
            "tie": [*given["rates"].split(), given["ending"]], "heeds_veto": bool(given["veto"]),
        }  # fmt: skip

    def refuse(self, error: DomainError) -> None:
        """Show each fault at its field, the rest above the form."""
        for fault in error.faults:
            name = {"tie": "rates"}.get(fault.pointer.strip("/"), fault.pointer.strip("/"))
            self.add_error(name if name in self.fields else None, str(fault.detail))
        if not error.faults:
            self.add_error(None, str(error))


def policy_initial(policy: CompetitionPolicy | None) -> dict[str, Any]:
    """Return what the form begins with: a draft, or the latest terms."""
    if policy is None:
        return {"notice_days": 3}
    names = ("revenue", "volume", "fixed_net", "no_qualifier", "notice_days", "excluded")
    *rates, ending = policy.tie
    return {name: getattr(policy, name) for name in names} | {
        "amount": f"{policy.amount:.2f}", "rates": " ".join(rates), "ending": ending,
        "veto": "1" if policy.heeds_veto else "",
    }  # fmt: skip
