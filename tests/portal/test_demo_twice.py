"""Two loads into two databases leave the same rows."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow

# Set by the clock or by chance, as they should be.
VOLATILE = {
    "auth_user": {"password", "date_joined"},
    "orgchart_job": {"requested_at"},
    "subsidies_claimreceipt": {"token"},
}
SKIPPED = {"django_migrations"}


def loaded(folder: Path, seed: str) -> dict[str, list[str]]:
    """Load the demo in processes of their own; return the rows of every table."""
    file = folder / f"{seed}.sqlite3"
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{file}", "PRODUCTION": "0", "PYTHONHASHSEED": seed,
    }  # fmt: skip
    for command in (["migrate", "-v0"], ["load_demo"]):
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=settings.BASE_DIR, env=environment,
            check=True, capture_output=True,
        )  # fmt: skip
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
    first, second = loaded(tmp_path, "1"), loaded(tmp_path, "2")
    assert [table for table in first if first[table] != second[table]] == []
    assert len(first["kpi_actual"]) > 500
