"""The app that the others stand on; it puts the database's guards up after every migration."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules

from orgchart.guards import GUARDS


class OrgchartConfig(AppConfig):
    name = "orgchart"

    def ready(self) -> None:
        autodiscover_modules("guards")
        pre_migrate.connect(lower_guards, sender=self)
        post_migrate.connect(raise_guards, sender=self)


def lower_guards(*, using: str, **_: Any) -> None:
    """Take the guards away: SQLite cannot rebuild a table that a trigger reads."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    for guard in GUARDS.values():
        if guard.table in tables:
            guard.lift(connection)


def raise_guards(*, using: str, **_: Any) -> None:
    """Put every guard up, as far as its tables exist (a partial migration may lack some)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if all(guard.table in tables for guard in GUARDS.values()):
        lower_guards(using=using)
        for guard in GUARDS.values():
            guard.install(connection)
