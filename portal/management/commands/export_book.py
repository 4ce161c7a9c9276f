"""Write the workbook of a district's year to an xlsx file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from orgchart.models import Unit, UnitKind
from portal.book.gather import gather_book
from portal.workbooks import write_book


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("file", type=Path)
        parser.add_argument("--district", help="code; needed where there are several")
        parser.add_argument("--language", default="zh-hans", choices=["zh-hans", "en"])

    def handle(self, *args: Any, **options: Any) -> None:
        districts = Unit.objects.filter(kind=UnitKind.DISTRICT).order_by("pk")
        if options["district"]:
            districts = districts.filter(code=options["district"])
        if len(districts) != 1:
            codes = ", ".join(unit.code for unit in districts) or "none"
            raise CommandError(f"Name one district with --district; there are: {codes}.")
        with translation.override(options["language"]):
            content = write_book(gather_book(district=districts[0], year=options["year"]))
        options["file"].write_bytes(content)
        self.stdout.write(f"Wrote {options['file']}.")
