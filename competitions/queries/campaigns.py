"""Who takes part in a campaign, how everybody stands, and what lists show of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from competitions.models import Campaign, CampaignState, Contestants, Phase
from competitions.queries.campaign_sources import NOTHING, Reading, readings
from competitions.rules import campaigns as rules
from orgchart.models import DealerAffiliation, Role, Tenure, Unit

COMPETING_ROLES = (Role.MANAGER, Role.STAFF)


@dataclass(frozen=True, slots=True)
class Contestant:
    """Who competes: code, name, and the unit that the award is counted in."""

    code: str
    name: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class Row:
    """A contestant with the reading and the standing; `place_now` is None without a result."""

    contestant: Contestant
    reading: Reading
    standing: rules.Standing


@dataclass(frozen=True, slots=True)
class Table:
    """A campaign as it stands on a day, the best first; frozen once it is decided.

    `total` is what all have together, None while nobody has anything.
    """

    campaign: Campaign
    rows: tuple[Row, ...]
    pace: rules.Pace
    today: date

    @property
    def phase(self) -> Phase:
        return self.campaign.phase(self.today)

    @property
    def total(self) -> Decimal | None:
        known = [row.standing.value for row in self.rows if row.standing.value is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def missing(self) -> list[Contestant]:
        """Who has no result, or not yet that of the whole span."""
        return [row.contestant for row in self.rows if not row.reading.is_whole]

    @property
    def as_of(self) -> date | None:
        return max((r.reading.as_of for r in self.rows if r.reading.as_of), default=None)

    @property
    def payable(self) -> Decimal:
        return sum((row.standing.amount for row in self.rows), Decimal(0))


def campaigns_of(district: Unit) -> QuerySet[Campaign]:
    """Return the campaigns of a district, the latest first, with what lists show of them."""
    return (
        Campaign.objects.filter(district=district)
        .select_related("indicator", "district")
        .annotate(awarded=Sum("awards__amount"))
        .order_by("-starts_on", "code", "pk")
    )


def in_phase(rows: QuerySet[Campaign], phase: Any, today: date) -> QuerySet[Campaign]:
    """Narrow campaigns to those that are in a phase on a day."""
    by_day = {
        Phase.ANNOUNCED: Q(starts_on__gt=today),
        Phase.RUNNING: Q(starts_on__lte=today, ends_on__gte=today),
        Phase.CLOSED: Q(ends_on__lt=today),
    }
    if phase in by_day:
        return rows.filter(by_day[Phase(phase)], state=CampaignState.ANNOUNCED)
    return rows.filter(state=phase)


def contestants(campaign: Campaign) -> list[Contestant]:
    """Return who takes part: whoever belonged to one of the units on some day of the span.

    The unit is the last one of the span. Of people those whose post is a manager's or staff's.
    """
    first, last = campaign.starts_on, campaign.ends_on
    units = Unit.objects.of(campaign.district_id).business()
    if campaign.units:
        units = units.filter(code__in=campaign.units)
    if campaign.contestants == Contestants.UNITS:
        found = units.open_on(last).order_by("position", "pk")
        return [Contestant(unit.code, unit.name, unit) for unit in found]
    if campaign.contestants == Contestants.DEALERS:
        rows = DealerAffiliation.objects.meeting(first, last).filter(
            Q(dealer__closed_on=None) | Q(dealer__closed_on__gte=first),
            unit__in=units, dealer__district=campaign.district_id, dealer__opened_on__lte=last,
        )  # fmt: skip
        if campaign.tier:
            rows = rows.filter(dealer__tier=campaign.tier)
        rows = rows.select_related("dealer", "unit").order_by("dealer__code", "valid_from", "pk")
        return _last(rows, "dealer")
    held = Tenure.objects.meeting(first, last).filter(
        unit__in=units, post__role__in=COMPETING_ROLES
    )
    held = held.select_related("person", "unit").order_by("person__code", "valid_from", "pk")
    return _last(held, "person")


def _last(rows: Any, name: str) -> list[Contestant]:
    found: dict[str, Contestant] = {}
    for row in rows:
        who = getattr(row, name)
        found[who.code] = Contestant(who.code, who.name, row.unit)
    return list(found.values())


def table(campaign: Campaign, today: date) -> Table:
    """Return how a campaign stands on a day; of a decided one as it was decided."""
    everybody = contestants(campaign)
    pace = rules.pace(campaign.starts_on, campaign.ends_on, today)
    if campaign.standings is not None:
        return Table(campaign, _frozen(campaign.standings, everybody, campaign), pace, today)
    known = readings(campaign, today)
    read = {each.code: known.get(each.code, NOTHING) for each in everybody}
    found = rules.standings(
        campaign.terms,
        [rules.Entrant(code, each.value, each.since) for code, each in read.items()],
    )
    by_code = {each.code: each for each in everybody}
    rows = [Row(by_code[each.code], read[each.code], each) for each in found]
    return Table(campaign, tuple(rows), pace, today)


def standings_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the standings to keep with a decision."""
    return [
        {
            "contestant": row.contestant.code,
            "name": row.contestant.name,
            "unit": row.contestant.unit.code,
            "value": None if row.standing.value is None else str(row.standing.value),
            "rank": row.standing.rank,
            "is_qualified": row.standing.is_qualified,
            "for_place": str(row.standing.for_place),
            "for_level": str(row.standing.for_level),
            "since": row.reading.since and row.reading.since.isoformat(),
            "as_of": row.reading.as_of and row.reading.as_of.isoformat(),
        }
        for row in rows
    ]


def _frozen(
    kept: Sequence[dict[str, Any]], everybody: Sequence[Contestant], campaign: Campaign
) -> tuple[Row, ...]:
    known = {each.code: each for each in everybody}
    units = {unit.code: unit for unit in Unit.objects.of(campaign.district_id)}
    rows = []
    for each in kept:
        code = each["contestant"]
        name = known[code].name if code in known else each["name"]
        value = None if each["value"] is None else Decimal(each["value"])
        since, as_of = (each[key] and date.fromisoformat(each[key]) for key in ("since", "as_of"))
        rows.append(
            Row(
                Contestant(code, name, units[each["unit"]]),
                Reading(value, since, as_of, is_whole=value is not None),
                rules.Standing(
                    code, value, each["rank"], each["is_qualified"], Decimal(each["for_place"]),
                    Decimal(each["for_level"]), None, None,
                ),
            )
        )  # fmt: skip
    return tuple(rows)
