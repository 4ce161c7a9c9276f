"""What the list of promotions can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.filters import planned_in
from fieldwork.models import Activity, ActivityState, Setting
from fieldwork.queries import promotions
from orgchart.models import Person, Unit


class PromotionFilter(django_filters.FilterSet):
    """Promotions by words, month, unit, responsible person, kind and state."""

    words = django_filters.CharFilter(
        label=_("Place, dealer or number"), method="by_words", max_length=60
    )
    in_month = django_filters.CharFilter(
        label=_("Month"), method="by_month", widget=forms.TextInput({"type": "month"})
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    person = django_filters.ModelChoiceFilter(
        label=_("Responsible"), to_field_name="code", empty_label=_("All"),
        queryset=Person.objects.none(),
    )  # fmt: skip
    setting = django_filters.ChoiceFilter(
        label=_("Kind"), field_name="promotion__setting", choices=Setting.choices,
        empty_label=_("All"),
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("All"),
        choices=[
            *[each for each in ActivityState.choices if each[0] != ActivityState.PLANNED],
            ("late", _("Result overdue")),
        ],
    )  # fmt: skip

    class Meta:
        model = Activity
        fields: list[str] = []

    def __init__(
        self, *args: Any, units: QuerySet, people: QuerySet, on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.filters["unit"].queryset = units
        if len(units) == 1:
            del self.filters["unit"]
        self.filters["person"].queryset = people

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(promotion__place__icontains=words)
            | Q(promotion__code__iexact=words)
            | Q(dealer__name_zh__icontains=words)
            | Q(dealer__name_en__icontains=words)
        )

    def by_month(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return planned_in(rows, text)

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "late":
            return promotions.unreported(rows, self.on)
        return rows.filter(state=state)
