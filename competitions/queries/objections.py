"""Objections to rounds."""

from datetime import date

from competitions.models import Objection, Round, RoundState
from orgchart.models import Unit


def objections(round: Round) -> list[Objection]:
    """Return a round's objections, the earliest first, with units and people; one query."""
    return list(
        Objection.objects.filter(round=round).select_related("unit", "raised_by", "answered_by")
    )


def may_object(round: Round, today: date) -> bool:
    """Return whether the decision is on notice."""
    is_open = round.state in (RoundState.DECIDED, RoundState.NO_WINNER)
    return is_open and today <= round.notice_ends_on


def objecting_unit(district: Unit, own: frozenset[int]) -> Unit | None:
    """Return the business unit that a manager speaks for."""
    found: Unit | None = Unit.objects.of(district).business().filter(pk__in=own).first()
    return found
