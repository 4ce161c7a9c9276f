"""Re-scoring a month: a few statements, and one more for each further 2 500 units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from kpi import prepared, sql
from kpi.models import MonthState
from kpi.queries.scorecards import IN_FORCE, Cards, cards_of, in_force_on
from targets.amounts import LIMIT, to_scaled
from targets.months import last_day

NEVER = -(2**62)  # stands for null where the statements compare
BATCH = 2500  # units whose lines one statement writes: PostgreSQL does worse with fewer and more
CELLS = 62  # bits of a BIGINT that are never its sign
# Written out, as the cards in force are: composing them takes longer than all they do. The first
# counts the run and holds the month until the transaction ends.
_TAKE = """
UPDATE kpi_month SET revision = revision + 1
WHERE district_id = %(district)s AND month = %(month)s AND state <> %(published)s
"""
_GROUND = f"""
SELECT 'card', cards.* FROM ({IN_FORCE}) cards
UNION ALL
SELECT 'cell', b.id, NULL, b.dimension, NULL FROM targets_breakdown b
WHERE b.district_id = %(district)s
  AND b.dimension IN (SELECT n.entry FROM targets_indicator n WHERE n.district_id = %(district)s)
UNION ALL
SELECT 'reason', id, NULL, missing_reason, NULL FROM kpi_month
WHERE district_id = %(district)s AND month = %(month)s AND missing_reason <> ''
UNION ALL
SELECT 'line', 0, NULL, NULL, NULL WHERE EXISTS (
  SELECT 1 FROM orgchart_unit u WHERE u.district_id = %(district)s AND (
    SELECT l.item_id FROM kpi_scoreline l
    WHERE l.month = %(month)s AND l.unit_id = u.id LIMIT 1  -- by key, not all lines of the month
  ) IS NOT NULL
)
UNION ALL
SELECT 'span', MIN(u.id), MAX(u.id), NULL, NULL FROM (
  SELECT id, CASE WHEN EXISTS (
      SELECT 1 FROM kpi_scorecarditem i JOIN kpi_scorecard s ON s.id = i.scorecard_id
      WHERE s.district_id = %(district)s AND i.basis = 'relative'
    ) THEN 0 ELSE (ROW_NUMBER() OVER (ORDER BY id) - 1) / %(batch)s END AS batch
  FROM orgchart_unit WHERE district_id = %(district)s
) u GROUP BY u.batch
ORDER BY 5, 2
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a district's month is scored by, beside its tasks and figures.

    `cells` are the breakdowns by which figures are entered with their dimensions. `spans` are the
    first and last id of the units whose lines are written together: all of them where an item is
    scored relative to the best.
    """

    cards: Cards
    cells: dict[int, str]
    spans: list[tuple[int, int]]
    counts_missing_as_zero: bool
    has_lines: bool  # already


def _ground(cursor: Any, district_id: int, month: date) -> Ground:
    given = in_force_on(district_id, month) | {"month": month, "batch": BATCH}
    prepared.execute(cursor, _GROUND, given)
    rows = cursor.fetchall()
    return Ground(
        cards=cards_of([row[1:] for row in rows if row[0] == "card"]),
        cells={row[1]: row[3] for row in rows if row[0] == "cell"},
        spans=[(row[1], row[2]) for row in rows if row[0] == "span"],
        counts_missing_as_zero=any(row[0] == "reason" for row in rows),
        has_lines=any(row[0] == "line" for row in rows),
    )


def rescore(*, district_id: int, month: date) -> int:
    """Bring a month's lines, totals and ranks up to date; return how many rows changed.

    Runner of the job "rescore". A published month, or one never opened, is left alone. The lock
    on the month keeps publishing out, not those who enter figures: they owe another rescore. The
    revision counts every run, for the leaderboard also shows figures outside the scores.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                _TAKE,
                {
                    "district": district_id,
                    "month": month.isoformat(),
                    "published": MonthState.PUBLISHED.value,
                },
            )
            if not cursor.rowcount:
                return 0
        return write_scores(district_id, month)


def write_scores(district_id: int, month: date) -> int:
    """Write lines, totals and ranks of a month held by the caller; return how many rows changed."""
    with connection.cursor() as cursor:
        ground = _ground(cursor, district_id, month)
        given: dict[str, date | int | str] = {
            "district": district_id,
            "month": month,
            "last_day": last_day(month),
            "zero_missing": int(ground.counts_missing_as_zero),
        }
        filled = _texts(ground, given)

        # A plan kept from when few lines were there reads all of them for each line of a next span.
        is_planned_anew = len(ground.spans) > 1

        def changed_by(statement: str) -> int:
            prepared.execute(cursor, statement.format(**filled), given, anew=is_planned_anew)
            return cursor.rowcount

        stale = changed_by(sql.STALE_LINES) if ground.has_lines else 0
        written = 0
        for given["first"], given["last"] in ground.spans:
            written += changed_by(sql.LINES)
        written += changed_by(sql.TOTALS)
        # A unit without a score has no lines either: it can only just have lost the last one.
        return stale + written + (changed_by(sql.STALE_SCORES) if stale else 0)


def _texts(ground: Ground, given: dict[str, date | int | str]) -> dict[str, str]:
    """Return what the statements' names stand for, and add the values they take to `given`."""

    def place(value: int | str) -> str:
        name = f"v{len(given)}"
        given[name] = value
        return f"%({name})s"

    cards = ground.cards
    # Without any card a kind that no unit has keeps the statements whole.
    by_kind = {place(kind): place(pk) for kind, pk in (cards.by_kind or {"": 0}).items()}
    by_unit = {place(unit): place(pk) for unit, pk in cards.by_unit.items()}
    cell, cells = _bits(ground.cells)
    of_cell = sql.case("t.breakdown_id", {place(pk): place(bit) for pk, bit in cell.items()})
    return {
        "card": sql.case("u.id", by_unit, sql.case("u.kind", by_kind)),
        "cards": ", ".join([*by_kind.values(), *by_unit.values()]),
        "kinds": ", ".join(by_kind),
        "reported": sql.REPORTED[connection.vendor].format(cell=of_cell),
        "cells": sql.case("n.entry", {place(one): place(bits) for one, bits in cells.items()}),
        "best": sql.BEST,
        "tie_breaks": sql.TIE_BREAKS,
        "span": sql.SPAN if len(ground.spans) > 1 else "",
        "changed": sql.CHANGED.format(never=NEVER) if ground.has_lines else "",
        "never": str(NEVER),
        "limit": str(to_scaled(LIMIT)),
        "once": sql.ONCE,
    }


def _bits(members: Mapping[int, str]) -> tuple[dict[int, int], dict[str, int]]:
    """Return the bit of each breakdown, and of all by which a dimension's figures are entered.

    Raises ValueError where a district's figures are entered by more members than 64 bits hold.
    """
    if len(members) > CELLS:
        raise ValueError(f"figures are entered by more than {CELLS} breakdowns")
    bits = {pk: 1 << number for number, pk in enumerate(members)}
    entries: dict[str, int] = {}
    for pk, dimension in members.items():
        entries[dimension] = entries.get(dimension, 0) + bits[pk]
    return bits, entries
