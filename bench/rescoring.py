"""Goal 1: a month scored on sets, beside what its database can do with the same rows at all."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from django.db import connection, transaction

from bench import district, limits
from bench.measure import Row, Taken, Work, compared, medians
from kpi.services.scoring import rescore

READ = """
SELECT COUNT(*), SUM(value) FROM (
  SELECT f.unit_id, f.indicator_id, SUM(f.value) AS value
  FROM {table} f JOIN orgchart_unit u ON u.id = f.unit_id
  WHERE f.month = %s AND u.district_id = %s
  GROUP BY f.unit_id, f.indicator_id
) figures
"""
RESULTS = {"bench_line": "kpi_scoreline", "bench_score": "kpi_score"}
LINES = """
SELECT unit_id, item_id, state, target, actual, basis_n, basis_d, points
FROM kpi_scoreline ORDER BY unit_id, item_id
"""
SCORES = "SELECT unit_id, total, rank FROM kpi_score ORDER BY unit_id"


class Scoring:
    """A month of districts with the works timed on it; the tables hold its results only."""

    def __init__(self, chosen: Sequence[district.District]) -> None:
        self.chosen = chosen
        self.written = 0

    def score(self) -> None:
        self.written = sum(
            rescore(district_id=one.root.pk, month=one.month.month) for one in self.chosen
        )

    def read(self) -> None:
        with connection.cursor() as cursor:
            for one in self.chosen:
                for table in ("targets_task", "kpi_actual"):
                    cursor.execute(
                        READ.format(table=table), [district.MONTH.isoformat(), one.root.pk]
                    )
                    cursor.fetchall()

    def by(self, way: Callable[[district.District], None]) -> Callable[[], None]:
        """Return the work of scoring each district in another way."""

        def do() -> None:
            for one in self.chosen:
                way(one)

        return do

    def clear(self) -> None:
        with connection.cursor() as cursor:
            for table in RESULTS.values():
                cursor.execute(f"DELETE FROM {table}")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for table in RESULTS.values():
                    cursor.execute(f"VACUUM ANALYZE {table}")

    def keep(self) -> None:
        """Copy the lines and totals aside."""
        with connection.cursor() as cursor:
            for copy, table in RESULTS.items():
                cursor.execute(f"DROP TABLE IF EXISTS {copy}")
                cursor.execute(f"CREATE TABLE {copy} AS SELECT * FROM {table}")

    def insert(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for copy, table in RESULTS.items():
                cursor.execute(f"INSERT INTO {table} SELECT * FROM {copy}")

    def results(self) -> list[list[tuple[object, ...]]]:
        with connection.cursor() as cursor:
            found = []
            for statement in (LINES, SCORES):
                cursor.execute(statement)
                found.append(cursor.fetchall())
            return found

    def check(self, name: str, way: Callable[[district.District], None]) -> Taken:
        """Return how long another way takes; RuntimeError unless it stores what ours does."""
        ours = self.results()
        self.clear()
        (taken,) = medians([Work(self.by(way))], 1, warm_up=False)
        if self.results() != ours:
            raise RuntimeError(f"{name} stores something else")
        return taken


def rescoring(chosen: Sequence[district.District], units: int) -> tuple[list[Row], Taken]:
    """Score a month of districts that have so many units together for the first time, and again.

    Return the rows and what the first fill took.
    """
    rounds = 3 if units > 2000 else 9
    is_small = units < 1000  # a fill is the fixed cost of its statements
    is_large = units > 20_000  # every work has been done once: that has to do as a warm-up
    scoring = Scoring(chosen)
    scoring.clear()
    memory = peak_while(scoring.score)
    scoring.keep()
    scoring.check("the statement", limits.by_statement)
    scoring.clear()
    scoring.score()
    orm = scoring.check("the ORM way", limits.by_orm)
    read, insert, statement, fill = medians(
        [
            Work(scoring.read),
            Work(scoring.insert, scoring.clear),
            Work(scoring.by(limits.by_statement), scoring.clear),
            Work(scoring.score, scoring.clear),
        ],
        rounds,
        warm_up=not is_large,
    )
    if not is_large:  # its time above has to do
        (orm,) = medians([Work(scoring.by(limits.by_orm), scoring.clear)], 3)
    scoring.clear()
    scoring.score()
    read_again, again = medians(
        [Work(scoring.read), Work(scoring.score)], rounds, warm_up=not is_large
    )
    name = f"score {units:,} units"
    if len(chosen) > 1:
        name += f" in {len(chosen)} districts"
    rows = []
    if not is_small:
        rows += compared(f"{name}: read + insert", fill, read + insert, 2.5)
        rows += compared(f"{name}: one statement for this card alone", fill, statement, 2.5)
    rows += [
        *compared(f"{name}: the ORM way", fill, orm, 1 if is_small else 0.2),
        *compared(f"{name} again: read", again, read_again, 10),
        Row(f"{name} again: rows written", scoring.written, 0, 0, "rows"),
    ]
    if memory is not None:
        rows.append(Row(f"{name}: memory of the client, 64 MB", memory, 64, 1, "MB"))
    return rows, fill


def peak_while(work: Callable[[], object]) -> float | None:
    """Do the work and return by how many MB it raised this process's peak; None but on Linux.

    On SQLite the database is in this process and counts.
    """
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not os.access(reset, os.W_OK):
        work()
        return None

    def held(what: str) -> int:
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines[what].split()[0])

    reset.write_text("5")
    before = held("VmRSS")
    work()
    return (held("VmHWM") - before) / 1024
