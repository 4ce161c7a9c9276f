"""Work is owed in the transaction of the change and settled in the transaction of its effect."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from orgchart import jobs
from orgchart.models import AuditEntry, Job, Unit
from tests.district import MARCH, NOW, District

EFFECTS: list[tuple[int, date]] = []
FAULT: list[str] = []


def work(*, district_id: int, month: date) -> None:
    """The runner of these tests: an effect in the database, then perhaps a failure."""
    AuditEntry.objects.create(
        at=NOW, action="work", subject="work", district_id=district_id, changes=[]
    )
    if FAULT:
        raise RuntimeError(FAULT[0])
    EFFECTS.append((district_id, month))


@pytest.fixture(autouse=True)
def runner(settings) -> None:
    settings.JOB_RUNNERS = {"work": f"{__name__}.work"}
    EFFECTS.clear()
    FAULT.clear()


def effects() -> int:
    return AuditEntry.objects.filter(action="work").count()


def test_the_mark_vanishes_with_the_change_that_owed_it(district: District) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.request("work", district_id=district.root.pk, month=MARCH)
        raise RuntimeError
    assert jobs.pending() == []


def test_the_consumer_clears_the_mark(district: District) -> None:
    jobs.request("work", district_id=district.root.pk, month=MARCH)
    assert jobs.pending() == [("work", district.root.pk, MARCH)]
    assert jobs.drain() == 1
    assert (jobs.pending(), EFFECTS) == ([], [(district.root.pk, MARCH)])


def test_many_requests_are_one_piece_of_work(district: District) -> None:
    for _ in range(3):
        jobs.request("work", district_id=district.root.pk, month=MARCH)
    assert (jobs.drain(), effects(), Job.objects.count()) == (1, 1, 1)


def test_a_second_delivery_does_nothing(district: District) -> None:
    jobs.request("work", district_id=district.root.pk, month=MARCH)
    assert [jobs.run("work", district.root.pk, MARCH) for _ in range(2)] == [True, False]
    assert effects() == 1


def test_a_message_nobody_owes_does_nothing(district: District) -> None:
    assert jobs.run("work", district.root.pk, MARCH) is False


def test_a_failing_job_leaves_no_effect_and_stays_owed(district: District) -> None:
    jobs.request("work", district_id=district.root.pk, month=MARCH)
    FAULT.append("disk full")
    with pytest.raises(RuntimeError):
        jobs.run("work", district.root.pk, MARCH)
    job = Job.objects.get()
    assert (job.failures, job.last_error, effects()) == (1, "disk full", 0)

    FAULT.clear()
    assert (jobs.drain(), effects()) == (1, 1)
    job.refresh_from_db()
    assert (job.failures, job.last_error) == (0, "")


def test_one_failing_job_does_not_stop_the_others(district: District, monkeypatch) -> None:
    def fail_in_march(*, district_id: int, month: date) -> None:
        if month == MARCH:
            raise RuntimeError("bad month")
        EFFECTS.append((district_id, month))

    monkeypatch.setattr(f"{__name__}.work", fail_in_march)
    for month in (MARCH, date(2026, 4, 1)):
        jobs.request("work", district_id=district.root.pk, month=month)
    assert jobs.drain() == 1
    assert jobs.pending() == [("work", district.root.pk, MARCH)]


def test_a_job_that_keeps_failing_is_left_to_people_until_asked_again(district: District) -> None:
    jobs.request("work", district_id=district.root.pk, month=MARCH)
    Job.objects.update(failures=jobs.MAX_FAILURES)
    assert jobs.drain() == 0
    jobs.request("work", district_id=district.root.pk, month=MARCH)
    assert jobs.drain() == 1


def test_what_is_asked_during_the_work_is_done_after_it(district: District, monkeypatch) -> None:
    def ask_again(*, district_id: int, month: date) -> None:
        EFFECTS.append((district_id, month))
        if len(EFFECTS) == 1:
            jobs.request("work", district_id=district_id, month=month)

    monkeypatch.setattr(f"{__name__}.work", ask_again)
    jobs.request("work", district_id=district.root.pk, month=MARCH)
    assert jobs.drain() == 2


def test_two_deliveries_at_once_do_the_work_once(transactional_db) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("two connections need a database that both can open")
    root = Unit.objects.create(code="x", kind="district", name_zh="x", opened_on=MARCH)
    jobs.request("work", district_id=root.pk, month=MARCH)
    Job.objects.update(done=0, requested=1)
    before = effects()
    barrier, done = threading.Barrier(2), []

    def deliver() -> None:
        barrier.wait()
        done.append(jobs.run("work", root.pk, MARCH))
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(done), effects() - before) == ([False, True], 1)
