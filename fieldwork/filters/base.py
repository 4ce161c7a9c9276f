"""The fields that the lists' filters share."""

from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from orgchart.forms import DayField
from orgchart.models import Person, Unit
from targets.months import last_day, parse_month

DEALER_NAME = ("dealer__name_zh__icontains", "dealer__name_en__icontains")
DEALER = (*DEALER_NAME, "dealer__code__icontains")


def having(words: str, *lookups: str) -> Q:
    """Return the condition that one of the look-ups, such as code__icontains, finds the words."""
    return reduce(or_, (Q((lookup, words)) for lookup in lookups))


class WordsFilter(django_filters.CharFilter):
    """Words that one of the look-ups finds."""

    def __init__(self, label: Any, *lookups: str) -> None:
        super().__init__(label=label, max_length=60)
        self.lookups = lookups

    def filter(self, rows: QuerySet, words: str) -> QuerySet:
        return rows.filter(having(words, *self.lookups)) if words else rows


class MonthFilter(django_filters.CharFilter):
    """A month, written 2026-03, of a column of days (exact: of months); a wrong one finds none."""

    def __init__(self, field_name: str, lookup_expr: str = "range") -> None:
        widget = forms.TextInput({"type": "month"})
        super().__init__(field_name, lookup_expr, label=_("Month"), widget=widget)

    def filter(self, rows: QuerySet, text: str) -> QuerySet:
        if not text:
            return rows
        try:
            month = parse_month(text)
        except ValueError:
            return rows.none()
        is_range = self.lookup_expr == "range"
        return super().filter(rows, (month, last_day(month)) if is_range else month)


class DayFilter(django_filters.DateFilter):
    """A day, written YYYY-MM-DD."""

    field_class = DayField


def choice(label: Any, choices: Any, **more: Any) -> django_filters.ChoiceFilter:
    """Return a choice among the choices, or all."""
    return django_filters.ChoiceFilter(
        label=label, **{"choices": choices, "empty_label": _("All"), **more}
    )


def state_choice(*choices: Any, **more: Any) -> django_filters.ChoiceFilter:
    """Return a choice of a state, to which the list's by_state narrows the rows."""
    return choice(_("State"), choices, method="by_state", **more)


def unit_choice() -> django_filters.ModelChoiceFilter:
    """Return a choice among the units that the list is given, or all."""
    return django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )


def person_choice(label: Any, **more: Any) -> django_filters.ModelChoiceFilter:
    """Return a choice among the people that the list is given, or all."""
    return django_filters.ModelChoiceFilter(
        label=label, to_field_name="code", empty_label=_("All"),
        queryset=Person.objects.none(), **more,
    )  # fmt: skip


class ListFilter(django_filters.FilterSet):
    """Rows of units, and of people where the list has a person; a single unit is no choice."""

    person_field = "person"
    keeps_single_unit = False

    def __init__(
        self, *args: Any, units: QuerySet, people: QuerySet | None = None,
        on: date | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.on = on
        self.filters["unit"].queryset = units
        if not self.keeps_single_unit and len(units) == 1:
            del self.filters["unit"]
        if people is not None:
            self.filters[self.person_field].queryset = people
