"""Restore the database and the uploaded files from a backup. Stop the portal first."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.services.backup import has_data, restore


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="overwrite what is there")

    def handle(self, *args: Any, **options: Any) -> None:
        if has_data() and not options["yes"]:
            raise CommandError("The database holds data. Add --yes to overwrite it.")
        restore(file=options["file"])
        self.stdout.write(f"Restored {options['file']}.")
