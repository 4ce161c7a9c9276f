"""The wall display, opened by a token; and the page that makes and revokes its links."""

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fieldwork.queries.alarms import waiting_counts
from orgchart.actors import business_day
from orgchart.errors import DomainError
from orgchart.permissions import require
from portal.models import WallLink
from portal.queries.board_state import board_state
from portal.queries.walls import link_of, wall_links, wall_months
from portal.services.walls import create_wall_link, digest_of, note_use, revoke_wall_link
from portal.slides import wall

NEW_LINK = "new_wall_link"


class WallForm(forms.Form):
    """Where the screen hangs."""

    name = forms.CharField(label=gettext_lazy("Where the screen hangs"), max_length=60)


@require("walls.manage")
def walls(request: HttpRequest) -> HttpResponse:
    """The links of the district's screens; a new one is shown once, right after it was made."""
    form = WallForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actor = request.actor
        try:
            token = create_wall_link(
                district=actor.district,
                name=form.cleaned_data["name"],
                by=actor.person,
                at=request.now,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            request.session[NEW_LINK] = token
            return redirect("walls")
    token = request.session.pop(NEW_LINK, "") if request.method == "GET" else ""
    context: dict[str, Any] = {
        "form": form,
        "links": wall_links(request.actor.district),
        "new_url": request.build_absolute_uri(reverse("wall", args=[token])) if token else "",
    }
    return render(request, "portal/walls.html", context, status=422 if form.errors else 200)


@require_POST
@require("walls.manage")
def wall_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a link for good."""
    link = get_object_or_404(WallLink, pk=pk, district=request.actor.district)
    revoke_wall_link(link=link, by=request.actor.person, at=request.now)
    messages.success(request, _("The link of %(name)s is revoked") % {"name": link.name})
    return redirect("walls")


@login_not_required
@require_GET
def wall_display(request: HttpRequest, token: str) -> HttpResponse:
    """The screen: slides that rotate and refresh; nothing on it is private."""
    link = _link(token)
    on = business_day(request.now)
    note_use(link=link, on=on)
    context = wall(link.district, on) | {
        "district": link.district,
        "today": date_format(on, "MONTH_DAY_FORMAT"),
        "refresh_url": reverse("wall_slides", args=[token]),
        "etag": _etag(request, link),
    }
    response = render(request, "portal/wall.html", context)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@require_GET
def wall_slides(request: HttpRequest, token: str) -> HttpResponse:
    """The slides alone; 304 while nothing on them has changed."""
    link = _link(token)
    etag = _etag(request, link)
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = render(
            request, "portal/_wall.html", wall(link.district, business_day(request.now))
        )
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _link(token: str) -> WallLink:
    link = link_of(digest_of(token))
    if link is None:
        raise Http404
    return link


def _etag(request: HttpRequest, link: WallLink) -> str:
    shown = wall_months(link.district_id)
    states = [
        board_state(link.district_id, month.month, is_year=is_year)
        for month, is_year in ((shown.published, True), (shown.current, False))
        if month is not None
    ]
    parts = (
        link.pk,
        business_day(request.now),
        get_language(),
        states,
        waiting_counts(link.district_id),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'
