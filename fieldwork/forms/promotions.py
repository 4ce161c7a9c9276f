"""What is typed of a promotion: its plan, its result."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.models import Setting
from fieldwork.queries.accounts import responsible_people
from fieldwork.queries.visits import visited_dealers
from fieldwork.services.promotions import LARGEST, MOST_USERS, Plan
from orgchart.forms import DayField, RefusableForm
from orgchart.models import Dealer, Person, Unit


def _money(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(0), max_value=LARGEST, decimal_places=2,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip


def _users(label: Any, least: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=MOST_USERS,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip


class PlanForm(RefusableForm):
    """A promotion to come; one unit is taken without asking."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), to_field_name="code")
    planned_on = DayField(label=_("Date"))
    setting = forms.ChoiceField(label=_("Kind"), choices=Setting.choices)
    place = forms.CharField(label=pgettext_lazy("promotion", "Place"), max_length=120)
    dealer = forms.ModelChoiceField(
        Dealer.objects.none(), label=_("Cooperating dealer"), to_field_name="code",
        required=False, empty_label=_("None"),
    )  # fmt: skip
    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Responsible"), to_field_name="code", required=False,
        empty_label=_("Nobody yet"),
    )  # fmt: skip
    expected = _users(pgettext_lazy("promotion", "Expected users"), 1)
    budget = _money(_("Budget, yuan"))
    materials = forms.CharField(
        label=_("Materials"), max_length=300, required=False, widget=forms.Textarea({"rows": 2})
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, units: QuerySet[Unit], district: Unit, on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        ids = [unit.pk for unit in units]
        for name, rows in (
            ("unit", units),
            ("dealer", visited_dealers(district, on, ids)),
            ("person", responsible_people(district, on, ids)),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        if len(ids) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
            self.fields["unit"].initial = units[0].code

    def plan(self) -> Plan:
        """Return what was typed; only of a valid form."""
        typed = dict(self.cleaned_data)
        typed.pop("version")
        return Plan(**typed)


class ResultForm(RefusableForm):
    """What came of a promotion."""

    users = _users(_("Users won"), 0)
    cost = _money(_("Cost, yuan"))
    summary = forms.CharField(
        label=pgettext_lazy("promotion", "Summary"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
