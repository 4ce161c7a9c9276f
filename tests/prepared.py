"""Databases made once for all workers and runs, then copied: migrated, and with the demo in it.

    python -m tests.prepared            makes the SQLite files before the tests ask for them
    python -m tests.prepared server     makes those of DATABASE_URL's server while tests run

They are made by the commands of `make demo-data` in processes of their own, and made anew when
the code that makes them changes.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "test-databases"
MIGRATED, DEMO = "migrated", "demo"
STEPS = {MIGRATED: ("migrate", "--noinput", "--verbosity", "0"), DEMO: ("load_demo",)}
# What they depend on, in each app.
SOURCES = {
    MIGRATED: ["migrations/*.py", "models.py", "models/*.py", "guards.py", "apps.py"],
    DEMO: ["**/*.py", "**/*.json"],
}


# Looking for rubbish among the models of old states takes a sixth of the time.
MANAGE = """
import gc, runpy
gc.set_threshold(50_000, 20, 50)
runpy.run_path("manage.py", run_name="__main__")
"""


def manage(url: str, *arguments: str, **environment: str) -> None:
    """Run a command of manage.py on a database, embedded."""
    given = {"DATABASE_URL": url, "REDIS_URL": "", "PRODUCTION": "0"} | environment
    subprocess.run(
        [sys.executable, "-c", MANAGE, *arguments],
        cwd=ROOT, env=os.environ | given, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


@cache
def digest(kind: str) -> str:
    """Return what a database depends on: code of the apps; for the demo all of it, and words."""
    apps = [folder.parent for folder in ROOT.glob("*/migrations")]
    files = [path for app in apps for pattern in SOURCES[kind] for path in app.glob(pattern)]
    files += [ROOT / "requirements.lock", *(ROOT / "config").glob("*.py")]
    if kind == DEMO:
        files += (ROOT / "locale").rglob("*.po")
    content = hashlib.sha256()
    for path in sorted(files):
        content.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return content.hexdigest()[:16]


def file(kind: str) -> Path:
    """Return the SQLite file of a kind, made if it is not there. Not to be written to."""
    made = FOLDER / f"{kind}-{digest(kind)}.sqlite3"
    with _alone(kind):
        if made.exists():
            return made
        unfinished = made.with_suffix(".unfinished")
        for old in FOLDER.glob(f"{kind}-*"):
            old.unlink()
        if kind == DEMO:
            copy_file(MIGRATED, unfinished)
        manage(f"sqlite:///{unfinished}", *STEPS[kind])
        unfinished.rename(made)
    return made


def copy_file(kind: str, to: Path) -> None:
    """Copy a prepared SQLite database to a file."""
    shutil.copy(file(kind), to)


_open: list[sqlite3.Connection] = []  # or the memory database would be gone with its last user


@cache
def _test_database() -> str:
    """Return the name of this process's test database; asked for before the framework uses it."""
    return connection.creation._get_test_db_name()  # type: ignore[attr-defined]


def fill_test_database(kind: str) -> None:
    """Make the test database of this process a copy."""
    name = _test_database()
    if connection.vendor == "sqlite":
        if not _open:
            _open.append(sqlite3.connect(name, uri=True))
        source = sqlite3.connect(file(kind))
        source.backup(_open[0])
        source.close()
    else:
        connection.close()
        copy_on_server(kind, connection.settings_dict, name)


def copy_on_server(kind: str, server: dict[str, Any], name: str) -> None:
    """Make database `name` of a PostgreSQL server anew, as a copy."""
    made = _on_server(kind, server)
    with _cursor(server) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        with _alone(kind):  # a database that is being copied can not be copied
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{made}"')


def back_up(kind: str, to: Path) -> None:
    """Write a backup of a prepared database of this process's PostgreSQL server."""
    server = connection.settings_dict
    manage(_url(server, _on_server(kind, server)), "backup", str(to))


def _url(server: dict[str, Any], name: str) -> str:
    user = f"{quote(server['USER'])}:{quote(server['PASSWORD'])}"
    return f"postgres://{user}@{server['HOST']}:{server['PORT']}/{name}"


def _on_server(kind: str, server: dict[str, Any]) -> str:
    """Return the name of the prepared database on a PostgreSQL server, made if it is not there."""
    made = f"portal_{kind}_{digest(kind)}"
    with _alone(kind), _cursor(server) as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [made])
        if cursor.fetchone():
            return made
        unfinished = f"{made}_unfinished"
        if kind == MIGRATED:
            cursor.execute(f'DROP DATABASE IF EXISTS "{unfinished}"')
            cursor.execute(f'CREATE DATABASE "{unfinished}" TEMPLATE template1')
        else:
            copy_on_server(MIGRATED, server, unfinished)
        manage(_url(server, unfinished), *STEPS[kind])
        cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{made}"')
    return made


_held: set[str] = set()


@contextmanager
def _alone(kind: str) -> Iterator[None]:
    """Keep other workers from a kind until the block ends; inside itself it does nothing."""
    if kind in _held:
        yield
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _held.add(kind)
        try:
            yield
        finally:
            _held.remove(kind)


@contextmanager
def _cursor(server: dict[str, Any]) -> Iterator[Any]:
    beside = psycopg2.connect(
        dbname="postgres", host=server["HOST"], port=server["PORT"], user=server["USER"],
        password=server["PASSWORD"],
    )  # fmt: skip
    beside.autocommit = True
    try:
        with beside.cursor() as cursor:
            yield cursor
    finally:
        beside.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["server"]:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        _on_server(DEMO, connection.settings_dict)
    else:
        file(DEMO)
