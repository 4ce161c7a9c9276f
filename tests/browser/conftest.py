"""A real server on a copy of the demo, and pages of Chromium signed in to it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests import prepared

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
DESKTOP = {"width": 1440, "height": 1000}
PHONE = {"width": 390, "height": 844}
# See the fixture `visit`.
Visit = Callable[[str, str], tuple[Page, list[str]]]

expect.set_options(timeout=20_000)


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(item.path.stem))  # a module shares its server
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))
            elif os.environ.get("DATABASE_URL"):
                item.add_marker(pytest.mark.skip(reason="pages are driven on SQLite"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    quiet = ["background-networking", "component-update", "sync", "quic", "gpu"]
    return {
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", "--no-first-run", *[f"--disable-{part}" for part in quiet]],
    }


def environment(database: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "PRODUCTION": "0",
        "REDIS_URL": "",
        "THROTTLE_SIGN_IN": "1000/min",
        "SWEEP_SECONDS": "1",
    }


@pytest.fixture(scope="session")
def demo_file() -> Path:
    """The demo district in a file, made by the commands of `make demo-data`."""
    return prepared.file(prepared.DEMO)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Portal"]:
    """The server that the modules of this process share, one after another."""
    served = Portal(tmp_path_factory.mktemp("server"))
    yield served
    served.stop()


@pytest.fixture(scope="module")
def server_file(demo_file: Path, portal: "Portal") -> Path:
    """This module's own copy of the demo, which its server reads and writes."""
    portal.begin(demo_file)
    return portal.database


@pytest.fixture(scope="module")
def server(server_file: Path, portal: "Portal") -> str:
    """The address of a server whose database is this module's own copy of the demo."""
    return portal.address


class Portal:
    """A web server that begins anew, on another database, without loading its code again."""

    def __init__(self, folder: Path) -> None:
        self.database, self.log = folder / "portal.sqlite3", folder / "log"
        self.worker_file = folder / "worker"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self, database: Path) -> None:
        """Serve a copy of `database` by a fresh worker, which has kept nothing."""
        for name in ("portal.sqlite3-wal", "portal.sqlite3-shm"):
            self.database.with_name(name).unlink(missing_ok=True)
        copy = self.database.with_suffix(".copy")
        shutil.copy(database, copy)
        copy.replace(self.database)
        former = self.worker_file.read_text() if self.process else ""
        if former:
            os.kill(int(former), signal.SIGKILL)
        else:
            self._start()
        for _ in range(300):
            try:
                if self.worker_file.read_text() != former:
                    urllib.request.urlopen(f"{self.address}/health/", timeout=2)
                    return
            except OSError:
                pass
            time.sleep(0.1)
        pytest.fail(self.log.read_text()[-2000:])

    def _start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--config", "tests/browser/gunicorn_conf.py"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--bind", self.address.removeprefix("http://")],
                cwd=ROOT, env=environment(self.database) | {"WORKER_FILE": str(self.worker_file)},
                stdout=log, stderr=log,
            )  # fmt: skip

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)


@pytest.fixture(scope="module")
def sessions(server: str) -> dict[str, Any]:
    """The cookies of the accounts that signed in to this module's server."""
    return {}


@pytest.fixture
def open_page(
    browser: Browser, server: str, sessions: dict[str, Any]
) -> Iterator[Callable[..., Page]]:
    """Return `open_page(account, path="/", viewport=DESKTOP, locale="zh-CN")`, signed in.

    At the end of the test no page may have logged an error to its console: that is how script
    errors and violations of the content security policy show. Answers with a status among
    `refusals` are expected.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(
        account: str,
        path: str = "/",
        *,
        viewport: dict[str, int] = DESKTOP,
        locale: str = "zh-CN",
        refusals: tuple[int, ...] = (409, 422),
    ) -> Page:
        context = browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            locale=locale,
            timezone_id="Asia/Shanghai",
            base_url=server,
            has_touch=viewport["width"] < 500,
            color_scheme="light",
        )
        contexts.append(context)
        page = context.new_page()
        note_errors(page, errors, refusals)
        sign_in(page, account, sessions)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="module")
def visit(browser: Browser, server: str, sessions: dict[str, Any]) -> Iterator[Visit]:
    """Return `visit(account, path)`: the account's one page, at the desk again, and its errors."""
    pages: dict[str, Page] = {}
    errors: list[str] = []

    def go(account: str, path: str) -> tuple[Page, list[str]]:
        if account not in pages:
            context = browser.new_context(
                locale="zh-CN", timezone_id="Asia/Shanghai", base_url=server
            )
            context.add_init_script(axe())  # sent once, not to every page
            pages[account] = context.new_page()
            note_errors(pages[account], errors)
            sign_in(pages[account], account, sessions)
        page = pages[account]
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        errors.clear()
        page.goto(path)
        return page, errors

    yield go
    for page in pages.values():
        page.context.close()


