"""What the list of findings can be narrowed by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.filters.base import (
    DEALER_NAME,
    ListFilter,
    WordsFilter,
    choice,
    state_choice,
    unit_choice,
)
from fieldwork.models import FindingLevel
from fieldwork.queries import findings


class FindingFilter(ListFilter):
    """Findings by words, level, unit and state."""

    keeps_single_unit = True
    words = WordsFilter(
        _("Finding, dealer or number"), "text__icontains", "code__iexact", *DEALER_NAME
    )
    level = choice(_("Level"), FindingLevel.choices)
    unit = unit_choice()
    state = state_choice(
        ("open", _("Not put right")), ("over", _("Overdue")), ("closed", _("Put right"))
    )

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "closed":
            return rows.filter(closed_at__isnull=False)
        if state == "over":
            return findings.overdue(rows, self.on)
        return rows.filter(closed_at=None, voided_at=None)
