"""Items of a scorecard as written down: what makes one, what changed, the curve it scores by."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from kpi.models import EventKind, ItemRole, ScorecardItem
from kpi.queries.scorecards import parameters, rule_item
from kpi.rules import curves
from kpi.rules import scoring as rules
from kpi.rules.curves import BadRule, Curve
from orgchart.errors import Fault, Invalid
from targets.amounts import LIMIT, SCALE, to_scaled
from targets.models import Indicator, Rollup

BIGGEST = 2**63 - 1
DEAREST = 1000  # points per event


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An item as written down: its rule with parameters, see `kpi.queries.scorecards`."""

    code: str
    rule: str
    name_zh: str
    name_en: str = ""
    short_zh: str = ""
    short_en: str = ""
    role: str = ItemRole.ITEM
    indicator: str | None = None
    weight: Decimal = Decimal(0)
    params: dict[str, Any] = field(default_factory=dict)
    tie_break: int | None = None  # 1, 2, 3: parts equal totals first, second, third
    is_own: bool = False  # self-set, on a card of one unit


def entry_of(item: ScorecardItem) -> ItemEntry:
    """Return a stored item as it is written down."""
    return ItemEntry(
        code=item.code,
        rule=item.rule,
        name_zh=item.name_zh,
        name_en=item.name_en,
        short_zh=item.short_zh,
        short_en=item.short_en,
        role=item.role,
        indicator=item.indicator.code if item.indicator else None,
        weight=item.weight,
        params=item.params,
        tie_break=item.tie_break,
        is_own=item.is_own,
    )


def item_of(entry: ItemEntry, indicator: Indicator | None) -> ScorecardItem:
    """Return the item as it would be stored, to be checked, drawn and worded."""
    is_bonus = entry.role == ItemRole.BONUS
    return ScorecardItem(
        code=entry.code,
        role=entry.role,
        name_zh=entry.name_zh,
        name_en=entry.name_en,
        indicator=indicator,
        weight=entry.weight,
        rule=entry.rule,
        params=entry.params,
        basis="events" if is_bonus else rules.Rule(entry.rule).basis.value,
    )


def check_entries(items: Sequence[ItemEntry]) -> None:
    """Refuse a code or a tie-break that is given twice. Raises Invalid."""
    faults = []
    once = {
        "code": _("The same code is given twice."),
        "tie_break": _("Two items cannot part ties in the same place."),
    }
    for name, label in once.items():
        seen: set[Any] = set()
        for index, entry in enumerate(items):
            value = getattr(entry, name)
            if value is not None and value in seen:
                faults.append(Fault(f"/items/{index}/{name}", label))
            seen.add(value)
    if faults:
        raise Invalid(faults[0].detail, faults)


def changed_items(before: dict[str, ItemEntry], items: Sequence[ItemEntry]) -> list[dict[str, Any]]:
    """Return what a save changed, by item; what stayed is left out."""
    after = {entry.code: entry for entry in items}
    return [
        {
            "key": {"item": code},
            "before": _plain(was) if was else None,
            "after": _plain(now) if now else None,
        }
        for code in dict.fromkeys([*before, *after])
        for was, now in [(before.get(code), after.get(code))]
        if was is None or now is None or _read(was) != _read(now)
    ]


def _read(entry: ItemEntry) -> tuple[ItemEntry, rules.Parameters]:
    """Return an entry with its parameters as they are read: what is left out is its default."""
    return replace(entry, params={}), parameters(entry.params)


def _plain(entry: ItemEntry) -> dict[str, Any]:
    return asdict(entry) | {"weight": str(entry.weight)}


def compiled(item: ScorecardItem, zero_target: str) -> tuple[Curve, str, dict[str, Decimal]]:
    """Return curve, basis and prices of an item. Raises BadRule naming the parameter at fault."""
    if item.role == ItemRole.BONUS:
        given = parameters(item.params)
        if not given.per:
            raise BadRule("per", "a bonus needs events")
        if given.cap is None:
            raise BadRule("cap", "a bonus needs a cap")
        curve, basis, per = curves.bonus(given.cap), rules.Basis.EVENTS, dict(given.per)
    else:
        rule = rule_item(item, zero_target)
        curve, basis, per = rule.curve, rule.rule.basis, dict(rule.per)
    if unknown := set(per) - set(EventKind.values):
        raise BadRule("per", f"no such events: {', '.join(sorted(unknown))}")
    if basis is not rules.Basis.EVENTS:
        if item.indicator is None:
            raise BadRule("indicator", "the rule needs an indicator")
        if basis is not rules.Basis.ACTUAL and item.indicator.rollup == Rollup.RATIO:
            raise BadRule("indicator", "a ratio is scored by bands")
        per = {}
    if max(per.values(), default=Decimal(0)) > DEAREST:
        raise BadRule("per", "an event costs or earns at most 1,000 points")
    _check_products(curve)
    return curve, basis, per


def _check_products(curve: Curve) -> None:
    """Refuse a curve with which the scoring statement would leave 64 bits at some figure.

    x = n ÷ d with |d| ≤ LIMIT; n is at most three times that, and inside the segment.
    """
    largest = to_scaled(LIMIT)
    for segment, after in zip_longest(curve.segments, curve.segments[1:]):
        a, b, c = segment.intercept_num, segment.slope_num, segment.denominator
        ends = [segment.start or 0, after.start if after and after.start is not None else 3]
        furthest = max(abs(end) for end in ends)
        if ((abs(a) + abs(b) * furthest) * 200 + c) * largest > BIGGEST:
            raise BadRule("weight", "the numbers are too fine to score exactly")
        if segment.start is not None and (segment.start * SCALE).denominator != 1:
            raise BadRule("start", "at most four decimals")
        if abs(segment.start or 0) * SCALE * largest > BIGGEST:
            raise BadRule("start", "the curve reaches too far to score exactly")
