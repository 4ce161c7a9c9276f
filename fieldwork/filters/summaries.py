"""What the list of summaries can be narrowed by."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.filters.base import (
    DayFilter,
    ListFilter,
    WordsFilter,
    choice,
    person_choice,
    state_choice,
    unit_choice,
)
from fieldwork.models import Summary, SummaryKind


class SummaryFilter(ListFilter):
    """Summaries by words, kind, unit, writer, days and answer; a single writer is no choice."""

    words = WordsFilter(_("Words"), "words__icontains")
    kind = choice(_("Kind"), SummaryKind.choices)
    unit = unit_choice()
    person = person_choice(_("Writer"))
    since = DayFilter(label=_("From"), field_name="first", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="first", lookup_expr="lte")
    state = state_choice(
        ("mine", _("Waiting for my answer")), ("open", _("Not answered")),
        ("answered", pgettext_lazy("summary", "Answered")),
    )  # fmt: skip

    def __init__(
        self, *args: Any, people: QuerySet, waiting: QuerySet[Summary], **kwargs: Any
    ) -> None:
        super().__init__(*args, people=people, **kwargs)
        self.waiting = waiting
        if len(people) <= 1:
            del self.filters["person"]

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "mine":
            return rows.filter(pk__in=self.waiting.values("pk"))
        return rows.filter(reply="") if state == "open" else rows.exclude(reply="")
