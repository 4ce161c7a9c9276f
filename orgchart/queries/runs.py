"""How far long work is, for the person who may see it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from orgchart.models import Run, RunState
from orgchart.permissions import Actor
from orgchart.runs import kind_of


@dataclass(frozen=True, slots=True)
class Progress:
    """What components/progress.html shows."""

    pk: int
    label: str
    state: str
    is_active: bool
    done: int
    total: int | None  # null: unknown as yet
    sentence: str
    errors: list[dict[str, str]]  # {"pointer", "detail"}
    url: str


def visible_run(actor: Actor, pk: int) -> Run | None:
    """Return the run if the actor started it, or may do its kind of work for the district."""
    run = Run.objects.filter(pk=pk, district=actor.district).first()
    if run is None:
        return None
    is_own = run.started_by_id == actor.person.pk
    capability = kind_of(run).capability
    return run if is_own or (actor.can(capability) and actor.unit_ids(capability) is None) else None


def progress(run: Run) -> Progress:
    """Return how far a run is, with the sentence that says so."""
    return Progress(
        pk=run.pk,
        label=str(kind_of(run).label),
        state=run.state,
        is_active=run.state in (RunState.WAITING, RunState.RUNNING),
        done=run.done,
        total=run.total,
        sentence=_sentence(run),
        errors=run.result.get("errors", []),
        url=run.url,
    )


def _sentence(run: Run) -> str:
    so_far = (
        _("%(done)s done") % {"done": f"{run.done:,}"}
        if run.total is None
        else _("%(done)s of %(total)s") % {"done": f"{run.done:,}", "total": f"{run.total:,}"}
    )
    match run.state:
        case RunState.WAITING:
            return _("Waiting for its turn")
        case RunState.DONE:
            return run.note or _("Done")
        case RunState.FAILED:
            return run.error
        case RunState.CANCELLED:
            return _("Cancelled after %(progress)s; what is done stays.") % {"progress": so_far}
    return so_far
