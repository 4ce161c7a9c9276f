"""Backup of the database and the uploaded files in one archive, and the way back."""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

MANIFEST = "backup.json"
DUMPS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def backup(*, file: Path, at: datetime) -> None:
    """Write the archive: a consistent copy of the database, media, and what it is a copy of.

    Written beside its place and moved there: a broken backup never replaces a good one.
    """
    with tempfile.TemporaryDirectory(dir=file.resolve().parent) as folder:
        dump = Path(folder) / _dump_name()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(dump)])
        else:
            _run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}")
        manifest = Path(folder) / MANIFEST
        manifest.write_text(json.dumps({"engine": connection.vendor, "at": at.isoformat()}))
        archive = Path(folder) / "archive"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(manifest, MANIFEST)
            tar.add(dump, dump.name)
            if Path(settings.MEDIA_ROOT).is_dir():
                tar.add(settings.MEDIA_ROOT, "media")
        shutil.move(archive, file)


def restore(*, file: Path) -> None:
    """Replace database and media by those of an archive. Raises CommandError with a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(file) as tar:
                tar.extractall(folder, filter="data")
            manifest = json.loads((Path(folder) / MANIFEST).read_text())
        except (OSError, tarfile.TarError, ValueError) as error:
            raise CommandError(f"{file} is not a backup of the portal: {error}") from error
        if manifest["engine"] != connection.vendor:
            raise CommandError(
                f"The backup is of {manifest['engine']}, the database is {connection.vendor}."
            )
        dump = Path(folder) / _dump_name()
        if connection.vendor == "sqlite":
            _restore_sqlite(dump)
        else:
            connection.close()
            _run(
                "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
                f"--dbname={_database()['NAME']}", str(dump), names_database=False,
            )  # fmt: skip
        media = Path(folder) / "media"
        if media.is_dir():
            shutil.copytree(media, settings.MEDIA_ROOT, dirs_exist_ok=True)


def has_data() -> bool:
    """Whether the database holds accounts already."""
    if "auth_user" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM auth_user LIMIT 1")
        return cursor.fetchone() is not None


def _dump_name() -> str:
    return DUMPS[connection.vendor]


def _database() -> dict[str, Any]:
    return connection.settings_dict


def _restore_sqlite(dump: Path) -> None:
    """Copy page by page into the live file: open connections see the old or the new, whole."""
    connection.ensure_connection()
    source = sqlite3.connect(dump)
    try:
        source.backup(connection.connection)
    finally:
        source.close()


def _run(program: str, *arguments: str, names_database: bool = True) -> None:
    if shutil.which(program) is None:
        raise CommandError(f"{program} is not installed; it comes with PostgreSQL's client tools.")
    database = _database()
    environment = {
        "PGHOST": database["HOST"], "PGPORT": str(database["PORT"]), "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"], "PATH": os.environ.get("PATH", ""),
    }  # fmt: skip
    command = [program, *arguments]
    if names_database:
        command.append(database["NAME"])
    done = subprocess.run(
        command, env={k: v for k, v in environment.items() if v}, capture_output=True, text=True
    )
    if done.returncode:
        raise CommandError(f"{program} failed: {done.stderr.strip()[-2000:]}")
