"""What the auditor's lists can be narrowed by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.filters.base import (
    DEALER,
    ListFilter,
    MonthFilter,
    WordsFilter,
    choice,
    state_choice,
    unit_choice,
)
from fieldwork.queries.audit import (
    DIFFERS,
    NO_FINDING,
    UNSOUND,
    off_balance,
    overdue,
    unsettled,
)


class OfDealers(ListFilter):
    """Rows of dealers by words and unit."""

    words = WordsFilter(_("Dealer"), *DEALER)
    unit = unit_choice()


class TakingsFilter(OfDealers):
    """Takings by dealer, unit, month and state; differences unless all days are asked for."""

    in_month = MonthFilter("day")
    state = state_choice(
        ("open", pgettext_lazy("takings", "Not settled")), ("over", _("Overdue")),
        ("settled", pgettext_lazy("takings", "Settled")), ("finding", _("Finding")),
        ("every", _("Every day")), empty_label=_("Differences"),
    )  # fmt: skip

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "open":
            return unsettled(rows)
        if state == "over":
            return overdue(rows, self.on)
        if state == "settled":
            return rows.filter(settled_at__isnull=False)
        return rows if state == "every" else rows.exclude(NO_FINDING)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(DIFFERS)


class StatementFilter(OfDealers):
    """A month's statements by dealer, unit, what of, and whether they balance."""

    what = choice(
        _("Statement of"),
        [("numbers", _("Phone numbers")), ("goods", _("Cards and terminals"))],
        method="by_what",
    )
    state = state_choice(("off", _("Imbalance")), ("finding", _("Finding")))

    def by_what(self, rows: QuerySet, name: str, what: str) -> QuerySet:
        return rows.filter(item__isnull=what == "numbers")

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        return off_balance(rows) if state == "off" else rows.exclude(NO_FINDING)


class SampleFilter(OfDealers):
    """Drawn users of a month by dealer, unit and how their papers are."""

    state = state_choice(
        ("new", _("Not checked yet")), ("unsound", _("Papers missing")), ("finding", _("Finding"))
    )

    def by_state(self, rows: QuerySet, name: str, state: str) -> QuerySet:
        if state == "new":
            return rows.filter(checked_at=None)
        return rows.filter(UNSOUND) if state == "unsound" else rows.exclude(NO_FINDING)
