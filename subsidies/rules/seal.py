"""The seal of an approved sheet: one digest over everything that was paid, and why."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def seal(records: Iterable[Any]) -> str:
    """Return the SHA-256, in hex, over JSON-able records in their order.

    Keys are sorted and nothing is spaced, so that equal records always give equal text.
    """
    digest = hashlib.sha256()
    for record in records:
        text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest.update(text.encode())
        digest.update(b"\n")
    return digest.hexdigest()
