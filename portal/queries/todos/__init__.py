"""Whose turn it is: what waits for a person, over all months, with the way to it.

A module per app; each has `todos`, which yields what that app waits for.
"""

from datetime import date

from kpi.models import Month
from orgchart.permissions import Actor
from portal.queries.todos import competitions, fieldwork, kpi, orgchart, subsidies, targets
from portal.queries.todos.base import Todo

__all__ = ["Todo", "todos"]


def todos(actor: Actor, rows: list[Month]) -> list[Todo]:
    """Return what waits for the actor, the earliest due first; `rows`: the district's months."""
    found = [
        *kpi.todos(actor, rows),
        *subsidies.todos(actor, rows),
        *competitions.todos(actor),
        *fieldwork.todos(actor),
        *targets.todos(actor),
        *orgchart.todos(actor),
    ]
    return sorted(found, key=lambda todo: todo.due or date.max)
