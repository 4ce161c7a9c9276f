"""Search over what the person may read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.context import pages_of
from portal.queries.search import Hit, Hits, search


def search_page(request: HttpRequest) -> HttpResponse:
    """Units, people, dealers, indicators and pages whose name holds the text."""
    text = request.GET.get("q", "").strip()[:100]
    found: list[Hits] = []
    if text:
        pages = [
            Hit(str(entry.label), "", url)
            for entry, url in pages_of(request)
            if text.lower() in str(entry.label).lower()
        ]
        found = [Hits(_("Pages"), pages)] if pages else []
        found += search(request.actor, text)
    return render(request, "portal/search.html", {"text": text, "found": found})
