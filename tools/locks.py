"""Resolve pyproject.toml again into the lock files, which carry hashes and no addresses."""

import subprocess
import sys

from tools.bootstrap import LOCKS, ROOT, VENV_PYTHON
from tools.vendor import npm_command

OPTIONS = ["--quiet", "--universal", "--upgrade", "--generate-hashes"]
OPTIONS += ["--no-header", "--no-annotate"]


def inputs(name: str) -> list[str]:
    """Return the arguments by which uv resolves one lock file."""
    if name == "base":
        return ["pyproject.toml"]
    group = ["--group", f"pyproject.toml:{name}"]
    if name == "dev":
        return [*group, "pyproject.toml", "--constraints", LOCKS["base"]]
    return [*group, "--no-deps"]  # binaries only


def main() -> int:
    python = str(VENV_PYTHON)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "uv>=0.13"], check=True)
    for name, lock in LOCKS.items():
        command = [python, "-m", "uv", "pip", "compile", *OPTIONS, *inputs(name), "-o", lock]
        subprocess.run(command, cwd=ROOT, check=True)
    subprocess.run([*npm_command(), "install", "--package-lock-only"], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
