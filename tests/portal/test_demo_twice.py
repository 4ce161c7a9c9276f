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
def on_sqlite() -> Iterator[str]:
    """The alias of the demo that was loaded on SQLite."""
    file = str(prepared.file(prepared.DEMO))
    given = connection.settings_dict | {"NAME": file, "OPTIONS": {}}
    # Called default, or the test framework would keep it shut.
    connections["sqlite"] = DatabaseWrapper(given, "default")
    yield "sqlite"
    connections["sqlite"].close()
    del connections["sqlite"]


def test_two_loads_into_two_databases_are_identical(demo: None, on_sqlite: str) -> None:
    first, second = rows(on_sqlite), rows("default")
    assert [table for table in first if first[table] != second[table]] == []
    assert len(first["kpi_actual"]) > 500
