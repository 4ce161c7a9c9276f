"""What the list of alarms can be narrowed by."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.filters.base import (
    DEALER,
    DayFilter,
    ListFilter,
    WordsFilter,
    choice,
    person_choice,
    unit_choice,
)
from fieldwork.models import AlarmKind, AlarmState


class AlarmFilter(ListFilter):
    """Alarms by outlet, kind, state, unit, manager and day."""

    words = WordsFilter(_("Outlet"), *DEALER)
    kind = choice(_("Alarm"), AlarmKind.choices)
    state = choice(_("State"), AlarmState.choices)
    unit = unit_choice()
    person = person_choice(_("Manager"), null_label=_("Nobody"), null_value="none")
    day = DayFilter(label=pgettext_lazy("alarm", "Day"))
