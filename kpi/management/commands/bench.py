"""Measure scoring, saving, breakdowns and the leaderboard in a scratch database of the kind in use.

Each line is ours beside the limit of the same run: what the database or the framework takes
for the bare work. The installation's data is not touched. docs/performance.md has the figures.
"""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.test.utils import override_settings

from bench import district
from bench.board import board
from bench.breakdown import breaking_down
from bench.exporting import exporting
from bench.importing import importing
from bench.measure import Row, Taken, growth, table
from bench.rescoring import rescoring
from bench.saving import saving
from bench.scratch import scratch_database
from bench.workers import workers
from bench.year import UNITS, units_for, year


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--units", type=int, nargs="*", default=[6, 1000], help="sizes to score; 6 1000"
        )
        parser.add_argument(
            "--per-district", type=int, help="units of a district, where not all are in one"
        )
        parser.add_argument(
            "--facts", type=int, default=0, help="figures a year of a country, as 10000000"
        )
        parser.add_argument(
            "--workers", type=int, default=0, help="units of each of two districts (PostgreSQL)"
        )
        parser.add_argument("--scoring-only", action="store_true", help="no pages, no saving")

    def handle(self, *args: Any, **options: Any) -> None:
        with scratch_database(), override_settings(DEBUG=False, DRAIN_ON_COMMIT=False):
            self.score(sorted(options["units"]), options["per_district"])
            if options["workers"]:
                self.share(options["workers"])
            if not options["scoring_only"]:
                forty, six = self.build("forty", 40), self.build("six", 6)
                self.show(saving(forty) + board(forty, six) + breaking_down() + exporting(forty))
                self.show(importing())
            if options["facts"]:
                few, country = (
                    self.build("few", UNITS),
                    self.build("country", units_for(options["facts"])),
                )
                self.show(year(few, country, options["facts"]))

    def build(self, code: str, units: int) -> district.District:
        made = district.build(code, units)
        district.analyse()
        return made

    def show(self, rows: Sequence[Row]) -> None:
        """Print what is measured so far: the large sizes take minutes."""
        self.stdout.write(table(rows) + "\n")
        self.stdout.flush()

    def score(self, sizes: Sequence[int], per_district: int | None) -> None:
        """Score each size, the smallest first, and compare each with the one before."""
        before: tuple[int, Taken] | None = None
        for units in sizes:
            each = min(per_district or units, units)
            chosen = [
                district.build(f"units{units}-{number}", each) for number in range(units // each)
            ]
            district.analyse()
            rows, fill = rescoring(chosen, units)
            if before and before[0] > 100:
                rows += growth(units, fill, *before)
            before = (units, fill)
            self.show(rows)

    def share(self, units: int) -> None:
        if connection.vendor == "sqlite":
            self.stdout.write("SQLite has one writer: two workers are measured on PostgreSQL.")
            return
        self.show(workers(self.build("first", units), self.build("second", units), units))
