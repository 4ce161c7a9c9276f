"""What the list of promotions can be narrowed by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.filters.base import (
    DEALER_NAME,
    ListFilter,
    MonthFilter,
    WordsFilter,
    choice,
    person_choice,
    state_choice,
    unit_choice,
)
from fieldwork.models import ActivityState, Setting
from fieldwork.queries import promotions


class PromotionFilter(ListFilter):
    """Promotions by words, month, unit, responsible person, kind and state."""

    words = WordsFilter(
        _("Place, dealer or number"), "promotion__place__icontains", "promotion__code__iexact",
        *DEALER_NAME,
    )  # fmt: skip
    in_month = MonthFilter("planned_on")
    unit = unit_choice()
    person = person_choice(_("Responsible"))
    setting = choice(_("Kind"), Setting.choices, field_name="promotion__setting")
    state = state_choice(
        *[each for each in ActivityState.choices if each[0] != ActivityState.PLANNED],
        ("late", _("Result overdue")),
    )

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "late":
            return promotions.unreported(rows, self.on)
        return rows.filter(state=state)
