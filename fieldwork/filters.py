"""What the lists of field work can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.models import Account, AccountKind, Stage
from orgchart.models import Person, Unit

ENDED = (Stage.SIGNED, Stage.LOST)


class AccountFilter(django_filters.FilterSet):
    """Accounts by words, kind, stage, unit, area, responsible person and deadline."""

    words = django_filters.CharFilter(
        label=_("Name, contact or address"), method="by_words", max_length=60
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=AccountKind.choices, empty_label=_("All")
    )
    stage = django_filters.ChoiceFilter(
        label=_("Stage"), choices=Stage.choices, empty_label=_("All")
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    area = django_filters.ChoiceFilter(
        label=_("Township or street"), empty_label=_("All"), choices=[]
    )
    responsible = django_filters.ModelChoiceFilter(
        label=_("Responsible"), to_field_name="code", empty_label=_("All"),
        queryset=Person.objects.none(),
    )  # fmt: skip
    due = django_filters.ChoiceFilter(
        label=_("Due by"), method="by_due", empty_label=_("All"),
        choices=[("over", _("Overdue")), ("unowned", _("Nobody responsible"))],
    )  # fmt: skip

    class Meta:
        model = Account
        fields: list[str] = []

    def __init__(
        self, *args: Any, units: QuerySet, people: QuerySet, areas: list[str], on: date,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.on = on
        self.filters["unit"].queryset = units
        self.filters["responsible"].queryset = people
        self.filters["area"].extra["choices"] = [(area, area) for area in areas]

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(name_zh__icontains=words)
            | Q(name_en__icontains=words)
            | Q(code__icontains=words)
            | Q(contact__icontains=words)
            | Q(address__icontains=words)
        )

    def by_due(self, rows: QuerySet, name: str, due: str) -> QuerySet:
        rows = rows.exclude(stage__in=ENDED)
        if due == "unowned":
            return rows.filter(responsible__isnull=True)
        return rows.filter(deadline__lt=self.on)
