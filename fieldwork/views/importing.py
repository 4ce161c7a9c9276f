"""The page of an import: a file in, every fault with its row, or all of it."""

from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from fieldwork.services.account_import import Imported
from fieldwork.workbooks.tables import Columns
from orgchart.errors import DomainError

MOST_FAULTS = 200


def import_page(
    request: HttpRequest, *, form: Any, run: Callable[[dict[str, Any]], str], title: str,
    crumb: str, crumb_route: str, back: str, columns: Columns, required: Collection[str],
    note: str = "",
) -> HttpResponse:  # fmt: skip
    """Show the form; once it is valid, `run` takes its fields and returns what to tell."""
    faults: list[Any] = []
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        try:
            done = run(form.cleaned_data)
        except DomainError as error:
            faults, status = list(error.faults), error.status
            form.add_error("file", str(error))
        else:
            messages.success(request, done)
            return redirect(back)
    context = {
        "form": form,
        "faults": faults[:MOST_FAULTS],
        "more": max(0, len(faults) - MOST_FAULTS),
        "title": title,
        "crumb": crumb,
        "crumb_route": crumb_route,
        "note": note,
        "columns": headings(columns, required),
    }
    return render(request, "fieldwork/list_import.html", context, status=status)


def told(done: Imported) -> str:
    """Return what an import did, in a sentence."""
    return _("%(made)s new, %(changed)s changed, %(same)s as they were") % {
        "made": done.made,
        "changed": done.changed,
        "same": done.same,
    }


def headings(columns: Columns, required: Collection[str]) -> list[dict[str, Any]]:
    """Return the headings that a list has, as the page names them."""
    return [
        {"name": zh, "is_required": column in required} for column, (zh, _en) in columns.items()
    ]
