"""Fixtures of the whole suite: flushes that respect the guards, a district, its actors."""

import gc
import os
import pickle
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as of_properties
from xdist.scheduler import LoadScopeScheduling

from orgchart.guards import GUARDS
from orgchart.models import Unit
from tests import prepared
from tests.district import District, build_district


def pytest_configure() -> None:
    """Hash test passwords cheaply: a district has a dozen accounts. The demo's stay as they are.

    Properties do not fail for a slow machine. Rubbish is looked for rarely: it costs a twentieth.
    """
    gc.set_threshold(50_000, 20, 50)
    of_properties.register_profile(
        "slow machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    of_properties.load_profile("slow machine")
    # Every test client makes its own middleware, which would read all static files each time.
    settings.WHITENOISE_AUTOREFRESH = True
    hashers = "django.contrib.auth.hashers"
    settings.PASSWORD_HASHERS = [f"{hashers}.MD5PasswordHasher", f"{hashers}.PBKDF2PasswordHasher"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run last what needs the demo, before it what needs the small district.

    They stay in the database, where others expect only theirs. The second run, on another
    database, leaves out what asks for none.
    """
    if "DATABASE_URL" in os.environ:
        alike = [item for item in items if not _needs_a_server(item)]
        config.hook.pytest_deselected(items=alike)
        items[:] = [item for item in items if _needs_a_server(item)]
    for item in items:
        if _shares_the_district(item):
            item.fixturenames.insert(0, "district_in_place")  # before the test's transaction
    items.sort(key=_stage)


class ServicesTogether(LoadScopeScheduling):  # type: ignore[misc]
    """One worker makes the installation of tests/services, once; all else is spread singly.

    xdist's own groups are written into names that pytest 9.2 no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "services" if nodeid.startswith("tests/services/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ServicesTogether | None:
    return ServicesTogether(config, log) if config.option.dist == "loadgroup" else None


def _stage(item: pytest.Item) -> int:
    names = getattr(item, "fixturenames", ())
    return 2 if "demo_database" in names else int("district_in_place" in names)


def _shares_the_district(item: pytest.Item) -> bool:
    """Return whether a test takes back what it does to the small district."""
    names = set(getattr(item, "fixturenames", ()))
    marker = item.get_closest_marker("django_db")
    is_flushed = "transactional_db" in names or bool(marker and marker.kwargs.get("transaction"))
    return "small_district" in names and not is_flushed and "demo_database" not in names


def _needs_a_server(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    with_broker = item.nodeid.startswith("tests/services/")
    return bool(asked or with_broker or item.get_closest_marker("django_db"))


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let the framework find the test database there."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    """Give this process a copy of the migrated database."""
    with django_db_blocker.unblock():
        prepared.fill_test_database(prepared.MIGRATED)


@pytest.fixture(scope="session", autouse=True)
def _flush_lifts_guards() -> Iterator[None]:
    """Let the test framework empty guarded tables; nothing else may.

    For the session: a test's own patches are undone before its database is flushed.
    """
    flush = type(connection.ops).execute_sql_flush

    def lifted(ops: Any, statements: Any) -> None:
        for guard in GUARDS.values():
            guard.lift(ops.connection)
        flush(ops, statements)
        for guard in GUARDS.values():
            guard.install(ops.connection)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(type(connection.ops), "execute_sql_flush", lifted)
        yield


@pytest.fixture(autouse=True)
def _language_of_the_product() -> None:
    """Start each test in Chinese: a page asked for in English leaves its language behind."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Start each test without kept answers: what a rolled back test kept has the same stamps."""
    cache.clear()


@pytest.fixture(scope="session")
def district_in_place(django_db_setup: Any, django_db_blocker: Any) -> bytes:
    """The small district, built once for all tests that do not empty the database; pickled."""
    with django_db_blocker.unblock():
        return pickle.dumps(build_district())


@pytest.fixture
def small_district(request: pytest.FixtureRequest, db: Any) -> District:
    """The small district in this test's transaction, built in it where it is not in place."""
    if "district_in_place" in request.fixturenames:
        return pickle.loads(request.getfixturevalue("district_in_place"))
    return build_district()


@pytest.fixture
def district(small_district: District) -> District:
    """A small district with the six units of the plan, people, indicators and a scorecard."""
    return small_district


@pytest.fixture(scope="session")
def demo_database(django_db_setup: Any, django_db_blocker: Any) -> None:
    """The demo district, beside whatever a test builds itself."""
    with django_db_blocker.unblock():
        prepared.fill_test_database(prepared.DEMO)
    ContentType.objects.clear_cache()


@pytest.fixture
def demo(demo_database: None, db: Any) -> None:
    """The demo district inside this test's transaction; loaded anew after a flush."""
    if not Unit.objects.filter(code="grid1", district__code="xx").exists():
        call_command("load_demo", verbosity=0)


@pytest.fixture
def signed_in(db: Any) -> Any:
    """Return a client signed in with an account: "head" of the demo, "test-head" of `district`."""
    from django.contrib.auth.models import User

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    return sign_in


@pytest.fixture
def database(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[None]:
    """A database that threads share as processes would: a memory one is moved into a file."""
    settings.DRAIN_ON_COMMIT = False
    if not (connection.vendor == "sqlite" and connection.is_in_memory_db()):
        yield
        return
    connection.ensure_connection()
    memory, name = connection.connection, connection.settings_dict["NAME"]
    path = tmp_path / "races.sqlite3"
    copy = sqlite3.connect(path)
    memory.backup(copy)
    copy.close()
    connection.settings_dict["NAME"] = str(path)
    connection.connection = None
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        connection.connection = memory
