"""Which rules apply: the scorecards in force, and their items as the rules' values."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from kpi.models import ItemRole, Scorecard, ScorecardItem, ScorecardState
from kpi.rules import scoring as rules
from kpi.rules.curves import BadRule, FloorMeaning
from orgchart.models import AuditEntry
from orgchart.permissions import Actor
from targets.months import last_day


class Cards(NamedTuple):
    """The published scorecards (their ids) of a month: a unit's own goes before its kind's."""

    by_kind: dict[str, int]
    by_unit: dict[int, int]


# Asked whenever a district is scored, so it is written out: the ORM takes ten times as long to
# compose it as the database to answer.
IN_FORCE = """
SELECT id, unit_id, CAST(unit_kinds AS TEXT), valid_from FROM kpi_scorecard
WHERE district_id = %(district)s AND state = %(state)s AND valid_from <= %(day)s
  AND (valid_to IS NULL OR valid_to >= %(day)s)
"""


def cards_in_force(district_id: int, month: date) -> Cards:
    """Return the cards in force on the month's last day.

    Where two overlap, the one valid from later counts.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{IN_FORCE} ORDER BY valid_from, id", in_force_on(district_id, month))
        return cards_of(cursor.fetchall())


def in_force_on(district_id: int, month: date) -> dict[str, date | int | str]:
    """Return the values that IN_FORCE takes."""
    return {
        "district": district_id,
        "state": ScorecardState.PUBLISHED.value,
        "day": last_day(month),
    }


def cards_of(rows: Iterable[Sequence[Any]]) -> Cards:
    """Return the cards of IN_FORCE's rows, those valid from earlier before later ones."""
    found = Cards({}, {})
    for pk, unit, kinds, _ in rows:
        if unit is None:
            found.by_kind.update(dict.fromkeys(json.loads(kinds), pk))
        else:
            found.by_unit[unit] = pk
    return found


def readable_cards(actor: Actor) -> QuerySet[Scorecard, Scorecard]:
    """Return the district's cards: drafts only for who writes them, or whose unit they are of."""
    rows = Scorecard.objects.filter(district=actor.district)
    if actor.can("rules.write"):
        return rows
    own = actor.unit_ids("rules.propose") or frozenset()
    return rows.filter(Q(state=ScorecardState.PUBLISHED) | Q(unit_id__in=own))


def return_reason(card: Scorecard | None) -> str:
    """Return why the head gave a unit's own items back; blank unless they lie with the unit."""
    if card is None or card.state != ScorecardState.DRAFT:
        return ""
    entry = (
        AuditEntry.objects.filter(
            district_id=card.district_id,
            action="scorecard.return",
            subject=f"scorecards/{card.code}",
        )
        .order_by("-at", "-pk")
        .first()
    )
    return entry.reason if entry else ""


def parameters(params: dict[str, Any]) -> rules.Parameters:
    """Read the stored parameters of a rule. Raises BadRule naming the one at fault."""

    def number(name: str, given: Any) -> Decimal | None:
        if given is None:
            return None
        try:
            value = Decimal(str(given))
        except ArithmeticError:
            raise BadRule(name, f"{given!r} is not a number") from None
        if not value.is_finite():
            raise BadRule(name, f"{given!r} is not a number")
        return value

    try:
        meaning = FloorMeaning(params.get("floor_means") or FloorMeaning.THRESHOLD)
    except ValueError:
        raise BadRule("floor_means", "threshold or base_score") from None
    return rules.Parameters(
        cap=number("cap", params.get("cap")),
        floor=number("floor", params.get("floor")) or Decimal(0),
        floor_means=meaning,
        bands=tuple(
            (number("bands", limit), number("bands", points) or Decimal(0))
            for limit, points in params.get("bands", ())
        ),
        per={kind: number("per", per) or Decimal(0) for kind, per in params.get("per", {}).items()},
        low=number("low", params.get("low")),
        low_points=number("low_points", params.get("low_points")),
        high=number("high", params.get("high")),
        high_points=number("high_points", params.get("high_points")),
    )


def rule_item(item: ScorecardItem, zero_target: str) -> rules.Item:
    """Return a stored item as the rules' value; bonus items score by `bonus_curve` instead."""
    return rules.item(
        item.code,
        item.weight,
        rules.Rule(item.rule),
        parameters(item.params),
        rules.ZeroTarget(zero_target),
    )


def card_items(card: Scorecard) -> list[ScorecardItem]:
    """Return the items of a card in order, bonuses last."""
    items = list(card.items.select_related("indicator"))
    return sorted(items, key=lambda item: (item.role == ItemRole.BONUS, item.position, item.pk))
