"""Goal 2: one district-month scored again while the tables hold a year of a whole country."""

from statistics import median, quantiles
from time import perf_counter

from django.db import connection

from bench import district
from bench.measure import Row
from bench.rescoring import Scoring

UNITS = 35
ROUNDS = 200


def year(chosen: district.District, country: district.District, facts: int) -> list[Row]:
    """Fill the country's year up to so many figures, then score the district of 35 units again."""
    fill_year(country)
    district.analyse()
    scoring = Scoring(chosen)
    scoring.score()
    ours, limit = [], []
    for turn in range(ROUNDS + 5):
        for work, times in ((scoring.read, limit), (scoring.score, ours)):
            start = perf_counter()
            work()
            if turn >= 5:
                times.append(perf_counter() - start)
    middle, late = median(ours), quantiles(ours, n=100)[98]
    name = f"score {UNITS} units again in {facts:,} figures a year"
    return [
        Row(f"{name}: read", middle, median(limit), 5),
        Row(f"{name}, p99: p50", late, middle, 2),
    ]


def fill_year(country: district.District) -> None:
    """Give the other eleven months the tasks and figures of the one that is there."""
    with connection.cursor() as cursor:
        for number in range(1, 13):
            month = district.MONTH.replace(month=number)
            if month != district.MONTH:
                district.fill(cursor, country.root, month)


def units_for(facts: int) -> int:
    """Return how many units report so many figures in a year."""
    return facts // (12 * 2 * len(district.CODES))
