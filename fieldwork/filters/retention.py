"""What the list of warned users can be narrowed by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.filters.base import (
    DEALER,
    ListFilter,
    MonthFilter,
    WordsFilter,
    choice,
    person_choice,
    unit_choice,
)
from fieldwork.models import CallResult, WarningKind
from fieldwork.queries import retention


class OutletOrNumberFilter(WordsFilter):
    """Words of the outlet, or a number's last four digits."""

    def filter(self, rows: QuerySet, words: str) -> QuerySet:
        # Four digits, which lists show: more would be a search for a person's number.
        if len(words) == 4 and words.isdecimal():
            return rows.filter(number__endswith=words)
        return super().filter(rows, words)


class WarnedFilter(ListFilter):
    """Warned users by outlet or number’s end, month, unit, person, warning, result, lateness."""

    words = OutletOrNumberFilter(_("Outlet or last four digits"), *DEALER)
    in_month = MonthFilter("month", "exact")
    unit = unit_choice()
    person = person_choice(_("Caller"))
    kind = choice(_("Warning"), WarningKind.choices)
    result = choice(_("Result"), CallResult.choices)
    due = choice(
        _("Due by"), [("over", _("Overdue")), ("missed", pgettext_lazy("call", "Missed"))],
        method="by_due",
    )  # fmt: skip

    def by_due(self, rows: QuerySet, name: str, due: str) -> QuerySet:
        return (retention.missed if due == "missed" else retention.overdue)(rows, self.on)
