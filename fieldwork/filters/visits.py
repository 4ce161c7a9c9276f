"""What the list of visits can be narrowed by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.filters.base import (
    DEALER,
    ListFilter,
    MonthFilter,
    WordsFilter,
    choice,
    person_choice,
    state_choice,
    unit_choice,
)
from fieldwork.models import ActivityState
from fieldwork.queries.visits import late, missed, unsolved_late
from orgchart.models import DealerTier

OVERDUE = {"late": late, "missed": missed, "problem": unsolved_late}


class VisitFilter(ListFilter):
    """Visits by words, month, unit, person, tier and state."""

    words = WordsFilter(_("Outlet"), *DEALER)
    in_month = MonthFilter("planned_on")
    unit = unit_choice()
    person = person_choice(_("Visitor"))
    tier = choice(_("Tier"), DealerTier.choices, field_name="dealer__tier")
    state = state_choice(
        *ActivityState.choices, ("late", _("Overdue")), ("missed", _("Missed")),
        ("problem", _("Follow-up overdue")),
    )  # fmt: skip

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if chosen := OVERDUE.get(state):
            return chosen(rows, self.on)
        return rows.filter(state=state)
