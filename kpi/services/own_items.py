"""Self-set items (自设KPI): proposed by a unit's manager, approved or returned by the head."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kpi.models import ItemRole, Scorecard, ScorecardState
from kpi.queries.scorecards import card_items, cards_in_force
from kpi.rules.scoring import FULL_WEIGHT, Rule
from kpi.services.entries import ItemEntry, check_entries, entry_of
from kpi.services.scorecards import record, save_scorecard, words
from orgchart.errors import Fault, Invalid, Locked
from orgchart.models import Person, Unit
from targets.rules.breakdown import largest_remainder

POINTS = ("low_points", "high_points")


def base_card(unit: Unit, month: date) -> Scorecard | None:
    """Return the common card on which a unit's own items of a month would stand."""
    found = cards_in_force(unit.district_id, month).by_kind.get(unit.kind)
    return Scorecard.objects.filter(pk=found).first()


def takes_none(base: Scorecard | None) -> str:
    """Return why a common card takes no items of a unit's own; blank when it takes some."""
    if base is None or not base.own_limit:
        return _("The score rules of that month leave no weight to items of one's own.")
    if any(item.rule == Rule.RELATIVE for item in card_items(base)):
        return _("These score rules compare units by their best: no items of one's own.")
    return ""


@transaction.atomic
def propose_own_items(
    *,
    unit: Unit,
    valid_from: date,
    items: Sequence[ItemEntry],
    by: Person | None,
    at: datetime,
) -> Scorecard:
    """Put a unit's own items before the head: the common card with its weights made smaller.

    The common items keep their proportions and make 100 together with the own ones. Raises
    Invalid beyond the common card's limit, and where the units are compared with one another.
    """
    base = base_card(unit, valid_from)
    if sentence := takes_none(base):
        raise Invalid(sentence)
    assert base is not None
    common = [entry_of(item) for item in card_items(base)]
    weight = sum((entry.weight for entry in items), Decimal(0))
    if not 0 < weight <= base.own_limit:
        detail = _("The items weigh %(weight)s together; between 0 and %(limit)s is allowed.") % {
            "weight": words(weight),
            "limit": words(base.own_limit),
        }
        raise Invalid(detail, [Fault("/items/0/weight", detail)])
    check_entries(items)
    taken = {entry.code for entry in common}
    for number, entry in enumerate(items):
        if entry.role != ItemRole.ITEM or entry.rule == Rule.RELATIVE:
            detail = _("An item of one's own is scored by its own task, value or events.")
            raise Invalid(detail, [Fault(f"/items/{number}/rule", detail)])
        if entry.tie_break is not None:
            detail = _("An item of one's own does not part equal totals.")
            raise Invalid(detail, [Fault(f"/items/{number}/tie_break", detail)])
        if entry.code in taken:
            detail = _("The score rules have an item %(code)s already.") % {"code": entry.code}
            raise Invalid(detail, [Fault(f"/items/{number}/code", detail)])

    waiting = Scorecard.objects.filter(unit=unit).exclude(state=ScorecardState.PUBLISHED).first()
    code = waiting.code if waiting else _free_code(unit, base)
    smaller = scaled(common, FULL_WEIGHT - weight)
    own = [replace(entry, is_own=True) for entry in items]
    ordered = sorted(smaller + own, key=lambda entry: entry.role == ItemRole.BONUS)
    card = save_scorecard(
        district=base.district,
        card=waiting,
        code=code,
        name_zh=base.name_zh,
        name_en=base.name_en,
        unit_kinds=[unit.kind],
        valid_from=valid_from,
        zero_target=base.zero_target,
        unit=unit,
        based_on=base,
        items=ordered,
        by=by,
        at=at,
    )
    card.state = ScorecardState.PROPOSED
    card.save(update_fields=["state"])
    _step(card, "propose", "draft", by=by, at=at)
    return card


def scaled(common: Sequence[ItemEntry], total: Decimal) -> list[ItemEntry]:
    """Return the common items with weights that make `total`, in hundredths, largest remainder.

    Points written out in a rule (bands, two rates) shrink with their weight, half up to
    hundredths; prices of events stay, for an event is as bad on any card.
    """
    items = [entry for entry in common if entry.role == ItemRole.ITEM]
    weights = largest_remainder(int(total * 100), [Fraction(entry.weight) for entry in items])
    smaller = iter(weights)
    return [
        entry if entry.role == ItemRole.BONUS else _shrunk(entry, Decimal(next(smaller)) / 100)
        for entry in common
    ]


def _shrunk(entry: ItemEntry, weight: Decimal) -> ItemEntry:
    def less(points: Any) -> str | None:
        if points is None:
            return None
        value = Decimal(str(points)) * weight / entry.weight
        return words(value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))

    params = dict(entry.params)
    if "bands" in params:
        params["bands"] = [[limit, less(points)] for limit, points in params["bands"]]
    params |= {name: less(params[name]) for name in POINTS if name in params}
    return replace(entry, weight=weight, params=params)


def _free_code(unit: Unit, base: Scorecard) -> str:
    """Return the next free version of the unit on this card: v2026.1-grid1, v2026.1-grid1.2."""
    taken = set(Scorecard.objects.filter(district=base.district).values_list("code", flat=True))
    stem = f"{base.code}-{unit.code}"[:17]
    number = 2
    code = stem
    while code in taken:
        code, number = f"{stem}.{number}", number + 1
    return code


@transaction.atomic
def return_own_items(
    *, scorecard: Scorecard, by: Person | None, at: datetime, reason: str
) -> Scorecard:
    """Give a proposal back to the manager with a reason. Raises Invalid without one, Locked."""
    if not reason.strip():
        detail = _("Write why the items are returned.")
        raise Invalid(detail, [Fault("/reason", detail)])
    card = Scorecard.objects.select_for_update(of=("self",)).get(pk=scorecard.pk)
    if card.state != ScorecardState.PROPOSED:
        raise Locked(_("%(code)s is not proposed.") % {"code": card.code})
    card.state = ScorecardState.DRAFT
    card.save(update_fields=["state"])
    _step(card, "return", "proposed", by=by, at=at, reason=reason.strip())
    return card


def _step(
    card: Scorecard, verb: str, was: str, *, by: Person | None, at: datetime, reason: str = ""
) -> None:
    changes = [{"key": {"field": "state"}, "before": was, "after": card.state}]
    record(card, verb, by=by, at=at, changes=changes, reason=reason)
