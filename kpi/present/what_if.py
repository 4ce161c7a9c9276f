"""What-if and counterfactual of a unit's card as finished values for templates/kpi."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kpi.models import EventKind
from kpi.present import words
from kpi.present.card import gate_rows
from kpi.queries.shade import Change, Grounds, Shade, gates, rescored
from kpi.queries.ways import Lever, Way, to_next_band, top_total
from kpi.rules.scoring import Card
from targets.templatetags.amounts import amount, signed

_NUMBER = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,4})?")
WAYS_SHOWN = 2


def values(levers: list[Lever], asked: Mapping[str, str]) -> dict[str, Decimal]:
    """Return what the sliders say, by lever; what is no number, or beyond them, counts as moved
    no further than a slider goes."""
    found = {}
    for lever in levers:
        text = asked.get(lever.code, "")
        value = lever.now
        if _NUMBER.fullmatch(text):
            value = Decimal(text) / (100 if _is_percent(lever) else 1)
            value = (value // lever.step) * lever.step
        found[lever.code] = max(min(value, lever.high), lever.low)
    return found


def change_of(levers: list[Lever], chosen: Mapping[str, Decimal]) -> Change:
    """Return the change of all levers that were moved."""
    actuals, events = {}, {}
    for lever in levers:
        value = chosen[lever.code]
        if value == lever.now:
            continue
        if lever.indicator is None:
            events[lever.kind] = int(value)
        else:
            actuals[lever.indicator.pk] = value
    return Change(actuals, events)


def panel(
    given: Grounds,
    shades: Mapping[int, Shade],
    unit_id: int,
    levers: list[Lever],
    asked: Mapping[str, str],
) -> dict[str, Any]:
    """Return sliders and result of the what-if panel (kpi/_what_if.html)."""
    chosen = values(levers, asked)
    change = change_of(levers, chosen)
    after = rescored(given, shades, unit_id, change) if levers else shades
    return {
        "sliders": [_slider(given, shades, unit_id, lever, chosen[lever.code]) for lever in levers],
        "result": _result(given, shades, after, unit_id, change),
    }


def _is_percent(lever: Lever) -> bool:
    return lever.indicator is not None and bool(lever.indicator.is_percent)


def name(lever: Lever) -> str:
    if lever.indicator is not None:
        return str(lever.indicator.short)
    return str(EventKind(lever.kind).label)


def shown(lever: Lever, value: Decimal) -> str:
    if lever.indicator is None:
        return amount(value, 0)
    return words.shown(value, lever.indicator)


def _measure(lever: Lever) -> str:
    return lever.indicator.measure if lever.indicator is not None else _("times")


def _slider(
    given: Grounds, shades: Mapping[int, Shade], unit_id: int, lever: Lever, value: Decimal
) -> dict[str, Any]:
    scale = 100 if _is_percent(lever) else 1
    before = shades[unit_id]
    gain = None
    if value != lever.now:
        after = rescored(given, shades, unit_id, lever.changed(value))[unit_id]
        if after.total is not None and before.total is not None:
            gain = after.total - before.total
    marks = {lever.now: _("actual %(value)s") % {"value": shown(lever, lever.now)}}
    if lever.top is not None and lever.top != lever.now:
        marks[lever.top] = _("cap %(value)s") % {"value": shown(lever, lever.top)}
    width = lever.high - lever.low
    return {
        "code": lever.code,
        "items": " ".join(lever.items),
        "name": name(lever),
        "measure": _measure(lever),
        "low": f"{lever.low * scale:f}",
        "high": f"{lever.high * scale:f}",
        "step": f"{lever.step * scale:f}",
        "value": f"{value * scale:f}",
        "now": shown(lever, lever.now),
        "then": "" if value == lever.now else shown(lever, value),
        "gain": "" if gain is None else signed(gain, 2),
        "ticks": [f"{float((at - lever.low) / width * 100):.2f}" for at in marks] if width else [],
        "caption": words.joined(marks.values()),
    }


def _result(
    given: Grounds,
    before: Mapping[int, Shade],
    after: Mapping[int, Shade],
    unit_id: int,
    change: Change,
) -> dict[str, Any]:
    was, then = before[unit_id], after[unit_id]
    rows = [
        _pair(_("Total score"), total(was), total(then)),
        _pair(_("Rank"), _place(was), _place(then)),
    ]
    for label, one in ((_("To the rank above"), _above), (_("Ahead of the rank below"), _below)):
        rows.append(_pair(label, amount(one(before, unit_id), 2), amount(one(after, unit_id), 2)))
    return {
        "is_changed": bool(change.actuals or change.events),
        "rows": rows,
        "gates": gate_rows(gates(given, unit_id, change)),
        "ceiling": _ceiling(given, after, unit_id),
    }


def total(shade: Shade) -> str:
    """Write a total, or between what it lies while something is not reported."""
    if shade.total is not None:
        return amount(shade.total, 2)
    card: Card | None = shade.card
    if card is None or card.range is None:
        return "—"
    low, high = card.range
    return f"≥ {amount(low, 2)}" if high is None else f"{amount(low, 2)} – {amount(high, 2)}"


def _place(shade: Shade) -> str:
    if shade.rank is None:
        return _("Unranked")
    return _("%(rank)s, tied") % {"rank": shade.rank} if shade.is_tied else str(shade.rank)


def _pair(label: str, was: str, then: str) -> dict[str, Any]:
    return {"label": label, "was": was, "then": then, "is_same": was == then}


def _above(shades: Mapping[int, Shade], unit_id: int) -> Decimal | None:
    return shades[unit_id].gap_to_next


def _below(shades: Mapping[int, Shade], unit_id: int) -> Decimal | None:
    mine = shades[unit_id].total
    if mine is None:
        return None
    lower = [s.total for s in shades.values() if s.total is not None and s.total < mine]
    return mine - max(lower) if lower else None


def _ceiling(given: Grounds, shades: Mapping[int, Shade], unit_id: int) -> str:
    """Say what the card gives at most, and how that stands to the best of the others."""
    top = top_total(shades, given, unit_id)
    others = [s.total for pk, s in shades.items() if pk != unit_id and s.total is not None]
    if top is None:
        return ""
    if not others:
        return _("With every item at its cap and every bonus: %(top)s.") % {"top": amount(top, 2)}
    gap = top - max(others)
    text = (
        _("With every item at its cap and every bonus: %(top)s, %(gap)s above the best other unit.")
        if gap >= 0
        else _(
            "With every item at its cap and every bonus: %(top)s, %(gap)s below the best other "
            "unit."
        )
    )
    return text % {"top": amount(top, 2), "gap": amount(abs(gap), 2)}


def ways(found: list[Way]) -> list[dict[str, str]]:
    """Return the cheapest ways to a better place: what, how much, its gain, the place."""
    return [
        {
            "more": move(way.lever, way.more),
            "gain": signed(way.gain, 2),
            "to": _("tied at rank %(rank)s") % {"rank": way.rank}
            if way.is_tied
            else _("rank %(rank)s alone") % {"rank": way.rank},
        }
        for way in found[:WAYS_SHOWN]
    ]


def with_sources(rows: list[dict[str, Any]], given: Grounds, unit_id: int) -> list[dict[str, Any]]:
    """Say beside the next band of a ratio what it takes of its sources."""
    for row in rows:
        if row["is_first"]:
            row["also"] = words.phrases(
                _("%(name)s: %(by)s more")
                % {"name": source.short, "by": words.measured(more, source)}
                for source, more in to_next_band(given, unit_id, row["code"])
            )
    return rows


def move(lever: Lever, more: Decimal) -> str:
    """Write a move: channel visits 1 more, churn 0.11 pp less."""
    if _is_percent(lever):
        by = f"{amount(abs(more) * 100, 2)} pp"
    elif lever.indicator is not None:
        by = words.measured(abs(more), lever.indicator)
    else:
        by = amount(abs(more), 0)
    text = _("%(name)s: %(by)s more") if more > 0 else _("%(name)s: %(by)s less")
    return text % {"name": name(lever), "by": by}
