"""Goal 2: one district-month scored again while the tables hold a year of a whole country."""

from statistics import median, quantiles
from time import perf_counter

from django.db import connection
from django.db.models import F

from bench import district
from bench.measure import Row, processor_clock
from bench.rescoring import Scoring
from orgchart.models import Unit, UnitKind

UNITS = 35
ROUNDS = 200


def year(chosen: district.District, country: district.District, facts: int) -> list[Row]:
    """Fill the country's year up to so many figures, then score the district of 35 units again."""
    fill_year(country)
    divide(country)
    district.analyse()
    scoring = Scoring([chosen])
    scoring.score()
    name = f"score {UNITS} units again in {facts:,} figures a year"
    clocks = {name: perf_counter}
    if processor := processor_clock():
        clocks[f"{name}, processor"] = processor
    taken: dict[str, tuple[list[float], list[float]]] = {one: ([], []) for one in clocks}
    for turn in range(ROUNDS + 5):
        for place, work in enumerate((scoring.read, scoring.score)):
            starts = [clock() for clock in clocks.values()]
            work()
            for (one, clock), start in zip(clocks.items(), starts, strict=True):
                if turn >= 5:
                    taken[one][place].append(clock() - start)
    rows = []
    for one, (limit, ours) in taken.items():
        middle, late = median(ours), quantiles(ours, n=100)[98]
        rows += [
            Row(f"{one}: read", middle, median(limit), 5),
            Row(f"{one}, p99: p50", late, middle, 2),
        ]
    return rows


def fill_year(country: district.District) -> None:
    """Give the other eleven months the tasks and figures of the one that is there."""
    with connection.cursor() as cursor:
        for number in range(1, 13):
            month = district.MONTH.replace(month=number)
            if month != district.MONTH:
                district.fill(cursor, country.root, month)


def divide(country: district.District) -> None:
    """Give the country's units to districts of the usual size."""
    units = list(Unit.objects.filter(district=country.root, kind=UnitKind.GRID).order_by("pk"))
    parts = [units[first : first + UNITS] for first in range(0, len(units), UNITS)]
    roots = Unit.objects.bulk_create(
        [
            Unit(
                code=f"part{number}",
                kind=UnitKind.DISTRICT,
                name_zh=f"区{number}",
                name_en=f"District {number}",
                opened_on=district.START,
            )
            for number in range(len(parts))
        ]
    )
    Unit.objects.filter(pk__in=[root.pk for root in roots]).update(district=F("pk"))
    for root, part in zip(roots, parts, strict=True):
        Unit.objects.filter(pk__in=[unit.pk for unit in part]).update(district_id=root.pk)


def units_for(facts: int) -> int:
    """Return how many units report so many figures in a year."""
    return facts // (12 * 2 * len(district.CODES))
