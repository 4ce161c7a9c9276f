"""Long work: portion by portion, each with its progress; one worker, no portion twice."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orgchart import runs
from orgchart.errors import Fault, Invalid, Locked
from orgchart.models import AuditEntry, Run, RunState
from tests.district import NOW, District, build_district

FAULT: dict[int, Exception] = {}


def work(run: Run) -> Iterator[int]:
    """Leave one row per portion; fail where FAULT says."""
    for number in range(run.done + 1, run.input["portions"] + 1):
        AuditEntry.objects.create(
            at=NOW, action="work", subject=str(number), district=run.district, changes=[]
        )
        if number in FAULT:
            raise FAULT[number]
        run.note = f"{number} rows"
        yield number


KIND = runs.Kind(label="Work", capability="month.close", work=work)


@pytest.fixture(autouse=True)
def kind(settings) -> None:
    settings.RUN_KINDS = {"work": f"{__name__}.KIND"}
    FAULT.clear()


def begin(district: District, portions: int = 3, **given: Any) -> Run:
    return runs.start(
        kind="work", district=district.root, by=district.people["clerk"], at=NOW,
        total=portions, portions=portions, **given,
    )  # fmt: skip


def effects() -> list[str]:
    return list(
        AuditEntry.objects.filter(action="work").order_by("pk").values_list("subject", flat=True)
    )


def test_each_portion_is_stored_with_its_progress(district: District) -> None:
    run = begin(district)
    assert runs.pending() == [run.pk]
    assert runs.proceed(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.note, effects()) == ("done", 3, "3 rows", ["1", "2", "3"])
    assert (runs.pending(), run.finished_at is not None) == ([], True)


def test_a_second_delivery_does_nothing(district: District) -> None:
    run = begin(district)
    assert [runs.proceed(run.pk) for _ in range(2)] == [True, False]
    assert effects() == ["1", "2", "3"]


def test_a_portion_that_fails_leaves_no_effect_and_the_next_try_goes_on_there(
    district: District,
) -> None:
    run = begin(district)
    FAULT[2] = RuntimeError("connection lost")
    runs.proceed(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, effects()) == ("waiting", 1, ["1"])
    FAULT.clear()
    runs.drain()
    run.refresh_from_db()
    assert (run.state, effects()) == ("done", ["1", "2", "3"])


def test_what_keeps_failing_is_left_to_people_in_their_language(district: District) -> None:
    run = begin(district)
    FAULT[1] = RuntimeError("disk full")
    for _ in range(runs.MAX_FAILURES + 1):
        runs.drain()
    run.refresh_from_db()
    assert (run.state, effects(), runs.pending()) == ("failed", [], [])
    assert "disk full" not in run.error
    assert run.error.startswith("系统")


def test_a_refusal_ends_the_run_with_its_sentence_and_places(district: District) -> None:
    run = begin(district)
    FAULT[2] = Invalid("Row 7 is wrong.", [Fault("B7", "Not a number.")])
    runs.proceed(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error, effects()) == ("failed", "Row 7 is wrong.", ["1"])
    assert run.result == {"errors": [{"pointer": "B7", "detail": "Not a number."}]}


def after_each_portion(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """Let something happen between the portions."""
    portion = runs._portion

    def then(*given: Any) -> bool:
        more = portion(*given)
        if more:
            happens()
        return more

    monkeypatch.setattr(runs, "_portion", then)


def test_a_cancelled_run_stops_before_its_next_portion(district: District, monkeypatch) -> None:
    run = begin(district)
    after_each_portion(monkeypatch, lambda: runs.cancel(run=run, at=NOW))
    runs.proceed(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, effects()) == ("cancelled", 1, ["1"])
    with pytest.raises(Locked):
        runs.cancel(run=run, at=NOW)


def test_a_dead_worker_s_run_is_taken_over_where_it_was(district: District) -> None:
    run = begin(district)
    Run.objects.update(state=RunState.RUNNING, worker="dead", beat_at=timezone.now(), done=2)
    assert runs.pending() == []
    assert runs.proceed(run.pk) is False
    Run.objects.update(beat_at=timezone.now() - runs.LEASE - timedelta(seconds=1))
    runs.drain()
    assert effects() == ["3"]


def test_a_worker_whose_run_was_taken_over_writes_nothing_more(
    district: District, monkeypatch
) -> None:
    run = begin(district)
    after_each_portion(monkeypatch, lambda: Run.objects.update(worker="another"))
    runs.proceed(run.pk)
    run.refresh_from_db()
    assert (run.state, run.worker, run.done, effects()) == ("running", "another", 1, ["1"])


def test_a_key_has_one_active_run(district: District) -> None:
    first, second = (begin(district, key="all") for _ in range(2))
    assert first.pk == second.pk
    runs.drain()
    assert begin(district, key="all").pk != first.pk
    assert begin(district).pk != begin(district).pk


def test_two_deliveries_at_once_do_each_portion_once(database: None, monkeypatch) -> None:
    """Seen to fail when a run that is driven may be claimed again."""
    run = begin(build_district(), 5)
    after_each_portion(monkeypatch, lambda: time.sleep(0.1))  # the other comes in between
    barrier, answers = threading.Barrier(2), []

    def deliver() -> None:
        barrier.wait()
        answers.append(runs.proceed(run.pk))
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, True]
    assert effects() == [str(number) for number in range(1, 6)]


def test_the_page_asks_until_the_run_has_ended(district: District, signed_in) -> None:
    run = begin(district)
    client, path = signed_in("test-clerk"), f"/runs/{run.pk}/"
    waiting = client.get(path, headers={"HX-Request": "true"})
    assert (b"every 1s" in waiting.content, "HX-Trigger" in waiting) == (True, False)
    runs.drain()
    ended = client.get(path, headers={"HX-Request": "true"})
    assert (b"every 1s" in ended.content, ended["HX-Trigger"]) == (False, "run-ended")
    assert "3 rows" in ended.content.decode()
    assert client.get(f"/api/v1{path}").json()["state"] == "done"


def test_a_run_is_cancelled_from_its_page(district: District, signed_in) -> None:
    run = begin(district)
    client = signed_in("test-clerk")
    assert client.post(f"/runs/{run.pk}/cancel/").status_code == 302
    assert "已取消" in client.get(f"/runs/{run.pk}/").content.decode()
    runs.drain()
    assert effects() == []


def test_others_do_not_know_of_a_run(district: District, signed_in) -> None:
    run = begin(district)
    for account in ("test-grid1", "test-head"):
        client = signed_in(account)
        assert client.get(f"/runs/{run.pk}/").status_code == 404, account
        assert client.post(f"/runs/{run.pk}/cancel/").status_code == 404, account
    run.refresh_from_db()
    assert run.state == "waiting"
