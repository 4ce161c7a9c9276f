"""Import a district workbook: everything or nothing, with every fault located."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from orgchart.errors import DomainError
from portal.services.workbook import import_workbook


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="show what would change")
        parser.add_argument("--language", default="zh-hans", choices=["zh-hans", "en"])

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                with options["file"].open("rb") as file:
                    report = import_workbook(
                        file=file, by=None, at=timezone.now(), dry_run=options["dry_run"]
                    )
            except OSError as error:
                raise CommandError(f"{options['file']}: {error.strerror}") from error
            except DomainError as error:
                lines = [f"{fault.pointer}: {fault.detail}" for fault in error.faults]
                raise CommandError("\n".join([str(error), *lines])) from error
            for sheet in report.sheets:
                self.stdout.write(f"{sheet.kind.title}: +{sheet.added} ~{sheet.changed}")
        verb = "would change" if options["dry_run"] else "changed"
        self.stdout.write(f"{report.total} rows {verb}.")
