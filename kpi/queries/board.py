"""The leaderboard of a month: ranks, scores, both gates, what decided, the ranks before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpi.models import Month, Score, ScorecardItem
from kpi.models.scores import LineState
from kpi.queries.figures import NOTHING, figures_of
from kpi.queries.scores import Line, UnitScore, unit_scores
from kpi.rules import ranking
from kpi.rules.curves import Why
from kpi.rules.ranking import TIE_BREAKS
from kpi.rules.scoring import Basis
from orgchart.models import Supervision, Unit
from targets.models import Indicator
from targets.months import last_day, month_after

GATES = {"revenue": "total_revenue", "volume": "mobile_gross_adds"}
MONTHS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Gate:
    """A month's task of both that the award asks for, compared on raw values.

    `met` is None while the actual is not reported or there is no task.
    """

    indicator: Indicator | None
    task: Decimal | None
    actual: Decimal | None

    @property
    def met(self) -> bool | None:
        if self.task is None or self.actual is None:
            return None
        return self.actual >= self.task

    @property
    def shortfall(self) -> Decimal | None:
        """What is missing to the task; None where it is met or not known."""
        if self.task is None or self.actual is None or self.met:
            return None
        return self.task - self.actual

    @property
    def rate(self) -> Fraction | None:
        if self.actual is None or not self.task:
            return None
        return Fraction(self.actual) / Fraction(self.task)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A unit on the leaderboard. `change` is places gained since last month."""

    unit: Unit
    card: UnitScore | None
    rank: int | None
    is_tied: bool
    change: int | None
    gap_to_next: Decimal | None
    gates: dict[str, Gate]
    ranks: tuple[int | None, ...]  # of the last six months, this one last
    supervisor: str
    parted_by: ScorecardItem | None = None  # what put it behind an equal total
    parted_from: Unit | None = None

    @property
    def score(self) -> Decimal | None:
        return self.card.score.total if self.card else None

    @property
    def costliest(self) -> Line | None:
        """The assessed item that lost the most points; None when every one has its full mark."""
        scored = [line for line in (self.card.lines if self.card else ()) if line.lost > 0]
        return max(scored, key=lambda line: line.lost, default=None)

    @property
    def capped(self) -> int:
        """How many items are at their cap."""
        return sum(
            line.reason.code is Why.CAPPED
            or (
                line.points is not None
                and line.points > line.item.weight
                and line.points == line.curve.highest
            )
            for line in (self.card.lines if self.card else ())
        )

    @property
    def waiting(self) -> list[Line]:
        """The items that are not reported yet, or lack their task."""
        return [
            line
            for line in (self.card.lines if self.card else ())
            if line.state in (LineState.PENDING, LineState.NO_TARGET)
        ]


@dataclass(frozen=True, slots=True)
class Board:
    """A month's leaderboard. With a `kind`, ranks, changes and gaps are those among its units."""

    month: Month
    rows: tuple[BoardRow, ...]
    kind: str = ""

    @property
    def waiting(self) -> list[Unit]:
        """The units without a total: while there are any, every rank is provisional."""
        return [row.unit for row in self.rows if row.score is None]

    @property
    def is_provisional(self) -> bool:
        return bool(self.waiting)

    @property
    def is_scored(self) -> bool:
        return any(row.card for row in self.rows)


def first_shown(month: date, *, is_year: bool = False) -> date:
    """Return the earliest month that the board of a month shows, or both it and its year's."""
    first = month_after(month, 1 - MONTHS_SHOWN)
    return min(first, month.replace(month=1)) if is_year else first


def stamp_of(month: Month) -> str:
    """Return what identifies the state of a board: the revisions of the months it shows."""
    revisions = (
        Month.objects.filter(
            district_id=month.district_id,
            month__gte=first_shown(month.month),
            month__lte=month.month,
        )
        .order_by("month")
        .values_list("revision", flat=True)
    )
    return "-".join(str(revision) for revision in revisions)


