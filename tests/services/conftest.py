"""A production-like installation for the tests that break it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests import prepared
from tools.services import Postgres, Redis

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/services" in item.path.as_posix():
            item.add_marker(pytest.mark.services)
            if not os.environ.get("REDIS_URL"):
                item.add_marker(pytest.mark.skip(reason="runs once, with PostgreSQL and Redis"))


class Installation:
    """PostgreSQL, Redis, a web server; worker and beat are started and killed by the tests."""

    def __init__(self, database: Postgres, broker: Redis) -> None:
        self.database, self.broker = database, broker
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = os.environ | {
            "DATABASE_URL": database.url,
            "REDIS_URL": broker.url,
            "PRODUCTION": "0",
            "SWEEP_SECONDS": "2",
        }
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        self._tokens: dict[str, str] = {}

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True
        )

    def start(self, name: str) -> None:
        """Start "web", "worker" or "beat"; "beat-2" is a second one."""
        celery = ["-m", "celery", "--app", "config", "--quiet"]
        arguments = {
            "web": ["-m", "gunicorn", "config.wsgi:application", "--bind",
                    f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--threads", "4",
                    "--no-control-socket"],
            "worker": [*celery, "worker", "--concurrency", "1"],
            "beat": [*celery, "beat", "--pidfile="],
        }[name.partition("-")[0]]  # fmt: skip
        self.programs[name] = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, start_new_session=True
        )

    def kill(self, name: str) -> None:
        """End a program and its children as a power cut would."""
        program = self.programs.pop(name)
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()

    def close(self) -> None:
        for name in list(self.programs):
            self.kill(name)

    def call(self, account: str, path: str, body: Any = None) -> tuple[int, Any]:
        """GET, or POST when there is a body, as an account; return status and JSON."""
        headers = {"Content-Type": "application/json"}
        if path != "token/":
            if account not in self._tokens:
                status, answer = self.call(
                    account, "token/", {"username": account, "password": "demo"}
                )
                assert status == 200, answer
                self._tokens[account] = answer["token"]
            headers["Authorization"] = f"Token {self._tokens[account]}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement on the database, beside the portal."""
        connection = psycopg2.connect(self.database.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()


def until(condition: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Wait for a condition to become true and return its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.25)
    return value


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo district on servers of its own that keep what a crash must not lose."""
    with Postgres(durable=True) as database, Redis(durable=True) as broker:
        made = Installation(database, broker)
        try:
            archive = tmp_path_factory.mktemp("backup") / "demo.tar.gz"
            prepared.back_up(prepared.DEMO, archive)
            made.manage("restore", str(archive), "--yes")
            made.start("web")

            def is_up() -> bool:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{made.port}/health/", timeout=2)
                except OSError:
                    return False
                return True

            until(is_up, seconds=120, what="the web server answers")
            yield made
        finally:
            made.close()
