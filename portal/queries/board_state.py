"""What a board's ETag depends on: all that a refresh without news has to read."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from competitions.models import RoundState
from competitions.queries import MONTHLY
from kpi.queries.board import first_shown

# Asked every half minute by everybody who has a board open, so it is written out: composing it
# with the ORM takes ten times as long as reading it.
_STATE = """
SELECT m.id, m.state, m.revision, r.id, r.state, m.month = %(month)s,
  (SELECT SUM(u.version) FROM orgchart_unit u WHERE u.district_id = m.district_id)
FROM kpi_month m
LEFT JOIN competitions_competition c
  ON c.district_id = m.district_id AND c.code = %(code)s AND m.month = %(month)s
LEFT JOIN competitions_round r
  ON r.competition_id = c.id AND r.month = m.month AND r.state <> %(void)s
WHERE m.district_id = %(district)s AND m.month >= %(first)s AND m.month <= %(month)s
ORDER BY m.month, r.id
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
    with connection.cursor() as cursor:
        cursor.execute(
            _STATE,
            {
                "district": district_id,
                "month": month.isoformat(),
                "first": first_shown(month, is_year=is_year).isoformat(),
                "code": MONTHLY,
                "void": RoundState.VOID.value,
            },
        )
        rows = cursor.fetchall()
    if not rows or not rows[-1][5]:
        return None
    month_id, state, _revision, round_id, round_state, _is_it, units = rows[-1]
    award = None if round_id is None else (round_id, round_state)
    return BoardState(month_id, state, tuple(row[2] for row in rows), award, int(units))
