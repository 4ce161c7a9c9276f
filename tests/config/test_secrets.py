"""The installation's key is made once, whole, and read by its owner only."""

import threading
from pathlib import Path

from config.secrets import persistent_secret


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret-key"
    key = persistent_secret(path)
    assert len(key) > 60
    assert persistent_secret(path) == key
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["secret-key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    keys: list[str] = []
    barrier = threading.Barrier(16)

    def start() -> None:
        barrier.wait()
        keys.append(persistent_secret(path))

    threads = [threading.Thread(target=start) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16
    assert len(set(keys)) == 1
    assert keys[0]
