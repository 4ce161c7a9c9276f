"""What late corrections would have changed in the published month they belong to, in the shade.

Nothing is written and nothing published moves: scores by the pure rules (kpi.queries.shade), the
unit's subsidy and the month's award by theirs, on the stored facts plus the corrections.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from competitions import queries as contests
from competitions import rules as contest_rules
from kpi.models import Actual, Adjustment, AdjustmentState, Month, Score
from kpi.queries import shade
from orgchart.models import Unit
from subsidies.models import Entitlement
from subsidies.queries.entitlements import REVENUE, terms
from subsidies.rules.entitlement import entitlement
from targets.models import Indicator, Term

Deltas = Mapping[tuple[int, int], Decimal]  # by unit and source indicator


def effect(adjustment: Adjustment) -> dict[str, Any]:
    """Return what the adjustment changes in its month, on top of those already posted of it.

    {"earlier": how many those are, "figure": {"before", "after"}, "scores": [{"unit", "before",
    "after", "rank_before", "rank_after"}], "subsidy": {"before", "after"} | None, "award":
    {"before": {unit: yuan}, "after": {unit: yuan}} | None}: amounts as text, only units that
    move, None where nothing was paid by it or could be decided.
    """
    unit = adjustment.unit
    month = Month.objects.get(district_id=unit.district_id, month=adjustment.month)
    posted = Adjustment.objects.filter(
        month=adjustment.month, unit__district_id=unit.district_id, state=AdjustmentState.APPROVED
    ).exclude(pk=adjustment.pk)
    deltas: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for one in [*posted, adjustment]:
        deltas[one.unit_id, one.indicator_id] += one.delta

    ground = shade.grounds(month)
    after = shade.score(ground, _changes(ground, deltas))
    return {
        "earlier": len(posted),
        "figure": _figure(adjustment, posted),
        "scores": _scores(ground, after),
        "subsidy": _subsidy(adjustment, deltas),
        "award": _award(month, ground, after, deltas),
    }


def is_award_moved(found: Mapping[str, Any]) -> bool:
    """Whether somebody else would have won, or another amount."""
    award = found["award"]
    return award is not None and award["before"] != award["after"]


def _changes(ground: shade.Grounds, deltas: Deltas) -> dict[int, shade.Change]:
    changed: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for (unit_id, indicator_id), delta in deltas.items():
        was = ground.facts.actuals.get((unit_id, indicator_id, ground.month))
        if was is not None:
            changed[unit_id][indicator_id] = was + delta
    return {unit_id: shade.Change(actuals, {}) for unit_id, actuals in changed.items()}


def _figure(adjustment: Adjustment, posted: Sequence[Adjustment] | Any) -> dict[str, str | None]:
    row = Actual.objects.filter(
        month=adjustment.month,
        unit_id=adjustment.unit_id,
        indicator_id=adjustment.indicator_id,
        breakdown_id=adjustment.breakdown_id,
    ).first()
    if row is None or row.counted is None:
        return {"before": None, "after": str(adjustment.delta)}
    key = adjustment.unit_id, adjustment.indicator_id, adjustment.breakdown_id
    earlier = sum(
        (one.delta for one in posted if (one.unit_id, one.indicator_id, one.breakdown_id) == key),
        Decimal(0),
    )
    before = row.counted + earlier
    return {"before": str(before), "after": str(before + adjustment.delta)}


def _scores(ground: shade.Grounds, after: Mapping[int, shade.Shade]) -> list[dict[str, Any]]:
    published = {
        score.unit_id: score
        for score in Score.objects.filter(month=ground.month, unit__in=ground.units)
    }
    moved = []
    for unit in ground.units:
        was, now = published.get(unit.pk), after[unit.pk]
        if was is None or (was.total, was.rank) == (now.total, now.rank):
            continue
        moved.append(
            {
                "unit": unit.code,
                "before": _text(was.total),
                "after": _text(now.total),
                "rank_before": was.rank,
                "rank_after": now.rank,
            }
        )
    return moved


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _moved(indicator: Indicator, unit_id: int, deltas: Deltas) -> Decimal:
    """Return by how much the corrections move an indicator that is a sum."""
    found = Term.objects.filter(indicator=indicator, side=Term.Side.NUMERATOR)
    return sum(
        (
            term.sign * term.factor * deltas.get((unit_id, term.source_id), Decimal(0))
            for term in found
        ),
        Decimal(0),
    )


def _subsidy(adjustment: Adjustment, deltas: Deltas) -> dict[str, str | None] | None:
    stored = (
        Entitlement.objects.filter(month=adjustment.month, unit_id=adjustment.unit_id)
        .select_related("policy", "unit")
        .first()
    )
    revenue = Indicator.objects.filter(
        district_id=adjustment.unit.district_id, code=REVENUE
    ).first()
    if stored is None or stored.actual is None or revenue is None:
        return None
    actual = stored.actual + _moved(revenue, adjustment.unit_id, deltas)
    after = entitlement(terms(stored.policy), stored.task, actual)
    return {"before": _text(stored.total), "after": _text(after.total)}


def _award(
    month: Month, ground: shade.Grounds, after: Mapping[int, shade.Shade], deltas: Deltas
) -> dict[str, dict[str, str]] | None:
    decided = contests.round_in_force(month.district_id, month.month)
    if decided is None:
        return None
    units = {unit.code: unit for unit in ground.units}
    gates = contests.gate_indicators(decided.policy)
    standings = [
        _corrected(standing, units.get(standing.unit), gates, after, deltas)
        for standing in contests.standings(decided.policy, month)
    ]
    decision = contest_rules.decide(contests.terms(decided.policy), standings)
    return {
        "before": {award.unit.code: _text(award.amount) or "" for award in decided.awards.all()},
        "after": {code: _text(amount) or "" for code, amount in decision.winners.items()},
    }


def _corrected(
    standing: contest_rules.Standing,
    unit: Unit | None,
    gates: Mapping[contest_rules.GateCode, Indicator],
    after: Mapping[int, shade.Shade],
    deltas: Deltas,
) -> contest_rules.Standing:
    if unit is None:
        return standing
    fields: dict[str, Any] = {"score": after[unit.pk].total}
    for gate, indicator in gates.items():
        was = getattr(standing, f"{gate.value}_actual")
        if was is not None:
            fields[f"{gate.value}_actual"] = was + _moved(indicator, unit.pk, deltas)
    return replace(standing, **fields)
