"""The outbox: ask for work in a transaction, publish after it, do it once, sweep what was missed.

Embedded installations drain it in the serving process; with REDIS_URL a Celery worker does.
"""

import logging
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from orgchart.models import Job

logger = logging.getLogger(__name__)
MAX_FAILURES = 20

REQUEST = """
INSERT INTO orgchart_job
  (kind, district_id, month, requested, done, requested_at, failures, last_error)
VALUES (%s, %s, %s, 1, 0, %s, 0, '')
ON CONFLICT (kind, district_id, month) DO UPDATE SET
  requested = orgchart_job.requested + 1, requested_at = excluded.requested_at, failures = 0
"""


def request(kind: str, *, district_id: int, month: date) -> None:
    """Owe the work `kind` for a district-month; call inside the transaction of the change."""
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(REQUEST, [kind, district_id, month.isoformat(), at])
    transaction.on_commit(lambda: _announce(kind, district_id, month), robust=True)


def _announce(kind: str, district_id: int, month: date) -> None:
    """Publish without ever failing the request: the sweep finds what this loses."""
    if settings.EMBEDDED:
        if settings.DRAIN_ON_COMMIT:
            drain()
        return
    from orgchart.tasks import run_job  # Celery is configured only where Redis is

    try:
        run_job.apply_async((kind, district_id, month.isoformat()), retry=False)
    except Exception:
        logger.warning("job %s %s left to the sweep", kind, month, exc_info=True)


def run(kind: str, district_id: int, month: date) -> bool:
    """Do a pending job in one transaction; return False when there was nothing to do.

    The job row is locked first: two deliveries run one after the other, and the second finds
    the work done. Raises what the work raises, after noting the failure.
    """
    mine = Job.objects.filter(kind=kind, district_id=district_id, month=month)
    try:
        with transaction.atomic():
            job = mine.select_for_update().first()
            if job is None or job.done >= job.requested:
                return False
            import_string(settings.JOB_RUNNERS[kind])(district_id=district_id, month=month)
            mine.update(done=job.requested, failures=0, last_error="")
        return True
    except Exception as error:
        mine.update(failures=F("failures") + 1, last_error=str(error)[:2000])
        raise


def pending() -> list[tuple[str, int, date]]:
    """Return the jobs that are owed, oldest first; those that kept failing are left to people."""
    return list(
        Job.objects.filter(requested__gt=F("done"), failures__lt=MAX_FAILURES).values_list(
            "kind", "district_id", "month"
        )
    )


def drain() -> int:
    """Do everything pending here and now; return how many jobs ran. Failures are logged."""
    ran = 0
    while True:
        progressed = 0
        for kind, district_id, month in pending():
            try:
                progressed += run(kind, district_id, month)
            except Exception:
                logger.exception("job %s %s failed", kind, month)
        ran += progressed
        if not progressed:
            return ran


def do_timed() -> None:
    """Call everything that depends on the clock; one failure keeps nothing else from its turn."""
    for service in settings.TIMED:
        try:
            import_string(service)(at=timezone.now())
        except Exception:
            logger.exception("%s failed", service)
