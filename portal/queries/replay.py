"""A scorecard run over closed months in the shade: who would gain, who would lose, who would win.

Nothing is written: what was published stands beside what the card would have made of the same
figures (issue 4, point 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from competitions import rules as awards
from competitions.queries import contest, standings, terms
from kpi.models import Month, MonthState, Score, Scorecard
from kpi.queries.shade import Shade, grounds, score
from orgchart.models import Unit

MOST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's total and rank; None where there is none."""

    total: Decimal | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A month: each unit before and after, and who took the award (codes) before and after."""

    month: date
    before: dict[int, Place]
    after: dict[int, Place]
    winners_before: tuple[str, ...] | None
    winners_after: tuple[str, ...] | None

    def gain(self, unit_id: int) -> Decimal | None:
        """Return the points gained; None where one side has no total."""
        was, then = self.before.get(unit_id), self.after.get(unit_id)
        if was is None or then is None or was.total is None or then.total is None:
            return None
        return then.total - was.total

    def climb(self, unit_id: int) -> int | None:
        """Return the places gained; None where one side has no rank."""
        was, then = self.before.get(unit_id), self.after.get(unit_id)
        if was is None or then is None or was.rank is None or then.rank is None:
            return None
        return was.rank - then.rank


@dataclass(frozen=True, slots=True)
class Replay:
    """The months in their order, and the units that any of them scored."""

    months: tuple[Replayed, ...]
    units: tuple[Unit, ...]

    def mean_gain(self, unit_id: int) -> Fraction | None:
        """Return the mean of the points gained over the months that have both totals."""
        gains = [gain for one in self.months if (gain := one.gain(unit_id)) is not None]
        return Fraction(sum(gains, Decimal(0))) / len(gains) if gains else None


def replayable(district_id: int) -> list[date]:
    """Return the months that can be run over: those no longer open, the earliest first."""
    return list(
        Month.objects.filter(district_id=district_id)
        .exclude(state=MonthState.OPEN)
        .order_by("month")
        .values_list("month", flat=True)
    )


def replay(card: Scorecard, months: Sequence[date]) -> Replay:
    """Run a card over months of its district in the shade, at most twelve of them."""
    rows = Month.objects.filter(
        district_id=card.district_id, month__in=list(months)[:MOST_MONTHS]
    ).order_by("month")
    found = [_replayed(card, row) for row in rows]
    ids = {unit_id for one in found for unit_id in (*one.before, *one.after)}
    units = Unit.objects.filter(pk__in=ids).order_by("position", "pk")
    return Replay(tuple(found), tuple(units))


def _replayed(card: Scorecard, month: Month) -> Replayed:
    stored = Score.objects.filter(month=month.month, unit__district_id=month.district_id)
    given = grounds(month, [card])
    shades = score(given)
    before, after = _winners(month, {unit.code: shades[unit.pk] for unit in given.units})
    return Replayed(
        month=month.month,
        before={row.unit_id: Place(row.total, row.rank) for row in stored},
        after={unit_id: Place(shade.total, shade.rank) for unit_id, shade in shades.items()},
        winners_before=before,
        winners_after=after,
    )


def _winners(
    month: Month, shades: dict[str, Shade]
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Return who took the award and who would; None where nothing was contested or is pending."""
    decided = contest(month)
    if decided is None:
        return None, None
    stand = [
        replace(
            one,
            score=shades[one.unit].total if one.unit in shades else None,
            veto=one.unit in shades and shades[one.unit].is_award_vetoed,
            eligible=one.unit in shades,
        )
        for one in standings(decided.policy, month)
    ]
    decision = awards.decide(terms(decided.policy), stand)
    after = None if decision.state is awards.State.PENDING else tuple(decision.winners)
    return tuple(decided.winners), after
