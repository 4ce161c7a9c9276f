"""What the list of accounts can be narrowed by."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fieldwork.filters.base import ListFilter, WordsFilter, choice, person_choice, unit_choice
from fieldwork.models import AccountKind, Stage
from fieldwork.queries import accounts

ENDED = (Stage.SIGNED, Stage.LOST)


class AccountFilter(ListFilter):
    """Accounts by words, kind, stage, unit, area, responsible person and deadline."""

    person_field = "responsible"
    words = WordsFilter(
        _("Name, contact or address"), "name_zh__icontains", "name_en__icontains",
        "code__icontains", "contact__icontains", "address__icontains",
    )  # fmt: skip
    kind = choice(_("Kind"), AccountKind.choices)
    stage = choice(_("Stage"), Stage.choices)
    unit = unit_choice()
    area = choice(_("Township or street"), [])
    responsible = person_choice(_("Responsible"))
    due = choice(
        _("Due by"), [("over", _("Overdue")), ("unowned", _("Nobody responsible"))],
        method="by_due",
    )  # fmt: skip

    def __init__(self, *args: Any, areas: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["area"].extra["choices"] = [(area, area) for area in areas]

    def by_due(self, rows: QuerySet, name: str, due: str) -> QuerySet:
        if due == "unowned":
            return rows.exclude(stage__in=ENDED).filter(responsible__isnull=True)
        return accounts.overdue(rows, self.on)
