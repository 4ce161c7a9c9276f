"""Close a district's month, and publish it with --publish."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from kpi.management.district import acting_person, add_month_arguments, chosen_district
from kpi.models import Month, MonthState
from kpi.services.months import close_month, publish_month
from orgchart.errors import DomainError
from targets.months import month_text


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        add_month_arguments(parser)
        parser.add_argument("--publish", action="store_true", help="freeze the scores as well")
        parser.add_argument("--by", help="code of the person who acts; the system without it")
        parser.add_argument("--reason", default="", help="why figures may be missing")

    def handle(self, *args: Any, **options: Any) -> None:
        district, text = chosen_district(options["district"]), month_text(options["month"])
        by = acting_person(district, options["by"])
        month = Month.objects.filter(district=district, month=options["month"]).first()
        if month is None:
            raise CommandError(f"{text} was never opened in {district.code}.")
        closed_earlier = options["publish"] and month.state == MonthState.CLOSED
        try:
            with translation.override("en"):
                if not closed_earlier:
                    close_month(month=month, by=by, at=timezone.now(), reason=options["reason"])
                    self.stdout.write(f"{text} of {district.code} is closed.")
                if options["publish"]:
                    publish_month(month=month, by=by, at=timezone.now())
                    self.stdout.write(f"{text} of {district.code} is published.")
        except DomainError as error:
            raise CommandError(str(error)) from error
