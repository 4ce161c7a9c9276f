"""Re-scoring a month: a few statements, however many units there are."""

from datetime import date

from django.db import connection, transaction

from kpi import prepared, sql
from kpi.models import Month, MonthState
from kpi.queries.scorecards import cards_in_force
from targets.amounts import LIMIT, to_scaled
from targets.months import last_day

NEVER = -(2**62)  # stands for null where the statements compare
CELLS = 62  # bits of a BIGINT that are never its sign
_MEMBERS = """
SELECT b.id, b.dimension FROM targets_breakdown b
WHERE b.district_id = %(district)s
  AND b.dimension IN (SELECT n.entry FROM targets_indicator n WHERE n.district_id = %(district)s)
ORDER BY b.id
"""
# Written out, as the cards in force are: composing them takes longer than all they do. The first
# counts the run and holds the month until the transaction ends.
_TAKE = """
UPDATE kpi_month SET revision = revision + 1
WHERE district_id = %(district)s AND month = %(month)s AND state <> %(published)s
"""
_REASON = """
SELECT missing_reason FROM kpi_month WHERE district_id = %(district)s AND month = %(month)s
"""


def rescore(*, district_id: int, month: date) -> int:
    """Bring a month's lines, totals and ranks up to date; return how many rows changed.

    Runner of the job "rescore". A published month, or one never opened, is left alone. The lock
    on the month keeps publishing out, not those who enter figures: they owe another rescore. The
    revision counts every run, for the leaderboard also shows figures outside the scores.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        found = {"district": district_id, "month": month.isoformat()}
        cursor.execute(_TAKE, found | {"published": MonthState.PUBLISHED.value})
        if not cursor.rowcount:
            return 0
        cursor.execute(_REASON, found)
        (reason,) = cursor.fetchone()
        return _write(district_id, month, zero_missing=bool(reason))


def write_scores(month: Month) -> int:
    """Write lines, totals and ranks of a locked month; return how many rows changed."""
    return _write(month.district_id, month.month, zero_missing=bool(month.missing_reason))


def _write(district_id: int, month: date, *, zero_missing: bool) -> int:
    given: dict[str, date | int | str] = {
        "district": district_id,
        "month": month,
        "last_day": last_day(month),
        "zero_missing": int(zero_missing),
    }

    def place(value: int | str) -> str:
        name = f"v{len(given)}"
        given[name] = value
        return f"%({name})s"

    cards = cards_in_force(district_id, month)
    # Without any card a kind that no unit has keeps the statements whole.
    by_kind = {place(kind): place(pk) for kind, pk in (cards.by_kind or {"": 0}).items()}
    by_unit = {place(unit): place(pk) for unit, pk in cards.by_unit.items()}
    cell, cells = _cells(district_id)
    of_cell = sql.case("t.breakdown_id", {place(pk): place(bit) for pk, bit in cell.items()})
    filled = {
        "card": sql.case("u.id", by_unit, sql.case("u.kind", by_kind)),
        "cards": ", ".join([*by_kind.values(), *by_unit.values()]),
        "kinds": ", ".join(by_kind),
        "reported": sql.REPORTED[connection.vendor].format(cell=of_cell),
        "cells": sql.case("n.entry", {place(one): place(bits) for one, bits in cells.items()}),
        "tie_breaks": sql.TIE_BREAKS,
        "never": str(NEVER),
        "limit": str(to_scaled(LIMIT)),
        "once": sql.ONCE,
    }
    with connection.cursor() as cursor:

        def changed_by(statement: str) -> int:
            prepared.execute(cursor, statement.format(**filled), given)
            return cursor.rowcount

        stale = changed_by(sql.STALE_LINES)
        written = changed_by(sql.LINES) + changed_by(sql.TOTALS)
        # A unit without a score has no lines either: it can only just have lost the last one.
        return stale + written + (changed_by(sql.STALE_SCORES) if stale else 0)


def _cells(district_id: int) -> tuple[dict[int, int], dict[str, int]]:
    """Return the bit of each breakdown, and of all by which a dimension's figures are entered.

    Raises ValueError where a district's figures are entered by more members than 64 bits hold.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, {"district": district_id})
        members = cursor.fetchall()
    if len(members) > CELLS:
        raise ValueError(f"figures are entered by more than {CELLS} breakdowns")
    bits = {pk: 1 << number for number, (pk, _) in enumerate(members)}
    entries: dict[str, int] = {}
    for pk, dimension in members:
        entries[dimension] = entries.get(dimension, 0) + bits[pk]
    return bits, entries
