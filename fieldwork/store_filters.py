"""What the store's lists can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.forms.warehouse import PlaceField
from fieldwork.models import ItemKind, MovementKind, RequestState, StockItem, StockMovement
from orgchart.models import Unit
from targets.months import last_day, parse_month

OPEN = (RequestState.SUBMITTED, RequestState.APPROVED)


class ItemFilter(django_filters.FilterSet):
    """Items by words, kind and shortage (which the page decides: it is no column)."""

    words = django_filters.CharFilter(label=_("Item or code"), method="by_words", max_length=60)
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=ItemKind.choices, empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=pgettext_lazy("stock", "Requested"),
        choices=[("short", _("Shortage")), ("closed", _("No longer requested"))],
    )  # fmt: skip

    class Meta:
        model = StockItem
        fields: list[str] = []

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(name_zh__icontains=words) | Q(name_en__icontains=words) | Q(code__icontains=words)
        )

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        return rows.filter(is_closed=state == "closed")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(is_closed=False)

    @property
    def is_short_only(self) -> bool:
        return self.form.is_valid() and self.form.cleaned_data.get("state") == "short"


class PlaceFilter(django_filters.ModelChoiceFilter):
    field_class = PlaceField


class LedgerFilter(django_filters.FilterSet):
    """Lines of the ledger by words, item, operation, place and month."""

    words = django_filters.CharFilter(
        label=_("Voucher, dealer or note"), method="by_words", max_length=60
    )
    item = django_filters.ModelChoiceFilter(
        label=pgettext_lazy("stock", "Item"), to_field_name="code", empty_label=_("All"),
        queryset=StockItem.objects.none(),
    )  # fmt: skip
    kind = django_filters.ChoiceFilter(
        label=_("Operation"), choices=MovementKind.choices, empty_label=_("All")
    )
    place = PlaceFilter(
        label=pgettext_lazy("stock", "Place"), field_name="unit", to_field_name="code",
        empty_label=_("All"), queryset=Unit.objects.none(),
    )  # fmt: skip
    in_month = django_filters.CharFilter(
        label=_("Month"), method="by_month", widget=forms.TextInput({"type": "month"})
    )

    class Meta:
        model = StockMovement
        fields: list[str] = []

    def __init__(
        self, *args: Any, items: QuerySet, places: QuerySet, district_id: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.filters["item"].queryset = items
        self.filters["place"].queryset = places
        self.filters["place"].extra["district_id"] = district_id

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(voucher__icontains=words)
            | Q(note__icontains=words)
            | Q(dealer__name_zh__icontains=words)
            | Q(dealer__name_en__icontains=words)
        )

    def by_month(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        try:
            month: date = parse_month(text)
        except ValueError:
            return rows.none()
        return rows.filter(on__gte=month, on__lte=last_day(month))


class RequestFilter(django_filters.FilterSet):
    """Requests by words, unit and state."""

    words = django_filters.CharFilter(
        label=_("Number or purpose"), method="by_words", max_length=60
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("All"),
        choices=[("open", pgettext_lazy("request", "Not issued yet")), *RequestState.choices],
    )  # fmt: skip

    class Meta:
        model = StockItem
        fields: list[str] = []

    def __init__(self, *args: Any, units: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = units
        if len(units) == 1:
            del self.filters["unit"]

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(Q(code__iexact=words) | Q(purpose__icontains=words))

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        return rows.filter(state__in=OPEN) if state == "open" else rows.filter(state=state)
