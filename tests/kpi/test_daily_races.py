"""Races of daily figures: two writers of a day, two days of a cell, closing against entry."""

import threading
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from kpi.models import Actual, DailyFigure, Month, MonthState
from kpi.services import actuals, daily
from kpi.services.daily import DailyEntry, save_daily
from orgchart.errors import VersionConflict
from tests.district import MARCH, NOW, District, build_district
from tests.kpi.bulletin import AS_OF, entry
from tests.kpi.test_races import BLOCKED, PATIENCE, Meeting, on_postgresql, race

SIXTEENTH = AS_OF.replace(day=16)


@pytest.fixture
def district(database: None) -> District:
    return build_district()


def save(district: District, one: DailyEntry, by: str = "clerk") -> Any:
    return save_daily(district=district.root, entries=[one], by=district.people[by], at=NOW)


def both(district: District, monkeypatch: pytest.MonkeyPatch, *entries: DailyEntry) -> list[Any]:
    """Two people save; both have read before either writes, unless a lock holds one up."""
    meet, question = Meeting(), daily._question

    def questioned(*given: Any) -> None:
        question(*given)
        meet()

    monkeypatch.setattr(daily, "_question", questioned)
    first, second = entries
    return race(lambda: save(district, first, "clerk"), lambda: save(district, second, "grid1"))


def test_of_two_writers_of_a_day_one_is_told(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [entry(district, "grid1", AS_OF, value) for value in (561, 565)]
    answers = both(district, monkeypatch, *given)
    conflicts = [one for one in answers if isinstance(one, VersionConflict)]
    (saved,) = [one for one in answers if isinstance(one, list)]
    stored = DailyFigure.objects.get()
    assert len(conflicts) == 1
    assert (stored.value, stored.version) == (saved[0].value, 1)
    assert conflicts[0].extra["conflicts"][0]["theirs"] == f"{stored.value:f}"
    assert Actual.objects.get().value == stored.value


@on_postgresql
def test_without_the_version_in_the_statement_one_overwrites_the_other(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = daily.UPSERT[: daily.UPSERT.index("WHERE kpi_dailyfigure.version")]
    monkeypatch.setattr(daily, "UPSERT", unguarded)
    monkeypatch.setattr(daily, "_feed", lambda *given, **more: None)
    given = [entry(district, "grid1", AS_OF, value) for value in (561, 565)]
    answers = both(district, monkeypatch, *given)
    assert all(isinstance(one, list) for one in answers), "nobody was told"


def test_two_days_at_once_leave_the_latest_as_the_actual(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [entry(district, "grid1", SIXTEENTH, 530), entry(district, "grid1", AS_OF, 561)]
    answers = both(district, monkeypatch, *days)
    assert any(isinstance(one, list) for one in answers)
    latest = DailyFigure.objects.order_by("-day").first()
    stored = Actual.objects.get()
    assert latest is not None
    assert (stored.value, stored.as_of) == (latest.value, latest.day)


def report_while_closing(district: District) -> list[Any]:
    """Report a day; close the month before the report is committed, if it lets us."""
    reported, closed = threading.Event(), threading.Event()

    def report() -> date:
        try:
            with transaction.atomic():
                save(district, entry(district, "grid1", AS_OF, 561))
                reported.set()
                closed.wait(BLOCKED)
        finally:
            reported.set()
        return AS_OF

    def close() -> bool:
        reported.wait(PATIENCE)
        try:
            with transaction.atomic():
                row = Month.objects.select_for_update().get(pk=district.month.pk)
                seen = DailyFigure.objects.exists()
                row.state = MonthState.CLOSED
                row.save()
                return seen
        finally:
            closed.set()

    return race(report, close)


def test_closing_waits_for_a_report_that_has_begun(district: District) -> None:
    _, seen = report_while_closing(district)
    assert seen is True, "the closer has seen the report"


@on_postgresql
def test_without_the_shared_lock_the_report_comes_late(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_only(*, district_id: int, month: Any) -> Month:
        return Month.objects.get(district_id=district_id, month=month, state=MonthState.OPEN)

    monkeypatch.setattr(daily, "hold_open", look_only)
    monkeypatch.setattr(actuals, "hold_open", look_only)
    _, seen = report_while_closing(district)
    assert seen is False
    assert Month.objects.get(month=MARCH).state == MonthState.CLOSED


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite has modes to begin in")
def test_without_immediate_transactions_somebody_fails(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 3)
    days = [entry(district, "grid1", SIXTEENTH, 530), entry(district, "grid1", AS_OF, 561)]
    answers = both(district, monkeypatch, *days)
    connection.close()
    assert any(isinstance(one, OperationalError) for one in answers)
