"""What the store's lists can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.filters.base import (
    DEALER_NAME,
    ListFilter,
    MonthFilter,
    WordsFilter,
    choice,
    state_choice,
    unit_choice,
)
from fieldwork.forms.warehouse import PlaceField
from fieldwork.models import ItemKind, MovementKind, RequestState, StockItem
from orgchart.models import Unit

OPEN = (RequestState.SUBMITTED, RequestState.APPROVED)


class ItemFilter(django_filters.FilterSet):
    """Items by words, kind and shortage (which the page decides: it is no column)."""

    words = WordsFilter(
        _("Item or code"), "name_zh__icontains", "name_en__icontains", "code__icontains"
    )
    kind = choice(_("Kind"), ItemKind.choices)
    state = state_choice(
        ("short", _("Shortage")), ("closed", _("No longer requested")),
        empty_label=pgettext_lazy("stock", "Requested"),
    )  # fmt: skip

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

    words = WordsFilter(
        _("Voucher, dealer or note"), "voucher__icontains", "note__icontains", *DEALER_NAME
    )
    item = django_filters.ModelChoiceFilter(
        label=pgettext_lazy("stock", "Item"), to_field_name="code", empty_label=_("All"),
        queryset=StockItem.objects.none(),
    )  # fmt: skip
    kind = choice(_("Operation"), MovementKind.choices)
    place = PlaceFilter(
        label=pgettext_lazy("stock", "Place"), field_name="unit", to_field_name="code",
        empty_label=_("All"), queryset=Unit.objects.none(),
    )  # fmt: skip
    in_month = MonthFilter("on")

    def __init__(
        self, *args: Any, items: QuerySet, places: QuerySet, district_id: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.filters["item"].queryset = items
        self.filters["place"].queryset = places
        self.filters["place"].extra["district_id"] = district_id


class RequestFilter(ListFilter):
    """Requests by words, unit and state."""

    words = WordsFilter(_("Number or purpose"), "code__iexact", "purpose__icontains")
    unit = unit_choice()
    state = state_choice(
        ("open", pgettext_lazy("request", "Not issued yet")), *RequestState.choices
    )

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        return rows.filter(state__in=OPEN) if state == "open" else rows.filter(state=state)
