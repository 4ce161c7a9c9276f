"""Races of real threads: closing against entry, writer against writer.

Every race is seen to go wrong once its lock is taken away, so that the tests prove something.
On PostgreSQL the locks are on rows; on SQLite they are the transactions, which begin by taking
the one place for writing (IMMEDIATE).
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from kpi.closed import closed_months
from kpi.models import Actual, Month, MonthState, ScoreLine
from kpi.services import actuals, months
from kpi.services.actuals import save_actuals
from kpi.services.entered import CellEntry
from kpi.services.months import close_month
from orgchart.errors import Locked, VersionConflict
from orgchart.models import AuditEntry
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import march

PATIENCE = 20.0  # seconds until a race counts as a deadlock
BLOCKED = 1.0  # seconds after which somebody who has not come is taken to wait for a lock

on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has one writer, rows have no locks"
)


def all_but_churn() -> District:
    """March, reported but for one figure: the churn rate of the suburban office."""
    found = build_district()
    march.publish_card(found)
    march.report_march(found, without=(("suburban", "churn_rate"),))
    march.score(found)
    return found


@pytest.fixture
def district(database: None) -> District:
    return all_but_churn()


class Meeting:
    """Two threads wait for each other here; one that a lock holds up is not waited for."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2)

    def __call__(self) -> None:
        with suppress(threading.BrokenBarrierError):
            self.barrier.wait(BLOCKED)


