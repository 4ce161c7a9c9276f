"""Load the invented demo district; does nothing where it is loaded already."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.services.demo import is_loaded, load_demo


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if is_loaded():
            self.stdout.write("The demo district is already loaded.")
            return
        district = load_demo()
        self.stdout.write(f"Loaded {district.name}: January to October published, November open.")
