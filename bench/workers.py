"""Goal 3: two workers on different districts, beside one after the other."""

from multiprocessing import get_context
from time import perf_counter

from django.db import connection, connections

from bench import district
from bench.measure import Row
from kpi.services.scoring import rescore

TIMES = 3


def workers(first: district.District, second: district.District, units: int) -> list[Row]:
    """Score two districts for the first time, in one process and in two."""
    keys = [first.root.pk, second.root.pk]

    def alone() -> None:
        start = perf_counter()
        for key in keys * TIMES:
            _fill(key)
        seconds["alone"] = perf_counter() - start

    def together() -> None:
        connections.close_all()
        with get_context("fork").Pool(2) as pool:
            pool.map(_wait, range(2))  # both have started and are connected
            start = perf_counter()
            pool.map(_fill_often, keys, chunksize=1)
            seconds["together"] = perf_counter() - start

    seconds: dict[str, float] = {}
    found: dict[str, list[float]] = {"alone": [], "together": []}
    for _ in range(3):
        for work in (alone, together):
            work()
        for name, taken in seconds.items():
            found[name].append(taken)
    one, two = (sorted(taken)[1] for taken in found.values())
    return [Row(f"2 × {units:,} units by two workers: by one", two, one, 1 / 1.7)]


def _fill(key: int) -> None:
    with connection.cursor() as cursor:
        for table in ("kpi_scoreline", "kpi_score"):
            cursor.execute(
                f"DELETE FROM {table} WHERE month = %s AND unit_id IN"
                " (SELECT id FROM orgchart_unit WHERE district_id = %s)",
                [district.MONTH.isoformat(), key],
            )
    rescore(district_id=key, month=district.MONTH)


def _fill_often(key: int) -> None:
    for _ in range(TIMES):
        _fill(key)


def _wait(_: int) -> None:
    connection.ensure_connection()
