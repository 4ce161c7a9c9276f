"""Two loads into two databases leave the same rows."""

import sqlite3
from pathlib import Path

import pytest

from tests import prepared

pytestmark = pytest.mark.slow

# Set by the clock or by chance, as they should be.
VOLATILE = {
    "auth_user": {"password", "date_joined"},
    "orgchart_job": {"requested_at"},
    "subsidies_claimreceipt": {"token"},
}
SKIPPED = {"django_migrations"}


def rows(file: Path) -> dict[str, list[str]]:
    """Return the rows of every table."""
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    found = {}
    for (table,) in tables.fetchall():
        if table in SKIPPED:
            continue
        hidden = VOLATILE.get(table, set())
        rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
        found[table] = sorted(
            repr([(name, row[name]) for name in row.keys() if name not in hidden])  # noqa: SIM118
            for row in rows
        )
    connection.close()
    return found


def test_two_loads_into_two_databases_are_identical(tmp_path: Path) -> None:
    again = tmp_path / "again.sqlite3"
    prepared.copy_file(prepared.MIGRATED, again)
    prepared.manage(f"sqlite:///{again}", "load_demo", PYTHONHASHSEED="2")
    first, second = rows(prepared.file(prepared.DEMO)), rows(again)
    assert [table for table in first if first[table] != second[table]] == []
    assert len(first["kpi_actual"]) > 500
