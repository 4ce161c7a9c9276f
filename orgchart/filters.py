"""What lists can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from orgchart.models import (
    AuditEntry,
    Dealer,
    DealerKind,
    DealerTier,
    Person,
    Role,
    Supervision,
    Tenure,
    Unit,
)
from orgchart.words import ACTIONS

_DAY = forms.DateInput(attrs={"type": "date"})


class DealerFilter(django_filters.FilterSet):
    """Dealers by words, tier, kind, unit, manager and state; open ones unless asked otherwise."""

    words = django_filters.CharFilter(label=_("Name or code"), method="by_words", max_length=60)
    tier = django_filters.ChoiceFilter(
        label=_("Tier"), choices=DealerTier.choices, empty_label=_("All")
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=DealerKind.choices, empty_label=_("All")
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), field_name="current__unit", to_field_name="code", empty_label=_("All"),
        queryset=Unit.objects.none(),
    )  # fmt: skip
    manager = django_filters.ModelChoiceFilter(
        label=_("Account manager"), field_name="current__account_manager", to_field_name="code",
        empty_label=_("All"), queryset=Person.objects.none(),
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("In business"),
        choices=[("stray", _("No manager")), ("closed", _("Closed down")), ("all", _("All"))],
    )  # fmt: skip

    class Meta:
        model = Dealer
        fields: list[str] = []

    def __init__(self, *args: Any, units: QuerySet, managers: QuerySet, on: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.on = on
        self.filters["unit"].queryset = units
        self.filters["manager"].queryset = managers

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.open_on(self.on)

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(name_zh__icontains=words) | Q(name_en__icontains=words) | Q(code__icontains=words)
        )

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "stray":
            return rows.open_on(self.on).filter(current__account_manager__isnull=True)
        return rows.filter(closed_on__lt=self.on) if state == "closed" else rows


class PersonFilter(django_filters.FilterSet):
    """People by words, unit and role of a post they hold on the day."""

    words = django_filters.CharFilter(
        label=_("Name, phone or code"), method="by_words", max_length=60
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), method="by_unit", to_field_name="code", empty_label=_("All"),
        queryset=Unit.objects.none(),
    )  # fmt: skip
    role = django_filters.ChoiceFilter(
        label=_("Role"), method="by_role", choices=Role.choices, empty_label=_("All")
    )

    class Meta:
        model = Person
        fields: list[str] = []

    def __init__(self, *args: Any, units: QuerySet, on: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.on = on
        self.filters["unit"].queryset = units

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(name_zh__icontains=words)
            | Q(name_en__icontains=words)
            | Q(phone__icontains=words)
            | Q(code__icontains=words)
        )

    def by_unit(self, rows: QuerySet, name: str, unit: Unit) -> QuerySet:
        return self._holding(rows, unit=unit)

    def by_role(self, rows: QuerySet, name: str, role: str) -> QuerySet:
        if role == Role.SUPERVISOR:
            return rows.filter(pk__in=Supervision.objects.on(self.on).values("person"))
        return self._holding(rows, post__role=role)

    def _holding(self, rows: QuerySet, **tenure: Any) -> QuerySet:
        return rows.filter(pk__in=Tenure.objects.on(self.on).filter(**tenure).values("person"))


class TrailFilter(django_filters.FilterSet):
    """Entries by subject, action, person, unit and days."""

    subject = django_filters.CharFilter(
        label=_("Subject"), lookup_expr="istartswith", max_length=160
    )
    action = django_filters.ChoiceFilter(
        label=_("Action"), empty_label=_("All"), choices=lambda: sorted(ACTIONS.items())
    )
    by = django_filters.ModelChoiceFilter(
        label=_("Person"), to_field_name="code", empty_label=_("All"),
        queryset=Person.objects.none(),
    )  # fmt: skip
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    since = django_filters.DateFilter(
        label=_("From"), field_name="at", lookup_expr="date__gte", widget=_DAY
    )
    until = django_filters.DateFilter(
        label=_("To"), field_name="at", lookup_expr="date__lte", widget=_DAY
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def __init__(self, *args: Any, units: QuerySet, people: QuerySet, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = units
        self.filters["by"].queryset = people