def leaderboard(month: Month, kind: str = "") -> Board:
    """Return the board of a month, in display order; ten queries, however many units.

    `kind` narrows the peers to the units of one kind (rules §4.10).
    """
    peers = Unit.objects.filter(district_id=month.district_id).business()
    units = list((peers.filter(kind=kind) if kind else peers).open_on(last_day(month.month)))
    cards = unit_scores(month.district_id, month.month)
    gates = _gates(month, units)
    history = _ranks(month, [unit.pk for unit in units])
    supervisors = {
        row.unit_id: row.person.name
        for row in Supervision.objects.on(last_day(month.month))
        .filter(unit__district_id=month.district_id)
        .select_related("person")
    }
    by_code = {unit.code: unit for unit in units}
    places = ranking.rank([_standing(unit, cards.get(unit.pk)) for unit in units])
    ranks = [place.rank for place in places]
    rows = []
    for place in places:
        unit = by_code[place.unit]
        card = cards.get(unit.pk)
        rank, before = place.rank, history[unit.pk][-2]
        above = by_code.get(place.parted_from)
        rows.append(
            BoardRow(
                unit=unit,
                card=card,
                rank=rank,
                is_tied=rank is not None and ranks.count(rank) > 1,
                change=None if rank is None or before is None else before - rank,
                gap_to_next=place.gap_to_next,
                gates=gates[unit.pk],
                ranks=history[unit.pk],
                supervisor=supervisors.get(unit.pk, ""),
                parted_by=_parting(place, card, cards.get(above.pk)) if above else None,
                parted_from=above,
            )
        )
    return Board(month, tuple(rows), kind)


def _standing(unit: Unit, card: UnitScore | None) -> ranking.Standing:
    if card is None:
        return ranking.Standing(unit.code, None)
    parting = {line.item.tie_break: line for line in card.lines if line.item.tie_break}
    return ranking.Standing(
        unit.code,
        card.score.total,
        tuple(line.completion for line in card.lines[:TIE_BREAKS]),
        card.score.is_vetoed,
        tuple(_rate(parting.get(n)) for n in range(1, TIE_BREAKS + 1)),
    )


def _parting(
    place: ranking.Place, card: UnitScore | None, above: UnitScore | None
) -> ScorecardItem | None:
    """Return the item that parted two equal totals, of either one's card."""
    lines = (line for one in (card, above) if one for line in one.lines)
    return next((line.item for line in lines if line.item.tie_break == place.parted_by), None)


def _rate(line: Line | None) -> ranking.Rate | None:
    """Return what parts a tie: the rate, or the points of an item that is not scored by one."""
    if line is None:
        return None
    if line.item.basis not in (Basis.ACTUAL, Basis.EVENTS):
        return line.completion
    return None if line.points is None else Fraction(line.points)


def _gates(month: Month, units: list[Unit]) -> dict[int, dict[str, Gate]]:
    """Return both gates of every unit."""
    known = Indicator.objects.filter(district_id=month.district_id, code__in=GATES.values())
    indicators = {indicator.code: indicator for indicator in known.order_by()}
    found = figures_of(
        indicators.values(), months=[month.month], unit_ids=[unit.pk for unit in units]
    )
    return {
        unit.pk: {
            gate: Gate(indicators.get(code), figure.task, figure.actual)
            for gate, code in GATES.items()
            for figure in [found.get((unit.pk, code), NOTHING)]
        }
        for unit in units
    }


def _ranks(month: Month, unit_ids: Sequence[int]) -> dict[int, tuple[int | None, ...]]:
    """Return the ranks of the last months by unit id, among these units, this month's last."""
    months = [month_after(month.month, step) for step in range(1 - MONTHS_SHOWN, 1)]
    place = {one: position for position, one in enumerate(months)}
    found: dict[int, list[int | None]] = {pk: [None] * MONTHS_SHOWN for pk in unit_ids}
    scores = Score.objects.filter(month__in=months, unit_id__in=unit_ids).order_by()
    for unit_id, one, rank in scores.values_list("unit_id", "month", "rank"):
        found[unit_id][place[one]] = rank
    by_month = zip(*(ranking.ranks_among(ranks) for ranks in zip(*found.values(), strict=True)),
                   strict=True)  # fmt: skip
    return dict(zip(found, by_month, strict=True))


def month_row(district_id: int, month: date) -> Month | None:
    """Return the district's month, None when it was never opened."""
    return Month.objects.filter(district_id=district_id, month=month).first()
