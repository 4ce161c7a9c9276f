"""Races of jobs: with each other, with entry, with reopening, with writers of tasks."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from kpi.closed import closed_months
from kpi.models import Month, ScoreLine
from kpi.services import months, scoring
from kpi.services.months import close_month
from orgchart import jobs
from orgchart.models import Job
from tests.district import MARCH, NOW, District
from tests.kpi.test_races import BLOCKED, Meeting, all_but_churn, churn, on_postgresql, race, save


@pytest.fixture
def district(database: None) -> District:
    return all_but_churn()


def run_twice(district: District, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], int]:
    """Deliver the job twice at once; return the answers and how often the month was scored."""
    save(district, churn(district))
    meet, runs, work = Meeting(), [], scoring.write_scores

    def counted(*month: Any) -> int:
        runs.append(month)
        meet()
        return work(*month)

    monkeypatch.setattr(scoring, "write_scores", counted)
    job = ("rescore", district.root.pk, MARCH)
    answers = race(lambda: jobs.run(*job), lambda: jobs.run(*job))
    return answers, len(runs)


def test_a_job_delivered_twice_is_done_once(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Month.objects.get(month=MARCH).revision
    answers, runs = run_twice(district, monkeypatch)
    assert sorted(answers) == [False, True]
    assert runs == 1
    assert Month.objects.get(month=MARCH).revision == before + 1
    job = Job.objects.get(kind="rescore")
    assert (job.done, job.failures) == (job.requested, 0)


@on_postgresql
def test_without_the_lock_on_the_job_it_is_done_twice(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    answers, runs = run_twice(district, monkeypatch)
    assert (answers, runs) == ([True, True], 2)


def test_two_rescores_write_the_same_scores_once(district: District) -> None:
    save(district, churn(district))
    rescore = {"district_id": district.root.pk, "month": MARCH}
    changed = race(lambda: scoring.rescore(**rescore), lambda: scoring.rescore(**rescore))
    assert sorted(changed)[0] == 0 < sorted(changed)[1]
    assert scoring.rescore(**rescore) == 0


def test_a_figure_saved_while_the_month_is_scored_is_scored_afterwards(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job is owed again by what came too late for it, and nobody waits for ever."""
    save(district, churn(district))
    meet, work = Meeting(), scoring.write_scores

    def slowly(*month: Any) -> int:
        changed = work(*month)
        meet()
        return changed

    monkeypatch.setattr(scoring, "write_scores", slowly)

    def enter() -> Any:
        meet()
        return save(district, churn(district, "0.0790", version=1))

    ran, saved = race(lambda: jobs.run("rescore", district.root.pk, MARCH), enter)
    assert ran is True
    assert isinstance(saved, list)
    assert jobs.drain() == 1
    line = ScoreLine.objects.get(unit__code="suburban", item__code="K6")
    assert str(line.points) == "8"


@pytest.fixture
def settled(district: District) -> District:
    """The month is published; its settlement is owed."""
    save(district, churn(district))
    clerk = district.people["clerk"]
    close_month(month=district.month, by=clerk, at=NOW)
    months.publish_month(month=district.month, by=clerk, at=NOW)
    return district


def reopen_while_settling(district: District, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Both lock the job and then the month; the other way round one of them would be killed."""
    meet, alone = Meeting(), months._alone

    def locked(month: Month) -> Month:
        row = alone(month)
        meet()
        return row

    monkeypatch.setattr(months, "_alone", locked)

    def reopen() -> Month:
        return months.reopen_month(
            month=district.month, by=district.people["head"], at=NOW, reason="补报"
        )

    def settle() -> bool:
        meet()
        return jobs.run("settle", district.root.pk, MARCH)

    return race(reopen, settle)


def test_reopening_and_settling_do_not_wait_for_each_other(
    settled: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    reopened, ran = reopen_while_settling(settled, monkeypatch)
    assert isinstance(reopened, Month)
    assert ran is True


@on_postgresql
def test_with_the_month_locked_before_the_job_one_is_killed(
    settled: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe, alone = months._owe_settlement, months._alone

    def too_late(month: Month) -> Month:
        row = alone(month)
        threading.Event().wait(2 * BLOCKED)  # the settlement has its job and waits for the month
        owe(month)
        return row

    monkeypatch.setattr(months, "_owe_settlement", lambda _: None)
    monkeypatch.setattr(months, "_alone", too_late)
    answers = reopen_while_settling(settled, monkeypatch)
    assert [isinstance(one, OperationalError) for one in answers].count(True) == 1, answers


def hold_for_tasks(district: District, hold: Callable[..., Any] = closed_months) -> list[Any]:
    """Write tasks of a month, as `targets` does, while a job that was owed before scores it."""
    save(district, churn(district))
    meet = Meeting()

    def write() -> None:
        with transaction.atomic():
            hold(district_id=district.root.pk, months=[MARCH], hold=True)
            meet()
            threading.Event().wait(BLOCKED)  # the job has come as far as it can
            jobs.request("rescore", district_id=district.root.pk, month=MARCH)

    def score() -> bool:
        meet()
        return jobs.run("rescore", district.root.pk, MARCH)

    return race(write, score)


def test_writing_tasks_and_scoring_do_not_wait_for_each_other(district: District) -> None:
    assert hold_for_tasks(district) == [None, True]


@on_postgresql
def test_with_a_stronger_hold_one_of_them_is_killed(district: District) -> None:
    def hold(*, district_id: int, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM kpi_month WHERE district_id = %s FOR SHARE", [district_id]
            )

    answers = hold_for_tasks(district, hold)
    assert [isinstance(one, OperationalError) for one in answers].count(True) == 1, answers
