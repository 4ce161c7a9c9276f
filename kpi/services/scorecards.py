"""Scorecards: saved as drafts, compiled into curves, published when the weights make 100."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kpi.models import (
    CurveSegment,
    EventRate,
    ItemRole,
    Month,
    MonthState,
    Scorecard,
    ScorecardItem,
    ScorecardState,
)
from kpi.queries.scorecards import card_items
from kpi.rules import scoring as rules
from kpi.rules.curves import BadRule, Curve
from kpi.services.entries import ItemEntry, changed_items, check_entries, compiled, entry_of
from orgchart import audit, jobs
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person, Unit
from targets.amounts import SCALE
from targets.models import Indicator
from targets.months import month_after, month_text


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
    check_entries(items)
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
        changes=changed_items(before, items),
    )
    return card


def hold_rules(district_id: int) -> None:
    """Let one at a time write the district's score rules: versions and first days are compared.

    It keeps nobody out who refers to the district (FOR NO KEY UPDATE).
    """
    Unit.objects.select_for_update(no_key=True, of=("self",)).get(pk=district_id)


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
            segments += _rows(item, curve)
            prices += [
                EventRate(item=item, kind=kind, per=price) for kind, price in sorted(per.items())
            ]
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


def _rows(item: ScorecardItem, curve: Curve) -> list[CurveSegment]:
    starts = [_amount(segment.start) for segment in curve.segments]
    return [
        CurveSegment(
            item=item,
            start=start,
            until=until,
            intercept=segment.intercept_num,
            slope=segment.slope_num,
            denominator=segment.denominator,
        )
        for segment, start, until in zip(curve.segments, starts, [*starts[1:], None], strict=True)
    ]


def _amount(start: Fraction | None) -> Decimal | None:
    return None if start is None else Decimal(int(start * SCALE)) / SCALE


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
    changes = changed_items({item.code: entry_of(item) for item in card_items(card)}, [])
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
        raise Locked(
            _("%(code)s is published already. Write a new version to change it.")
            % {"code": card.code}
        )
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
