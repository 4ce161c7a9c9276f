"""Database triggers that refuse what no code path may do: rewrite the trail or a closed month."""

from dataclasses import dataclass
from typing import Any

from django.db import connection as default_connection

# Every guard made by `guard`, by name; the tests lift them around a flush of the database.
GUARDS: dict[str, "Guard"] = {}


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuse row changes of `table` for which `refused_when` holds.

    `events` are INSERT, UPDATE, DELETE; `refused_when` is SQL over the alias {row}, the row
    affected (OLD for DELETE, NEW for INSERT, both in turn for UPDATE). The same text runs on
    PostgreSQL and SQLite.
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

    def _condition(self, event: str) -> str:
        rows = {"INSERT": ["NEW"], "DELETE": ["OLD"], "UPDATE": ["OLD", "NEW"]}[event]
        return " OR ".join(f"({self.refused_when.format(row=row)})" for row in rows)

    def _create(self, vendor: str) -> list[str]:
        statements = []
        for event in self.events:
            trigger, condition = self._trigger(event), self._condition(event)
            if vendor == "sqlite":
                statements.append(
                    f"CREATE TRIGGER {trigger} BEFORE {event} ON {self.table} "
                    f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
                )
                continue
            result = "OLD" if event == "DELETE" else "NEW"
            statements += [
                f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN IF {condition} THEN RAISE EXCEPTION '{self.message}' "
                f"USING ERRCODE = 'integrity_constraint_violation'; END IF; "
                f"RETURN {result}; END $$",
                f"CREATE TRIGGER {trigger} BEFORE {event} ON {self.table} "
                f"FOR EACH ROW EXECUTE FUNCTION {trigger}()",
            ]
        return statements


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
