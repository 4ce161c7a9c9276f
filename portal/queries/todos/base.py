"""One thing that waits for a person, and how it is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from competitions.wording import join
from targets.months import month_text

NAMED = 3  # of many


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits: what kind, what, a second line, the button, and until when."""

    kind: str
    text: str
    note: str
    url: str
    label: str
    due: date | None = None


def some(names: Sequence[str]) -> str:
    """Join the first names; the text before them says how many there are."""
    said = join(list(names[:NAMED]))
    return _("%(names)s and others") % {"names": said} if len(names) > NAMED else said


def month_url(route: str, month: date) -> str:
    """Return the address of a page at a month."""
    return f"{reverse(route)}?month={month_text(month)}"
