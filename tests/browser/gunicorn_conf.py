"""The web server of the browser tests: the portal is loaded once, each worker is a fork of it."""

import os
from pathlib import Path
from typing import Any

wsgi_app = "django.core.wsgi:get_wsgi_application()"
preload_app = True
worker_class = "gthread"
threads = 8
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Load what the first request would."""
    import config.urls  # noqa: F401


def post_fork(server: Any, worker: Any) -> None:
    """Sweep the outbox, as config.wsgi does, and say who serves."""
    from orgchart.sweeper import start_sweeper

    start_sweeper()
    Path(os.environ["WORKER_FILE"]).write_text(str(os.getpid()))
