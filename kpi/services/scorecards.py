"""Scorecards: saved as drafts, compiled into curves, published when the weights make 100."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kpi.models import (
    CurveSegment,
    EventKind,
    EventRate,
    ItemRole,
    Month,
    MonthState,
    Scorecard,
    ScorecardItem,
    ScorecardState,
)
from kpi.queries.scorecards import card_items, parameters, rule_item
from kpi.rules import curves
from kpi.rules import scoring as rules
from kpi.rules.curves import BadRule, Curve
from orgchart import audit, jobs
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import LIMIT, SCALE, to_scaled
from targets.models import Indicator, Rollup
from targets.months import month_after, month_text

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


@transaction.atomic
def save_scorecard(
    *,
    district: Unit,
    code: str,
    name_zh: str,
    name_en: str = "",
    unit_kinds: Sequence[str],
    valid_from: date,
    valid_to: date | None = None,
    zero_target: str = rules.ZeroTarget.SPREAD,
    own_limit: Decimal = Decimal(0),
    unit: Unit | None = None,
    based_on: Scorecard | None = None,
    items: Sequence[ItemEntry],
    by: Person | None,
    at: datetime,
    card: Scorecard | None = None,
    version: int | None = None,
) -> Scorecard:
    """Create or replace a draft with its items and curves. Published ones are Locked.

    `card` is the draft to change, else the one of that code; `based_on` and `unit` are set once,
    when it is made. `version` is what was read before: VersionConflict when it has moved on.
    """
    hold_rules(district.pk)
    found = Scorecard.objects.select_for_update(of=("self",)).filter(district=district)
    card = (found.filter(pk=card.pk) if card else found.filter(code=code)).first()
    if card and card.state == ScorecardState.PUBLISHED:
        raise Locked(
            _("%(code)s is published. Write a new version.") % {"code": code},
        )
    if card and version is not None and card.version != version:
        by_name = card.saved_by.name if card.saved_by else "—"
        raise VersionConflict(
            _("%(name)s has saved this draft meanwhile. Read it again, then save.")
            % {"name": by_name},
            extra={"version": card.version},
        )
    if (card is None or card.code != code) and found.filter(code=code).exists():
        detail = _("There is a version %(code)s already.") % {"code": code}
        raise Invalid(detail, [Fault("/code", detail)])
    _check_entries(items)
    before = {item.code: entry_of(item) for item in card_items(card)} if card else {}
    indicators = {one.code: one for one in Indicator.objects.filter(district=district)}
    for index, entry in enumerate(items):
        if entry.indicator is not None and entry.indicator not in indicators:
            detail = _("There is no indicator %(code)s.") % {"code": entry.indicator}
            raise Invalid(detail, [Fault(f"/items/{index}/indicator", detail)])

    card = card or Scorecard(district=district, version=0, unit=unit, based_on=based_on)
    card.code, card.name_zh, card.name_en = code, name_zh, name_en
    card.unit_kinds, card.zero_target = list(unit_kinds), zero_target
    card.valid_from, card.valid_to, card.own_limit = valid_from, valid_to, own_limit
    card.saved_at, card.saved_by = at, by
    card.version += 1
    card.save()
    card.items.all().delete()
    for position, entry in enumerate(items):
        ScorecardItem.objects.create(
            scorecard=card,
            code=entry.code,
            role=entry.role,
            indicator=indicators[entry.indicator] if entry.indicator else None,
            weight=entry.weight,
            rule=entry.rule,
            params=entry.params,
            position=position,
            name_zh=entry.name_zh,
            name_en=entry.name_en,
            short_zh=entry.short_zh,
            short_en=entry.short_en,
            tie_break=entry.tie_break,
            is_own=entry.is_own,
        )
    compile_curves(card)
    audit.record(
        by=by,
        at=at,
        action="scorecard.save",
        subject=f"scorecards/{code}",
        district=district,
        unit=card.unit,
        changes=_changes(before, items),
    )
    return card


def hold_rules(district_id: int) -> None:
    """Let one at a time write the district's score rules: versions and first days are compared.

    It keeps nobody out who refers to the district (FOR NO KEY UPDATE).
    """
    Unit.objects.select_for_update(no_key=True, of=("self",)).get(pk=district_id)


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


def _check_entries(items: Sequence[ItemEntry]) -> None:
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


def _changes(before: dict[str, ItemEntry], items: Sequence[ItemEntry]) -> list[dict[str, Any]]:
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


@transaction.atomic
def compile_curves(scorecard: Scorecard) -> None:
    """Write the curve segments and event rates of every item from its rule and parameters.

    Raises Invalid locating each rule that makes no curve, or none that 64 bits can score.
    """
    items = card_items(scorecard)
    faults, segments, prices = [], [], []
    for index, item in enumerate(items):
        try:
            curve, basis, per = compiled(item, scorecard.zero_target)
            segments += [_row(item, segment) for segment in curve.segments]
            prices += [EventRate(item=item, kind=kind, per=price) for kind, price in per.items()]
        except (BadRule, ValueError, ValidationError) as error:
            name = getattr(error, "field", "rule")
            detail = _("%(item)s: the rule cannot be scored (%(field)s).") % {
                "item": item.code,
                "field": name,
            }
            faults.append(Fault(f"/items/{index}/params/{name}", detail))
            continue
        item.basis = basis
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    EventRate.objects.filter(item__scorecard=scorecard).delete()
    CurveSegment.objects.filter(item__scorecard=scorecard).delete()
    EventRate.objects.bulk_create(prices)
    CurveSegment.objects.bulk_create(segments)
    ScorecardItem.objects.bulk_update(items, ["basis"])


def compiled(item: ScorecardItem, zero_target: str) -> tuple[Curve, str, dict[str, Decimal]]:
    """Return curve, basis and prices of an item. Raises BadRule naming the parameter at fault."""
    if item.role == ItemRole.BONUS:
        given = parameters(item.params)
        if given.cap is None or not given.per:
            raise BadRule("per", "a bonus needs events and a cap")
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
        if abs(segment.start or 0) * SCALE * largest > BIGGEST:
            raise BadRule("start", "the curve reaches too far to score exactly")


def _row(item: ScorecardItem, segment: curves.Segment) -> CurveSegment:
    start = segment.start
    if start is not None and (start * SCALE).denominator != 1:
        raise BadRule("start", "at most four decimals")
    return CurveSegment(
        item=item,
        start=None if start is None else Decimal(int(start * SCALE)) / SCALE,
        intercept=segment.intercept_num,
        slope=segment.slope_num,
        denominator=segment.denominator,
    )


@transaction.atomic
def copy_scorecard(
    *, card: Scorecard, code: str, valid_from: date, by: Person | None, at: datetime
) -> Scorecard:
    """Begin a draft as a copy of a card, to be changed and published as its next version.

    Raises Invalid where the version is there already.
    """
    hold_rules(card.district_id)
    if Scorecard.objects.filter(district=card.district, code=code).exists():
        detail = _("There is a version %(code)s already.") % {"code": code}
        raise Invalid(detail, [Fault("/code", detail)])
    return save_scorecard(
        district=card.district,
        code=code,
        name_zh=card.name_zh,
        name_en=card.name_en,
        unit_kinds=card.unit_kinds,
        valid_from=valid_from,
        zero_target=card.zero_target,
        own_limit=card.own_limit,
        based_on=card,
        items=[entry_of(item) for item in card_items(card)],
        by=by,
        at=at,
    )


@transaction.atomic
def delete_draft(*, scorecard: Scorecard, by: Person | None, at: datetime) -> None:
    """Take a draft away; the trail keeps what it said. Published cards are Locked."""
    card = Scorecard.objects.select_for_update(of=("self",)).get(pk=scorecard.pk)
    if card.state == ScorecardState.PUBLISHED:
        raise Locked(_("%(code)s is published and stays.") % {"code": card.code})
    if card.successors.exists():
        raise Locked(_("Another draft is based on %(code)s.") % {"code": card.code})
    changes = _changes({item.code: entry_of(item) for item in card_items(card)}, [])
    record(card, "delete", by=by, at=at, changes=changes)
    card.delete()


@transaction.atomic
def publish_scorecard(
    *, scorecard: Scorecard, by: Person | None, at: datetime, may_reach_back: bool = False
) -> Scorecard:
    """Put a card in force from its first day; the one before ends the day before.

    A card begins with a month that is still open or not opened yet, so that nothing closed is
    scored by rules that came later; `may_reach_back` is for a district's history, imported.
    Raises Invalid unless the weights of its items make 100 (rules §4.7), Locked when published.
    """
    hold_rules(scorecard.district_id)
    card = Scorecard.objects.select_for_update(of=("self",)).get(pk=scorecard.pk)
    if card.state == ScorecardState.PUBLISHED:
        raise Locked(_("%(code)s is published already.") % {"code": card.code})
    weights = [item.weight for item in card_items(card) if item.role == ItemRole.ITEM]
    total = sum(weights, Decimal(0))
    if total != rules.FULL_WEIGHT:
        raise Invalid(_("The weights make %(total)s, not 100.") % {"total": words(total)})
    if not may_reach_back:
        if card.unit_id is not None and card.state != ScorecardState.PROPOSED:
            raise Locked(_("%(code)s is not proposed.") % {"code": card.code})
        _check_start(card)
    compile_curves(card)

    before = [
        other
        for other in Scorecard.objects.filter(
            district_id=card.district_id,
            state=ScorecardState.PUBLISHED,
            valid_from__lt=card.valid_from,
        ).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=card.valid_from))
        if _gives_way(other, card)
    ]
    for other in before:
        other.valid_to = card.valid_from - timedelta(days=1)
    Scorecard.objects.bulk_update(before, ["valid_to"])
    was, card.state = card.state, ScorecardState.PUBLISHED
    card.published_at, card.published_by = at, by
    card.save(update_fields=["state", "published_at", "published_by"])
    changes = [{"key": {"field": "state"}, "before": was, "after": "published"}]
    record(card, "publish", by=by, at=at, changes=changes)
    for month in _open_months(card):
        jobs.request("rescore", district_id=card.district_id, month=month)
    return card


def _gives_way(other: Scorecard, card: Scorecard) -> bool:
    """Whether a card in force ends where the new one begins: its kinds are covered, or its unit's.

    A unit's own items stand on the card of its kind and end with it.
    """
    if card.unit_id is not None:
        return other.unit_id == card.unit_id
    if other.unit_id is not None and other.unit is not None:
        return other.unit.kind in card.unit_kinds
    return set(other.unit_kinds) <= set(card.unit_kinds)


def _check_start(card: Scorecard) -> None:
    """Refuse a first day that is no first of a month, lies in a closed one, or is taken."""
    if card.valid_from.day != 1:
        detail = _("A card begins on the first day of a month.")
        raise Invalid(detail, [Fault("/valid_from", detail)])
    closed = (
        Month.objects.filter(district_id=card.district_id, month__gte=card.valid_from)
        .exclude(state=MonthState.OPEN)
        .order_by("-month")
        .first()
    )
    if closed is not None:
        detail = _("%(month)s is closed: the card can begin with %(next)s at the earliest.") % {
            "month": month_text(closed.month),
            "next": month_text(month_after(closed.month)),
        }
        raise Invalid(detail, [Fault("/valid_from", detail)])
    same = [
        other.code
        for other in Scorecard.objects.filter(
            district_id=card.district_id,
            state=ScorecardState.PUBLISHED,
            valid_from__gte=card.valid_from,
            unit_id=card.unit_id,
        )
        if set(other.unit_kinds) & set(card.unit_kinds)
    ]
    if same:
        detail = _("%(code)s begins in that month or later already.") % {"code": same[0]}
        raise Invalid(detail, [Fault("/valid_from", detail)])


def words(weight: Decimal) -> str:
    """Write a weight without trailing zeros."""
    text = f"{weight:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def record(
    card: Scorecard,
    verb: str,
    *,
    by: Person | None,
    at: datetime,
    changes: list[dict[str, Any]],
    reason: str = "",
) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"scorecard.{verb}",
        subject=f"scorecards/{card.code}",
        district=card.district,
        unit=card.unit,
        changes=changes,
        reason=reason,
    )


def _open_months(card: Scorecard) -> list[date]:
    return list(
        Month.objects.filter(
            district_id=card.district_id, month__gte=card.valid_from.replace(day=1)
        )
        .exclude(state=MonthState.PUBLISHED)
        .values_list("month", flat=True)
    )
