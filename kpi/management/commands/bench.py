"""Measure scoring, saving, breakdowns and the leaderboard in a scratch database of the kind in use.

Each line is ours beside the limit of the same run: what the database or the framework takes
for the bare work. The installation's data is not touched.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test.utils import override_settings

from bench import district
from bench.board import board
from bench.breakdown import breaking_down
from bench.measure import table
from bench.rescoring import rescoring
from bench.saving import saving
from bench.scratch import scratch_database


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--units", type=int, default=1000, help="from 120 on; default 1000")

    def handle(self, *args: Any, **options: Any) -> None:
        units = options["units"]
        if units < 120:
            raise CommandError("Measure with at least 120 units.")
        with scratch_database(), override_settings(DEBUG=False, DRAIN_ON_COMMIT=False):
            sizes = {"six": 6, "board": 35, "small": units // 10, "large": units}
            made = {code: district.build(code, size) for code, size in sizes.items()}
            district.analyse()
            rows = rescoring(made["small"], made["large"], units)
            rows += saving(made["large"])
            rows += board(made["board"], made["six"])
            rows += breaking_down()
        self.stdout.write(table(rows))
