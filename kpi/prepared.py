"""Statements planned once per connection: planning takes longer than scoring a district.

Nothing is prepared behind a pooler that hands a connection to another client after each
transaction (DISABLE_SERVER_SIDE_CURSORS says so, as for Django), nor on SQLite, whose driver
keeps its statements itself.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

MOST = 30  # texts kept per connection; a text depends on how many cards there are, not on which
_PLACES = re.compile(r"%\((\w+)\)s")
_TYPES = {date: "date", int: "bigint", str: "text"}
# What a driver's connection holds: text -> name, and the values it takes in their order.
_held: WeakKeyDictionary[Any, dict[str, tuple[str, list[str]]]] = WeakKeyDictionary()


def execute(
    cursor: Any, statement: str, given: Mapping[str, date | int | str], *, anew: bool = False
) -> None:
    """Execute a statement with %(name)s for the values, prepared where that pays.

    `anew`: it takes long and its tables have grown since, so a plan of its own pays.
    """
    is_pooled = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)
    if connection.vendor != "postgresql" or is_pooled or anew:
        cursor.execute(statement, _plain(given))
        return
    held = _held.setdefault(connection.connection, {})
    if statement not in held:
        if len(held) == MOST:
            cursor.execute(statement, given)
            return
        name, taken = f"scoring_{len(held)}", list(dict.fromkeys(_PLACES.findall(statement)))
        types = ", ".join(_TYPES[type(given[one])] for one in taken)
        numbered = statement % {one: f"${n}" for n, one in enumerate(taken, start=1)}
        cursor.execute(f"PREPARE {name} ({types}) AS {numbered}")
        held[statement] = name, taken
    name, taken = held[statement]
    values = ", ".join(["%s"] * len(taken))
    cursor.execute(f"EXECUTE {name} ({values})", [given[one] for one in taken])


def _plain(given: Mapping[str, date | int | str]) -> dict[str, int | str]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
    }
