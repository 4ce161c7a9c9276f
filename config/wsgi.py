"""WSGI entry point; in embedded mode it also sweeps the job outbox."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from orgchart.sweeper import start_sweeper  # noqa: E402  (needs the app registry)

start_sweeper()
