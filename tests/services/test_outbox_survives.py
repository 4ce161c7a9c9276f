"""Worker killed, Redis gone: nothing acknowledged is lost, and scores are soon right."""

import threading
import time
from decimal import Decimal
from typing import Any

import psycopg2
import pytest

from tests.services.conftest import Installation, until

MONTH = "2026-11"
PENDING = "SELECT count(*) FROM orgchart_job WHERE requested > done"


def gross_adds(installation: Installation) -> dict[str, Any]:
    """The cell the tests change: grid1's mobile gross adds of the open month."""
    status, answer = installation.call("grid1", f"actuals/?month={MONTH}&unit=grid1")
    assert status == 200, answer
    return next(cell for cell in answer["results"] if cell["indicator"] == "mobile_gross_adds")


def report_one_more(installation: Installation) -> str:
    """Raise the cell by one and return the new value; the answer must be an acknowledgement."""
    cell = gross_adds(installation)
    value = str(int(Decimal(cell["value"])) + 1)
    status, answer = installation.call("grid1", "actuals/", [cell | {"value": value}])
    assert status in (200, 201), answer
    return value


def scored_value(installation: Installation) -> str:
    """The figure that the score of the unit is now computed from."""
    (row,) = installation.rows(
        "SELECT line.actual / 10000 FROM kpi_scoreline line JOIN orgchart_unit unit"
        " ON unit.id = line.unit_id JOIN kpi_scorecarditem item ON item.id = line.item_id"
        f" WHERE unit.code = 'grid1' AND line.month = '{MONTH}-01' AND item.code = 'K2'"
    )
    return str(row[0])


def settled(installation: Installation, value: str) -> bool:
    return installation.rows(PENDING)[0][0] == 0 and scored_value(installation) == value


@pytest.fixture(autouse=True)
def _restart_programs(installation: Installation) -> Any:
    yield
    for name in set(installation.programs) - {"web"}:
        installation.kill(name)


def test_a_real_worker_scores_what_is_saved(installation: Installation) -> None:
    installation.start("worker")
    value = report_one_more(installation)
    until(lambda: settled(installation, value), seconds=60, what="scored by the worker")


def test_a_worker_killed_in_the_middle_loses_nothing(installation: Installation) -> None:
    installation.start("worker")
    blocker = psycopg2.connect(installation.database.url)
    with blocker.cursor() as cursor:
        # Whoever re-scores needs these rows: the worker stops in the middle of its job.
        cursor.execute(f"SELECT 1 FROM kpi_score WHERE month = '{MONTH}-01' FOR UPDATE")
        value = report_one_more(installation)
        until(
            lambda: installation.rows(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            )[0][0],
            seconds=60,
            what="the worker waits in its job",
        )
        installation.kill("worker")
    blocker.rollback()
    blocker.close()
    assert gross_adds(installation)["value"] == value
    assert installation.rows(PENDING)[0][0] > 0

    installation.start("worker")
    installation.start("beat")
    until(lambda: settled(installation, value), seconds=120, what="scored after the restart")


def test_saving_neither_fails_nor_waits_while_redis_is_down(installation: Installation) -> None:
    installation.start("worker")
    installation.start("beat")
    time.sleep(2)
    installation.broker.stop()
    try:
        started = time.monotonic()
        value = report_one_more(installation)
        took = time.monotonic() - started
    finally:
        installation.broker.start()
    assert took < 8  # the broker is given a second; the machine may be busy
    assert gross_adds(installation)["value"] == value
    until(lambda: settled(installation, value), seconds=120, what="scored once Redis is back")


def revision(installation: Installation) -> int:
    """How often the month was scored, closed or published."""
    return installation.rows(f"SELECT revision FROM kpi_month WHERE month = '{MONTH}-01'")[0][0]


def test_two_beats_and_a_flood_of_saves_score_once_and_right(installation: Installation) -> None:
    for name in ("worker", "worker-2", "beat", "beat-2"):
        installation.start(name)
    second = threading.Thread(target=lambda: [report_one_more(installation) for _ in range(5)])
    second.start()
    second.join()
    value = gross_adds(installation)["value"]
    until(lambda: settled(installation, value), seconds=120, what="scored after many saves")
    scored = revision(installation)
    time.sleep(5)  # two sweeps of each beat
    assert revision(installation) == scored


def test_a_message_delivered_three_times_does_its_work_once(installation: Installation) -> None:
    before = revision(installation)
    installation.manage(
        "shell", "-c",
        "from datetime import date; from django.db import transaction; from orgchart import jobs\n"
        "from orgchart.models import Unit; from orgchart.tasks import run_job\n"
        f"MONTH = '{MONTH}-01'\n"
        "root = Unit.objects.get(code='xx')\n"
        "with transaction.atomic():\n"
        "    jobs.request('rescore', district_id=root.pk, month=date.fromisoformat(MONTH))\n"
        "for _ in range(3): run_job.delay('rescore', root.pk, MONTH)\n",
    )  # fmt: skip
    for name in ("worker", "worker-2"):
        installation.start(name)
    until(lambda: installation.rows(PENDING)[0][0] == 0, seconds=60, what="the work is done")
    time.sleep(2)
    assert revision(installation) == before + 1


def test_a_run_goes_on_after_its_worker_was_killed(installation: Installation) -> None:
    installation.manage(
        "shell", "-c",
        "from django.utils import timezone; from orgchart.models import Unit\n"
        "from kpi.services.rescoring import start_rescoring\n"
        "root = Unit.objects.get(code='xx')\n"
        "start_rescoring(district=root, by=None, at=timezone.now())",
    )  # fmt: skip
    # The worker that had it died in the middle: its lease is over.
    installation.rows(
        "UPDATE orgchart_run SET state = 'running', worker = 'killed',"
        " beat_at = now() - interval '1 hour' RETURNING id"
    )
    for name in ("worker", "beat"):
        installation.start(name)
    state = "SELECT state, done, total FROM orgchart_run ORDER BY id DESC LIMIT 1"
    until(lambda: installation.rows(state)[0] == ("done", 1, 1), seconds=120, what="it is done")


def test_all_open_months_are_shared_among_the_workers(installation: Installation) -> None:
    for name in ("worker", "worker-2"):
        installation.start(name)
    before = revision(installation)
    installation.manage("rescore_open")
    assert revision(installation) == before + 1