def note_errors(page: Page, errors: list[str], refusals: tuple[int, ...] = ()) -> None:
    """Write down what a page logs as an error, but for answers with these statuses."""

    def note(message: ConsoleMessage) -> None:
        is_expected = any(f"status of {status} " in message.text for status in refusals)
        if message.type == "error" and not is_expected:
            errors.append(f"{page.url}: {message.text}")

    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    page.on("console", note)


def sign_in(page: Page, account: str, sessions: dict[str, Any]) -> None:
    """Sign in, by the form only the first time."""
    if account in sessions:
        page.context.add_cookies(sessions[account])
        return
    page.goto("/accounts/login/")
    page.locator("input[name=username]").fill(account)
    page.locator("input[name=password]").fill("demo")
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    sessions[account] = page.context.cookies()


def axe() -> str:
    """Return the script that finds barriers."""
    return AXE.read_text() + "axe.configure({noHtml: true})"


def serious_findings(page: Page, *rules: str, by_finger: bool = False) -> list[str]:
    """Return what axe-core calls serious or critical, one line each; by these rules or by all.

    `by_finger` asks for the size of targets too, which axe leaves out by default.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    options: dict[str, object] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = list(rules)
    if by_finger:
        options["rules"] = {"target-size": {"enabled": True}}
    return page.evaluate(FINDINGS, options)


# What is dropped in the page need not leave it: the whole answer is as long as the page.
FINDINGS = """
async options => (await axe.run(document, options)).violations
    .filter(({impact}) => impact == "serious" || impact == "critical")
    .map(({id, nodes}) => `${id}: ${nodes[0].target}`)
"""


def overflows(page: Page) -> bool:
    """Return whether the page itself scrolls sideways."""
    return page.evaluate(
        "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


# Transferred bytes of a first visit, nothing cached yet; ECharts comes only with a chart.
BUDGET = {"bytes": 300_000, "script": 100_000, "style": 110_000, "requests": 60}
ECHARTS = 380_000


def over_budget(page: Page) -> list[str]:
    """Return what a page costs more than its budget, and every request that left its host.

    What the browser had in its cache counts as compressed on its way, without headers.
    """
    entries = page.evaluate(
        """() => [...performance.getEntriesByType("navigation"),
                  ...performance.getEntriesByType("resource")]
                 .map((one) => [one.name, Math.max(one.transferSize, one.encodedBodySize)])"""
    )
    host = re.match(r"https?://[^/]+/", page.url)
    assert host is not None
    sent = [(name.partition("?")[0], size) for name, size in entries]
    spent = {
        "bytes": sum(size for _name, size in sent),
        "script": sum(size for name, size in sent if name.endswith(".js")),
        "style": sum(size for name, size in sent if name.endswith(".css")),
        "requests": len(sent),
    }
    more = ECHARTS if page.locator("[data-chart]").count() else 0
    allowed = BUDGET | {"bytes": BUDGET["bytes"] + more, "script": BUDGET["script"] + more}
    return [
        *(f"{what} {spent[what]}, at most {most}" for what, most in allowed.items()
          if spent[what] > most),
        *(f"left the host: {name}" for name, _size in sent
          if not name.startswith((host[0], "data:"))),
    ]  # fmt: skip
