"""The year so far: each unit's points of the months up to one, ranked by their sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpi.models import Month, MonthState, Score
from kpi.rules import ranking
from orgchart.models import Unit
from targets.months import last_day
from targets.rules.growth import rounded


@dataclass(frozen=True, slots=True)
class YearRow:
    """A unit's year. `months` has its totals, January first; None where it has none.

    `change` is places gained since the month before, `gap_to_next` the points to the next more.
    """

    unit: Unit
    months: tuple[Decimal | None, ...]
    points: Decimal | None
    rank: int | None
    is_tied: bool
    change: int | None
    gap_to_next: Decimal | None

    @property
    def mean(self) -> Decimal | None:
        """Points of a month that has any, two decimals, half up."""
        known = [total for total in self.months if total is not None]
        if self.points is None:
            return None
        return rounded(Fraction(self.points) / len(known), 2)


@dataclass(frozen=True, slots=True)
class YearBoard:
    """The ranking of a year up to a month, in display order.

    `unpublished` are its months whose points may still change: every rank is provisional.
    """

    month: Month
    rows: tuple[YearRow, ...]
    unpublished: tuple[date, ...]
    kind: str = ""

    @property
    def is_scored(self) -> bool:
        return any(row.points is not None for row in self.rows)


def year_board(month: Month, kind: str = "") -> YearBoard:
    """Return the year up to a month; three queries, however many units.

    Who takes part is who is open at the end of the month; a month without a total adds nothing.
    """
    peers = Unit.objects.filter(district_id=month.district_id).business()
    units = list((peers.filter(kind=kind) if kind else peers).open_on(last_day(month.month)))
    found = {
        (unit_id, first.month): total
        for unit_id, first, total in Score.objects.filter(
            unit__district_id=month.district_id,
            month__year=month.month.year,
            month__lte=month.month,
        ).values_list("unit_id", "month", "total")
    }
    unpublished = (
        Month.objects.filter(
            district_id=month.district_id,
            month__year=month.month.year,
            month__lte=month.month,
        )
        .exclude(state=MonthState.PUBLISHED)
        .order_by("month")
        .values_list("month", flat=True)
    )
    whole = [
        tuple(found.get((unit.pk, number)) for number in range(1, month.month.month + 1))
        for unit in units
    ]
    points = [_sum(totals) for totals in whole]
    ranks = ranking.competition_ranks(points)
    before = ranking.competition_ranks([_sum(totals[:-1]) for totals in whole])
    rows = [
        YearRow(
            unit=unit,
            months=totals,
            points=total,
            rank=rank,
            is_tied=rank is not None and ranks.count(rank) > 1,
            change=None if rank is None or earlier is None else earlier - rank,
            gap_to_next=None if total is None else _gap(total, points),
        )
        for unit, totals, total, rank, earlier in zip(
            units, whole, points, ranks, before, strict=True
        )
    ]
    rows.sort(key=lambda row: (row.rank is None, row.rank or 0))
    return YearBoard(month, tuple(rows), tuple(unpublished), kind)


def _sum(totals: Sequence[Decimal | None]) -> Decimal | None:
    known = [total for total in totals if total is not None]
    return sum(known, Decimal(0)) if known else None


def _gap(total: Decimal, points: Sequence[Decimal | None]) -> Decimal | None:
    more = [other for other in points if other is not None and other > total]
    return min(more) - total if more else None
