"""The scoring statements are the rules of scoring, on any card, figures and engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from kpi.models import Actual, Month, Score, ScoreLine
from kpi.queries.board import stamp_of
from kpi.rules.scoring import Rule, ZeroTarget
from kpi.services.actuals import save_actuals
from kpi.services.months import close_month, publish_month
from kpi.services.scorecards import ItemEntry, save_scorecard
from kpi.services.scoring import rescore, write_scores
from orgchart import jobs
from orgchart.errors import Invalid
from orgchart.models import Unit, UnitKind
from targets.amounts import LIMIT
from targets.models import Task
from tests.district import MARCH, NOW, START, UNITS, District, build_district
from tests.kpi import march, scorebooks

BOOKS = scorebooks.books(tuple(UNITS))
KINDS = {code: kind for code, (kind, _, _) in UNITS.items()}
FULL = [Phase.explicit, Phase.generate, Phase.shrink]


@contextmanager
def undone() -> Iterator[None]:
    """Run in a transaction of its own and take everything back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def lines_of(district: District) -> dict[str, dict[str, ScoreLine]]:
    found: dict[str, dict[str, ScoreLine]] = {}
    for line in ScoreLine.objects.filter(month=MARCH).select_related("unit", "item"):
        found.setdefault(line.unit.code, {})[line.item.code] = line
    return found


def check(book: scorebooks.Book, district: District) -> None:
    with undone():
        try:
            scorebooks.store(book, district)
        except Invalid:
            assume(False)
        rescore(district_id=district.root.pk, month=MARCH)
        lines = lines_of(district)
        scores = {row.unit.code: row for row in Score.objects.select_related("unit")}
        wanted = scorebooks.expected(book, KINDS)

        assert set(scores) == set(wanted)
        for unit, expected in wanted.items():
            score = scores[unit]
            assert {code: line.points for code, line in lines[unit].items()} == expected.points
            assert (score.total, score.rank) == (expected.total, expected.rank), unit
            assert score.bonus == expected.bonus
            assert score.is_vetoed == ((unit, "veto") in book.events)
            if expected.card is None:
                event("a target is missing")
                assert score.total is None
            else:
                assert score.base == expected.card.base
                assert score.unspread == expected.card.unspread_base
                assert score.applicable_weight == expected.card.applicable_weight
                assert score.pending == len(expected.card.pending)
        assert rescore(district_id=district.root.pk, month=MARCH) == 0


@settings(
    max_examples=40,
    deadline=None,
    phases=FULL,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(book=BOOKS)
def test_the_statements_score_as_the_rules_do(district: District, book: scorebooks.Book) -> None:
    check(book, district)


@pytest.mark.slow
@settings(
    max_examples=600,
    deadline=None,
    phases=FULL,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(book=BOOKS)
def test_the_statements_score_many_books_as_the_rules_do(
    district: District, book: scorebooks.Book
) -> None:
    check(book, district)
