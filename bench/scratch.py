"""A database of its own for measuring: made, migrated and dropped again."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.db import connection


@contextmanager
def scratch_database() -> Iterator[None]:
    """Use an empty database beside the installation's for a while.

    On PostgreSQL the account has to be allowed to create databases.
    """
    own = connection.settings_dict["NAME"]
    with tempfile.TemporaryDirectory() as folder:
        name = f"bench_{uuid4().hex[:12]}"
        if connection.vendor == "sqlite":
            name = str(Path(folder) / f"{name}.sqlite3")
        connection.settings_dict["TEST"] = {**connection.settings_dict["TEST"], "NAME": name}
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            if connection.vendor == "postgresql":
                _use_one_processor()
            yield
        finally:
            connection.creation.destroy_test_db(own, verbosity=0)


def _use_one_processor() -> None:
    """Let no session be helped by parallel workers: their time would be missing from its own."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET max_parallel_workers_per_gather = 0")
    connection.close()  # the next one begins so
