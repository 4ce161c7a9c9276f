"""What the auditor's lists can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.models import DayTakings, DealerStatement, SampledUser
from fieldwork.queries.audit import (
    DIFFERS,
    NO_FINDING,
    UNSOUND,
    off_balance,
    overdue,
    unsettled,
)
from orgchart.models import Unit
from targets.months import last_day, parse_month


class OfDealers(django_filters.FilterSet):
    """Rows of dealers by words and unit."""

    words = django_filters.CharFilter(label=_("Dealer"), method="by_words", max_length=60)
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )

    class Meta:
        fields: list[str] = []

    def __init__(self, *args: Any, units: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = units
        if len(units) == 1:
            del self.filters["unit"]

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(dealer__name_zh__icontains=words)
            | Q(dealer__name_en__icontains=words)
            | Q(dealer__code__icontains=words)
        )


class TakingsFilter(OfDealers):
    """Takings by dealer, unit, month and state; differences unless all days are asked for."""

    in_month = django_filters.CharFilter(
        label=_("Month"), method="by_month", widget=forms.TextInput({"type": "month"})
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("Differences"),
        choices=[
            ("open", pgettext_lazy("takings", "Not settled")), ("over", _("Overdue")),
            ("settled", pgettext_lazy("takings", "Settled")), ("finding", _("Finding")),
            ("every", _("Every day")),
        ],
    )  # fmt: skip

    class Meta:
        model = DayTakings
        fields: list[str] = []

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def by_month(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        try:
            month = parse_month(text)
        except ValueError:
            return rows.none()
        return rows.filter(day__gte=month, day__lte=last_day(month))

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "open":
            return unsettled(rows)
        if state == "over":
            return overdue(rows, self.on)
        if state == "settled":
            return rows.filter(settled_at__isnull=False)
        return rows if state == "every" else rows.exclude(NO_FINDING)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(DIFFERS)


class StatementFilter(OfDealers):
    """A month's statements by dealer, unit, what of, and whether they balance."""

    what = django_filters.ChoiceFilter(
        label=_("Statement of"), method="by_what", empty_label=_("All"),
        choices=[("numbers", _("Phone numbers")), ("goods", _("Cards and terminals"))],
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("All"),
        choices=[("off", _("Imbalance")), ("finding", _("Finding"))],
    )  # fmt: skip

    class Meta:
        model = DealerStatement
        fields: list[str] = []

    def by_what(self, rows: QuerySet, name: str, what: str) -> QuerySet:
        return rows.filter(item__isnull=what == "numbers")

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        return off_balance(rows) if state == "off" else rows.exclude(NO_FINDING)


class SampleFilter(OfDealers):
    """Drawn users of a month by dealer, unit and how their papers are."""

    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("All"),
        choices=[
            ("new", _("Not checked yet")), ("unsound", _("Papers missing")),
            ("finding", _("Finding")),
        ],
    )  # fmt: skip

    class Meta:
        model = SampledUser
        fields: list[str] = []

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "new":
            return rows.filter(checked_at=None)
        return rows.filter(UNSOUND) if state == "unsound" else rows.exclude(NO_FINDING)
