"""Back up the database and the uploaded files to one archive."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.services.backup import backup


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        backup(file=options["file"], at=timezone.now())
        self.stdout.write(f"Backed up to {options['file']}.")
