"""Promotions as finished values: what followed one, and its money against the budget."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from fieldwork.models import ActivityState, Promotion
from fieldwork.queries.lift import After
from fieldwork.queries.promotion_claims import NamedClaim
from fieldwork.rules.promotions import DAYS
from targets.templatetags.amounts import amount, signed

CHIPS = {
    ActivityState.SUBMITTED: "accent", ActivityState.RETURNED: "warn",
    ActivityState.APPROVED: "accent", ActivityState.DONE: "good", ActivityState.CANCELLED: "",
}  # fmt: skip


def lift_words(after: After, day: date, today: date) -> dict[str, Any]:
    """Return a lift as text: the figures, or plainly why there are none."""
    found, over = after.lift, day + timedelta(days=DAYS)
    said = ""
    if found.unknown_before:
        said = _unknown(after, found.unknown_before, pgettext("promotion", "before"))
    elif today <= over:
        said = _("the seven days after end on %(day)s") % {"day": over.isoformat()}
    elif found.unknown_after:
        said = _unknown(after, found.unknown_after, pgettext("promotion", "after"))
    elif found.rate is None:
        said = _("nobody joined in the seven days before: no growth to tell")
    return {
        "name": after.name,
        "mean": amount(found.daily_before, 2),
        "after": amount(found.after),
        "extra": signed(found.extra, 0),
        "rate": "" if found.rate is None else f"{signed(found.rate * 100, 2)}%",
        "said": said,
        "is_known": found.extra is not None,
    }


def _unknown(after: After, days: int, when: str) -> str:
    if after.is_dealer:
        text = ngettext(
            "no ledger holds %(days)s of the seven days %(when)s",
            "no ledger holds %(days)s of the seven days %(when)s",
            days,
        )
    else:
        text = ngettext(
            "no daily figure tells %(days)s of the seven days %(when)s",
            "no daily figures tell %(days)s of the seven days %(when)s",
            days,
        )
    return text % {"days": days, "when": when}


def budget_words(paper: Promotion, claims: Sequence[NamedClaim]) -> dict[str, Any]:
    """Return what the claims come to against the budget."""
    spent = sum(claim.spent for claim in claims)
    left = paper.budget - spent
    return {
        "claimed": amount(spent, 2),
        "budget": amount(paper.budget, 2),
        "left": amount(abs(left), 2),
        "is_over": left < 0,
    }
