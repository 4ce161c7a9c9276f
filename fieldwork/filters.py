"""What the lists of field work can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.models import (
    Account,
    AccountKind,
    Activity,
    ActivityState,
    Alarm,
    AlarmKind,
    AlarmState,
    CallResult,
    Finding,
    FindingLevel,
    Stage,
    Summary,
    SummaryKind,
    WarnedUser,
    WarningKind,
)
from fieldwork.queries import accounts, findings, retention, surveys
from fieldwork.queries.visits import late, missed, unsolved_late
from orgchart.forms import DayField
from orgchart.models import DealerTier, Person, Unit
from targets.months import last_day, parse_month

ENDED = (Stage.SIGNED, Stage.LOST)
OVERDUE_VISITS = {"late": late, "missed": missed, "problem": unsolved_late}


class DayFilter(django_filters.DateFilter):
    """A day, written YYYY-MM-DD."""

    field_class = DayField


def planned_in(rows: QuerySet, text: str) -> QuerySet:
    """Return the activities planned for a month written 2026-03; none of a wrong one."""
    try:
        month = parse_month(text)
    except ValueError:
        return rows.none()
    return rows.filter(planned_on__gte=month, planned_on__lte=last_day(month))


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
        if len(units) == 1:
            del self.filters["unit"]
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
        if due == "unowned":
            return rows.exclude(stage__in=ENDED).filter(responsible__isnull=True)
        return accounts.overdue(rows, self.on)


class VisitFilter(django_filters.FilterSet):
    """Visits by words, month, unit, person, tier and state."""

    words = django_filters.CharFilter(label=_("Outlet"), method="by_words", max_length=60)
    in_month = django_filters.CharFilter(
        label=_("Month"), method="by_month", widget=forms.TextInput({"type": "month"})
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    person = django_filters.ModelChoiceFilter(
        label=_("Visitor"), to_field_name="code", empty_label=_("All"),
        queryset=Person.objects.none(),
    )  # fmt: skip
    tier = django_filters.ChoiceFilter(
        label=_("Tier"), field_name="dealer__tier", choices=DealerTier.choices,
        empty_label=_("All"),
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("All"),
        choices=[
            *ActivityState.choices, ("late", _("Overdue")), ("missed", _("Missed")),
            ("problem", _("Follow-up overdue")),
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
            Q(dealer__name_zh__icontains=words)
            | Q(dealer__name_en__icontains=words)
            | Q(dealer__code__icontains=words)
        )

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if chosen := OVERDUE_VISITS.get(state):
            return chosen(rows, self.on)
        return rows.filter(state=state)

    def by_month(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return planned_in(rows, text)


class FindingFilter(django_filters.FilterSet):
    """Findings by words, level, unit and state."""

    words = django_filters.CharFilter(
        label=_("Finding, dealer or number"), method="by_words", max_length=60
    )
    level = django_filters.ChoiceFilter(
        label=_("Level"), choices=FindingLevel.choices, empty_label=_("All")
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("All"),
        choices=[("open", _("Not put right")), ("over", _("Overdue")), ("closed", _("Put right"))],
    )  # fmt: skip

    class Meta:
        model = Finding
        fields: list[str] = []

    def __init__(self, *args: Any, units: QuerySet, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.filters["unit"].queryset = units

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(text__icontains=words)
            | Q(code__iexact=words)
            | Q(dealer__name_zh__icontains=words)
            | Q(dealer__name_en__icontains=words)
        )

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "closed":
            return rows.filter(closed_at__isnull=False)
        if state == "over":
            return findings.overdue(rows, self.on)
        return rows.filter(closed_at=None, voided_at=None)


class WarnedFilter(django_filters.FilterSet):
    """Warned users by outlet or number’s end, month, unit, person, warning, result, lateness."""

    words = django_filters.CharFilter(
        label=_("Outlet or last four digits"), method="by_words", max_length=60
    )
    in_month = django_filters.CharFilter(
        label=_("Month"), method="by_month", widget=forms.TextInput({"type": "month"})
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    person = django_filters.ModelChoiceFilter(
        label=_("Caller"), to_field_name="code", empty_label=_("All"),
        queryset=Person.objects.none(),
    )  # fmt: skip
    kind = django_filters.ChoiceFilter(
        label=_("Warning"), choices=WarningKind.choices, empty_label=_("All")
    )
    result = django_filters.ChoiceFilter(
        label=_("Result"), choices=CallResult.choices, empty_label=_("All")
    )
    due = django_filters.ChoiceFilter(
        label=_("Due by"), method="by_due", empty_label=_("All"),
        choices=[("over", _("Overdue")), ("missed", pgettext_lazy("call", "Missed"))],
    )  # fmt: skip

    class Meta:
        model = WarnedUser
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
        # Four digits, which lists show: more would be a search for a person's number.
        if len(words) == 4 and words.isdecimal():
            return rows.filter(number__endswith=words)
        return rows.filter(
            Q(dealer__name_zh__icontains=words)
            | Q(dealer__name_en__icontains=words)
            | Q(dealer__code__icontains=words)
        )

    def by_month(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        try:
            return rows.filter(month=parse_month(text))
        except ValueError:
            return rows.none()

    def by_due(self, rows: QuerySet, name: str, due: str) -> QuerySet:
        return (retention.missed if due == "missed" else retention.overdue)(rows, self.on)


class SummaryFilter(django_filters.FilterSet):
    """Summaries by words, kind, unit, writer, days and answer."""

    words = django_filters.CharFilter(
        label=_("Words"), field_name="words", lookup_expr="icontains", max_length=60
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=SummaryKind.choices, empty_label=_("All")
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    person = django_filters.ModelChoiceFilter(
        label=_("Writer"), to_field_name="code", empty_label=_("All"),
        queryset=Person.objects.none(),
    )  # fmt: skip
    since = DayFilter(label=_("From"), field_name="first", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="first", lookup_expr="lte")
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("All"),
        choices=[
            ("mine", _("Waiting for my answer")), ("open", _("Not answered")),
            ("answered", pgettext_lazy("summary", "Answered")),
        ],
    )  # fmt: skip

    class Meta:
        model = Summary
        fields: list[str] = []

    def __init__(
        self, *args: Any, units: QuerySet, people: QuerySet, waiting: QuerySet[Summary],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.waiting = waiting
        self.filters["unit"].queryset = units
        if len(units) == 1:
            del self.filters["unit"]
        self.filters["person"].queryset = people
        if len(people) <= 1:
            del self.filters["person"]

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "mine":
            return rows.filter(pk__in=self.waiting.values("pk"))
        return rows.filter(reply="") if state == "open" else rows.exclude(reply="")


class SheetFilter(django_filters.FilterSet):
    """Sheets of a survey by words, unit, person and state."""

    words = django_filters.CharFilter(
        label=pgettext_lazy("survey", "Subject"),
        field_name="subject",
        lookup_expr="icontains",
        max_length=60,
    )  # fmt: skip
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    person = django_filters.ModelChoiceFilter(
        label=_("Given to"), to_field_name="code", empty_label=_("All"),
        queryset=Person.objects.none(),
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        label=_("State"), method="by_state", empty_label=_("All"),
        choices=[("open", _("To be sent")), ("over", _("Overdue")), ("sent", _("Sent"))],
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

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "sent":
            return surveys.sent(rows)
        if state == "over":
            return surveys.overdue(rows, self.on)
        return surveys.waiting(rows)


class AlarmFilter(django_filters.FilterSet):
    """Alarms by outlet, kind, state, unit, manager and day."""

    words = django_filters.CharFilter(label=_("Outlet"), method="by_words", max_length=60)
    kind = django_filters.ChoiceFilter(
        label=_("Alarm"), choices=AlarmKind.choices, empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=AlarmState.choices, empty_label=_("All")
    )
    unit = django_filters.ModelChoiceFilter(
        label=_("Unit"), to_field_name="code", empty_label=_("All"), queryset=Unit.objects.none()
    )
    person = django_filters.ModelChoiceFilter(
        label=_("Manager"), to_field_name="code", empty_label=_("All"),
        null_label=_("Nobody"), null_value="none", queryset=Person.objects.none(),
    )  # fmt: skip
    day = DayFilter(label=pgettext_lazy("alarm", "Day"))

    class Meta:
        model = Alarm
        fields: list[str] = []

    def __init__(self, *args: Any, units: QuerySet, people: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = units
        if len(units) == 1:
            del self.filters["unit"]
        self.filters["person"].queryset = people

    def by_words(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.filter(
            Q(dealer__name_zh__icontains=words)
            | Q(dealer__name_en__icontains=words)
            | Q(dealer__code__icontains=words)
        )
