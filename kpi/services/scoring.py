"""Re-scoring a month: a few statements, however many units there are."""

from datetime import date

from django.db import connection, transaction
from django.db.models import F

from kpi import sql
from kpi.models import Month, MonthState
from kpi.queries.scorecards import cards_in_force
from targets.amounts import LIMIT, to_scaled
from targets.models import Breakdown, Indicator
from targets.months import last_day

NEVER = -(2**62)  # stands for null where the statements compare
CELLS = 62  # bits of a BIGINT that are never its sign


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
    # Without any card a kind that no unit has keeps the statements whole.
    by_kind = cards.by_kind or {"": 0}
    given = {
        "district": month.district_id,
        "month": month.month.isoformat(),
        "last_day": last_day(month.month).isoformat(),
        "zero_missing": int(bool(month.missing_reason)),
    } | {f"kind{n}": kind for n, kind in enumerate(by_kind)}
    card = sql.case("u.kind", {f"%(kind{n})s": pk for n, pk in enumerate(by_kind.values())})
    filled = _cells(month.district_id) | {
        "card": sql.case("u.id", cards.by_unit, card),
        "cards": ", ".join(str(pk) for pk in {*by_kind.values(), *cards.by_unit.values()}),
        "kinds": ", ".join(f"%(kind{n})s" for n in range(len(by_kind))),
        "tie_breaks": sql.TIE_BREAKS,
        "never": str(NEVER),
        "limit": str(to_scaled(LIMIT)),
    }
    with connection.cursor() as cursor:

        def changed_by(statement: str) -> int:
            cursor.execute(statement.format(**filled), given)
            return cursor.rowcount

        stale = changed_by(sql.STALE_LINES)
        written = changed_by(sql.LINES) + changed_by(sql.TOTALS)
        # A unit without a score has no lines either: it can only just have lost the last one.
        return stale + written + (changed_by(sql.STALE_SCORES) if stale else 0)


def _cells(district_id: int) -> dict[str, str]:
    """Return the bit of a fact's cell and the bits of all cells an indicator is entered by.

    Raises ValueError where a district's figures are entered by more members than 64 bits hold.
    """
    entered_by = Indicator.objects.filter(district_id=district_id).values("entry")
    members = list(
        Breakdown.objects.filter(district_id=district_id, dimension__in=entered_by)
        .order_by("pk")
        .values_list("pk", "dimension")
    )
    if len(members) > CELLS:
        raise ValueError(f"figures are entered by more than {CELLS} breakdowns")
    bits: dict[int, int] = {}
    entries: dict[str, int] = {}
    for number, (pk, dimension) in enumerate(members):
        bits[pk] = 1 << number
        entries[f"'{dimension}'"] = entries.get(f"'{dimension}'", 0) + bits[pk]
    return {
        "cell": sql.case("t.breakdown_id", bits, "0"),
        "cells": sql.case("n.entry", entries, "0"),
    }
