"""PostgreSQL plans the scoring statements once per connection, where that is safe."""

from weakref import WeakKeyDictionary

import pytest
from django.db import connection, transaction

from kpi import prepared
from kpi.services.scoring import rescore
from tests.district import MARCH, District, build_district
from tests.kpi import march


@pytest.fixture
def reported(district: District) -> District:
    march.publish_card(district)
    march.report_march(district)
    return district


def held() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_prepared_statements WHERE name LIKE 'scoring_%'")
        return cursor.fetchone()[0]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's driver keeps statements")
def test_a_text_is_prepared_once_and_outlives_a_rollback(reported: District) -> None:
    with transaction.atomic():
        rescore(district_id=reported.root.pk, month=MARCH)
        transaction.set_rollback(True)
    before = held()
    assert before >= 2
    assert rescore(district_id=reported.root.pk, month=MARCH) > 0
    assert held() == before


@pytest.mark.parametrize("reason", ["pooled", "full"])
def test_what_may_not_be_prepared_is_executed_all_the_same(
    reported: District, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(prepared, "_held", WeakKeyDictionary())
        if reason == "pooled":
            patch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
        else:
            patch.setattr(prepared, "MOST", 0)
        assert rescore(district_id=reported.root.pk, month=MARCH) > 0
        assert not any(prepared._held.values())
    assert rescore(district_id=reported.root.pk, month=MARCH) == 0


def test_districts_with_other_cards_and_breakdowns_share_what_is_the_same(
    reported: District,
) -> None:
    rescore(district_id=reported.root.pk, month=MARCH)
    bare = build_district("bare", unit_codes=("grid1",))  # without a card
    assert rescore(district_id=bare.root.pk, month=MARCH) == 0
    bare.breakdowns["all"].delete()
    assert rescore(district_id=bare.root.pk, month=MARCH) == 0
    assert rescore(district_id=reported.root.pk, month=MARCH) == 0