def race(*works: Callable[[], Any]) -> list[Any]:
    """Do the works at once, each on a connection of its own; return results or exceptions."""

    def alone(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        running: list[Future[Any]] = [pool.submit(alone, work) for work in works]
        late = wait(running, PATIENCE).not_done
        assert not late, "a deadlock"
    return [one.result() for one in running]


def churn(district: District, value: str = "0.0640", **given: Any) -> CellEntry:
    return march.cell(district, "suburban", "churn_rate", value, **given)


def save(district: District, *cells: CellEntry, by: str = "clerk") -> list[Actual]:
    return save_actuals(district=district.root, cells=list(cells), by=district.people[by], at=NOW)


def enter_while_closing(district: District) -> list[Any]:
    """Enter the missing figure; close the month before the entry is committed, if it lets us."""
    entered, closed = threading.Event(), threading.Event()

    def enter() -> None:
        try:
            with transaction.atomic():
                save(district, churn(district))
                entered.set()
                closed.wait(BLOCKED)
        finally:
            entered.set()

    def close() -> Month:
        entered.wait(PATIENCE)
        try:
            return close_month(
                month=district.month, by=district.people["clerk"], at=NOW, reason="逾期未报"
            )
        finally:
            closed.set()

    return race(enter, close)


def late_entries() -> int:
    """Figures that are there, and yet scored as if they were not, in a month that is closed."""
    assert Month.objects.get(month=MARCH).state == MonthState.CLOSED
    line = ScoreLine.objects.get(unit__code="suburban", item__code="K6")
    is_there = Actual.objects.filter(unit__code="suburban", indicator__code="churn_rate").exists()
    return int(is_there and line.state == "zeroed")


def test_closing_waits_for_an_entry_that_has_begun(district: District) -> None:
    entry, closed = enter_while_closing(district)
    assert entry is None
    assert isinstance(closed, Month)
    assert late_entries() == 0
    assert closed.missing_reason == "", "the closer has seen the entry"


@on_postgresql
def test_without_the_shared_lock_the_entry_comes_late(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_only(*, district_id: int, month: Any) -> Month:
        return Month.objects.get(district_id=district_id, month=month, state=MonthState.OPEN)

    monkeypatch.setattr(actuals, "hold_open", look_only)
    enter_while_closing(district)
    assert late_entries() == 1


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite has modes to begin in")
def test_without_immediate_transactions_the_closer_fails(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deferred transaction has read before it finds that somebody else was writing."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 3)
    _, closed = enter_while_closing(district)
    connection.close()
    assert isinstance(closed, OperationalError)


def test_an_entry_that_comes_after_the_closer_is_refused(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing, tried = threading.Event(), threading.Event()
    write = months.write_scores

    def slowly(*month: Any) -> int:
        closing.set()
        tried.wait(BLOCKED)
        return write(*month)

    monkeypatch.setattr(months, "write_scores", slowly)

    def enter() -> Any:
        closing.wait(PATIENCE)
        try:
            return save(district, churn(district))
        finally:
            tried.set()

    def close() -> Month:
        return close_month(
            month=district.month, by=district.people["clerk"], at=NOW, reason="逾期未报"
        )

    closed, entry = race(close, enter)
    assert isinstance(closed, Month)
    assert isinstance(entry, Locked)
    assert late_entries() == 0


def test_twenty_rounds_of_closing_let_no_entry_through_late(district: District) -> None:
    clerk, at_once = district.people["clerk"], threading.Barrier(2)
    for _ in range(20):

        def enter() -> Any:
            at_once.wait(PATIENCE)
            return save(district, churn(district))

        def close() -> Any:
            at_once.wait(PATIENCE)
            return close_month(month=district.month, by=clerk, at=NOW, reason="逾期未报")

        entry, closed = race(enter, close)
        assert isinstance(closed, Month)
        assert isinstance(entry, list | Locked)
        assert late_entries() == 0
        months.reopen_month(month=district.month, by=clerk, at=NOW, reason="再来一轮")
        Actual.objects.filter(unit__code="suburban", indicator__code="churn_rate").delete()


def write_twice(
    district: District, monkeypatch: pytest.MonkeyPatch, version: int | None, indicator: str
) -> list[Any]:
    """Two people save the same cell, both having read the same version before either writes."""
    meet, question = Meeting(), actuals.question

    def questioned(*given: Any) -> None:
        question(*given)
        meet()

    monkeypatch.setattr(actuals, "question", questioned)
    cell = march.cell(district, "suburban", indicator, "31", version=version)
    return race(
        lambda: save(district, cell, by="clerk"),
        lambda: save(district, replace(cell, value=cell.value + 1), by="suburban"),
    )


@pytest.mark.parametrize("version,indicator", [(1, "channel_visits"), (None, "churn_rate")])
def test_of_two_writers_of_a_cell_one_is_told(
    district: District, monkeypatch: pytest.MonkeyPatch, version: int | None, indicator: str
) -> None:
    reason = "核实无误"
    monkeypatch.setattr(march, "cell", _reasoned(march.cell, reason))
    answers = write_twice(district, monkeypatch, version, indicator)
    conflicts = [one for one in answers if isinstance(one, VersionConflict)]
    saved = [one for one in answers if isinstance(one, list)]
    assert (len(conflicts), len(saved)) == (1, 1), answers
    stored = Actual.objects.get(unit__code="suburban", indicator__code=indicator)
    assert (stored.value, stored.version) == (saved[0][0].value, (version or 0) + 1)
    (told,) = conflicts[0].extra["conflicts"]
    assert told["theirs"] == f"{stored.value:f}"
    assert told["version"] == stored.version
    assert AuditEntry.objects.filter(action="actuals.save").count() == 2


def _reasoned(make: Callable[..., CellEntry], reason: str) -> Callable[..., Any]:
    return lambda *args, **given: replace(make(*args, **given), reason=reason)


def test_a_save_sent_twice_by_one_person_is_told_once(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same figure of the same person, a moment apart: the second is a conflict by name."""
    meet, question = Meeting(), actuals.question

    def questioned(*given: Any) -> None:
        question(*given)
        meet()

    monkeypatch.setattr(actuals, "question", questioned)

    def send(at: datetime) -> list[Actual]:
        clerk = district.people["clerk"]
        return save_actuals(district=district.root, cells=[churn(district)], by=clerk, at=at)

    answers = race(lambda: send(NOW), lambda: send(NOW + timedelta(milliseconds=1)))
    (conflict,) = [one for one in answers if isinstance(one, VersionConflict)]
    assert [told["unit"] for told in conflict.extra["conflicts"]] == ["suburban"]
    assert AuditEntry.objects.filter(action="actuals.save").count() == 2


def test_without_the_version_an_update_is_lost(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = actuals.UPSERT.partition("WHERE kpi_actual.version")[0]
    assert blind != actuals.UPSERT
    monkeypatch.setattr(actuals, "UPSERT", blind)
    monkeypatch.setattr(actuals, "refuse_stale", lambda _: None)
    answers = write_twice(district, monkeypatch, 1, "channel_visits")
    assert all(isinstance(one, list) for one in answers), "both were told that they had saved"
    assert Actual.objects.get(unit__code="suburban", indicator__code="channel_visits").version == 2


@pytest.mark.parametrize("hold", [actuals.hold_open, closed_months])
def test_what_holds_a_month_keeps_the_closer_out(
    district: District, hold: Callable[..., Any]
) -> None:
    held, order = threading.Event(), []

    def write() -> None:
        given = {"months": [MARCH], "hold": True} if hold is closed_months else {"month": MARCH}
        with transaction.atomic():
            hold(district_id=district.root.pk, **given)
            held.set()
            threading.Event().wait(BLOCKED)
            order.append("written")

    def close() -> None:
        held.wait(PATIENCE)
        close_month(month=district.month, by=None, at=NOW, reason="逾期未报")
        order.append("closed")

    assert race(write, close) == [None, None]
    assert order == ["written", "closed"]


def post_twice(district: District, headers: dict[str, str]) -> list[int]:
    at_once = threading.Barrier(2)
    body = [{"unit": "suburban", "indicator": "churn_rate", "month": "2026-03", "value": 0.064}]

    def post() -> int:
        client = Client()
        client.force_login(User.objects.get(username="test-clerk"))
        at_once.wait(PATIENCE)
        response = client.post(
            reverse("api_actuals"), body, content_type="application/json", headers=headers
        )
        return int(response.status_code)

    return race(post, post)


def test_one_key_from_two_threads_has_one_effect(district: District) -> None:
    before = AuditEntry.objects.count()
    first, second = post_twice(district, {"Idempotency-Key": "march-churn"})
    assert first == second
    assert first in (200, 201)
    assert AuditEntry.objects.count() == before + 1
    assert Actual.objects.get(unit__code="suburban", indicator__code="churn_rate").version == 1


def test_without_the_key_the_second_is_told_of_a_conflict(district: District) -> None:
    statuses = sorted(post_twice(district, {}))
    assert statuses[0] in (200, 201)
    assert statuses[1] == 409
