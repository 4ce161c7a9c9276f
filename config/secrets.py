"""A secret key that is made once per installation and kept in a private file."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def persistent_secret(path: Path) -> str:
    """Return the key stored at `path`, made on first use and readable by its owner only.

    Processes that start together agree: the key is written aside and linked into place whole,
    so the first link wins and nobody reads a file that is still empty.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(64))
            with suppress(FileExistsError):
                os.link(aside, path)
        finally:
            os.unlink(aside)
    return path.read_text().strip()
