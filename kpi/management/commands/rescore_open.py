"""Score every month that is not published again, of all districts, shared among the workers."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import F

from kpi.management.district import chosen_district
from kpi.services.rescoring import owe_rescoring
from orgchart.models import Job

PATIENCE = 120  # seconds without any progress


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--district", help="code; all districts without it")

    def handle(self, *args: Any, **options: Any) -> None:
        only = chosen_district(options["district"]).pk if options["district"] else None
        owed = sum(1 for _ in owe_rescoring(district_id=only))
        self._wait(owed, only)
        self.stdout.write(f"{owed} months scored again.")

    def _wait(self, owed: int, only: int | None) -> None:
        """Show how far the workers are. Raises CommandError when they get no further."""
        jobs = Job.objects.filter(kind="rescore", requested__gt=F("done"))
        if only is not None:
            jobs = jobs.filter(district_id=only)
        left, moved_at = jobs.count(), time.monotonic()
        while left:
            if time.monotonic() - moved_at > PATIENCE:
                raise CommandError(f"{left} of {owed} months are still owed: is a worker running?")
            time.sleep(0.5)
            before, left = left, jobs.count()
            if left != before:
                moved_at = time.monotonic()
                self.stdout.write(f"{max(owed - left, 0)} of {owed}", ending="\r")
                self.stdout.flush()
