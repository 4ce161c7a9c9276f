"""Database triggers that refuse what no code path may do: rewrite the trail or a closed month."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection as default_connection

# Every guard made by `guard`, by name; the tests lift them around a flush of the database.
GUARDS: dict[str, "Guard"] = {}
# The rows that an event has: before it, after it.
_ROWS = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuse row changes of `table` for which `refused_when` holds.

    `events` are INSERT, UPDATE, DELETE; `refused_when` is SQL over the alias {row}, the row
    affected (OLD for DELETE, NEW for INSERT, both in turn for UPDATE). The same text runs on
    PostgreSQL and SQLite.

    PostgreSQL asks once per statement, after it, over all rows it changed: a call per row took
    as long as writing the row. SQLite asks before each row, as does PostgreSQL where the text
    names OLD or NEW itself: only a row's own trigger sees the two together.
    """

    name: str
    table: str
    events: tuple[str, ...]
    refused_when: str
    message: str

    def install(self, connection: Any = default_connection) -> None:
        with connection.cursor() as cursor:
            for statement in self._create(connection.vendor):
                cursor.execute(statement)

    def lift(self, connection: Any = default_connection) -> None:
        with connection.cursor() as cursor:
            for event in self.events:
                on_table = f" ON {self.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {self._trigger(event)}{on_table}")

    def _trigger(self, event: str) -> str:
        return f"{self.name}_{event.lower()}"

    def _create(self, vendor: str) -> list[str]:
        create = self._on_postgresql if vendor == "postgresql" else self._on_sqlite
        return [statement for event in self.events for statement in create(event)]

    def _condition(self, event: str) -> str:
        return " OR ".join(f"({self.refused_when.format(row=row)})" for row in _ROWS[event])

    def _on_sqlite(self, event: str) -> list[str]:
        return [
            f"CREATE TRIGGER {self._trigger(event)} BEFORE {event} ON {self.table} "
            f"WHEN {self._condition(event)} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        ]

    def _on_postgresql(self, event: str) -> list[str]:
        trigger, rows = self._trigger(event), _ROWS[event]
        if any(f"{row}." in self.refused_when for row in ("OLD", "NEW")):
            condition, result = self._condition(event), rows[-1]
            when, each = f"BEFORE {event} ON {self.table}", "ROW"
        else:
            condition, result = self._any_of(rows), "NULL"
            tables = " ".join(f"{row} TABLE AS {row.lower()}_rows" for row in rows)
            when, each = f"AFTER {event} ON {self.table} REFERENCING {tables}", "STATEMENT"
        return [
            f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {condition} THEN RAISE EXCEPTION '{self.message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {result}; END $$",
            f"CREATE TRIGGER {trigger} {when} FOR EACH {each} EXECUTE FUNCTION {trigger}()",
        ]

    def _any_of(self, rows: Sequence[str]) -> str:
        """Return SQL that asks the rows a statement changed, before and after."""
        refused = self.refused_when.format(row="changed")
        return " OR ".join(
            f"EXISTS (SELECT 1 FROM {row.lower()}_rows changed WHERE {refused})" for row in rows
        )


def guard(**fields: Any) -> Guard:
    """Declare a guard and register it."""
    made = Guard(**fields)
    GUARDS[made.name] = made
    return made


TRAIL = guard(
    name="trail_is_append_only",
    table="orgchart_auditentry",
    events=("UPDATE", "DELETE"),
    refused_when="{row}.id IS NOT NULL",
    message="the audit trail is append-only",
)
