"""Whom and what the demo is played with, by code, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from orgchart import jobs
from orgchart.actors import BUSINESS_ZONE
from orgchart.models import Person, Unit
from portal.book.gather import district_by_code
from portal.demo import DISTRICT, organisation
from targets.models import Breakdown, Indicator


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything by code, read once."""

    district: Unit
    units: Mapping[str, Unit]
    people: Mapping[str, Person]
    indicators: Mapping[str, int]
    breakdowns: Mapping[str, int]

    def person(self, account: str) -> Person:
        return self.people[organisation.ACCOUNTS[account]]


def drain() -> None:
    """Do what the months owe now; a demo with work left undone is not loaded at all."""
    jobs.drain()
    if owed := jobs.pending():
        raise RuntimeError(f"jobs failed while the demo was loaded: {owed}")


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=BUSINESS_ZONE)


def set_stage() -> Stage:
    district = district_by_code(DISTRICT)
    assert district is not None
    return Stage(
        district,
        {unit.code: unit for unit in Unit.objects.filter(district=district)},
        {person.code: person for person in Person.objects.filter(district=district)},
        dict(Indicator.objects.filter(district=district).values_list("code", "pk")),
        dict(Breakdown.objects.filter(district=district).values_list("code", "pk")),
    )
