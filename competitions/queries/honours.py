"""The winners' wall (光荣榜): who won in the rounds and campaigns that stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from competitions.models import (
    Award,
    Campaign,
    CampaignAward,
    CampaignState,
    Contestants,
    Round,
)
from competitions.models import RoundState as State
from competitions.queries import MONTHLY, Contest, units_of
from orgchart.models import Dealer, Person, Unit

# What a campaign is once its awards are settled; before that nobody has won.
SETTLED = (CampaignState.DECIDED, CampaignState.APPROVED, CampaignState.PAID)

MOST_OF_A_MONTH = 50  # units that share a month's award, on Today


@dataclass(frozen=True, slots=True)
class Honours:
    """What a unit won in the rounds that stand: times, yuan, months in a row."""

    unit: Unit
    times: int
    amount: Decimal
    longest: int  # the longest run of decided months
    running: int  # the run that the latest decided month continues
    last: date | None


def honours(district: Unit, held: Sequence[Round]) -> list[Honours]:
    """Return the business units, most awards first, those never awarded last; one query."""
    decided = _standing(held)
    won = [{award.unit_id: award.amount for award in each.awards.all()} for each in decided]
    found = []
    for unit in Unit.objects.of(district).business():
        runs = [0]
        for awards in won:
            runs.append(runs[-1] + 1 if unit.pk in awards else 0)
        months = [
            each.month for each, awards in zip(decided, won, strict=True) if unit.pk in awards
        ]
        amounts = [awards[unit.pk] for awards in won if unit.pk in awards]
        last = months[-1] if months else None
        found.append(
            Honours(unit, len(months), sum(amounts, Decimal(0)), max(runs), runs[-1], last)
        )
    return sorted(found, key=lambda each: (-each.times, each.unit.position, each.unit.pk))


def _standing(held: Sequence[Round]) -> list[Round]:
    """Return the rounds that are not void, the first month first."""
    return sorted((each for each in held if each.state != State.VOID), key=lambda one: one.month)


@dataclass(frozen=True, slots=True)
class Won:
    """A round of a year; `runs` is by unit code the how manieth decided month in a row it won."""

    contest: Contest
    runs: dict[str, int]


def years_won(district: Unit, held: Sequence[Round]) -> list[int]:
    """Return the years that have a round or a settled campaign, the latest first; one query."""
    ends = _settled(district).order_by().values_list("ends_on", flat=True)
    return sorted({each.month.year for each in held} | {day.year for day in ends}, reverse=True)


def rounds_won(district: Unit, held: Sequence[Round], year: int) -> list[Won]:
    """Return the rounds of a year that stand, the latest first, with or without a winner.

    A run goes on over New Year; a decided month without the unit ends it. One query.
    """
    units = units_of(district.pk)
    runs: dict[str, int] = {}
    found = []
    for each in _standing(held):
        codes = [award.unit.code for award in each.awards.all()]
        runs = {code: runs.get(code, 0) + 1 for code in codes}
        if each.month.year == year:
            contest = Contest(each.month, each.policy, each, each.reason, each.standings, units)
            found.append(Won(contest, runs))
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Prize:
    """What somebody won in a campaign, in yuan."""

    who: str
    unit: Unit
    rank: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CampaignWon:
    """A settled campaign with its prizes, the first place first."""

    campaign: Campaign
    prizes: tuple[Prize, ...]

    @property
    def total(self) -> Decimal:
        return sum((each.amount for each in self.prizes), Decimal(0))


def campaigns_won(district: Unit, year: int) -> list[CampaignWon]:
    """Return the settled campaigns that ended in a year, the latest first; at most five queries."""
    rows = list(
        _settled(district)
        .filter(ends_on__year=year)
        .select_related("indicator")
        .prefetch_related("awards__unit")
        .order_by("-ends_on", "code", "pk")
    )
    names = _names(district, rows)
    return [
        CampaignWon(row, tuple(_prize(award, names[row.contestants]) for award in row.awards.all()))
        for row in rows
    ]


def latest_awards(district: Unit) -> list[Award]:
    """Return the awards of the latest month that has any; one query."""
    rows = (
        Award.objects.filter(round__competition__district=district)
        .filter(round__competition__code=MONTHLY)
        .exclude(round__state=State.VOID)
        .select_related("unit", "round")
        .order_by("-round__month", "pk")
    )
    found = list(rows[:MOST_OF_A_MONTH])
    return [award for award in found if award.round.month == found[0].round.month]


def _settled(district: Unit) -> QuerySet[Campaign]:
    return Campaign.objects.filter(district=district, state__in=SETTLED)


def _names(district: Unit, rows: Sequence[Campaign]) -> dict[str, dict[str, str]]:
    """Return the names of who won, by kind of contestant and code, in the active language."""
    found: dict[str, dict[str, str]] = {}
    for kind, model in (
        (Contestants.PEOPLE, Person), (Contestants.DEALERS, Dealer), (Contestants.UNITS, Unit),
    ):  # fmt: skip
        codes = {
            award.contestant
            for row in rows
            if row.contestants == kind
            for award in row.awards.all()
        }
        if codes:
            known = model._default_manager.filter(district=district, code__in=codes)
            found[kind.value] = {each.code: each.name for each in known}
        else:
            found[kind.value] = {}
    return found


def _prize(award: CampaignAward, names: dict[str, str]) -> Prize:
    name = names.get(award.contestant, award.contestant)
    return Prize(name, award.unit, award.rank, award.amount)
