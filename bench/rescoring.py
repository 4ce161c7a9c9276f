"""Goal 1: a month scored on sets, beside reading its figures and inserting its lines."""

from django.db import connection, transaction

from bench import district
from bench.measure import Row, Work, medians
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


class Scoring:
    """One district-month with the works that are timed on it."""

    def __init__(self, chosen: district.District) -> None:
        self.chosen = chosen
        self.written = 0

    def score(self) -> None:
        root, month = self.chosen.root, self.chosen.month
        self.written = rescore(district_id=root.pk, month=month.month)

    def read(self) -> None:
        given = [district.MONTH.isoformat(), self.chosen.root.pk]
        with connection.cursor() as cursor:
            for table in ("targets_task", "kpi_actual"):
                cursor.execute(READ.format(table=table), given)
                cursor.fetchall()

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


def rescoring(small: district.District, large: district.District, units: int) -> list[Row]:
    """Score both months for the first time and again; `large` has ten times the units."""
    rounds = 5 if units > 2000 else 9
    first = []
    rows = []
    for chosen, size in ((small, units // 10), (large, units)):
        scoring = Scoring(chosen)
        scoring.clear()
        scoring.score()
        scoring.keep()
        read, insert, fill = medians(
            [
                Work(scoring.read),
                Work(scoring.insert, scoring.clear),
                Work(scoring.score, scoring.clear),
            ],
            rounds,
        )
        read_again, again = medians([Work(scoring.read), Work(scoring.score)], rounds)
        first.append(fill)
        rows += [
            Row(f"score {size:,} units: read + insert", fill, read + insert, 2.5),
            Row(f"score {size:,} units again: read", again, read_again, 10),
            Row(f"score {size:,} units again: rows written", scoring.written, 0, 0, "rows"),
        ]
    growth = Row(f"score {units:,} units: {units // 10:,} units", first[1], first[0], 11)
    return [*rows, growth]
