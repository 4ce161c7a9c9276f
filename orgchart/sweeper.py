"""What a worker and beat do elsewhere, in a thread of an embedded installation's server."""

import logging
import threading

from django.conf import settings
from django.db import close_old_connections

from orgchart import jobs, runs

logger = logging.getLogger(__name__)


def start_sweeper() -> None:
    """In embedded mode, do pending jobs and runs every few seconds, and at once when woken."""
    if settings.EMBEDDED:
        threading.Thread(target=_sweep, name="sweep", daemon=True).start()


def _sweep() -> None:
    while True:
        runs.WAKE.wait(settings.SWEEP_SECONDS)
        runs.WAKE.clear()
        close_old_connections()
        try:
            jobs.do_timed()
            jobs.drain()
            runs.drain()
        except Exception:
            logger.exception("sweep failed")
