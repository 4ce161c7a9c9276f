"""Two people publish, or begin, the same version at once: one of them is told, nothing doubles."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from kpi.models import Scorecard, ScorecardState
from kpi.services import scorecards
from kpi.services.scorecards import copy_scorecard, publish_scorecard
from tests.district import NOW, District, build_district
from tests.kpi import march
from tests.kpi.test_races import Meeting, race

APRIL = date(2026, 4, 1)
assert connection  # for the condition of a mark


@pytest.fixture
def drafts(database: None) -> tuple[District, list[Scorecard]]:
    """Two drafts for the same month."""
    district = build_district()
    card = march.publish_card(district)
    made = [
        copy_scorecard(card=card, code=code, valid_from=APRIL, by=None, at=NOW)
        for code in ("v2", "v3")
    ]
    return district, made


def publish_both(drafts: list[Scorecard], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Publish two drafts, each meeting the other once it has found the month free."""
    meet, check = Meeting(), scorecards._check_start

    def checked(card: Scorecard) -> None:
        check(card)
        meet()

    monkeypatch.setattr(scorecards, "_check_start", checked)
    return race(
        *(lambda card=card: publish_scorecard(scorecard=card, by=None, at=NOW) for card in drafts)
    )


def published_in_april() -> int:
    rows = Scorecard.objects.filter(state=ScorecardState.PUBLISHED, valid_from=APRIL)
    return rows.count()


def test_of_two_cards_for_one_month_one_is_published(drafts: Any, monkeypatch: Any) -> None:
    results = publish_both(drafts[1], monkeypatch)
    assert sorted(type(one).__name__ for one in results) == ["Invalid", "Scorecard"], results
    assert published_in_april() == 1


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has one writer, rows have no locks"
)
def test_without_the_lock_both_are_published(drafts: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(scorecards, "hold_rules", lambda district_id: None)
    publish_both(drafts[1], monkeypatch)
    assert published_in_april() == 2


def test_of_two_drafts_of_one_version_one_is_made(drafts: Any) -> None:
    card = Scorecard.objects.get(code="v1")
    results = race(
        *(
            lambda: copy_scorecard(card=card, code="v4", valid_from=APRIL, by=None, at=NOW)
            for _ in range(2)
        )
    )
    assert sorted(type(one).__name__ for one in results) == ["Invalid", "Scorecard"], results
    assert Scorecard.objects.filter(code="v4").count() == 1
