"""What the list of claims can be narrowed by."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from orgchart.models import Unit
from subsidies.models import Claim, ClaimState
from subsidies.wording import claim_state_name
from targets.months import parse_month


class ClaimFilter(django_filters.FilterSet):
    """Claims by words, month, unit and state."""

    words = django_filters.CharFilter(
        label=_("Number, person or purpose"), method="by_words", max_length=60
    )
    in_month = django_filters.CharFilter(
        label=_("Month"), method="by_month", widget=forms.TextInput({"type": "month"})
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    state = django_filters.ChoiceFilter(label=_("State"), empty_label=_("All"))

    class Meta:
        model = Claim
        fields: list[str] = []

    def __init__(self, *args: Any, units: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = units
        self.filters["state"].extra["choices"] = [
            (state.value, claim_state_name(state)) for state in ClaimState
        ]

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(number__icontains=words)
            | Q(claimant__name_zh__icontains=words)
            | Q(claimant__name_en__icontains=words)
            | Q(items__purpose__icontains=words)
        ).distinct()

    def by_month(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        try:
            return rows.filter(month=parse_month(text))
        except ValueError:
            return rows.none()
