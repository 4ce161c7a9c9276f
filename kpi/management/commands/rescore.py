"""Score a month again, now; a published one stays as it is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpi.management.district import add_month_arguments, chosen_district
from kpi.models import Month, MonthState
from kpi.services.scoring import rescore
from targets.months import month_text


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        add_month_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        month, district = options["month"], chosen_district(options["district"])
        row = Month.objects.filter(district=district, month=month).first()
        if row is None:
            raise CommandError(f"{month_text(month)} was never opened in {district.code}.")
        if row.state == MonthState.PUBLISHED:
            raise CommandError(f"{month_text(month)} is published and stays as it is.")
        changed = rescore(district_id=district.pk, month=month)
        self.stdout.write(f"{month_text(month)} of {district.code}: {changed} rows changed.")
