"""Two loads into two databases leave the same rows: one on SQLite, one on a server."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from tests import prepared

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="the other load is a server's"),
]

# Set by the clock or by chance, as they should be.
VOLATILE = {
    "auth_user": {"password", "date_joined"},
    "orgchart_job": {"requested_at"},
    "subsidies_claimreceipt": {"token"},
}


def rows(database: str) -> dict[str, list[str]]:
    """Return the rows of every table."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        hidden = VOLATILE.get(model._meta.db_table, set())
        names = [field.attname for field in model._meta.concrete_fields]
        shown = [name for name in names if name not in hidden]
        loaded = model._base_manager.using(database).values_list(*shown)
        found[model._meta.db_table] = sorted(repr([plain(cell) for cell in row]) for row in loaded)
    return found


def plain(cell: Any) -> Any:
    """Return a cell as any engine would: only one keeps the order of a JSON object's keys."""
    if isinstance(cell, dict | list):
        return json.dumps(cell, sort_keys=True)
    return bytes(cell) if isinstance(cell, memoryview) else cell


@pytest.fixture
def loaded(demo_database: None) -> Iterator[tuple[str, str]]:
    """The aliases of the demo as loaded on SQLite, and on the server."""
    own = connection.settings_dict | {"NAME": f"{connection.settings_dict['NAME']}_twice"}
    prepared.copy_on_server(prepared.DEMO, own, own["NAME"])
    file = own | {"NAME": str(prepared.file(prepared.DEMO)), "OPTIONS": {}}
    # Called default, or the test framework would keep them shut.
    connections["sqlite"] = DatabaseWrapper(file, "default")
    connections["server"] = type(connections["default"])(own, "default")
    yield "sqlite", "server"
    for alias in ("sqlite", "server"):
        connections[alias].close()
        del connections[alias]


def test_two_loads_into_two_databases_are_identical(db: None, loaded: tuple[str, str]) -> None:
    first, second = map(rows, loaded)
    assert [table for table in first if first[table] != second[table]] == []
    assert len(first["kpi_actual"]) > 500
