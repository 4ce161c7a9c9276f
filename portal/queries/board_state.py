"""What a board's ETag depends on: all that a refresh without news has to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from competitions.models import RoundState
from competitions.queries import MONTHLY
from kpi.queries.board import first_shown
from orgchart.actors import DISTRICT_OF_READER, actor_beside
from orgchart.permissions import Actor

# Asked every half minute by everybody who has a board open, so it is written out: composing it
# with the ORM takes ten times as long as reading it.
_STATE = """
SELECT m.id, m.revision, r.id, m.state, r.state, CAST(m.month AS TEXT), CAST(NULL AS SMALLINT),
  CAST((SELECT SUM(u.version) FROM orgchart_unit u WHERE u.district_id = m.district_id) AS BIGINT)
FROM kpi_month m
LEFT JOIN competitions_competition c
  ON c.district_id = m.district_id AND c.code = %(code)s AND m.month = %(month)s
LEFT JOIN competitions_round r
  ON r.competition_id = c.id AND r.month = m.month AND r.state <> %(void)s
WHERE m.district_id = {district} AND m.month >= %(first)s AND m.month <= %(month)s
"""


@dataclass(frozen=True, slots=True)
class BoardState:
    """A month, its award, and the revisions of the months that its board shows.

    `award` is the key and the state of the round in force; None where there is none. `units`
    counts the changes of the district's units: their names, order and supervisors.
    """

    month_id: int
    state: str
    revisions: tuple[int, ...]
    award: tuple[int, str] | None
    units: int


def board_state(district_id: int, month: date, *, is_year: bool = False) -> BoardState | None:
    """Return the state of a month's board, or of the year's; None for a month never opened."""
    values = _values(month, is_year) | {"district": district_id}
    with connection.cursor() as cursor:
        cursor.execute(_STATE.format(district="%(district)s"), values)
        return _state_from(cursor.fetchall(), month)


def reader_and_state(
    user: User, *, on: date, month: date, is_year: bool
) -> tuple[Actor, BoardState | None]:
    """Return the actor of an account and the state of the board, in one round trip.

    Raises PermissionDenied when no person of the account holds a post.
    """
    statement = _STATE.format(district=DISTRICT_OF_READER)
    actor, rows = actor_beside(user, on=on, statement=statement, values=_values(month, is_year))
    return actor, _state_from(rows, month)


def _values(month: date, is_year: bool) -> dict[str, Any]:
    return {
        "month": month.isoformat(),
        "first": first_shown(month, is_year=is_year).isoformat(),
        "code": MONTHLY,
        "void": RoundState.VOID.value,
    }


def _state_from(rows: Sequence[tuple[Any, ...]], month: date) -> BoardState | None:
    ordered = sorted(rows, key=lambda row: (row[5], row[2] or 0))
    if not ordered or ordered[-1][5] != month.isoformat():
        return None
    month_id, _revision, round_id, state, round_state, _month, _none, units = ordered[-1]
    award = None if round_id is None else (round_id, round_state)
    return BoardState(month_id, state, tuple(row[1] for row in ordered), award, int(units))
