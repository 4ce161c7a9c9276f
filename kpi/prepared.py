"""Statements planned once per connection: planning takes longer than scoring a district.

Nothing is prepared behind a pooler that hands a connection to another client after each
transaction (DISABLE_SERVER_SIDE_CURSORS says so, as for Django), nor on SQLite, whose driver
keeps its statements itself.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

MOST = 30  # texts kept per connection; a text depends on how many cards there are, not on which
_TYPES = {date: "date", int: "bigint", str: "text"}
# The statements that a driver's connection holds: text -> number.
_held: WeakKeyDictionary[Any, dict[str, int]] = WeakKeyDictionary()


def execute(cursor: Any, statement: str, given: Mapping[str, date | int | str]) -> None:
    """Execute a statement with %(name)s for the values, prepared where that pays."""
    is_pooled = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)
    if connection.vendor != "postgresql" or is_pooled:
        cursor.execute(statement, _plain(given))
        return
    held = _held.setdefault(connection.connection, {})
    if statement not in held:
        if len(held) == MOST:
            cursor.execute(statement, given)
            return
        types = ", ".join(_TYPES[type(value)] for value in given.values())
        numbered = statement % {name: f"${n}" for n, name in enumerate(given, start=1)}
        cursor.execute(f"PREPARE scoring_{len(held)} ({types}) AS {numbered}")
        held[statement] = len(held)
    values = ", ".join(["%s"] * len(given))
    cursor.execute(f"EXECUTE scoring_{held[statement]} ({values})", list(given.values()))


def _plain(given: Mapping[str, date | int | str]) -> dict[str, int | str]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
    }
