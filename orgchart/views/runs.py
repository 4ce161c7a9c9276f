"""The page of long work, and the part of it that keeps asking how far it is."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orgchart import runs
from orgchart.errors import DomainError
from orgchart.models import Run, RunFile
from orgchart.queries.runs import progress, visible_run


@never_cache
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the run is. The asking stops with the answer that it has ended."""
    context = {"run": progress(_run(request, pk))}
    if not request.htmx:
        return render(request, "orgchart/run.html", context)
    response = render(request, "components/progress.html", context)
    if not context["run"].is_active:
        response.headers["HX-Trigger"] = "run-ended"
    return response


@require_POST
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the run before its next portion."""
    run = _run(request, pk)
    try:
        runs.cancel(run=run, at=request.now)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("run", pk=pk)


def run_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a run, for the person who started it: it holds what that person may read."""
    run = _run(request, pk)
    found = RunFile.objects.filter(run=run).first()
    if found is None or run.started_by_id != request.actor.person.pk:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name)
    return response


def _run(request: HttpRequest, pk: int) -> Run:
    run = visible_run(request.actor, pk)
    if run is None:
        raise Http404
    return run
