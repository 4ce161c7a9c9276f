"""Celery entry points of the outbox: ids in, one call, safe to repeat."""

from datetime import date

from celery import shared_task

from orgchart import jobs, runs


@shared_task
def run_job(kind: str, district_id: int, month: str) -> bool:
    """Do one pending job."""
    return jobs.run(kind, district_id, date.fromisoformat(month))


@shared_task
def sweep_jobs() -> int:
    """Queue every pending job again: what a lost message or a killed worker left behind."""
    pending = jobs.pending()
    for kind, district_id, month in pending:
        run_job.apply_async((kind, district_id, month.isoformat()), retry=False)
    return len(pending)


@shared_task
def do_timed() -> None:
    """Do what depends on the clock."""
    jobs.do_timed()


# Not killed after the time of a job, nor kept by the broker: what a dead worker leaves is swept.
@shared_task(acks_late=False, time_limit=None)
def proceed_run(run_id: int) -> bool:
    """Drive one run until it ends."""
    return runs.proceed(run_id)


@shared_task
def sweep_runs() -> int:
    """Queue every run again that nobody drives."""
    pending = runs.pending()
    for run_id in pending:
        proceed_run.apply_async((run_id,), retry=False)
    return len(pending)
