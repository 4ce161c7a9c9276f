"""The parts of the sheet that need no page, run by Node where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_sheet_rules_hold_in_javascript(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "static" / "js", tmp_path / "static" / "js")
    tests = [shutil.copy(test, tmp_path) for test in (ROOT / "tests" / "js").glob("*.test.js")]
    # Without a package file Node takes .js for CommonJS; browsers do not ask.
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")

    run = subprocess.run(
        ["node", "--test", *map(str, tests)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
