"""Celery entry points of the outbox: ids in, one call, safe to repeat."""

from datetime import date

from celery import shared_task

from orgchart import jobs


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
