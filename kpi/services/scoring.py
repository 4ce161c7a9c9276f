"""Re-scoring a month: a few statements, however many units there are."""

from datetime import date

from django.db import connection, transaction
from django.db.models import F

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


def rescore(*, district_id: int, month: date) -> int:
    """Bring a month's lines, totals and ranks up to date; return how many rows changed.

    Runner of the job "rescore". A published month, or one never opened, is left alone. The lock
    on the month keeps publishing out, not those who enter figures: they owe another rescore. The
    revision counts every run, for the leaderboard also shows figures outside the scores.
    """
    with transaction.atomic():
        row = (
            Month.objects.select_for_update(no_key=True)
            .filter(district_id=district_id, month=month)
            .exclude(state=MonthState.PUBLISHED)
            .first()
        )
        if row is None:
            return 0
        changed = write_scores(row)
        Month.objects.filter(pk=row.pk).update(revision=F("revision") + 1)
        return changed


def write_scores(month: Month) -> int:
    """Write lines, totals and ranks of a locked month; return how many rows changed."""
    given: dict[str, date | int | str] = {
        "district": month.district_id,
        "month": month.month,
        "last_day": last_day(month.month),
        "zero_missing": int(bool(month.missing_reason)),
    }

    def place(value: int | str) -> str:
        name = f"v{len(given)}"
        given[name] = value
        return f"%({name})s"

    cards = cards_in_force(month.district_id, month.month)
    # Without any card a kind that no unit has keeps the statements whole.
    by_kind = {place(kind): place(pk) for kind, pk in (cards.by_kind or {"": 0}).items()}
    by_unit = {place(unit): place(pk) for unit, pk in cards.by_unit.items()}
    cell, cells = _cells(month.district_id)
    filled = {
        "card": sql.case("u.id", by_unit, sql.case("u.kind", by_kind)),
        "cards": ", ".join([*by_kind.values(), *by_unit.values()]),
        "kinds": ", ".join(by_kind),
        "cell": sql.case("t.breakdown_id", {place(pk): place(bit) for pk, bit in cell.items()}),
        "cells": sql.case("n.entry", {place(one): place(bits) for one, bits in cells.items()}),
        "tie_breaks": sql.TIE_BREAKS,
        "never": str(NEVER),
        "limit": str(to_scaled(LIMIT)),
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
