"""What the sheets of a survey can be narrowed by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.filters.base import (
    ListFilter,
    WordsFilter,
    person_choice,
    state_choice,
    unit_choice,
)
from fieldwork.queries import surveys


class SheetFilter(ListFilter):
    """Sheets of a survey by words, unit, person and state."""

    words = WordsFilter(pgettext_lazy("survey", "Subject"), "subject__icontains")
    unit = unit_choice()
    person = person_choice(_("Given to"))
    state = state_choice(("open", _("To be sent")), ("over", _("Overdue")), ("sent", _("Sent")))

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "sent":
            return surveys.sent(rows)
        if state == "over":
            return surveys.overdue(rows, self.on)
        return surveys.waiting(rows)
