"""Long work in portions: started in a request, driven by a worker, watched by polling.

A kind's `work(run)` is a generator. Each portion, up to a `yield` of how many are done, is one
transaction together with the progress it makes; after a crash a new generator goes on from
`run.done`, or from the beginning if it does not look. Portions should take about a second: one
holds the run's row, and cancelling waits for it.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from orgchart.errors import DomainError, Locked
from orgchart.models import ACTIVE_RUN, Person, Run, RunState, Unit

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)  # without a portion for so long, its worker is taken for dead
MAX_FAILURES = 3
WAKE = threading.Event()  # rouses the sweeper of an embedded installation


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of long work. Whoever holds `capability` for the whole district may watch and cancel.

    `work` may set the run's total, result, note and url; what it says is in the starter's language.
    Raises DomainError to fail with a sentence; nothing of that portion is then written.
    """

    label: Promise | str
    capability: str
    work: Callable[[Run], Iterator[int]]


def kind_of(run: Run) -> Kind:
    """Return the kind that the settings name for the run."""
    return import_string(settings.RUN_KINDS[run.kind])


def start(
    *,
    kind: str,
    district: Unit,
    by: Person | None,
    at: datetime,
    total: int | None = None,
    key: str = "",
    **given: Any,
) -> Run:
    """Owe the work and return its run; `given` (ready for JSON) becomes `run.input`.

    Where a run with the same key is active, that one is returned.
    """
    row = Run(
        kind=kind, district=district, key=key, total=total, started_by=by, started_at=at,
        input=given, language=translation.get_language() or settings.LANGUAGE_CODE,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        active = Run.objects.filter(ACTIVE_RUN, kind=kind, district=district, key=key).first()
        if not key or active is None:
            raise
        return active
    transaction.on_commit(lambda: _announce(row.pk), robust=True)
    return row


def cancel(*, run: Run, at: datetime) -> None:
    """Stop a run before its next portion; what is done stays. Raises Locked when it has ended."""
    stopped = Run.objects.filter(ACTIVE_RUN, pk=run.pk).update(
        state=RunState.CANCELLED, finished_at=at
    )
    if not stopped:
        raise Locked(_("This has ended already."))


def _announce(run_id: int) -> None:
    """Publish without ever failing the request: the sweep finds what this loses."""
    if settings.EMBEDDED:
        WAKE.set()
        return
    try:
        current_app.send_task("orgchart.tasks.proceed_run", (run_id,), retry=False)
    except Exception:
        logger.warning("run %s left to the sweep", run_id, exc_info=True)


def _free() -> Q:
    return Q(state=RunState.WAITING) | Q(state=RunState.RUNNING, beat_at__lt=timezone.now() - LEASE)


def pending() -> list[int]:
    """Return the runs that nobody drives, oldest first."""
    return list(Run.objects.filter(_free()).order_by("pk").values_list("pk", flat=True))


def drain() -> None:
    """Drive everything pending, here and now."""
    for run_id in pending():
        proceed(run_id)


def proceed(run_id: int) -> bool:
    """Drive a run until it ends; return False when it is ended or another worker drives it.

    A second delivery finds the run taken. A worker that was thought dead finds that it no longer
    has the run, since its portion holds the row, and writes nothing.
    """
    worker = uuid4().hex
    claimed = Run.objects.filter(_free(), pk=run_id).update(
        state=RunState.RUNNING, worker=worker, beat_at=timezone.now()
    )
    if not claimed:
        return False
    run = Run.objects.select_related("district", "started_by").get(pk=run_id)
    try:
        with translation.override(run.language):
            portions = kind_of(run).work(run)
            while _portion(run, portions):
                pass
    except DomainError as refusal:
        faults = [{"pointer": fault.pointer, "detail": fault.detail} for fault in refusal.faults]
        _fail(run, str(refusal), faults)
    except Exception:
        logger.exception("run %s failed", run_id)
        _stumble(run)
    return True


def _mine(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(pk=run.pk, worker=run.worker, state=RunState.RUNNING)


def _portion(run: Run, portions: Iterator[int]) -> bool:
    """Do a portion and note the progress in one transaction; return whether there is more."""
    with transaction.atomic():
        if _mine(run).select_for_update().first() is None:
            return False
        run.beat_at = timezone.now()
        try:
            run.done = next(portions)
        except StopIteration:
            run.state, run.finished_at = RunState.DONE, run.beat_at
        run.save(
            update_fields=[
                "beat_at", "done", "total", "state", "result", "note", "url", "finished_at",
            ]
        )  # fmt: skip
    return run.state == RunState.RUNNING


def _fail(run: Run, sentence: str, faults: list[dict[str, str]]) -> None:
    _mine(run).update(
        state=RunState.FAILED,
        error=sentence,
        result={"errors": faults},
        finished_at=timezone.now(),
    )


def _stumble(run: Run) -> None:
    """Leave the run to the next sweep, or to people when it stumbled too often."""
    if run.failures + 1 < MAX_FAILURES:
        _mine(run).update(state=RunState.WAITING, failures=F("failures") + 1)
        return
    with translation.override(run.language):
        _fail(run, _("It stopped because of an error in the system. What is done stays."), [])
