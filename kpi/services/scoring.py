"""Re-scoring a month: a few statements, however many units there are."""

from datetime import date

from django.db import connection, transaction
from django.db.models import F

from kpi import sql
from kpi.models import Month, MonthState
from kpi.queries.scorecards import cards_in_force, own_cards_in_force
from targets.amounts import LIMIT, to_scaled
from targets.months import last_day

NEVER = -(2**62)  # stands for null where the statements compare


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
    cards = cards_in_force(month.district_id, month.month)
    given = {
        "district": month.district_id,
        "month": month.month.isoformat(),
        "last_day": last_day(month.month).isoformat(),
        "zero_missing": int(bool(month.missing_reason)),
    }
    places = []
    # Without any card a kind that no unit has keeps the statements whole.
    for n, (kind, card_id) in enumerate(cards.items() or [("", 0)]):
        given |= {f"kind{n}": kind, f"card{n}": card_id}
        places.append(f"(%(kind{n})s, %(card{n})s)")
    filled = {"cards": ", ".join(places), "never": str(NEVER), "limit": str(to_scaled(LIMIT))}
    own = own_cards_in_force(month.district_id, month.month)
    filled |= {
        "tie_breaks": sql.TIE_BREAKS,
        "card": sql.OWN_CARD if own else sql.CARD,
        "own": sql.OWN.format(cards=", ".join(f"({u}, {c})" for u, c in own.items()))
        if own
        else "",
    }
    with connection.cursor() as cursor:
        changed = 0
        for statement in (sql.STALE_LINES, sql.LINES, sql.TOTALS, sql.STALE_SCORES):
            cursor.execute(statement.format(**filled), given)
            changed += cursor.rowcount
    return changed
